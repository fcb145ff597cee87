package diagnose

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/ddbloop/ddbloop/engine/signal"
	"github.com/ddbloop/ddbloop/history"
)

// dated is when something began, and how finely that is known, both in Unix seconds. at 0 = not known.
type dated struct{ at, grain int64 }

// datesFor is how long a dated beginning stands before it is worked out again; the trouble's own changes end it sooner.
const datesFor = 20 * time.Second

// dates remembers the beginning of the trouble between two looks: dating reads whole series.
type dates struct {
	key   string
	until time.Time
	onset dated
	moved []history.Moved
}

// date fills in when the trouble began and what moved, in the order in which it did.
func (f *facts) date(a *history.Assessed, memory *Assessor) {
	top := history.Hypothesis{Kind: Calm}
	if len(a.Ranked) > 0 && a.Ranked[0].P >= sureEnough {
		top = a.Ranked[0]
	}
	quiet := a.Layer.Verdict == history.LayerHealthy || a.Layer.Verdict == history.LayerUnknown
	if quiet && top.Kind == Calm {
		return
	}
	d := &memory.dates
	if key := a.Layer.Verdict + " " + top.Kind + " " + top.Target; key != d.key || !f.now.Before(d.until) {
		on := f.onset(a.Layer.Verdict, top)
		*d = dates{key: key, until: f.now.Add(datesFor), onset: on, moved: f.moved(on, top)}
	}
	if d.onset.at > 0 {
		a.Onset, a.Grain = time.Unix(d.onset.at, 0).UTC(), time.Duration(d.onset.grain)*time.Second
	}
	a.Moved = d.moved
}

// onset dates the trouble back: refusals by the unbroken run of them that reaches the present, everything else by the change point
// of what speaks for it. Seconds count where a feed or a probe saw it, within the minute that CloudWatch shows.
func (f *facts) onset(layer string, top history.Hypothesis) dated {
	if layer == history.LayerThrottled {
		return f.refusedSince()
	}
	var fine, coarse dated
	for _, sr := range f.telling(layer, top) {
		d := f.changed(sr)
		if d.at == 0 {
			continue
		}
		into := &coarse
		if d.grain < 60 {
			into = &fine
		}
		if into.at == 0 || d.at < into.at {
			*into = d
		}
	}
	if fine.at == 0 {
		return coarse
	}
	return fine // a feed or probe that shows the change saw the calm before it: what moved in some minute long before was not this
}

// telling lists the series in which trouble of a layer and kind shows.
func (f *facts) telling(layer string, top history.Hypothesis) []*history.Series {
	var out []*history.Series
	add := func(name, target, op string) {
		if sr := f.s.Get(name, target, op); sr != nil {
			out = append(out, sr)
		}
	}
	ops := func(names ...string) {
		for _, t := range f.s.Session.Tables {
			for _, name := range names {
				for _, op := range signal.Ops(f.s, name, t) {
					add(name, t, op)
				}
			}
		}
	}
	switch top.Kind {
	case StreamLag:
		for _, op := range signal.Ops(f.s, "iterator_age", "") {
			add("iterator_age", "", op)
		}
		return out
	case ReplicaLag:
		ops("replication_latency")
		return out
	case KinesisCapture:
		ops("kinesis_age", "kinesis_failed", "kinesis_throttled")
		return out
	case TTLStorm:
		add("ttl_deletes", top.Target, "")
		return out
	}
	switch layer {
	case history.LayerService:
		ops("system_errors")
	case history.LayerSlow, history.LayerTail:
		ops("latency_p50", "latency_p99")
	default:
		for _, t := range f.s.Session.Tables {
			add("conditional_failures", t, "")
			add("transaction_conflicts", t, "")
		}
		add("user_errors", "", "")
		if top.Kind == UpstreamDrop {
			ops("requests")
		}
	}
	for i := range f.clients {
		c := &f.clients[i]
		for _, name := range []string{"client_latency_p50", "client_latency_p99", "client_errors", "client_calls"} {
			add(name, c.target, c.Name)
		}
		for _, name := range []string{history.FeedP50, history.FeedP99, history.FeedFailed, history.FeedCalls, history.FeedAttempts} {
			add(name, c.target, c.Name)
		}
	}
	for i := range f.probes {
		for _, name := range []string{history.ProbeServer, history.ProbeOK, history.ProbeUnits, history.ProbePages, history.ProbeExamined} {
			add(name, f.probes[i].target, f.probes[i].name)
		}
	}
	return out
}

// refusedSince is the start of the unbroken run of refusals that reaches the present.
func (f *facts) refusedSince() dated {
	now := f.now.Unix()
	fine := now
	for _, c := range f.feeds {
		fine = min(fine, runStart(f.s.Get(history.FeedThrottled, c.target, c.name), now, 60))
	}
	for _, p := range f.probes {
		fine = min(fine, runStart(f.s.Get(history.ProbeThrottled, p.target, p.name), now, 60))
	}
	coarse := now
	for i := range f.resources {
		for _, d := range f.resources[i].sides {
			if d.bad > 0 {
				coarse = min(coarse, runStart(f.s.Get(d.name+"_throttles", f.resources[i].target, ""), now, 240))
			}
		}
	}
	switch {
	case fine == now && coarse == now:
		return dated{}
	case coarse < fine-60 || fine == now:
		return dated{coarse, 60}
	}
	return dated{fine, 1}
}

