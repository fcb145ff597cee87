package diagnose

import (
	"maps"
	"slices"
	"time"

	"github.com/ddbloop/ddbloop/engine/signal"
	"github.com/ddbloop/ddbloop/history"
)

// facts is what the State says about now, gathered once for all verdicts.
type facts struct {
	now       time.Time
	th        Thresholds
	s         *history.State
	resources []resource
	feeds     []feedFacts
	probes    []probeFacts
	metrics   metricFacts
	tables    []traffic
	clients   []client
	levels    map[history.SeriesKey]level // worked out since CloudWatch last answered
	memory    *Assessor
}

// resource is a table or one of its indexes, with its two sides.
type resource struct {
	target, table string
	index         bool
	onDemand      bool
	building      bool       // an index that is being created
	warm          [2]float64 // units per second that it takes at once, as DescribeTable says; 0 = not known
	sides         [2]side    // read, write
}

// side is the last five published minutes of one side of a resource; rates are means over the minutes
// that had throttles, or over all of them where none had.
type side struct {
	name           string
	limit          float64 // provisioned units per second; 0 = none or not known
	consumed, util float64 // mean of the last three minutes
	peak           float64 // the highest of them over the limit: a minute of burst shows here
	throttles      float64
	cause          [4]float64 // provisioned, keyrange, cap, account
	bad            int        // minutes with throttles, of the last five
	last           int64      // start of the newest minute with throttles
	share          float64    // throttled over throttled and consumed
	each           float64    // units that one request takes; 0 = not known
	served         float64    // highest minute of used units per second, of those with throttles
	wanted         float64    // units per second that callers ask for by their feeds, without repeats; 0 where none is refused
	repeated       float64    // part of the refusals that only repeat a call, as feeds tell; 0 where none does
	full           float64    // what is served over what was warm at the same time, the highest; 0 = not known. A ceiling that climbs is higher now
}

var causes = [4]string{"provisioned", "keyrange", "cap", "account"}

type metricFacts struct {
	fresh  bool
	newest int64  // start of the newest published minute
	why    string // it is not fresh
	blind  string // what keeps calm from being claimed though it is fresh
}

type feedFacts struct {
	name, target                       string
	fresh                              bool
	attempts, throttled, calls, failed float64 // sums over ProbeFresh
	seconds                            int     // seconds with refused attempts
	badSeconds, slowSeconds            int     // seconds with failed calls; seconds whose p99 is known
	p99                                float64
}

type probeFacts struct {
	name, target, op               string
	fresh                          bool
	noData                         bool // it knows the way alone
	silent                         int  // the newest answers in a row that were none: no word of the service's own
	hung                           int  // the same, where connections are made and requests sent: the way is open, no answer comes
	total, ok, throttled, server5x int
	code                           string
	class                          history.CodeClass
	reasons                        []history.Reason

	server, units, pages, examined, connect seconds
}

func gather(s *history.State, now time.Time, th Thresholds, memory *Assessor) *facts {
	f := &facts{now: now, th: th, s: s, memory: memory}
	f.metrics = f.gatherMetrics()
	f.levels = memory.recall(f)
	for _, name := range s.Session.Tables {
		t := s.Tables[name]
		f.resources = append(f.resources, f.resource(name, name, false, t))
		if t == nil || t.Snap == nil {
			continue
		}
		for _, i := range t.Snap.Indexes {
			f.resources = append(f.resources, f.resource(name+"/"+i.Name, name, true, t))
		}
	}
	if f.metrics.fresh {
		f.metrics.blind = f.unasked()
	}
	for _, t := range s.Session.Tables {
		f.tables = append(f.tables, f.traffic(t))
	}
	for _, name := range slices.Sorted(maps.Keys(s.Feeds)) {
		f.feeds = append(f.feeds, f.feed(name, s.Feeds[name]))
	}
	for _, name := range slices.Sorted(maps.Keys(s.Probes)) {
		f.probes = append(f.probes, f.probe(name, s.Probes[name]))
	}
	for _, c := range s.Session.Clients {
		f.clients = append(f.clients, f.caller(c))
	}
	f.fill()
	return f
}

