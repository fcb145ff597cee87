package tui

import (
	"errors"
	"io"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/ddbloop/ddbloop/engine"
	"github.com/ddbloop/ddbloop/history"
	"github.com/ddbloop/ddbloop/tui/theme"
)

type (
	eventsArrived  []history.Event
	eventsEnded    struct{ err error }
	feedReady      struct{}
	clockTicked    struct{}
	runbooksListed []engine.RunbookInfo
)

// listen waits for the next events off the drawing goroutine.
func (m *model) listen() tea.Cmd {
	ctx, events := m.ctx, m.events
	return func() tea.Msg {
		batch, err := events.Next(ctx)
		if err != nil {
			return eventsEnded{err}
		}
		return eventsArrived(batch)
	}
}

// clockTick lets ages grow once a second while nothing arrives.
func (m *model) clockTick() tea.Cmd { return m.after(time.Second, clockTicked{}) }

// after sends a message later, unless the program ends first: a command of the library's own would outlive it.
func (m *model) after(d time.Duration, msg tea.Msg) tea.Cmd {
	ctx := m.ctx
	return func() tea.Msg {
		t := time.NewTimer(d)
		defer t.Stop()
		select {
		case <-t.C:
			return msg
		case <-ctx.Done():
			return nil
		}
	}
}

// arrived folds what came, or holds it back while the picture is frozen. The next batch is asked for only
// after a while: what comes in between comes with it, so the screen has a bounded rate and loses nothing.
func (m *model) arrived(batch []history.Event) tea.Cmd {
	if m.frozen {
		m.held = append(m.held, batch...)
	} else {
		m.fold(batch)
	}
	return tea.Batch(m.after(m.gap, feedReady{}), m.suggest())
}

func (m *model) fold(batch []history.Event) {
	was := len(m.state.Timeline)
	m.state.Fold(batch...)
	if m.entry > 0 { // stay on the entry that is being read
		m.entry += len(m.state.Timeline) - was
	}
	m.recheckAsk()
	m.recheckChoice()
}

func (m *model) endedWith(err error) {
	switch {
	case m.ctx.Err() != nil:
		return
	case errors.Is(err, io.EOF):
		m.ended = "end of the recording"
	default:
		m.ended = err.Error()
	}
}

// freeze holds the picture or shows the present again. What came in between is applied at once.
func (m *model) freeze() {
	if m.frozen = !m.frozen; m.frozen {
		m.say(theme.Info, "frozen: measuring goes on, space shows the present")
		return
	}
	m.fold(m.held)
	m.held = nil
}

// suggest fetches the list of runbooks when the assessment has changed since the last time.
func (m *model) suggest() tea.Cmd {
	loop := m.o.Loop
	if loop == nil || !m.booked.IsZero() && m.booked.Equal(m.state.AssessedAt) {
		return nil
	}
	m.booked = m.state.AssessedAt
	return func() tea.Msg { return runbooksListed(loop.Runbooks()) }
}
