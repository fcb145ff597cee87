package history

import (
	"slices"
	"strings"
)

// applyEyes folds what the optional eyes saw. Each is told once: what was known already adds nothing to the timeline.
func (s *State) applyEyes(e Event) {
	switch b := e.Body.(type) {
	case KeysRanked:
		s.source("insights", e.At).LastOK = e.At
		s.Keys = put(s.Keys, b.Target+"#"+b.Rule, &b)
	case KeysRevealed:
		s.say(e, "people", "warn", "", words("key values are shown and recorded in clear: asked for by", b.By))
	case AlarmChanged:
		s.source("alarms", e.At).LastOK = e.At
		s.alarmChanged(e, b)
	case AlarmTurned:
		s.source("alarm history", e.At).LastOK = e.At
		s.say(Event{Seq: e.Seq, At: b.At}, "source", "info", "", words("alarm", b.Name+":", b.Text))
	case ScalingDescribed:
		s.source("scaling", e.At).LastOK = e.At
		s.Scaling = put(s.Scaling, b.Target+"#"+b.Side, &b)
	case ScalingActed:
		s.source("scaling", e.At).LastOK = e.At
		s.scalingActed(e, b)
	case CallRecorded:
		s.source("cloudtrail", e.At).LastOK = e.At
		if slices.ContainsFunc(s.Calls, func(c CallRecorded) bool { return c.ID == b.ID }) {
			return
		}
		s.Calls = append(s.Calls, b)
		text := words(b.By, "called", b.Call, b.Target, b.Text)
		if b.Error != "" {
			text += " (refused: " + b.Error + ")"
		}
		s.say(Event{Seq: e.Seq, At: b.At}, "people", "info", "", text)
	case QuotasRead:
		s.Quotas = &b
	case ReportsBilled:
		s.Rankings += b.Reports
	case BaselinesRead:
		s.baselines(b)
	}
}

func put[T any](m map[string]*T, key string, v *T) map[string]*T {
	if m == nil {
		m = map[string]*T{}
	}
	m[key] = v
	return m
}

func (s *State) alarmChanged(e Event, b AlarmChanged) {
	old := s.Alarms[b.Name]
	s.Alarms = put(s.Alarms, b.Name, &b)
	switch {
	case old != nil && old.State == b.State, old == nil && b.State != "ALARM":
	case b.State == "ALARM":
		s.say(e, "source", "bad", "", words("alarm", b.Name, "went off:", b.Reason))
	default:
		s.say(e, "source", "info", "", words("alarm", b.Name, "is", b.State))
	}
}

func (s *State) scalingActed(e Event, b ScalingActed) {
	text := words("auto scaling of", b.Target, b.Side+":", b.Text)
	if b.Held != "" {
		text = words("auto scaling of", b.Target, b.Side, "did nothing:", b.Held)
	}
	i := slices.IndexFunc(s.ScalingActs, func(a ScalingActed) bool { return a.ID == b.ID })
	if i >= 0 {
		s.ScalingActs[i] = b
		return
	}
	s.ScalingActs = append(s.ScalingActs, b)
	s.say(Event{Seq: e.Seq, At: b.At}, "change", "info", "", text)
}

// words joins what is not empty.
func words(parts ...string) string {
	return strings.Join(slices.DeleteFunc(parts, func(p string) bool { return p == "" }), " ")
}
