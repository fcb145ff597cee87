package history

import "fmt"

func (s *State) applyChange(e Event) {
	switch b := e.Body.(type) {
	case ChangePlanned:
		s.Changes = append(s.Changes, &Change{Plan: b, State: ChangePlan, Planned: e.At})
		text := fmt.Sprintf("%s planned: %s: %s → %s", b.ID, b.Title, b.Before, b.After)
		if b.Note != "" {
			text += "; " + b.Note
		}
		s.say(e, "change", "info", b.ID, text)
		return
	case ChangeRefused:
		s.Refused = append(s.Refused, b)
		if st := s.Run.Step(b.Step); st != nil {
			st.Refused = !b.Later
		}
		s.say(e, "change", "warn", "", b.What+" on "+b.Target+" refused: "+b.Why)
		return
	}
	c := s.Change(changeID(e.Body))
	if c == nil {
		return
	}
	id := c.Plan.ID
	switch b := e.Body.(type) {
	case ChangeApproved:
		c.State, c.Approved, c.By = ChangeOK, e.At, e.Actor.Name
		s.say(e, "change", "info", id, id+" approved")
	case ChangeIntended:
		c.State, c.Intended, c.Request = ChangeIntent, e.At, b.Request
		s.say(e, "change", "info", id, id+" sending: "+b.Request)
	case ChangeAnswered:
		s.answered(e, c, b)
	case ChangeReconciled:
		s.reconciled(e, c, b)
	case ChangeSettled:
		s.settled(e, c)
	case ChangeDropped:
		c.State = ChangeIsDropped
		s.say(e, "change", "info", id, id+" dropped: "+b.Why)
	case EffectJudged:
		s.judged(e, c, b)
	}
}

func changeID(b Body) string {
	switch b := b.(type) {
	case ChangeApproved:
		return b.ID
	case ChangeIntended:
		return b.ID
	case ChangeAnswered:
		return b.ID
	case ChangeReconciled:
		return b.ID
	case ChangeSettled:
		return b.ID
	case ChangeDropped:
		return b.ID
	case EffectJudged:
		return b.ID
	}
	return ""
}

func (s *State) answered(e Event, c *Change, b ChangeAnswered) {
	c.Answered = e.At
	switch {
	case b.OK:
		c.State = ChangeSentOK
		s.say(e, "change", "info", c.Plan.ID, c.Plan.ID+" accepted, waiting until it is in force")
	case b.Unsure:
		c.State, c.Error = ChangeUnsure, b.Text
		s.say(e, "change", "warn", c.Plan.ID, c.Plan.ID+" got no clear answer ("+b.Text+"): reading the table to find out")
	default:
		c.State, c.Error = ChangeFailed, b.Text
		s.say(e, "change", "bad", c.Plan.ID, c.Plan.ID+" failed: "+b.Text)
	}
}

func (s *State) reconciled(e Event, c *Change, b ChangeReconciled) {
	switch b.Outcome {
	case "applied", "in progress":
		c.State = ChangeSentOK
	case "not applied":
		c.State = ChangeNot
	case "overtaken":
		c.State = ChangeOvertaken
	default:
		c.State = ChangeUnsure
	}
	s.say(e, "change", "warn", c.Plan.ID, c.Plan.ID+" "+b.Outcome+": "+b.Why)
}

func (s *State) settled(e Event, c *Change) {
	c.State, c.Settled = ChangeInForce, e.At
	if c.Plan.UndoAfter > 0 {
		c.UndoAt = e.At.Add(c.Plan.UndoAfter)
	}
	s.say(e, "change", "good", c.Plan.ID, c.Plan.ID+" in force: "+c.Plan.After)
	if of := s.Change(c.Plan.UndoOf); of != nil {
		of.State, of.Undone, of.UndoneBy = ChangeUndoneWord, e.At, c.Plan.ID
	}
}

func (s *State) judged(e Event, c *Change, b EffectJudged) {
	word, faded, ground := "", false, b.Source
	if b.Stage == FirstLook {
		if c.Look != nil {
			word = c.Look.Word
		}
		c.Look, c.LookAt = &b, e.At
	} else {
		if c.Effect != nil {
			word, faded, ground = c.Effect.Word, c.Effect.Faded, c.Effect.Source
		}
		if c.Effect == nil || word != b.Word || faded != b.Faded {
			c.JudgedAt = e.At
		}
		c.Effect = &b
	}
	c.Effects = append(c.Effects, b)
	if word != b.Word || faded != b.Faded || ground != b.Source { // that CloudWatch bears a word out is news as well
		level := map[string]string{Worked: "good", Helped: "good", "better": "good", Worse: "bad"}[b.Word]
		said := b.Word
		if b.Faded {
			level, said = "warn", said+", then faded"
		}
		if level == "" {
			level = "info"
		}
		s.say(e, "change", level, c.Plan.ID, fmt.Sprintf("%s %s: %s — %s", c.Plan.ID, b.Stage, said, b.Reason))
	}
}
