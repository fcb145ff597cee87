package runbooks

import (
	"time"

	"github.com/ddbloop/ddbloop/history"
)

// late is how long after an act's own limit an effect that is still unproven counts as none: CloudWatch has
// spoken by then.
const late = 5 * time.Minute

// leaveAct follows what became of an act: by hand, by its change, or by the refusal to make one.
func (w *walk) leaveAct(st *Step, result string) (next, why string, ok bool) {
	a, c := st.Act, changeOf(w.s, st.ID)
	good := w.r.or(a.OnEffect, st.ID)
	if a.Change.Kind == Escalate && a.OnEffect == "" {
		good = End
	}
	fallback := func(why string) (string, string, bool) { return a.OnNoEffect.Goto, why, a.OnNoEffect.Goto != "" }
	switch {
	case result == "skipped":
		return w.r.after(st.ID), st.ID + " skipped", true
	case result != "":
		return good, st.ID + " " + result, true
	case a.Change.Kind == Escalate && !w.s.Incident.Escalated.IsZero():
		return good, "escalated", true
	case c == nil:
		return a.OnRefused, "refused", a.OnRefused != "" && refused(w.s, st.ID)
	}
	switch c.State {
	case history.ChangeFailed, history.ChangeNot, history.ChangeOvertaken, history.ChangeUndoneWord:
		return fallback(c.Plan.ID + " " + c.State)
	case history.ChangeInForce:
	default:
		return "", "", false
	}
	if c.Effect == nil {
		return "", "", false
	}
	why = c.Plan.ID + " " + c.Effect.Word
	switch c.Effect.Word {
	case history.Worked, history.Helped:
		return good, why, true
	case history.NoEffect, history.Worse:
		if a.OnNoEffect.Undo && undoOpen(w.s, c) {
			return "", "", false
		}
		return fallback(why)
	}
	within := late
	if c.Plan.Expect != nil {
		within += c.Plan.Expect.Within
	}
	if w.env.Now.Sub(c.Settled) < within {
		return "", "", false
	}
	return fallback(why)
}

// changeOf returns the newest change planned for a step since the runbook was opened, dropped plans and
// undoings aside; nil when there is none.
func changeOf(s *history.State, step string) *history.Change {
	for i := len(s.Changes) - 1; i >= 0; i-- {
		c := s.Changes[i]
		if c.Plan.Step == step && c.Plan.UndoOf == "" && c.State != history.ChangeIsDropped && !c.Planned.Before(s.Run.Opened) {
			return c
		}
	}
	return nil
}

func refused(s *history.State, step string) bool {
	st := s.Run.Step(step)
	return st != nil && st.Refused
}

// undoOpen reports whether a change could still be taken back: no attempt at it has failed.
func undoOpen(s *history.State, c *history.Change) bool {
	if c.Plan.UndoClass == history.UndoImpossible {
		return false
	}
	for _, u := range s.Changes {
		if u.Plan.UndoOf != c.Plan.ID {
			continue
		}
		switch u.State {
		case history.ChangeFailed, history.ChangeNot, history.ChangeOvertaken:
			return false
		}
	}
	return true
}

// UndoDue returns the id of the change that the runbook wants taken back before it goes on: the one of the
// act at the pointer, judged to have had no effect or a bad one. It is "" when there is none, or when taking
// it back is under way.
func (r *Runbook) UndoDue(s *history.State) string {
	if s == nil || s.Run == nil || s.Run.Info.Runbook != r.Name {
		return ""
	}
	st := r.Step(s.Run.Current)
	if st == nil || st.Act == nil || !st.Act.OnNoEffect.Undo {
		return ""
	}
	c := changeOf(s, st.ID)
	if c == nil || c.State != history.ChangeInForce || c.Effect == nil || !undoOpen(s, c) {
		return ""
	}
	for _, u := range s.Changes {
		if u.Plan.UndoOf == c.Plan.ID && u.State != history.ChangeIsDropped {
			return ""
		}
	}
	if c.Effect.Word == history.NoEffect || c.Effect.Word == history.Worse {
		return c.Plan.ID
	}
	return ""
}
