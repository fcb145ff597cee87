package metric

import (
	"sort"
	"strings"
	"time"

	"github.com/ddbloop/ddbloop/engine/signal"
	"github.com/ddbloop/ddbloop/history"
	"github.com/ddbloop/ddbloop/tui/chart"
)

// Lines returns the lines of a State in order: what callers meet, refusals, loads against their limits,
// latencies, probes, errors; each for every table and index. The order depends on names only,
// so that a line never jumps while someone reads it.
func Lines(s *history.State, now time.Time, window time.Duration) []*Line {
	b := &builder{s: s}
	goals := targets(s)
	for _, t := range goals {
		b.feeds(t)
		b.own(t)
	}
	for _, t := range goals {
		b.throttles(t)
	}
	for _, t := range goals {
		b.load(t, "write")
		b.load(t, "read")
	}
	for _, t := range goals {
		b.latencies(t)
		b.probes(t)
	}
	for _, t := range goals {
		b.errors(t)
	}
	b.add(Line{Name: "user errors", Target: "account", Unit: "/s", judge: refusals}, "user_errors", "", "")
	for _, l := range b.out {
		l.read(now, window)
	}
	return b.out
}

type builder struct {
	s   *history.State
	out []*Line
}

// add appends a line for a signal if the State knows it.
func (b *builder) add(l Line, name, target, op string) *Line {
	l.Series = signal.Series(b.s, name, target, op)
	if l.Series == nil {
		return nil
	}
	for i, ago := range []time.Duration{history.Yesterday, history.LastWeek} {
		l.Before[i] = b.s.Baseline(name, target, op, ago)
	}
	l.Key = history.SeriesKey{Signal: name, Target: target, Op: op}.String()
	b.out = append(b.out, &l)
	return &l
}

// targets lists tables in the session's order, each followed by its indexes, then what else has series.
func targets(s *history.State) []string {
	seen, extra := map[string]bool{"": true}, map[string]bool{}
	var out []string
	put := func(t string) {
		if !seen[t] {
			seen[t] = true
			out = append(out, t)
		}
	}
	for _, sr := range s.Series {
		extra[sr.Key.Target] = true
	}
	rest := make([]string, 0, len(extra))
	for t := range extra {
		rest = append(rest, t)
	}
	sort.Strings(rest)
	for _, table := range s.Session.Tables {
		put(table)
		for _, t := range rest {
			if strings.HasPrefix(t, table+"/") {
				put(t)
			}
		}
	}
	for _, t := range rest {
		put(t)
	}
	return out
}

func (b *builder) throttles(target string) {
	for _, side := range []string{"write", "read"} {
		b.add(Line{Name: side + " throttles", Target: target, Unit: "/s", judge: refusals}, side+"_throttles", target, "")
		for _, cause := range []string{"keyrange", "provisioned", "cap", "account"} {
			name := side + "_" + cause + "_throttles"
			if l := b.add(Line{Name: side + " " + cause + " throttles", Short: side + " " + cause, Target: target, Unit: "/s", judge: refusals}, name, target, ""); l != nil && len(l.Series.Points) == 0 {
				b.out = b.out[:len(b.out)-1]
			}
		}
	}
	for _, op := range signal.Ops(b.s, "throttled_requests", target) {
		b.add(Line{Name: op + " throttled requests", Short: op + " throttled", Target: target, Unit: "/s", judge: refusals}, "throttled_requests", target, op)
	}
}

func (b *builder) load(target, side string) {
	l := b.add(Line{Name: "consumed " + side, Target: target, Unit: "units/s", Agg: chart.Mean, judge: load}, "consumed_"+side, target, "")
	if l == nil {
		return
	}
	if most := maximum(b.s, target, side); most > 0 {
		l.Goal = float64(most)
	} else if limit := b.s.Get(side+"_limit", target, ""); limit != nil {
		l.Cap = limit
	}
}