func (f *facts) gatherMetrics() metricFacts {
	m := metricFacts{}
	for _, t := range f.s.Session.Tables {
		for _, name := range [2]string{"consumed_read", "consumed_write"} {
			if p, ok := f.s.Get(name, t, "").Last(); ok {
				m.newest = max(m.newest, p.T)
			}
		}
	}
	src := f.s.Sources["cloudwatch"]
	switch {
	case src == nil || src.LastOK.IsZero():
		m.why = "CloudWatch has not answered yet"
		if src != nil && src.Text != "" {
			m.why = "CloudWatch " + src.State + ": " + src.Text
		}
	case src.State != "ok" && f.now.Sub(src.LastOK) > 2*time.Minute:
		m.why = "CloudWatch " + src.State + ": " + src.Text
	case m.newest == 0:
		m.why = "CloudWatch has no data of these tables"
	case f.now.Sub(time.Unix(m.newest+60, 0)) > f.th.MetricFresh:
		m.why = "CloudWatch's newest minute closed " + f.now.Sub(time.Unix(m.newest+60, 0)).Round(time.Second).String() + " ago"
	default:
		m.fresh = true
	}
	return m
}

// unasked names a side whose refusals CloudWatch has said nothing of in the last five published minutes:
// while it is silent there, calm is not known.
func (f *facts) unasked() string {
	end := f.metrics.newest + 60
	for i := range f.resources {
		if f.resources[i].building {
			continue // its series begin with its first writes
		}
		for _, side := range [2]string{"read", "write"} {
			if target := f.resources[i].target; len(f.s.Get(side+"_throttles", target, "").Window(end-300, end+120)) == 0 {
				return "CloudWatch has not said whether " + side + "s of " + target + " are refused"
			}
		}
	}
	return ""
}

func (f *facts) resource(target, table string, index bool, t *history.Table) resource {
	r := resource{target: target, table: table, index: index}
	if t != nil && t.Snap != nil {
		r.onDemand = t.Snap.Mode == "on_demand"
		th := t.Snap.Throughput
		for _, i := range t.Snap.Indexes {
			if index && table+"/"+i.Name == target {
				th, r.building = i.Throughput, i.Status == "CREATING" || i.Backfilling
			}
		}
		r.warm = [2]float64{float64(th.WarmRead), float64(th.WarmWrite)}
	}
	for i, name := range [2]string{"read", "write"} {
		r.sides[i] = f.side(name, target)
	}
	return r
}

func (f *facts) side(name, target string) side {
	d := side{name: name}
	end := f.metrics.newest + 60
	if limit := f.s.Get(name+"_limit", target, ""); limit != nil {
		d.limit = signal.StepAt(limit, f.now.Unix())
	}
	used := f.s.Get("consumed_"+name, target, "").Window(end-180, end)
	for _, p := range used {
		d.consumed += p.V / float64(len(used))
		if d.limit > 0 {
			d.peak = max(d.peak, p.V/d.limit)
		}
	}
	if d.limit > 0 {
		d.util = d.consumed / d.limit
	}
	events := f.s.Get(name+"_throttles", target, "").Window(end-300, end+120)
	for _, p := range events {
		if p.V > 0 {
			d.bad++
			d.throttles += p.V
			d.last = p.T
		}
	}
	if d.bad == 0 {
		return d
	}
	d.throttles /= float64(d.bad)
	d.share = d.throttles / (d.throttles + d.consumed)
	for i, cause := range causes {
		bad := 0 // its newest minute may be published before that of all causes
		for _, p := range f.s.Get(name+"_"+cause+"_throttles", target, "").Window(end-300, end+120) {
			if p.V > 0 {
				bad++
				d.cause[i] += p.V
			}
		}
		d.cause[i] /= float64(max(bad, d.bad))
	}
	return d
}

