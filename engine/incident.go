package engine

import (
	"time"

	"github.com/ddbloop/ddbloop/engine/diagnose"
	"github.com/ddbloop/ddbloop/history"
)

// assess records what the measurements mean, when that has changed.
func (e *Engine) assess(now time.Time) []history.Body {
	a := diagnose.Assess(e.state, now, e.opt.Limits)
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
	case !open && troubled(layer.Verdict):
		onset := s.Assessed.Onset
		if onset.IsZero() {
			onset = now
		}
		return []history.Body{history.IncidentDetected{Onset: onset, Why: layer.Why}}
	case open && layer.Verdict == history.LayerHealthy && now.Sub(layer.Since) >= e.opt.Limits.HealthyFor:
		return []history.Body{history.IncidentRecovered{Why: "healthy for " + e.opt.Limits.HealthyFor.String() + ": " + layer.Why}}
	}
	return nil
}

func troubled(verdict string) bool {
	switch verdict {
	case history.LayerHealthy, history.LayerUnknown, history.LayerTail, "":
		return false
	}
	return true
}
