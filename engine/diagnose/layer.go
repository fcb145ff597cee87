package diagnose

import (
	"fmt"
	"strings"

	"github.com/ddbloop/ddbloop/history"
)

// trouble is positive evidence for one layer: a verdict and the numbers behind it.
type trouble struct {
	verdict, why string
}

// layer returns where in the request path the trouble sits. Positive evidence from any eye gives its
// verdict even when another eye is dark; without trouble, only fresh CloudWatch data may say "healthy".
func (f *facts) layer() trouble {
	if why := f.service(); why != "" {
		return trouble{history.LayerService, why}
	}
	if why := f.throttled(); why != "" {
		return trouble{history.LayerThrottled, why}
	}
	if !f.metrics.fresh {
		if why := f.unreachable(); why != "" {
			return trouble{history.LayerClient, why}
		}
		return trouble{history.LayerUnknown, f.metrics.why + f.whatAnswers()}
	}
	if t := f.slow(); t.verdict != "" {
		return t
	}
	if why := f.client(); why != "" {
		return trouble{history.LayerClient, why}
	}
	if f.metrics.blind != "" {
		return trouble{history.LayerUnknown, f.metrics.blind + f.whatAnswers()}
	}
	return trouble{history.LayerHealthy, f.calmWords()}
}

// service looks for HTTP 500 answers.
func (f *facts) service() string {
	for _, p := range f.probes {
		if p.fresh && p.server5x >= 3 {
			return fmt.Sprintf("%d of the last %d probes of %s were answered with %s", p.server5x, p.total, p.target, p.code)
		}
	}
	if !f.metrics.fresh {
		return "" // what was true when CloudWatch last spoke need not be true now
	}
	end := f.metrics.newest + 60
	for _, t := range f.s.Session.Tables {
		var errs, ok float64
		minutes := map[int64]bool{}
		for _, op := range opsOf(f.s, t) {
			for _, p := range f.s.Get("system_errors", t, op).Window(end-180, end) {
				if errs += p.V; p.V > 0 {
					minutes[p.T] = true
				}
			}
			for _, p := range f.s.Get("requests", t, op).Window(end-180, end) {
				ok += p.V
			}
		}
		if len(minutes) >= 3 && errs/(errs+ok) >= f.th.ErrorShare {
			return fmt.Sprintf("%s answers %.2f %% of requests with HTTP 500 in the last three minutes", t, 100*errs/(errs+ok))
		}
	}
	return ""
}

// throttled looks for refusals: the feed and the probe see them in seconds, CloudWatch in minutes.
func (f *facts) throttled() string {
	for _, c := range f.feeds {
		if c.fresh && c.throttled >= f.th.ThrottleMin && c.seconds >= 2 && c.throttled/c.attempts >= f.th.ThrottleShare {
			return fmt.Sprintf("%.1f %% of %s's attempts on %s are refused (feed, last %d s)", 100*c.throttled/c.attempts, c.name, c.target, int(f.th.ProbeFresh.Seconds()))
		}
	}
	for _, p := range f.probes {
		if p.fresh && p.throttled >= 2 {
			return fmt.Sprintf("%d of the last %d probes of %s were refused by throttling", p.throttled, p.total, p.target)
		}
	}
	if r, d := f.worst(); d != nil {
		return fmt.Sprintf("%s: %s %s refused in %d of the last 5 minutes (CloudWatch)%s", r.target, rate(d.throttles), d.name+"s", d.bad, f.cleanSince(r.table))
	}
	return ""
}

// cleanSince says that a caller meets no refusals any more while CloudWatch, minutes behind, still shows them.
// It is no verdict: one caller does not speak for all.
func (f *facts) cleanSince(table string) string {
	for _, c := range f.feeds {
		own, _, _ := strings.Cut(c.target, "/")
		if own == table && c.fresh && c.calls > 0 && c.throttled == 0 {
			return "; " + c.name + "'s feed is clean now, CloudWatch is minutes behind"
		}
	}
	return ""
}

