package history

import "time"

// Apply folds one event into the State.
func (s *State) Apply(e Event) {
	s.Seq = e.Seq
	if e.At.After(s.Now) {
		s.Now = e.At
	}
	switch b := e.Body.(type) {
	case SessionStarted:
		s.Session, s.Started = b, e.At
	case SessionResumed:
		s.say(e, "source", "warn", "", "session resumed after a gap of "+b.Gap.Round(time.Second).String())
	case SessionClosed:
		s.say(e, "people", "info", "", "session closed: "+b.Reason)
	case JournalHurt:
		s.Hurt = b.Text
		s.say(e, "source", "bad", "", b.Text)
	case TableDescribed, MetricsPolled, ProbeAnswered, FeedScraped, SourceChanged:
		s.applyMeasured(e)
	case KeysRanked, KeysRevealed, AlarmChanged, AlarmTurned, ScalingDescribed, ScalingActed, CallRecorded, QuotasRead, ReportsBilled, BaselinesRead:
		s.applyEyes(e)
	case Assessed, IncidentDetected, IncidentRecovered, IncidentEscalated, IncidentClosed, IncidentAttributed:
		s.applyUnderstood(e)
	case RunbookOpened, StepEntered, CheckEvaluated, DecisionOffered, DecisionTaken, StepFinished:
		s.applyRunbook(e)
	case ChangePlanned, ChangeRefused, ChangeApproved, ChangeIntended, ChangeAnswered,
		ChangeReconciled, ChangeSettled, ChangeDropped, EffectJudged:
		s.applyChange(e)
	case LabStarted, LabMeasured, LabFinished:
		s.applyLab(e)
	case ChangesHeld, UndoTimed, UndoProposed, ChangeCarried:
		s.applyGuard(e)
	case Reported, Marked, Noted, PostmortemWritten:
		s.applyPeople(e)
	default:
		s.say(e, "source", "warn", "", "unknown event "+e.Body.Kind()+" (written by a newer version)")
	}
}

func (s *State) say(e Event, lane, level, ref, text string) {
	s.Timeline = append(s.Timeline, Entry{Seq: e.Seq, At: e.At, Lane: lane, Level: level, By: e.Actor.Name, Ref: ref, Text: text})
}

// marked keeps a mark at the instant it speaks of.
func (s *State) marked(e Event, b Marked) {
	if b.At.IsZero() {
		b.At = e.At
	}
	if b.By == "" {
		b.By = e.Actor.Name
	}
	s.Marks = append(s.Marks, b)
	s.say(Event{Seq: e.Seq, At: b.At, Actor: Actor{Name: b.By}}, "people", "info", "", words("mark:", b.Text, on(b.Table)))
}

func on(table string) string {
	if table == "" {
		return ""
	}
	return "(" + table + ")"
}

func (s *State) applyPeople(e Event) {
	switch b := e.Body.(type) {
	case Reported:
		who := b.Client
		if who == "" {
			who = "someone"
		}
		s.Reports = append(s.Reports, Report{At: e.At, Reported: b})
		s.say(e, "people", "warn", "", "report ("+b.About+", "+who+"): "+b.Text)
	case Marked:
		s.marked(e, b)
	case Noted:
		s.Notes = append(s.Notes, Note{At: e.At, By: e.Actor.Name, Text: b.Text, About: b.About})
		s.say(e, "people", "info", "", "note: "+b.Text)
	case PostmortemWritten:
		s.say(e, "people", "info", "", "postmortem written to "+b.Path)
	}
}
