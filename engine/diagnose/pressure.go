package diagnose

import (
	"slices"
	"strings"
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
	Served      float64 // highest minute of used units, of those with refusals
	Utilisation float64
	Peak        float64 // the highest of those minutes over the limit
	Refused     float64 // all causes
	Provisioned float64 // refused for the resource's own capacity
	KeyRange    float64 // refused for one partition's limit
	Cap         float64 // refused for the configured on-demand maximum
	Account     float64 // refused for the account's quota
	Wanted      float64 // units per second that callers ask for by their feeds, without repeats, while they are refused
	Repeated    float64 // part of the refusals that only repeat a call, as feeds tell; 0 where none does
	Seen        string  // a caller or probe that is refused on the table now; "" = none
	Share       float64 // refused over refused and consumed
}

// PressureOn reads the pressure on a side ("read" or "write") of a target.
func PressureOn(s *history.State, now time.Time, th Thresholds, target, side string) Pressure {
	f := gather(s, now, th, NewAssessor(th))
	d := f.pressed(side, target)
	return Pressure{
		Known: f.metrics.fresh, Why: f.metrics.why, Limit: d.limit, Consumed: d.consumed, Served: d.served, Utilisation: d.util, Peak: d.peak,
		Refused: d.throttles, Provisioned: d.cause[0], KeyRange: d.cause[1], Cap: d.cause[2], Account: d.cause[3],
		Wanted: d.wanted, Repeated: d.repeated, Seen: f.refusedNow(target), Share: d.share,
	}
}

// pressed is a side as its callers' own counts complete it, where it is one of the session's.
func (f *facts) pressed(name, target string) side {
	for i := range f.resources {
		for j := range f.resources[i].sides {
			if d := &f.resources[i].sides[j]; f.resources[i].target == target && d.name == name {
				return *d
			}
		}
	}
	return f.side(name, target)
}

// refusedNow names an eye that sees refusals on a target's table within seconds, while CloudWatch has not yet
// named a cause for any of them.
func (f *facts) refusedNow(target string) string {
	table, _, _ := strings.Cut(target, "/")
	for i := range f.resources {
		for j := range f.resources[i].sides {
			if f.resources[i].table == table && f.resources[i].sides[j].named() {
				return ""
			}
		}
	}
	on := func(goal string) bool { return goal == table || strings.HasPrefix(goal, table+"/") }
	for _, c := range f.feeds {
		if c.fresh && on(c.target) && c.throttled >= f.th.ThrottleMin {
			return "feed " + c.name
		}
	}
	for _, p := range f.probes {
		if p.fresh && on(p.target) && p.throttled >= 2 {
			return "probe " + p.name
		}
	}
	return ""
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

// throttledLately is how far back CloudWatch's minutes count as now, given their lag.
const throttledLately = 6 * time.Minute

// Throttled lists the tables and indexes that CloudWatch's newest minutes show refusing.
func Throttled(s *history.State, now time.Time) []string {
	var out []string
	add := func(target string) {
		for _, side := range [2]string{"read", "write"} {
			for _, p := range s.Get(side+"_throttles", target, "").Window(now.Add(-throttledLately).Unix(), now.Unix()) {
				if p.V > 0 && !slices.Contains(out, target) {
					out = append(out, target)
				}
			}
		}
	}
	for _, name := range s.Session.Tables {
		add(name)
		if t := s.Tables[name]; t != nil && t.Snap != nil {
			for _, i := range t.Snap.Indexes {
				add(name + "/" + i.Name)
			}
		}
	}
	return out
}

// ReadsRefused reports whether CloudWatch's newest minutes show that reads of a table or index are refused.
func ReadsRefused(s *history.State, now time.Time, target string) bool {
	list := s.Get("read_throttles", target, "").Window(now.Add(-throttledLately).Unix(), now.Unix())
	for _, p := range list[max(0, len(list)-2):] {
		if p.V > 0 {
			return true
		}
	}
	return false
}
