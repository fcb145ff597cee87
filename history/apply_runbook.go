package history

func (s *State) applyRunbook(e Event) {
	if b, ok := e.Body.(RunbookOpened); ok {
		if s.Run != nil {
			s.Past = append(s.Past, s.Run)
		}
		s.Run = &Run{Info: b, Opened: e.At}
		for _, info := range b.Steps {
			s.Run.Steps = append(s.Run.Steps, &Step{StepInfo: info})
		}
		s.say(e, "runbook", "info", "", "runbook "+b.Runbook+" on "+b.Target+": "+b.Why)
		return
	}
	if s.Run == nil {
		return
	}
	switch b := e.Body.(type) {
	case StepEntered:
		s.Run.Current = b.Step
	case CheckEvaluated:
		s.checked(e, b)
	case DecisionOffered:
		if st := s.Run.Step(b.Step); st != nil {
			st.Favoured, st.Because = b.Favoured, b.Because
		}
	case DecisionTaken:
		s.decided(e, b)
	case StepFinished:
		s.finished(e, b)
	}
}

func (s *State) checked(e Event, b CheckEvaluated) {
	st := s.Run.Step(b.Step)
	if st == nil {
		return
	}
	if st.Verdict != b.Verdict {
		level := map[string]string{Pass: "good", Fail: "warn"}[b.Verdict]
		if level == "" {
			level = "info"
		}
		s.say(e, "runbook", level, b.Step, "check "+b.Step+" "+b.Verdict+": "+b.Why)
	}
	st.Verdict, st.Why, st.At = b.Verdict, b.Why, e.At
}

func (s *State) decided(e Event, b DecisionTaken) {
	st := s.Run.Step(b.Step)
	if st == nil {
		return
	}
	st.Result, st.At, st.By = b.Choice, e.At, e.Actor.Name
	text := "decision " + b.Step + " → " + b.Choice + ": " + b.Because
	if b.Override {
		text += " (against the data: " + b.Reason + ")"
	}
	s.say(e, "runbook", "info", b.Step, text)
}

func (s *State) finished(e Event, b StepFinished) {
	st := s.Run.Step(b.Step)
	if st == nil {
		return
	}
	st.Result, st.At, st.By = b.Result, e.At, e.Actor.Name
	text := "step " + b.Step + " " + b.Result
	if b.Reason != "" {
		text += ": " + b.Reason
	}
	s.say(e, "runbook", "info", b.Step, text)
}