func (f *facts) feed(name string, feed *history.Feed) feedFacts {
	goal := feed.Last.Table
	if feed.Last.Index != "" {
		goal += "/" + feed.Last.Index
	}
	out := feedFacts{name: name, target: goal, fresh: f.now.Sub(feed.At) <= f.th.ProbeFresh}
	if !out.fresh {
		return out
	}
	to := f.now.Unix() + 1
	from := to - int64(f.th.ProbeFresh/time.Second)
	sum := func(signal string) (total float64, seconds int) {
		sr := f.s.Get(signal, goal, name)
		for _, p := range sr.Window(from, to) {
			total += p.V * float64(sr.Period)
			if p.V > 0 {
				seconds++
			}
		}
		return total, seconds
	}
	out.attempts, _ = sum(history.FeedAttempts)
	out.calls, _ = sum(history.FeedCalls)
	out.failed, out.badSeconds = sum(history.FeedFailed)
	out.throttled, out.seconds = sum(history.FeedThrottled)
	p99 := f.s.Get(history.FeedP99, goal, name).Window(from, to)
	out.p99, out.slowSeconds = median(p99), len(p99)
	return out
}

// reasonsFor is how long the reasons of a refused probe tell which limit is met: until CloudWatch has named the cause.
const reasonsFor = 3 * time.Minute

// cutOff reports whether the probe has not got through for long enough that it is no single lost packet: three times in a row,
// or twice where each has waited its whole time.
func (p *probeFacts) cutOff() bool {
	return p.fresh && (p.silent >= 3 || p.silent == 2 && p.class == history.CodeTimeout)
}

func (f *facts) probe(name string, p *history.Probe) probeFacts {
	goal := p.Last.Table
	if p.Last.Index != "" {
		goal += "/" + p.Last.Index
	}
	every := max(p.Last.Every, p.Last.Next, time.Second)
	out := probeFacts{name: name, target: goal, op: p.Last.Op, noData: p.Last.NoData(), fresh: f.now.Sub(p.At) <= max(f.th.ProbeFresh, 3*every)}
	if !out.fresh {
		return out
	}
	to := f.now.Unix() + 1
	from := to - max(int64(f.th.ProbeFresh/time.Second), 5*int64(every/time.Second))
	for _, pt := range f.s.Get(history.ProbeOK, goal, name).Window(from, to) {
		out.total++
		out.ok += int(pt.V)
		if out.silent++; pt.V > 0 {
			out.silent = 0
		}
	}
	for _, pt := range f.s.Get(history.ProbeThrottled, goal, name).Window(from, to) {
		out.throttled += int(pt.V)
	}
	if f.now.Sub(p.Refused) <= reasonsFor {
		out.reasons = p.Reasons // not every request is refused: which limit it was stands between two that are
	}
	if !p.Last.OK {
		out.code, out.class = p.Last.Code, history.CodeClassOf(p.Last.Code)
		switch out.class {
		case history.CodeDNS, history.CodeNetwork, history.CodeTimeout:
		default:
			out.silent = 0
		}
		if out.class == history.CodeTimeout && p.Last.Wait > 0 && !p.Last.Reused {
			out.silent, out.hung = 0, out.silent
		}
		if out.class == history.CodeServer {
			out.server5x = out.total - out.ok - out.throttled
		}
	}
	get := func(name string) seconds { return f.secondsOf(f.s.Get(name, goal, out.name), to-from) }
	out.server, out.units, out.pages, out.examined = get(history.ProbeServer), get(history.ProbeUnits), get(history.ProbePages), get(history.ProbeExamined)
	out.connect = f.secondsOf(f.s.Get(history.ProbeConnect, goal, out.name), 60)
	return out
}
