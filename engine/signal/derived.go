package signal

import (
	"strings"

	"github.com/ddbloop/ddbloop/history"
)

// causes are the four that AWS counts throttle events by, as they stand in the names of signals.
var causes = []string{"provisioned", "keyrange", "cap", "account"}

// formula works a derived signal out for a target and, where it is split, one operation, probe or client.
type formula func(d deriving) *history.Series

// deriving is one derived signal being worked out.
type deriving struct {
	s          *history.State
	sig        Signal
	target, op string
	series     func(s *history.State, name, target, op string) *history.Series // Series itself
}

// get returns a series of the same target and operation.
func (d deriving) get(name string) *history.Series { return d.series(d.s, name, d.target, d.op) }

// empty is the series that the results go into, on the grid of another.
func (d deriving) empty(on *history.Series) *history.Series {
	return &history.Series{Key: history.SeriesKey{Signal: d.sig.Name, Target: d.target, Op: d.op}, Unit: d.sig.Unit, Period: on.Period}
}

// entry is a derived signal with its formula.
type entry struct {
	Signal
	work formula
}

// ratio divides one signal by another, by a formula over both values.
func ratio(num, den string, f func(n, d float64) float64) formula {
	return func(d deriving) *history.Series { return d.combine(d.get(num), d.get(den), f) }
}

func ofAll(n, d float64) float64 { return over(n, n+d) }

// formulas are all derived signals.
var formulas = derivations()

func derivations() map[string]formula {
	out := map[string]formula{}
	for _, e := range entries() {
		out[e.Name] = e.work
	}
	return out
}

func derived() []Signal {
	var out []Signal
	for _, e := range entries() {
		out = append(out, e.Signal)
	}
	return out
}

func entries() []entry {
	var out []entry
	put := func(name, unit, help string, f formula) {
		out = append(out, entry{Signal{Name: name, Unit: unit, Help: help, Source: Derived}, f})
	}
	for _, side := range []string{"read", "write"} {
		put(side+"_utilisation", "", "consumed over provisioned "+side+" capacity", func(d deriving) *history.Series {
			return d.combineStep(d.get("consumed_"+side), d.get(side+"_limit"))
		})
		put(side+"_throttle_share", "", "throttled over throttled and consumed "+side+" units", ratio(side+"_throttles", "consumed_"+side, ofAll))
		for _, cause := range causes {
			put(side+"_"+cause+"_share", "", "of the "+side+" throttle events, those "+causeWords[cause], ratio(side+"_"+cause+"_throttles", side+"_throttles", over))
		}
		put(side+"_unattributed_share", "", "of the "+side+" throttle events, those that no cause accounts for", unattributed(side))
		put(side+"_burst_left", "units", "unused "+side+" capacity that is left to burst with, modelled: at most 300 s of what is provisioned", burst(side))
		put(side+"_cap_headroom", "units/s", "from the "+side+" units in use to the configured on-demand maximum", headroom(side, capOf))
		put(side+"_quota_headroom", "units/s", "from the "+side+" units in use to the account's quota for one table or index", headroom(side, quotaOf))
	}
	put("write_amplification", "", "write units of the table and all its indexes per unit of the table", amplification)
	put("read_efficiency", "", "items that Query, Scan and ExecuteStatement returned per read unit of the table and its indexes", efficiency)
	put("probe_efficiency", "", "items that the probe returned over items that it examined", ratio("probe_returned", "probe_examined", over))
	put("request_throttle_share", "", "throttled over throttled and successful requests; batches only when all of one was", ratio("throttled_requests", "requests", ofAll))
	put("error_share", "", "HTTP 500 answers over those and successful requests, fault injection left out", errorShare)
	put("conflict_breadth", "", "items that clash in a request that a transaction rejects", ratio("transaction_conflicts", "conflicted_requests", over))
	put("feed_throttle_share", "", "throttled over all of the application's attempts", ratio("feed_throttled", "feed_attempts", over))
	put("feed_failure_share", "", "failed over all of the application's calls", ratio("feed_failed", "feed_calls", over))
	put("feed_error_share", "", "failed over all of the application's attempts, throttled ones included", ratio("feed_errors", "feed_attempts", over))
	put("feed_success", "", "share of the application's calls that succeeded", ratio("feed_failed", "feed_calls", func(n, d float64) float64 { return 1 - over(n, d) }))
	put("retry_factor", "", "the application's attempts per call", ratio("feed_attempts", "feed_calls", over))
	return out
}

var causeWords = map[string]string{
	"provisioned": "above provisioned capacity", "keyrange": "of one partition above its own limit",
	"cap": "above the configured on-demand maximum", "account": "above the account's per-table quota",
}

func unattributed(side string) formula {
	return func(d deriving) *history.Series {
		all := d.get(side + "_throttles")
		var parts []*history.Series
		for _, cause := range causes {
			parts = append(parts, d.get(side+"_"+cause+"_throttles"))
		}
		if all == nil {
			return nil
		}
		out := d.empty(all)
		for _, p := range recent(all) {
			if known, ok := sumAt(p.T, parts); ok && p.V > 0 {
				out.Points = append(out.Points, history.Point{T: p.T, V: max(0, 1-known/p.V)})
			}
		}
		return out
	}
}

// sumAt adds up what every series says of an instant; ok is false when one of them does not know.
func sumAt(t int64, list []*history.Series) (sum float64, ok bool) {
	for _, sr := range list {
		v, known := sr.At(t)
		if !known {
			return 0, false
		}
		sum += v
	}
	return sum, true
}

// errorShare leaves out injected errors where they are known; they are published only while an experiment runs.
func errorShare(d deriving) *history.Series {
	injected := d.get("injected_errors")
	errors, requests := d.get("system_errors"), d.get("requests")
	if errors == nil || requests == nil {
		return nil
	}
	out := d.empty(requests)
	for _, r := range recent(requests) {
		if e, ok := errors.At(r.T); ok {
			i, _ := injected.At(r.T)
			if share := over(e-i, e+r.V); share >= 0 {
				out.Points = append(out.Points, history.Point{T: r.T, V: share})
			}
		}
	}
	return out
}

// indexesOf lists a table with each of its indexes that has a series of the signal.
func (d deriving) indexesOf(name string) []*history.Series {
	out := []*history.Series{d.s.Get(name, d.target, "")}
	for _, sr := range d.s.Series {
		if sr.Key.Signal == name && sr.Key.Op == "" && strings.HasPrefix(sr.Key.Target, d.target+"/") {
			out = append(out, sr)
		}
	}
	return out
}