// worst returns the side with the most throttles among those that count as trouble now.
func (f *facts) worst() (*resource, *side) {
	var rr *resource
	var dd *side
	for i := range f.resources {
		for j := range f.resources[i].sides {
			d := &f.resources[i].sides[j]
			if f.counts(d) && (dd == nil || d.throttles > dd.throttles) {
				rr, dd = &f.resources[i], d
			}
		}
	}
	return rr, dd
}

// counts reports whether a side's throttles are trouble now: in enough minutes, or a share worth acting on
// in the newest one, and not over already.
func (f *facts) counts(d *side) bool {
	if !f.metrics.fresh || d.bad == 0 || d.last < f.metrics.newest-60 {
		return false
	}
	return d.bad >= f.th.BadMinutes || d.share >= f.th.SmallShare
}

// unreachable looks for probes that cannot reach the service at all.
func (f *facts) unreachable() string {
	for _, p := range f.probes {
		if p.fresh && p.total >= 3 && p.ok == 0 {
			switch p.code {
			case "dns", "connect", "tls", "timeout", "reset":
				return fmt.Sprintf("none of the last %d probes of %s reached DynamoDB (%s)", p.total, p.target, p.code)
			}
		}
	}
	return ""
}

// slow compares server-side latency with its own calm past: the average says slow, only the tail says tail.
func (f *facts) slow() trouble {
	end := f.metrics.newest + 60
	for _, t := range f.s.Session.Tables {
		for _, op := range opsOf(f.s, t) {
			if now, base, bad := f.risen("latency_p50", t, op, end, slowMinutes); bad {
				return trouble{history.LayerSlow, fmt.Sprintf("%s on %s: median %.1f ms against %.1f ms, three minutes running", op, t, now, base)}
			}
			if now, base, bad := f.risen("latency_p99", t, op, end, tailMinutes); bad {
				return trouble{history.LayerTail, fmt.Sprintf("%s on %s: p99 %.1f ms against %.1f ms, median flat", op, t, now, base)}
			}
		}
	}
	return trouble{}
}

// How many minutes running make a finding. One request in a hundred being slow moves p99 every other minute;
// that is a tail's normal life, and takes longer to tell from a fault.
const slowMinutes, tailMinutes = 3, 8

// risen reports whether each of the last minutes is above the floor and SlowFactor times the median
// of the hour before. What is slow for long must not become its own usual level: an open incident is held
// against the time before it.
func (f *facts) risen(signal, table, op string, end, minutes int64) (now, base float64, bad bool) {
	sr := f.s.Get(signal, table, op)
	last := sr.Window(end-60*minutes, end)
	calm := end - 900
	if in := f.s.Incident; !in.Detected.IsZero() && in.Recovered.IsZero() {
		calm = min(calm, in.Onset.Unix())
	}
	past := sr.Window(calm-3000, calm)
	if len(last) < int(minutes) || len(past) < 10 {
		return 0, 0, false
	}
	base = median(past)
	limit := max(f.th.SlowFloor, f.th.SlowFactor*base)
	for _, p := range last {
		if p.V <= limit {
			return 0, base, false
		}
	}
	return median(last), base, true
}

// client looks for callers that suffer while the service answers rightly and in time.
func (f *facts) client() string {
	for _, c := range f.s.Session.Clients {
		feed := f.feedOf(c.Name)
		if feed == nil || !feed.fresh || feed.calls == 0 || feed.throttled > 0 {
			continue // a caller that is refused suffers from a limit, not from itself
		}
		if c.Success > 0 && feed.failed/feed.calls > 3*(1-c.Success) && feed.badSeconds >= 5 {
			return fmt.Sprintf("%.2f %% of %s's calls fail while DynamoDB refuses nothing", 100*feed.failed/feed.calls, c.Name)
		}
		if c.P99 > 0 && feed.slowSeconds >= 5 && feed.p99 > 1.5*history.Millis(c.P99) {
			return fmt.Sprintf("%s's p99 is %.0f ms (objective %.0f ms) while the server side is flat", c.Name, feed.p99, history.Millis(c.P99))
		}
	}
	return f.unreachable()
}

func (f *facts) feedOf(client string) *feedFacts {
	for i := range f.feeds {
		if f.feeds[i].name == client {
			return &f.feeds[i]
		}
	}
	return nil
}
