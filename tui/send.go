package tui

import (
	"errors"
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/ddbloop/ddbloop/engine"
	"github.com/ddbloop/ddbloop/engine/change"
	"github.com/ddbloop/ddbloop/tui/theme"
)

// commandDone says how a command went.
type commandDone struct {
	what string
	err  error
}

// send hands one command to the loop, off the drawing goroutine. It is the only way out of the screen.
func (m *model) send(what string, c engine.Command) tea.Cmd {
	ctx, loop := m.ctx, m.o.Loop
	if loop == nil {
		m.say(theme.Warn, "this is a recording: nothing can be done in it")
		return nil
	}
	m.say(theme.Info, what+" …")
	return func() tea.Msg { return commandDone{what: what, err: loop.Do(ctx, c)} }
}

func (m *model) done(d commandDone) {
	if refusal, ok := errors.AsType[*change.Refusal](d.err); ok {
		m.say(theme.Warn, d.what+" refused: "+refusal.Why)
		return
	}
	if d.err != nil {
		m.say(theme.Crit, d.what+": "+strings.TrimSpace(d.err.Error()))
		return
	}
	if m.status.text == d.what+" …" {
		m.say(theme.OK, d.what+": done")
	}
}

func (m *model) say(t theme.Token, text string) { m.status = status{text: text, tok: t} }
