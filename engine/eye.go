package engine

import (
	"maps"
	"slices"
	"sort"
	"strings"
	"time"

	"github.com/ddbloop/ddbloop/engine/effect"
	"github.com/ddbloop/ddbloop/engine/signal"
	"github.com/ddbloop/ddbloop/history"
)

// eye is what sees a change's effect within seconds: a client's feed, or one of our own probes.
type eye struct {
	what   string // feed | probe | "" = none
	name   string
	target string
	kind   effect.Kind
}

func (v eye) known() bool { return v.what != "" }
func (v eye) feed() bool  { return v.what == "feed" }

// String names the eye as the sources are named.
func (v eye) String() string { return v.what + ":" + v.name }

func (v eye) signal() string {
	switch {
	case v.kind == effect.Latency:
		return history.ProbeLatency
	case v.feed():
		return "feed_throttle_share"
	}
	return history.ProbeThrottled
}

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

// pickEye takes the feed, else the probe, of the change's table that suffers most from what the change is
// meant to mend.
func pickEye(s *history.State, c *history.Change) eye {
	if kindOf(s, c.Plan.Expect.Signal) == effect.Latency {
		return pickProbe(s, c, history.ProbeLatency, effect.Latency)
	}
	table, _, _ := strings.Cut(c.Plan.Target, "/")
	best, most := eye{}, 0.0
	for _, name := range slices.Sorted(maps.Keys(s.Feeds)) {
		f := s.Feeds[name].Last
		if f.Table != table {
			continue
		}
		v := eye{what: "feed", name: name, target: goalOf(f.Table, f.Index), kind: effect.Share}
		sum := 0.0
		for _, p := range s.Get(history.FeedThrottled, v.target, name).Window(c.Settled.Add(-2*time.Minute).Unix(), c.Settled.Unix()) {
			sum += p.V
		}
		if sum > most {
			best, most = v, sum
		}
	}
	if best.known() {
		return best
	}
	return pickProbe(s, c, history.ProbeThrottled, effect.Share)
}

func pickProbe(s *history.State, c *history.Change, sig string, kind effect.Kind) eye {
	table, _, _ := strings.Cut(c.Plan.Target, "/")
	for _, name := range slices.Sorted(maps.Keys(s.Probes)) {
		p := s.Probes[name].Last
		if p.Table != table || p.NoData() {
			continue
		}
		v := eye{what: "probe", name: name, target: goalOf(p.Table, p.Index), kind: kind}
		for _, pt := range s.Get(sig, v.target, name).Window(c.Settled.Add(-2*time.Minute).Unix(), c.Settled.Unix()) {
			if kind == effect.Latency || pt.V > 0 {
				return v
			}
		}
	}
	return eye{}
}

// samples returns what the eye saw in [from, to).
func (v eye) samples(s *history.State, from, to time.Time) []effect.Sample {
	if !v.feed() {
		return samplesOf(s.Get(v.signal(), v.target, v.name), from, to, 1)
	}
	attempts := s.Get(history.FeedAttempts, v.target, v.name)
	throttled := s.Get(history.FeedThrottled, v.target, v.name)
	var out []effect.Sample
	for _, a := range attempts.Window(from.Unix(), to.Unix()) {
		t, ok := throttled.At(a.T)
		if ok && a.V > 0 {
			out = append(out, effect.Sample{T: time.Unix(a.T, 0), V: min(1, t/a.V), W: a.V * float64(attempts.Period)})
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

// kindOf says how a signal behaves.
func kindOf(s *history.State, name string) effect.Kind {
	sig, _ := signal.In(s, name)
	switch sig.Unit {
	case "ms":
		return effect.Latency
	case "":
		return effect.Share
	}
	return effect.Count
}

// demand is the load that was offered around a change: a client's calls where a feed counts them, else what
// the table was asked for, retries included.
func demand(s *history.State, c *history.Change, v eye, now time.Time) effect.Demand {
	from, at, to := c.Settled.Add(-10*time.Minute), c.Settled, now.Add(time.Second)
	if v.feed() {
		calls := s.Get(history.FeedCalls, v.target, v.name)
		return effect.Demand{Before: samplesOf(calls, from, at, 1), After: samplesOf(calls, at, to, 1)}
	}
	side := "write"
	if strings.HasPrefix(c.Plan.Expect.Signal, "read") || strings.HasSuffix(c.Plan.What, ".read") {
		side = "read"
	}
	used := s.Get("consumed_"+side, c.Plan.Expect.Target, "")
	refused := s.Get(side+"_throttles", c.Plan.Expect.Target, "")
	if onset := s.Incident.Onset.Truncate(time.Minute).Add(time.Minute); onset.After(from) && at.Sub(onset) >= 2*time.Minute {
		from = onset // the calm before the trouble is not what the change met
	}
	to = now.Add(-4 * time.Minute) // a minute's sum is complete three minutes after its end: not before is it demand
	d := effect.Demand{Attempts: true, ServedBefore: samplesOf(used, from, at, 1), ServedAfter: samplesOf(used, at, to, 1)}
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