// runStart returns the first instant of the run of values above zero that ends within gap of now; now if
// there is none.
func runStart(sr *history.Series, now, gap int64) int64 {
	start := now
	if sr == nil {
		return start
	}
	for i := len(sr.Points) - 1; i >= 0; i-- {
		p := sr.Points[i]
		if start-p.T > gap+sr.Period {
			break
		}
		if p.V > 0 {
			start = p.T
		}
	}
	return start
}

// What a series must have moved by, as a part of its usual level, for its change to be dated; and how many deviations of its
// calm past are no change yet.
const (
	movedBy   = 0.4
	deviation = 3.0
	dateReach = 45 * 60 // seconds that are searched for the change
)

// changed dates the change of a series from its usual level to its present one by a cumulative sum: of all starts, the one from
// which the values stay furthest beyond what the calm past explains. A level that was approached slowly is dated from when it
// left the past's own spread.
func (f *facts) changed(sr *history.Series) dated {
	end := f.now.Unix() + 1
	calm := min(end-skipRecent, f.calmUntil())
	if sr.Period < 60 {
		calm = f.calmSeconds(sr, end)
	}
	past := sr.Window(calm-pastReach, calm)
	if n := len(past); n > 600 {
		past = past[n-600:]
	}
	recent := sr.Window(end-dateReach, end)
	if len(past) < pastLeast || len(recent) < 2 {
		return dated{}
	}
	usual := median(past)
	spread := make([]history.Point, len(past))
	for i, p := range past {
		spread[i].V = math.Abs(p.V - usual)
	}
	noise := 1.48 * median(spread)
	if noise == 0 && usual == 0 { // a count that is zero in most minutes: then the few that are not are its noise
		for _, p := range spread {
			noise += 1.25 * p.V / float64(len(spread))
		}
	}
	now := recent[len(recent)-1].V
	if n := 5; sr.Period < 60 && len(recent) > n {
		now = median(recent[len(recent)-n:])
	}
	step := now - usual
	if math.Abs(step) < max(movedBy*math.Abs(usual), deviation*noise, 1e-6) {
		return dated{}
	}
	slack := max(deviation*noise, 0.1*math.Abs(step))
	best, sum, at := 0.0, 0.0, int64(0)
	for i := len(recent) - 1; i >= 0; i-- {
		beyond := (recent[i].V - usual) / step * math.Abs(step)
		if sum += beyond - slack; sum > best {
			best, at = sum, recent[i].T
		}
	}
	return dated{at, sr.Period}
}

// ours reports whether an operation on a table, "" for any, may be our own probes' alone: that they began is no news.
func (f *facts) ours(table, op string) bool {
	return slices.ContainsFunc(f.probes, func(p probeFacts) bool {
		own, _, _ := strings.Cut(p.target, "/")
		return own == table && (op == "" || p.op == op)
	})
}

// moved lists what changed around the onset, first things first: settings, demand, the size of requests, latency, refusals.
// That something moved first makes it no cause.
func (f *facts) moved(on dated, top history.Hypothesis) []history.Moved {
	if on.at == 0 {
		return nil
	}
	var out []history.Moved
	note := func(at, grain int64, text string) {
		if at > on.at-3600 && at <= f.now.Unix() {
			out = append(out, history.Moved{At: time.Unix(at, 0).UTC(), Grain: time.Duration(grain) * time.Second, Text: text})
		}
	}
	note(on.at, on.grain, "the trouble itself")
	for _, c := range f.s.Calls {
		note(c.At.Unix(), 1, fmt.Sprintf("%s: %s of %s", c.By, c.Text, c.Target))
	}
	for _, e := range f.s.Timeline {
		if e.Lane == "change" && e.Ref == "" {
			note(e.At.Unix(), 1, e.Text)
		}
	}
	table, _, _ := strings.Cut(top.Target, "/")
	for _, t := range f.s.Session.Tables {
		if f.trafficOf(table).table != "" && t != table {
			continue
		}
		for _, x := range []struct{ signal, what string }{{"requests", "requests"}, {"latency_p50", "median latency"}, {"largest_write", "the largest write"}, {"largest_read", "the largest read"}} {
			list := signal.Ops(f.s, x.signal, t)
			if strings.HasPrefix(x.signal, "largest") {
				list = []string{""}
			}
			for _, op := range list {
				if sr := f.s.Get(x.signal, t, op); sr != nil {
					if d := f.changed(sr); d.at > 0 {
						l := f.level(x.signal, t, op)
						if l.usual == 0 && f.ours(t, op) {
							continue
						}
						note(d.at, d.grain, fmt.Sprintf("%s of %s: %.4g, usually %.4g", x.what, strings.TrimSpace(t+" "+op), l.newest, l.usual))
					}
				}
			}
		}
	}
	slices.SortStableFunc(out, func(a, b history.Moved) int { return a.At.Compare(b.At) })
	return out[:min(len(out), 8)]
}
