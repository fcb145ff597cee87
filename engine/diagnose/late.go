package diagnose

import (
	"fmt"

	"github.com/ddbloop/ddbloop/history"
)

// client looks for callers that suffer while the service answers rightly and in time.
func (f *facts) client() string {
	for i := range f.clients {
		c := &f.clients[i]
		if c.feed != nil && c.feed.throttled > 0 || f.refusedNow(c.Table) != "" {
			continue // a caller that is refused suffers from a limit, not from itself
		}
		if c.feed != nil && c.Success > 0 && c.feed.calls > 0 && c.feed.failed/c.feed.calls > 3*(1-c.Success) && c.feed.badSeconds >= 5 {
			return fmt.Sprintf("%.2f %% of %s's calls fail while DynamoDB refuses nothing", 100*c.feed.failed/c.feed.calls, c.Name)
		}
		if c.feed == nil && c.Success > 0 && c.errorsm.minutes >= 2 && c.callsm.now > 0 && c.errorsm.least/c.callsm.now > 3*(1-c.Success) {
			return fmt.Sprintf("%.2f %% of %s's calls fail while DynamoDB refuses nothing", 100*c.failing(), c.Name)
		}
		if text, late := f.late(c); late && f.heavierOn(c.Table) == "" {
			switch server := f.serverOf(c); {
			case server.flat:
				return text + ", while " + server.text
			case !server.slow && !c.tailOnly():
				return text + "; what the server's part is, CloudWatch has yet to say"
			}
		}
	}
	return ""
}

// lateTail is a caller whose slowest calls alone have become slow: at the server as well, or nobody knows yet.
func (f *facts) lateTail() string {
	for i := range f.clients {
		c := &f.clients[i]
		text, late := f.late(c)
		if !late || c.feed != nil && c.feed.throttled > 0 {
			continue
		}
		switch server := f.serverOf(c); {
		case server.slow:
			return text + ", and " + server.text
		case !server.flat:
			return text + ", its median is flat; whether it is the server or the way, CloudWatch has yet to say"
		}
	}
	return ""
}

// late reports whether a caller's own latency is above its objective, or far above its usual level.
func (f *facts) late(c *client) (string, bool) {
	if c.feed != nil && c.p99.n >= 5 {
		if c.p50.risen(slowTimes, 5) && c.p99.risen(2, 5) {
			return fmt.Sprintf("%s's median is %.1f ms, usually %.1f ms", c.Name, c.p50.now, c.p50.usual), true
		}
		switch limit := lateLimit(c); {
		case limit == 0 || c.p99.now <= limit:
		case c.P99 > 0:
			return fmt.Sprintf("%s's p99 is %.0f ms, its objective %.0f ms", c.Name, c.p99.now, history.Millis(c.P99)), true
		default:
			return fmt.Sprintf("%s's p99 is %.0f ms, usually %.0f ms", c.Name, c.p99.now, c.p99.usual), true
		}
		return "", false
	}
	p99 := c.p99m
	switch {
	case c.P99 > 0 && p99.minutes >= 2 && p99.least > 1.2*history.Millis(c.P99):
		return fmt.Sprintf("%s's p99 is %.0f ms, its objective %.0f ms", c.Name, p99.now, history.Millis(c.P99)), true
	case c.PFactor > 0 && p99.risen(1.2*c.PFactor, 5), p99.risen(slowTimes, 5) && c.p50m.risen(2, 3):
		return fmt.Sprintf("%s's p99 is %.0f ms, usually %.0f ms", c.Name, p99.now, p99.usual), true
	}
	return "", false
}

// inTime reports whether a caller that is known to make an operation meets its objective now: what its slowest requests take then
// is within what the team has agreed to.
func (f *facts) inTime(table, op string) bool {
	met := false
	for i := range f.clients {
		c := &f.clients[i]
		if c.Table != table || c.Op != op {
			continue
		}
		switch limit := lateLimit(c); {
		case c.feed != nil && c.p99.n >= 5 && limit > 0:
			met = c.p99.now <= limit
		case c.P99 > 0 && c.p99m.known():
			met = c.p99m.now <= history.Millis(c.P99)
		case c.PFactor > 0 && c.p99m.known():
			met = c.p99m.now <= c.PFactor*c.p99m.usual
		default:
			return false // of this one nobody knows
		}
		if !met {
			return false
		}
	}
	return met
}

