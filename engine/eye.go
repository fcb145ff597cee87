package engine

import (
	"maps"
	"slices"
	"sort"
	"strings"
	"time"

	"github.com/ddbloop/ddbloop/engine/diagnose"
	"github.com/ddbloop/ddbloop/engine/effect"
	"github.com/ddbloop/ddbloop/engine/signal"
	"github.com/ddbloop/ddbloop/history"
)

// eye is what sees a change's effect within seconds: a client's feed, or one of our own probes.
type eye struct {
	what   string // feed | probe | "" = none
	name   string
	target string
	also   string // where a probe asks since the change, if elsewhere
	signal string
	kind   effect.Kind // Latency or Share
}

func (v eye) known() bool { return v.what != "" }
func (v eye) feed() bool  { return v.what == "feed" }

// String names the eye as the sources are named.
func (v eye) String() string { return v.what + ":" + v.name }

func (v eye) unit() string {
	if v.kind == effect.Latency {
		return "ms"
	}
	return ""
}

func (v eye) options(c *history.Change) effect.Options {
	o := effect.Options{Kind: v.kind, By: c.Plan.Expect.By}
	if c.Plan.Expect.Direction == "up" {
		o.Direction = effect.Up
	}
	return o
}

// pickEye takes the feed, else the probe, that suffers from what the change is meant to mend. One that is well cannot
// say whether the others are.
func pickEye(s *history.State, c *history.Change) eye {
	x := c.Plan.Expect
	switch {
	case strings.HasPrefix(x.Signal, "feed_"):
		return namedEye(s, "feed", x)
	case strings.HasPrefix(x.Signal, "probe_"):
		v := namedEye(s, "probe", x)
		if l := s.Lab(c.Plan.Lab); l != nil { // its requests go elsewhere from now on, and are the same probe's
			v.also = goalOf(l.Info.Table, l.Info.B.Index)
		}
		return v
	case strings.HasSuffix(x.Signal, "_throttles"):
		if v := refusedFeed(s, c); v.known() {
			return v
		}
		return refusedProbe(s, c)
	case strings.HasPrefix(x.Signal, "latency_"), strings.HasPrefix(x.Signal, "client_latency_"):
		if v := worstEye(s, c, "feed", history.FeedP50, history.FeedP99); v.known() {
			return v
		}
		return worstEye(s, c, "probe", history.ProbeLatency)
	case x.Signal == "transaction_conflicts", x.Signal == "conditional_failures", x.Signal == "client_errors", x.Signal == "system_errors":
		return worstEye(s, c, "feed", "feed_failure_share", "feed_error_share")
	}
	return eye{}
}

// namedEye is the feed or probe that an expectation speaks of itself.
func namedEye(s *history.State, what string, x *history.Expectation) eye {
	v := eye{what: what, name: x.Op, target: x.Target, signal: x.Signal, kind: kindOf(s, x.Signal)}
	if ops := opsOf(s, x.Signal, x.Target); v.name == "" && len(ops) == 1 {
		v.name = ops[0]
	}
	if v.name == "" || v.kind == effect.Count {
		return eye{}
	}
	return v
}

// refusedFeed is the feed on the change's table that is refused most.
func refusedFeed(s *history.State, c *history.Change) eye {
	table, _, _ := strings.Cut(c.Plan.Expect.Target, "/")
	best, most := eye{}, 0.0
	for _, name := range slices.Sorted(maps.Keys(s.Feeds)) {
		f := s.Feeds[name].Last
		if f.Table != table {
			continue
		}
		v := eye{what: "feed", name: name, target: goalOf(f.Table, f.Index), signal: "feed_throttle_share", kind: effect.Share}
		sum := 0.0
		for _, p := range s.Get(history.FeedThrottled, v.target, name).Window(c.Settled.Add(-2*time.Minute).Unix(), c.Settled.Unix()) {
			sum += p.V
		}
		if sum > most {
			best, most = v, sum
		}
	}
	return best
}

// refusedProbe is a probe on the change's table that was refused of late.
func refusedProbe(s *history.State, c *history.Change) eye {
	table, _, _ := strings.Cut(c.Plan.Expect.Target, "/")
	for _, name := range slices.Sorted(maps.Keys(s.Probes)) {
		p := s.Probes[name].Last
		if p.Table != table || p.NoData() {
			continue
		}
		v := eye{what: "probe", name: name, target: goalOf(p.Table, p.Index), signal: history.ProbeThrottled, kind: effect.Share}
		for _, pt := range s.Get(v.signal, v.target, name).Window(c.Settled.Add(-2*time.Minute).Unix(), c.Settled.Unix()) {
			if pt.V > 0 {
				return v
			}
		}
	}
	return eye{}
}

// worstEye is the feed or probe on the change's table that is furthest above its usual level; none where none is.
func worstEye(s *history.State, c *history.Change, what string, names ...string) eye {
	table, _, _ := strings.Cut(c.Plan.Expect.Target, "/")
	best, most := eye{}, 1/(1-leastMove)
	for _, name := range names {
		for _, at := range targetsOf(s, table) {
			for _, op := range opsOf(s, name, at) {
				now, usual, ok := risen(s, history.SeriesKey{Signal: name, Target: at, Op: op}, c.Settled)
				if times := now / max(usual, 1e-6); ok && times > most {
					best, most = eye{what: what, name: op, target: at, signal: name, kind: kindOf(s, name)}, times
				}
			}
		}
		if best.known() {
			return best
		}
	}
	return best
}