// maximum is the cap that someone has set on an on-demand table or index; 0 = none.
func maximum(s *history.State, target, side string) int64 {
	name, index, _ := strings.Cut(target, "/")
	t := s.Tables[name]
	if t == nil || t.Snap == nil || t.Snap.Mode != "on_demand" {
		return 0
	}
	th := t.Snap.Throughput
	for _, i := range t.Snap.Indexes {
		if i.Name == index {
			th = i.Throughput
		}
	}
	if side == "read" {
		return th.MaxRead
	}
	return th.MaxWrite
}

func (b *builder) latencies(target string) {
	for _, op := range signal.Ops(b.s, "latency_p99", target) {
		l := b.add(Line{Name: op + " p99", Target: target, Unit: "ms", judge: slow}, "latency_p99", target, op)
		if l != nil {
			l.Second = b.s.Get("latency_p50", target, op)
		}
	}
}

func (b *builder) probes(target string) {
	for _, op := range signal.Ops(b.s, history.ProbeOK, target) {
		failing := func(l *Line, pts []history.Point) State {
			if p, ok := b.s.Get(history.ProbeOK, target, op).Last(); ok && p.V == 0 {
				return Crit
			}
			return slow(l, pts)
		}
		b.add(Line{Name: "probe " + op, Target: target, Unit: "ms", judge: failing}, history.ProbeLatency, target, op)
		if l := b.add(Line{Name: "probe " + op + " throttled", Target: target, Unit: "", judge: refusals}, history.ProbeThrottled, target, op); l != nil {
			l.Unit = "%"
		}
	}
}

func (b *builder) feeds(target string) {
	for _, op := range signal.Ops(b.s, history.FeedCalls, target) {
		c := client(b.s, op)
		name := func(what string) Line { return Line{Name: op + " " + what, Target: target} }
		put := func(signalName, what, unit string, agg chart.Agg, goal float64, judge func(*Line, []history.Point) State) {
			l := name(what)
			l.Unit, l.Agg, l.Goal, l.judge = unit, agg, goal, judge
			b.add(l, signalName, target, op)
		}
		put(history.FeedThrottled, "throttled", "/s", chart.Max, 0, refusals)
		put(history.FeedP99, "p99", "ms", chart.Max, history.Millis(c.P99), slow)
		put("feed_success", "success", "%", chart.Min, c.Success, success)
		put(history.FeedCalls, "calls", "/s", chart.Mean, 0, nil)
	}
}

// own adds the signals that the team has named itself, and what callers publish.
func (b *builder) own(target string) {
	for _, o := range b.s.Session.Signals {
		if o.Target == target {
			l := Line{Name: strings.ReplaceAll(o.Name, "_", " "), Target: target, Unit: o.Unit, Agg: chart.Max}
			if o.Unit == "ms" {
				l.judge = slow
			}
			b.add(l, o.Name, target, "")
		}
	}
	for _, op := range signal.Ops(b.s, "client_latency_p99", target) {
		l := b.add(Line{Name: op + " published p99", Target: target, Unit: "ms", Goal: history.Millis(client(b.s, op).P99), judge: slow}, "client_latency_p99", target, op)
		if l != nil {
			l.Second = b.s.Get("client_latency_p50", target, op)
		}
	}
	for _, op := range signal.Ops(b.s, "client_errors", target) {
		b.add(Line{Name: op + " published errors", Target: target, Unit: "/s", judge: refusals}, "client_errors", target, op)
	}
}

func client(s *history.State, name string) history.Client {
	for _, c := range s.Session.Clients {
		if c.Name == name {
			return c
		}
	}
	return history.Client{}
}

func (b *builder) errors(target string) {
	for _, op := range signal.Ops(b.s, "system_errors", target) {
		b.add(Line{Name: op + " system errors", Target: target, Unit: "/s", judge: refusals}, "system_errors", target, op)
	}
	b.add(Line{Name: "conditional failures", Target: target, Unit: "/s"}, "conditional_failures", target, "")
	b.add(Line{Name: "transaction conflicts", Target: target, Unit: "/s"}, "transaction_conflicts", target, "")
}
