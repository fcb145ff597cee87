package diagnose

import (
	"time"

	"github.com/ddbloop/ddbloop/history"
)

// Pressure is how one side of a table or index stands against its limits, over the last five published
// minutes; rates in events or units per second.
type Pressure struct {
	Known       bool    // CloudWatch is fresh
	Why         string  // why not
	Limit       float64 // provisioned
	Consumed    float64 // mean of the last three minutes
	Utilisation float64
	Refused     float64 // all causes
	Provisioned float64 // refused for the resource's own capacity
	KeyRange    float64 // refused for one partition's limit
	Share       float64 // refused over refused and consumed
}

// PressureOn reads the pressure on a side ("read" or "write") of a target.
func PressureOn(s *history.State, now time.Time, th Thresholds, target, side string) Pressure {
	f := &facts{now: now, th: th, s: s}
	f.metrics = f.gatherMetrics()
	d := f.side(side, target)
	return Pressure{
		Known: f.metrics.fresh, Why: f.metrics.why, Limit: d.limit, Consumed: d.consumed, Utilisation: d.util,
		Refused: d.throttles, Provisioned: d.cause[0], KeyRange: d.cause[1], Share: d.share,
	}
}

// PeakDemand is the highest minute of consumed and refused units per second in the last window.
func PeakDemand(s *history.State, now time.Time, target, side string, window time.Duration) float64 {
	from, to := now.Add(-window).Unix(), now.Unix()
	refused := s.Get(side+"_throttles", target, "")
	var peak float64
	for _, p := range s.Get("consumed_"+side, target, "").Window(from, to) {
		r, _ := refused.At(p.T)
		peak = max(peak, p.V+r)
	}
	return peak
}
