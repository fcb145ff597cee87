package history

import "fmt"

func (s *State) applyUnderstood(e Event) {
	switch b := e.Body.(type) {
	case Assessed:
		s.assessed(e, b)
	case IncidentDetected:
		s.Attributed = nil
		s.Incident = Incident{Onset: b.Onset, Detected: e.At, Why: b.Why}
		s.say(e, "verdict", "bad", "", "incident: "+b.Why)
	case IncidentRecovered:
		s.Incident.Recovered = e.At
		s.say(e, "verdict", "good", "", "recovered: "+b.Why)
	case IncidentEscalated:
		s.Incident.Escalated = e.At
		s.say(e, "people", "warn", "", "escalated: "+b.Why)
	case IncidentAttributed:
		s.Attributed = &b
		s.say(e, "verdict", "info", b.By, b.String())
	case IncidentClosed:
		s.Incident.Closed = e.At
		s.say(e, "people", "good", "", "closed: "+b.Reason)
	}
}

func (s *State) assessed(e Event, b Assessed) {
	old := s.Assessed
	s.Assessed, s.AssessedAt = b, e.At
	if !b.Onset.IsZero() && !s.Incident.Detected.IsZero() && b.Onset.Before(s.Incident.Onset) {
		s.Incident.Onset = b.Onset
	}
	now := Belief{At: e.At, Layer: b.Layer.Verdict, Why: b.Layer.Why, Do: b.Disposition.Verdict}
	if len(b.Ranked) > 0 {
		now.Kind, now.Goal, now.P = b.Ranked[0].Kind, b.Ranked[0].Target, b.Ranked[0].P
	}
	if n := len(s.Beliefs); n > 0 {
		was := s.Beliefs[n-1]
		if was.Layer == now.Layer && was.Kind == now.Kind && was.Goal == now.Goal && was.Do == now.Do {
			s.Beliefs[n-1].P = now.P
			return
		}
	}
	s.Beliefs = append(s.Beliefs, now)
	if old.Layer.Verdict != b.Layer.Verdict {
		s.say(e, "verdict", layerLevel(b.Layer.Verdict), "", "layer "+b.Layer.Verdict+": "+b.Layer.Why)
	}
	if now.Kind != "" && now.Kind != "calm" && (len(old.Ranked) == 0 || old.Ranked[0].Kind != now.Kind || old.Ranked[0].Target != now.Goal) {
		s.say(e, "verdict", "warn", "", fmt.Sprintf("diagnosis %s on %s (p %s)", now.Kind, now.Goal, Chance(now.P)))
	}
	if old.Disposition.Verdict != b.Disposition.Verdict && b.Disposition.Verdict != "" {
		s.say(e, "verdict", "info", "", b.Disposition.Verdict+": "+b.Disposition.Rule)
	}
}

func layerLevel(verdict string) string {
	switch verdict {
	case LayerHealthy:
		return "good"
	case LayerUnknown, LayerTail:
		return "warn"
	}
	return "bad"
}

// Chance writes a probability, as 0.94; what is not certain is not written as 0 or 1.
func Chance(p float64) string {
	switch {
	case p > 0 && p < 0.005:
		return "<0.01"
	case p >= 0.995:
		return ">0.99"
	}
	return fmt.Sprintf("%.2f", p)
}
