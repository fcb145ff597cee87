package world

import (
	"math"
	"slices"
	"time"

	"github.com/ddbloop/ddbloop/engine/sim/scenario"
)

// Fault is what a failing service does to requests now. The zero Fault does nothing.
type Fault struct {
	ErrorRate    float64 // share that fails with Code
	Code         string
	ThrottleRate float64 // share that fails with ThrottlingException, without a reason
	Share        float64 // share that Times and Added make slower
	Times        float64
	Added        time.Duration
	Injected     bool // counts as fault injection
}

// Fault is what hits a request from a place to a service ("dynamodb", "cloudwatch", …) now. table is "" where there is none.
// The newest fault in force wins; what it says nothing of, an older one may say.
func (w *World) Fault(from Where, service, operation, table string) Fault {
	return w.faultAt(w.now, from, service, operation, table)
}

func (w *World) faultAt(t time.Duration, from Where, service, operation, table string) Fault {
	var f Fault
	for _, e := range w.events {
		s := e.Fault
		if s == nil || s.Service != service || t < e.At || t >= e.Until ||
			from == FromApp && !s.Where.App() || from == FromHere && !s.Where.Here() ||
			len(s.Operations) > 0 && !slices.Contains(s.Operations, operation) ||
			len(s.Tables) > 0 && !slices.Contains(s.Tables, table) {
			continue
		}
		f.over(s)
	}
	return f
}

// over lays a newer fault over f.
func (f *Fault) over(s *scenario.Fault) {
	if s.ErrorRate > 0 {
		f.ErrorRate, f.Code, f.Injected = s.ErrorRate, s.Code, s.Injected
	}
	if s.ThrottleRate > 0 {
		f.ThrottleRate = s.ThrottleRate
	}
	if s.Latency.Times > 0 && s.Latency.Times != 1 || s.Latency.Added > 0 {
		f.Share, f.Times, f.Added = s.Share, max(s.Latency.Times, 1e-3), s.Latency.Added
	}
}

// slow makes a share of the requests slower.
func (f Fault) slow(m mix) mix {
	if f.Share <= 0 {
		return m
	}
	var out mix
	for _, part := range m {
		hit := part
		hit.n *= f.Share
		hit.mu += math.Log(f.Times)
		hit.shift = hit.shift*f.Times + f.Added.Seconds()
		part.n *= 1 - f.Share
		out = out.add(part).add(hit)
	}
	return out
}
