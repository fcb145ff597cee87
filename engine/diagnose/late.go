package diagnose

import (
	"fmt"
	"slices"

	"github.com/ddbloop/ddbloop/history"
)

// client looks for callers that suffer while the service answers rightly and in time.
func (f *facts) client() string {
	for i := range f.clients {
		c := &f.clients[i]
		if c.feed != nil && c.feed.throttled > 0 || f.refusedNow(c.Table) != "" {
			continue // a caller that is refused suffers from a limit, not from itself
		}
		if c.misses() {
			return fmt.Sprintf("%.2f %% of %s's calls fail while DynamoDB refuses nothing", 100*c.feed.failed/c.feed.calls, c.Name)
		}
		if c.feed == nil && c.Success > 0 && c.errorsm.minutes >= 2 && c.callsm.now > 0 && c.errorsm.least/c.callsm.now > 3*(1-c.Success) {
			return fmt.Sprintf("%.2f %% of %s's calls fail while DynamoDB refuses nothing", 100*c.failing(), c.Name)
		}
		if text, late := f.late(c); late && f.heavierOn(c.Table) == "" {
			switch server, again := f.serverOf(c), f.askingAgain(c.Table); {
			case server.flat:
				return text + ", while " + server.text
			case !server.slow && again != "":
				return text + ", and " + again
			case !server.slow && !c.tailOnly():
				return text + "; what the server's part is, CloudWatch has yet to say"
			}
		}
	}
	return ""
}

// misses reports whether a feed shows more failed calls than its caller's objective allows, thrice over and in seconds running.
func (c *client) misses() bool {
	return c.feed != nil && c.Success > 0 && c.feed.calls > 0 && c.feed.failed/c.feed.calls > 3*(1-c.Success) && c.feed.badSeconds >= 5
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
		case !server.flat && f.askingAgain(c.Table) == "":
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
	case c.P99 > 0 && p99.minutes >= 2 && p99.least > c.margin*history.Millis(c.P99):
		return fmt.Sprintf("%s's p99 is %.0f ms, its objective %.0f ms", c.Name, p99.now, history.Millis(c.P99)), true
	case c.PFactor > 0 && p99.risen(c.margin*c.PFactor, 5), p99.risen(slowTimes, 5) && c.p50m.risen(2, 3):
		return fmt.Sprintf("%s's p99 is %.0f ms, usually %.0f ms", c.Name, p99.now, p99.usual), true
	}
	return "", false
}

// inTime reports whether every caller that is known to make an operation meets its objective now: what its slowest requests take
// then is within what the team has agreed to.
func (f *facts) inTime(table, op string) bool {
	asked := false
	for i := range f.clients {
		c := &f.clients[i]
		if c.Table != table || c.Op != op {
			continue
		}
		if met, known := c.meets(); !known || !met {
			return false
		}
		asked = true
	}
	return asked
}

// meets reports whether a caller's p99 is within its objective, and whether that is known at all.
func (c *client) meets() (met, known bool) {
	switch limit := lateLimit(c); {
	case c.feed != nil && c.p99.n >= 5 && limit > 0:
		return c.p99.now <= limit, true
	case c.P99 > 0 && c.p99m.known():
		return c.p99m.now <= history.Millis(c.P99), true
	case c.PFactor > 0 && c.p99m.known():
		return c.p99m.now <= c.PFactor*c.p99m.usual, true
	}
	return false, false
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

// beyond is how far above its objective a caller's p99 must be to be called late. While its lateness is the trouble it must come back
// below the objective itself, or the verdict would go to and fro with each ten seconds.
const beyond = 1.2

// lateLimit is the p99 in ms above which a feed's caller misses its objective; 0 = none is known.
func lateLimit(c *client) float64 {
	switch {
	case c.P99 > 0:
		return c.margin * history.Millis(c.P99)
	case c.PFactor > 0 && c.p99.past >= secondsLeast:
		return max(5, c.margin*c.PFactor*c.p99.usual)
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

// added is by how many ms the median of a caller's calls has grown.
func (c *client) added() float64 {
	if c.feed != nil {
		return c.p50.now - c.p50.usual
	}
	return c.p50m.now - c.p50m.usual
}

// lateSince is the first second, or minute where no feed tells, of the run of late ones that reaches the present; five minutes back
// at most.
func (f *facts) lateSince(c *client) int64 {
	now := f.now.Unix() + 1
	sr, limit := f.s.Get("client_latency_p99", c.target, c.Name), c.margin*history.Millis(c.P99)
	if limit == 0 {
		limit = max(5, slowTimes*c.p99m.usual)
	}
	if c.feed != nil {
		var name string
		limit, name = c.lateIn()
		sr = f.s.Get(name, c.feed.target, c.Name)
	}
	since := now
	for _, p := range slices.Backward(sr.Window(now-300, now)) {
		if p.V <= limit && since < now-2*sr.Period {
			break
		}
		if p.V > limit {
			since = p.T
		}
	}
	return since
}

// lateIn is the limit above which a second of a feed is late, and the series that tells.
func (c *client) lateIn() (limit float64, name string) {
	if c.p50.risen(slowTimes, 5) {
		return max(5, slowTimes*c.p50.usual), history.FeedP50
	}
	return lateLimit(c), history.FeedP99
}

// lateBefore reports whether a caller was late already in the two minutes before an instant.
func (f *facts) lateBefore(c *client, end int64) bool {
	if c.feed == nil {
		return true // its own metrics are of the same minutes
	}
	limit, name := c.lateIn()
	late, seen := 0, f.s.Get(name, c.feed.target, c.Name).Window(end-120, end)
	for _, p := range seen {
		if p.V > limit {
			late++
		}
	}
	return limit > 0 && len(seen) >= 5 && 10*late > 9*len(seen)
}
