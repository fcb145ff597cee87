package tui

import (
	tea "charm.land/bubbletea/v2"

	"github.com/ddbloop/ddbloop/engine"
	"github.com/ddbloop/ddbloop/history"
	"github.com/ddbloop/ddbloop/tui/keys"
	"github.com/ddbloop/ddbloop/tui/theme"
)

// act carries out the keys that lead to a command.
func (m *model) act(a keys.Action) tea.Cmd {
	switch a {
	case keys.Enter:
		return m.enter()
	case keys.Open:
		m.listRunbooks()
	case keys.Decide:
		m.listBranches(m.step())
	case keys.Plan:
		return m.plan(m.step())
	case keys.Arm:
		m.arm()
	case keys.Drop:
		id := m.planned().Plan.ID
		m.askText("why drop "+id, "drop "+id, func(text string) engine.Command { return engine.Drop{ID: id, Why: text} })
	case keys.Undo:
		id := m.inForce().Plan.ID
		m.focus, m.card = paneEffects, ""
		return m.send("plan the undo of "+id, engine.Undo{ID: id})
	case keys.Change:
		m.askChange()
	case keys.Timer:
		m.askTimer()
	case keys.Hold:
		m.hold()
	case keys.Lab:
		return m.lab()
	case keys.Done:
		if st := m.step(); st != nil {
			return m.send("step "+st.ID, engine.FinishStep{Step: st.ID, Result: "done"})
		}
	case keys.Skip:
		if st := m.step(); st != nil {
			m.askText("why skip "+st.ID, "skip "+st.ID, func(text string) engine.Command {
				return engine.FinishStep{Step: st.ID, Result: "skipped", Reason: text}
			})
		}
	default:
		return m.tell(a)
	}
	return nil
}

// tell carries out the keys that speak to people rather than to the table.
func (m *model) tell(a keys.Action) tea.Cmd {
	switch a {
	case keys.Note:
		m.askText("note", "note", func(text string) engine.Command { return engine.Note{Text: text} })
	case keys.Escalate:
		m.askText("escalate to whom, and why", "escalate", func(text string) engine.Command { return engine.Hand{Why: text} })
	case keys.Close:
		m.askText("close because", "close", func(text string) engine.Command { return engine.Close{Reason: text} })
	case keys.Postmortem:
		return m.send("write the postmortem", engine.WritePostmortem{})
	case keys.Copy:
		if m.copied = m.row(); m.copied != "" {
			return tea.SetClipboard(m.copied)
		}
	case keys.Suspend:
		return tea.Suspend
	case keys.Quit:
		return m.quit()
	}
	return nil
}

// enter goes on at the runbook's pointer, or gives the focused pane the whole screen.
func (m *model) enter() tea.Cmd {
	if m.focus != paneRunbook {
		m.full = !m.full
		return nil
	}
	st := m.step()
	if st == nil {
		m.listRunbooks()
		return nil
	}
	switch st.Type {
	case "decide":
		if st.Favoured != "" {
			return m.take(st.ID, st.Favoured)
		}
		m.listBranches(st)
	case "act":
		return m.plan(st)
	case "note":
		m.askText(st.Say, "answer "+st.ID, func(text string) engine.Command { return engine.Note{Text: text, About: st.To} })
	default:
		m.full = !m.full
	}
	return nil
}

// plan works out the act of a step, once: a plan that waits is approved or dropped first.
func (m *model) plan(st *history.Step) tea.Cmd {
	if st == nil {
		return nil
	}
	if c := m.planned(); c != nil && c.Plan.Step == st.ID {
		m.focus, m.card = paneEffects, c.Plan.ID
		m.say(theme.Info, c.Plan.ID+" is planned already: a approves it, D drops it")
		return nil
	}
	if st.Variant != "" {
		return m.variant(st)
	}
	if st.Change != "escalate" && st.Change != "wait" {
		m.focus, m.card = paneEffects, ""
	}
	return m.send("plan "+st.ID, engine.PlanStep{Step: st.ID})
}

// quit leaves; while a change is in flight it asks first.
func (m *model) quit() tea.Cmd {
	if c := m.inFlight(); c != nil && !m.leave {
		m.leave = true
		m.say(theme.Warn, c.Plan.ID+" is "+c.State+": q again leaves all the same and nobody follows it up, any other key stays")
		return nil
	}
	return tea.Quit
}