// sideUnknown reports whether a caller is late and nobody knows yet on which side.
func (f *facts) sideUnknown() bool {
	for i := range f.clients {
		if _, late := f.late(&f.clients[i]); late {
			if s := f.serverOf(&f.clients[i]); !s.flat && !s.slow {
				return true
			}
		}
	}
	return false
}

// lateLimit is the p99 in ms above which a feed's caller misses its objective; 0 = none is known.
func lateLimit(c *client) float64 {
	switch {
	case c.P99 > 0:
		return 1.2 * history.Millis(c.P99)
	case c.PFactor > 0 && c.p99.past >= secondsLeast:
		return max(5, 1.2*c.PFactor*c.p99.usual)
	}
	return 0
}

// tailOnly reports whether only a caller's slowest calls have become slower: its median has not.
func (c *client) tailOnly() bool {
	if c.feed != nil && c.p50.past >= secondsLeast {
		return c.p50.now < 1.3*c.p50.usual+0.5
	}
	return c.p50m.known() && c.p50m.now < 1.3*c.p50m.usual+0.5
}

// serverSide is what is known of the service's part in a caller's latency.
type serverSide struct {
	flat, slow bool // neither: not known yet
	text       string
}

// serverOf says whether the service was as fast as ever while a caller was slow. CloudWatch's minutes say so of the time that
// they cover, which is minutes ago; a probe of the same table or index says so now, of reads, and of most requests rather than of the
// slowest few.
func (f *facts) serverOf(c *client) serverSide {
	if t := f.trafficOf(c.Table); f.metrics.fresh {
		flat, until, th := true, int64(0), f.th.Of(c.Table)
		for _, o := range t.ops {
			if o.p50.quick(th.SlowFactor, th.SlowFloor) || o.p99.quick(th.SlowFactor, th.SlowFloor) {
				return serverSide{slow: true, text: o.name + " is slower at the server than usual"}
			}
			if !o.p99.known() {
				continue
			}
			if until == 0 || o.p99.last+60 < until {
				until = o.p99.last + 60
			}
			flat = flat && o.p50.quiet(th.SlowFactor, th.SlowFloor) && o.p99.quiet(th.SlowFactor, th.SlowFloor)
		}
		if flat && until > 0 && f.lateBefore(c, until) {
			return serverSide{flat: true, text: "the server side is flat"}
		}
	}
	if c.tailOnly() {
		return serverSide{}
	}
	for i := range f.probes {
		if p := &f.probes[i]; p.fresh && !p.noData && p.target == c.target && p.server.n >= 5 && p.server.past >= secondsLeast && p.server.now < 1.5*p.server.usual+1 {
			return serverSide{flat: true, text: fmt.Sprintf("the server answers probe %s in %.1f ms as ever", p.name, p.server.now)}
		}
	}
	return serverSide{}
}

// lateBefore reports whether a caller was late already in the two minutes before an instant.
func (f *facts) lateBefore(c *client, end int64) bool {
	if c.feed == nil {
		return true // its own metrics are of the same minutes
	}
	limit, name := lateLimit(c), history.FeedP99
	if c.p50.risen(slowTimes, 5) {
		limit, name = max(5, slowTimes*c.p50.usual), history.FeedP50
	}
	late, seen := 0, f.s.Get(name, c.feed.target, c.Name).Window(end-120, end)
	for _, p := range seen {
		if p.V > limit {
			late++
		}
	}
	return limit > 0 && len(seen) >= 5 && 10*late > 9*len(seen)
}

// quick is risen in the two newest minutes alone.
func (l level) quick(factor, floor float64) bool {
	return l.known() && min(l.newest, l.before) > max(floor, factor*l.usual)
}

// quiet reports whether neither of the two newest minutes has risen.
func (l level) quiet(factor, floor float64) bool {
	return l.known() && max(l.newest, l.before) <= max(floor, factor*l.usual)
}

// serverFlat reports whether no operation is slower at the server than usual.
func (f *facts) serverFlat() bool {
	for i := range f.tables {
		for _, o := range f.tables[i].ops {
			if o.p50.risen(slowTimes, 0) {
				return false
			}
		}
	}
	return f.metrics.fresh
}
