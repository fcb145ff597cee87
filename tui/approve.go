package tui

import (
	"time"
	"unicode"

	tea "charm.land/bubbletea/v2"

	"github.com/ddbloop/ddbloop/engine"
	"github.com/ddbloop/ddbloop/history"
	"github.com/ddbloop/ddbloop/tui/theme"
)

// The times that protect an approval, on the person's own clock.
const (
	quiet  = 400 * time.Millisecond // without a key before the strip listens: keys on their way mean something else
	settle = 300 * time.Millisecond // between the last character and an Enter that counts
)

// approval is the strip in a card that asks for the token of one plan.
type approval struct {
	id, hash, token string
	typed           string
	listening       bool
	last            time.Time // of the newest key, or of the opening
	note            string    // why the last key did nothing
}

// answer is what a key did to an approval.
type answer int

const (
	stay answer = iota
	cancelled
	approved
)

func askFor(c *history.Change, now time.Time) *approval {
	return &approval{id: c.Plan.ID, hash: c.Plan.Hash, token: c.Plan.Token, last: now}
}

// key takes one key. Only a whole token, typed key by key after the quiet, and then an Enter of its own approve.
func (a *approval) key(k tea.KeyPressMsg, now time.Time) answer {
	gap := now.Sub(a.last)
	name := k.String()
	if name == "esc" || name == "ctrl+c" {
		return cancelled
	}
	if !a.listening && gap < quiet {
		a.last, a.note = now, "wait a moment, then type"
		return stay
	}
	a.listening, a.note = true, ""
	switch {
	case name == "enter":
		return a.enter(gap)
	case name == "backspace":
		if r := []rune(a.typed); len(r) > 0 {
			a.typed = string(r[:len(r)-1])
		}
	case name == "ctrl+u":
		a.typed = ""
	case len([]rune(k.Text)) == 1 && unicode.IsPrint([]rune(k.Text)[0]):
		if len(a.typed) < len(a.token)+16 {
			a.typed += k.Text
		}
	case k.Text != "":
		a.note = "pasted text never approves: type the token"
		return stay
	}
	a.last = now
	return stay
}

func (a *approval) enter(gap time.Duration) answer {
	switch {
	case a.token == "" || a.typed == "":
		a.note = "type the token first"
	case gap < settle:
		a.note = "Enter came with the text: press it once more"
	case a.typed != a.token:
		a.note = "that is not " + a.token
		a.typed = ""
	default:
		return approved
	}
	return stay
}

// arm opens the strip in the card of the planned change.
func (m *model) arm() {
	c := m.planned()
	if c == nil {
		return
	}
	m.ask, m.card, m.focus, m.full = askFor(c, m.o.Wall()), c.Plan.ID, paneEffects, false
	m.scroll[paneEffects] = 0
}

func (m *model) askKey(k tea.KeyPressMsg) tea.Cmd {
	if by, ok := map[string]int{"up": -1, "down": 1, "pgup": -5, "pgdown": 5}[k.String()]; ok {
		m.scrollCard(by) // and it counts as a key like any other
	}
	switch a := m.ask; a.key(k, m.o.Wall()) {
	case cancelled:
		m.ask = nil
		m.say(theme.Info, a.id+" not approved; it stays planned")
	case approved:
		m.ask = nil
		return m.send("approve "+a.id, engine.Approve{ID: a.id, Hash: a.hash, Token: a.typed})
	}
	return nil
}

// recheckAsk closes the strip when the plan that it asks for is no longer what stands there.
func (m *model) recheckAsk() {
	if m.ask == nil {
		return
	}
	c := m.state.Change(m.ask.id)
	if c == nil || c.State != history.ChangePlan || c.Plan.Hash != m.ask.hash {
		m.say(theme.Warn, m.ask.id+" is no longer waiting for approval: nothing was sent from here")
		m.ask = nil
	}
}
