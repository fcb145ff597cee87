package history

import "fmt"

func (s *State) applyGuard(e Event) {
	switch b := e.Body.(type) {
	case ChangesHeld:
		s.held(e, b)
	case UndoTimed:
		c := s.Change(b.ID)
		if c == nil {
			return
		}
		if c.UndoAt = b.At; b.At.IsZero() {
			s.say(e, "change", "info", b.ID, b.ID+" is kept: no timer takes it back")
		} else {
			s.say(e, "change", "info", b.ID, b.ID+" is taken back at "+b.At.UTC().Format("15:04:05")+"Z unless it is kept")
		}
	case UndoProposed:
		if c := s.Change(b.ID); c != nil {
			c.Proposed = b.Why
			s.say(e, "change", "warn", b.ID, b.ID+" should be taken back: "+b.Why)
		}
	case ChangeCarried:
		s.Changes = append(s.Changes, &Change{
			Plan: b.Plan, State: b.State, By: b.By, Planned: b.Planned, Approved: b.Planned, Intended: b.Intended, Answered: b.Answered,
			Settled: b.Settled, UndoAt: b.UndoAt, From: b.Session,
		})
		s.say(e, "change", "info", b.Plan.ID, fmt.Sprintf("%s is %s since an earlier session (%s, its %s): %s", b.Plan.ID, b.State, b.Session, b.ID, b.Plan.Title))
	}
}

func (s *State) held(e Event, b ChangesHeld) {
	was := s.Hold
	switch {
	case !b.Held && b.File && was != nil && was.Under != nil:
		s.Hold = was.Under
		s.say(e, "change", "warn", "", b.Why+", and changes are still held: "+s.Hold.Why)
		return
	case !b.Held:
		s.Hold = nil
		s.say(e, "change", "info", "", "changes go on: "+b.Why)
		return
	}
	s.Hold = &Hold{Why: b.Why, By: e.Actor.Name, Since: e.At, File: b.File}
	if b.File && was != nil && !was.File {
		s.Hold.Under = was
	}
	s.say(e, "change", "warn", "", "changes are held: "+b.Why)
}
