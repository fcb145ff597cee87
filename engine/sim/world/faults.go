package world

import (
	"iter"
	"math"
	"slices"
	"time"

	"github.com/ddbloop/ddbloop/engine/sim/scenario"
)

// Fault is what a failing service, account or key does to requests now. The zero Fault does nothing.
type Fault struct {
	ErrorRate    float64 // share that fails with Code
	Code         string
	ThrottleRate float64 // share that fails with ThrottlingException, without a reason
	Share        float64 // share that Times and Added make slower
	Times        float64
	Added        time.Duration
	Injected     bool   // counts as fault injection
	Results      string // of GetMetricData: "", partial, internal or empty
	Access       string // "", denied or expired
	KeyDisabled  bool   // the customer's key of the table
}

// Fault is what hits a request from a place to a service ("dynamodb", "cloudwatch", …) now. table is "" where there is none.
// The newest fault in force wins; what it says nothing of, an older one may say.
func (w *World) Fault(from Where, service, operation, table string) Fault {
	return w.faultAt(w.now, from, service, operation, table)
}

func (w *World) faultAt(t time.Duration, from Where, service, operation, table string) Fault {
	var f Fault
	for s := range w.faultsAt(t, from) {
		if w.hits(s, service, operation, table) {
			f.over(s)
		}
	}
	return f
}

// faultsAt goes through the faults in force at t that hit a place, oldest first.
func (w *World) faultsAt(t time.Duration, from Where) iter.Seq[*scenario.Fault] {
	return func(yield func(*scenario.Fault) bool) {
		for i := range w.events {
			e := &w.events[i]
			if s := e.Fault; s != nil && e.At <= t && t < e.Until && strikes(s, from) && !yield(s) {
				return
			}
		}
	}
}

func strikes(s *scenario.Fault, from Where) bool {
	return from == FromApp && s.Where.App() || from == FromHere && s.Where.Here()
}

// hits reports whether a fault of a service, of access or of a key is about such a request. A disabled key stops the items of
// a table, not the calls that only manage it (developer guide, "Encryption at rest: usage notes").
func (w *World) hits(s *scenario.Fault, service, operation, table string) bool {
	if len(s.Operations) > 0 && !slices.Contains(s.Operations, operation) || len(s.Tables) > 0 && !slices.Contains(s.Tables, table) {
		return false
	}
	switch {
	case s.Service != "":
		return s.Service == service
	case s.Access != "":
		return true
	case s.KMS:
		_, items := speeds[operation]
		t := w.table(table)
		return service == "dynamodb" && items && t != nil && t.spec.CustomerKMS
	}
	return false
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
	if s.Results != "" {
		f.Results = s.Results
	}
	if s.Access != "" {
		f.Access = s.Access
	}
	f.KeyDisabled = f.KeyDisabled || s.KMS
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

// Skew is by how much the servers' clocks, as their Date header shows them to a place, are ahead of the true time now.
func (w *World) Skew(from Where) time.Duration {
	skew := time.Duration(0)
	for s := range w.faultsAt(w.now, from) {
		if s.Skew != 0 {
			skew = s.Skew
		}
	}
	return skew
}

// keyDisabled reports whether the table's key is out of order for anybody now: its state is the same for all who ask.
func (w *World) keyDisabled(table string) bool {
	at := func(from Where) bool { return w.Fault(from, "dynamodb", "GetItem", table).KeyDisabled }
	return at(FromApp) || at(FromHere)
}

// lateness is by how much CloudWatch publishes late, and when.
type lateness []struct {
	from, until, by int64 // Unix seconds; seconds
}

// add notes a fault's delay. What was published before it began stays; what is due while it lasts comes that much later.
func (l *lateness) add(w *World, e *scenario.Event) {
	if e.Fault == nil || e.Fault.Delay <= 0 || !e.Fault.Where.Here() {
		return
	}
	*l = append(*l, struct{ from, until, by int64 }{
		w.unix + int64(e.At/time.Second), w.unix + int64(e.Until/time.Second), int64(e.Fault.Delay / time.Second),
	})
}

// at is the delay of what is due at Unix second due: the newest fault's.
func (l *lateness) at(due int64) int64 {
	for _, d := range slices.Backward(*l) {
		if d.from <= due && due < d.until {
			return d.by
		}
	}
	return 0
}
