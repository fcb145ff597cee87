package engine

import (
	"time"

	"github.com/ddbloop/ddbloop/engine/diagnose"
	"github.com/ddbloop/ddbloop/history"
)

// assess records what the measurements mean, when that has changed.
func (e *Engine) assess(now time.Time) []history.Body {
	a := e.assessor.Assess(e.state, now)
	if e.state.Sources["cloudwatch"] == nil && now.Sub(e.start) < 15*time.Second && a.Layer.Verdict == history.LayerUnknown {
		return nil // the first answers are still under way: not knowing yet is no finding
	}
	quiet := 15 * time.Second
	if e.state.Assessed.Layer.Why != a.Layer.Why {
		quiet = 5 * time.Second // the reason's numbers move: keep them true without writing each second
	}
	if same(e.state.Assessed, a) && now.Sub(e.state.AssessedAt) < quiet {
		return nil
	}
	return []history.Body{a}
}

// same reports whether two assessments say the same to a person.
func same(a, b history.Assessed) bool {
	if a.Layer.Verdict != b.Layer.Verdict || a.Disposition.Verdict != b.Disposition.Verdict || len(a.Ranked) != len(b.Ranked) || !a.Onset.Equal(b.Onset) {
		return false
	}
	for i := range a.Ranked {
		x, y := a.Ranked[i], b.Ranked[i]
		if x.Kind != y.Kind || x.Target != y.Target || x.Reason != y.Reason || x.P-y.P > 0.02 || y.P-x.P > 0.02 {
			return false
		}
	}
	return true
}

// incident keeps the incident's clocks.
func (e *Engine) incident(now time.Time) []history.Body {
	s := e.state
	layer, in := s.Assessed.Layer, s.Incident
	open := !in.Detected.IsZero() && in.Recovered.IsZero()
	switch {
	case !open && troubled(s.Assessed):
		onset, why := s.Assessed.Onset, layer.Why
		if onset.IsZero() {
			onset = now
		}
		if beside(s.Assessed) {
			why = s.Assessed.Ranked[0].For[0]
		}
		return []history.Body{history.IncidentDetected{Onset: onset, Why: why}}
	case open && wellFor(s, now) >= e.opt.Limits.HealthyFor:
		return []history.Body{history.IncidentRecovered{Why: "healthy for " + e.opt.Limits.HealthyFor.String() + ": " + layer.Why}}
	}
	return nil
}

// wellFor is how long the layer has been healthy with nothing beside it that asks to be acted on.
func wellFor(s *history.State, now time.Time) time.Duration {
	since := now
	for i := len(s.Beliefs) - 1; i >= 0; i-- {
		b := s.Beliefs[i]
		if b.Layer != history.LayerHealthy || b.Kind != diagnose.Calm && b.Do != "" {
			break
		}
		since = b.At
	}
	return now.Sub(since)
}

// attribute says what ended the incident, once it is over, and again when that has changed.
func (e *Engine) attribute(time.Time) []history.Body {
	a, ok := history.Attribute(e.state)
	if !ok || e.state.Attributed != nil && a.Same(*e.state.Attributed) {
		return nil
	}
	return []history.Body{a}
}

// troubled reports whether an assessment is reason enough to open an incident.
func troubled(a history.Assessed) bool {
	switch a.Layer.Verdict {
	case history.LayerHealthy, history.LayerUnknown, history.LayerTail, "":
		return beside(a)
	}
	return true
}

// beside reports trouble that lies beside the path of requests: in what leaves the table, in who does not come, in our own eyes.
func beside(a history.Assessed) bool {
	switch a.Layer.Verdict {
	case history.LayerHealthy, history.LayerUnknown, history.LayerTail:
	default:
		return false
	}
	if len(a.Ranked) == 0 || a.Disposition.Verdict == "" {
		return false
	}
	top := a.Ranked[0]
	return top.Kind != diagnose.Calm && top.P >= sure && len(top.For) > 0
}