// samples returns what the eye saw in [from, to). A feed's counts carry the end of the interval they were counted over;
// what counts here is its beginning.
func (v eye) samples(s *history.State, from, to time.Time) []effect.Sample {
	k := history.SeriesKey{Signal: v.signal, Target: v.target, Op: v.name}
	if !v.feed() {
		out := valuesOf(s, k, from, to)
		if v.also != "" && v.also != v.target {
			k.Target = v.also
			out = append(out, valuesOf(s, k, from, to)...)
		}
		return out
	}
	name := v.signal
	if share, ok := shares[name]; ok {
		name = share.of
	}
	sr := s.Get(name, v.target, v.name)
	if sr == nil {
		return nil
	}
	step := time.Duration(sr.Period) * time.Second
	out := valuesOf(s, k, from.Add(step), to.Add(step))
	for i := range out {
		out[i].T = out[i].T.Add(-step)
	}
	return out
}

// valuesOf returns the known values of a signal in [from, to). A share of a feed's counts is worked out here, with the
// attempts behind each of its seconds.
func valuesOf(s *history.State, k history.SeriesKey, from, to time.Time) []effect.Sample {
	share, ok := shares[k.Signal]
	if !ok {
		return samplesOf(s.Get(k.Signal, k.Target, k.Op), from, to, 1)
	}
	of, part := s.Get(share.of, k.Target, k.Op), s.Get(share.part, k.Target, k.Op)
	var out []effect.Sample
	for _, a := range of.Window(from.Unix(), to.Unix()) {
		n, ok := part.At(a.T)
		if ok && a.V > 0 {
			out = append(out, effect.Sample{T: time.Unix(a.T, 0), V: min(1, n/a.V), W: a.V * float64(of.Period)})
		}
	}
	return out
}

// samplesOf turns points into samples of one weight.
func samplesOf(sr *history.Series, from, to time.Time, w float64) []effect.Sample {
	points := sr.Window(from.Unix(), to.Unix())
	out := make([]effect.Sample, 0, len(points))
	for _, p := range points {
		out = append(out, effect.Sample{T: time.Unix(p.T, 0), V: p.V, W: w})
	}
	return out
}

// demand is the load that was offered around a change: a client's calls where a feed counts them, else what
// the table was asked for, retries included. Of slow requests it is their number: they are not refused.
func demand(s *history.State, c *history.Change, v eye, now time.Time) effect.Demand {
	from, at, to := c.Settled.Add(-10*time.Minute), c.Settled, now.Add(time.Second)
	if onset := s.Incident.Onset; onset.After(from) && onset.Before(at) {
		from = onset // the calm before the trouble is not what the change met
	}
	if v.feed() {
		calls := s.Get(history.FeedCalls, v.target, v.name)
		return effect.Demand{Before: samplesOf(calls, from, at, 1), After: samplesOf(calls, at, to, 1)}
	}
	side := "write"
	if x := c.Plan.Expect; strings.HasPrefix(x.Signal, "read_") || strings.HasSuffix(c.Plan.What, ".read") || diagnose.ReadOp(x.Op) {
		side = "read"
	}
	target := c.Plan.Expect.Target
	if target == "" { // a consumer's lag has no table among its dimensions
		target = c.Plan.Target
	}
	whole := at.Add(time.Second - time.Minute)                                     // the minute in which the change came is on neither side
	to = now.Add(-4 * time.Minute)                                                 // a minute's sum is complete three minutes after its end: not before is it demand
	if x := c.Plan.Expect; x.Op != "" && strings.HasPrefix(x.Signal, "latency_") { // units say how large the items are as well
		asked := s.Get("requests", target, x.Op)
		return effect.Demand{Before: samplesOf(asked, from, whole, 1), After: samplesOf(asked, at, to, 1)}
	}
	used := s.Get("consumed_"+side, target, "")
	refused := s.Get(side+"_throttles", target, "")
	d := effect.Demand{Attempts: true, ServedBefore: samplesOf(used, from, whole, 1), ServedAfter: samplesOf(used, at, to, 1)}
	offered := func(served []effect.Sample) []effect.Sample {
		out := append([]effect.Sample(nil), served...)
		for i := range out {
			r, _ := refused.At(out[i].T.Unix())
			out[i].V += r
		}
		return out
	}
	d.Before, d.After = offered(d.ServedBefore), offered(d.ServedAfter)
	return d
}

// harmSeries finds a harm signal: of the eye's own client where it has one, else of the change's target.
func harmSeries(s *history.State, c *history.Change, v eye, name string) *history.Series {
	if v.feed() && strings.HasPrefix(name, "feed_") {
		return s.Get(name, v.target, v.name)
	}
	return signal.Series(s, name, c.Plan.Expect.Target, "")
}

func middle(list []effect.Sample) float64 {
	if len(list) == 0 {
		return 0
	}
	v := make([]float64, len(list))
	for i, x := range list {
		v[i] = x.V
	}
	sort.Float64s(v)
	return v[len(v)/2]
}

func goalOf(table, index string) string {
	if index == "" {
		return table
	}
	return table + "/" + index
}
