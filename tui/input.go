package tui

import (
	"fmt"
	"slices"

	tea "charm.land/bubbletea/v2"

	"github.com/ddbloop/ddbloop/history"
	"github.com/ddbloop/ddbloop/tui/keys"
	"github.com/ddbloop/ddbloop/tui/layout"
	"github.com/ddbloop/ddbloop/tui/theme"
)

const (
	paneMetrics  = layout.Metrics
	paneRunbook  = layout.Runbook
	paneTimeline = layout.Timeline
	paneEffects  = layout.Effects
)

func fits(p float64) string { return fmt.Sprintf("%.0f%%", p*100) }

// key routes a key: to what asks for text, else through the table of bindings.
func (m *model) key(k tea.KeyPressMsg) tea.Cmd {
	if b, ok := keys.Find(k.String()); ok && b.Do == keys.Redraw {
		return tea.ClearScreen // whatever is being typed stays
	}
	m.copied = ""
	m.status = status{}
	switch {
	case m.ask != nil:
		return m.askKey(k)
	case m.prompt != nil:
		return m.promptKey(k)
	case m.choose != nil:
		return m.chooseKey(k)
	}
	b, ok := keys.Find(k.String())
	if b.Do != keys.Quit || !ok {
		m.leave = false
	}
	if !ok {
		return nil
	}
	if why := b.Why(m.facts()); why != "" {
		m.say(theme.Warn, b.Show+": "+why)
		return nil
	}
	m.uncover(b.Do)
	if m.look(b.Do) {
		return nil
	}
	return m.act(b.Do)
}

// facts are what the table of bindings wants to know.
func (m *model) facts() keys.Facts {
	s := m.state
	f := keys.Facts{
		ReadOnly: m.readOnly(), Frozen: m.frozen, Run: s.Run != nil, Planned: m.planned() != nil, InForce: m.inForce() != nil,
		Incident: !s.Incident.Detected.IsZero() && s.Incident.Closed.IsZero(),
	}
	f.Probe = len(m.probes()) > 0
	if st := m.step(); st != nil {
		f.Step = st.Type
	}
	return f
}

// readOnly says why nothing can be approved here, or "".
func (m *model) readOnly() string {
	switch {
	case m.o.ReadOnly && m.o.Why != "":
		return m.o.Why
	case m.o.ReadOnly:
		return "read-only: this screen only looks on"
	case !m.state.Session.Armed:
		return "read-only: start with --allow-changes to approve changes"
	}
	return ""
}

// step is the runbook's current step, or nil.
func (m *model) step() *history.Step {
	if m.state.Run == nil {
		return nil
	}
	return m.state.Run.Step(m.state.Run.Current)
}

// planned is the change that an approval would be for: the selected one, else the newest that waits.
func (m *model) planned() *history.Change { return m.changeIn(history.ChangePlan) }

// inForce is the change that an undo would be for.
func (m *model) inForce() *history.Change { return m.changeIn(history.ChangeInForce) }

// changeIn returns the change at the cursor if it is in a state, else the newest that is; one that took another back is
// in force for good.
func (m *model) changeIn(state string) *history.Change {
	is := func(c *history.Change) bool {
		return c.State == state && !(state == history.ChangeInForce && c.Plan.UndoOf != "")
	}
	if c := m.state.Change(m.card); c != nil && is(c) {
		return c
	}
	for _, c := range slices.Backward(m.state.Changes) {
		if is(c) {
			return c
		}
	}
	return nil
}

// inFlight returns a change of which it is not yet known how it ends, or nil.
func (m *model) inFlight() *history.Change {
	for _, state := range []string{history.ChangeOK, history.ChangeIntent, history.ChangeSentOK, history.ChangeUnsure} {
		if c := m.changeIn(state); c != nil {
			return c
		}
	}
	return nil
}
