package diagnose

import (
	"fmt"
	"time"

	"github.com/ddbloop/ddbloop/history"
)

// Traffic stays away when at most leftOver of it is left. A caller of fewer than leastCalls a second is not missed: its
// silence says little.
const (
	leftOver   = 0.3
	leastCalls = 0.3
	missCalls  = 30.0 // calls that must have been due for their absence to be more than chance
	missWindow = 120  // seconds that may be waited for them
)

// callsOf is how often a feed's caller calls now and usually, in calls per second. What "now" is grows with how seldom it calls.
func (f *facts) callsOf(c *client) (now, usual float64, known bool) {
	if c.feed == nil {
		return 0, 0, false
	}
	sr := f.s.Get(history.FeedCalls, c.feed.target, c.Name)
	end := f.now.Unix() + 1
	calm := f.calmSeconds(sr, end)
	if since := f.believedSince(UpstreamDrop); !since.IsZero() {
		calm = min(calm, since.Unix()-secondsSkip) // what is missing must not become the usual while it is missed
	}
	past := sr.Window(calm-600, calm)
	usual = mean(past)
	if len(past) < secondsLeast || usual <= 0 {
		return 0, 0, false
	}
	span := max(10, 5*sr.Period, int64(missCalls/usual))
	recent := sr.Window(end-span, end)
	return mean(recent), usual, span <= missWindow && len(recent) >= 5
}

// wavers is how long another belief may come between two of a kind without ending it: a minute that CloudWatch has not settled
// yet, say.
const wavers = 2 * time.Minute

// believedSince is since when a kind has been held for the most probable, give or take a wavering; zero when it is not.
func (f *facts) believedSince(kind string) time.Time {
	var since time.Time
	next := f.now
	for i := len(f.s.Beliefs) - 1; i >= 0; i-- {
		b := f.s.Beliefs[i]
		switch {
		case b.Kind == kind:
			since = b.At
		case since.IsZero() || next.Sub(b.At) > wavers:
			return since
		}
		next = b.At
	}
	return since
}

func mean(points []history.Point) float64 {
	sum := 0.0
	for _, p := range points {
		sum += p.V
	}
	return sum / max(1, float64(len(points)))
}

// upstreamDrop is traffic that does not come any more, with nothing refused and nothing failing.
func (f *facts) upstreamDrop(layer string) weighed {
	w := newWeighed(UpstreamDrop, ClientTarget, prior)
	best := 0.0
	text := ""
	note := func(name string, now, usual float64, known bool) {
		if !known || usual < leastCalls || now > leftOver*usual {
			return
		}
		if gone := 1 - now/usual; gone > best {
			best, text = gone, fmt.Sprintf("%s: %s, usually %s", name, rate(now), rate(usual))
		}
	}
	for i := range f.clients {
		c := &f.clients[i]
		now, usual, known := f.callsOf(c)
		note("calls of "+c.Name, now, usual, known)
		note("calls of "+c.Name, c.callsm.now, c.callsm.usual, c.feed == nil && c.callsm.known())
	}
	for i := range f.tables {
		for _, o := range f.tables[i].ops {
			note(o.name+" on "+f.tables[i].table, o.rate.now, o.rate.usual, o.rate.past >= 60 && o.rate.minutes >= 2 && o.rate.usual > 2)
		}
	}
	if best == 0 {
		w.con(strong, "traffic is at its usual level")
		return w
	}
	w.pro(2*clear, text)
	if best > 0.9 {
		w.pro(clear, "almost all of it stays away")
	}
	if len(f.reported("down")) > 0 {
		w.pro(clear, "people say that it is down")
	}
	for _, class := range codeClasses {
		if n, of := f.errorsOf("", class); n >= 3 && n > 0.02*of {
			w.con(strong, fmt.Sprintf("%.0f %% of attempts fail (%s)", 100*n/max(1, of), class))
		}
	}
	switch layer {
	case history.LayerHealthy, history.LayerClient, history.LayerTail:
	default:
		w.con(strong, "layer is "+layer)
	}
	return w
}
