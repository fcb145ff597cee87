package diagnose

import (
	"fmt"
	"time"

	"github.com/ddbloop/ddbloop/history"
)

// Assess says what the State means at now.
func Assess(s *history.State, now time.Time, th Thresholds) history.Assessed {
	f := gather(s, now, th)
	t := f.layer()
	a := history.Assessed{Layer: history.Layer{Verdict: t.verdict, Why: t.why, Since: now}, Ranked: f.rank(t.verdict)}
	if old := s.Assessed.Layer; old.Verdict == t.verdict && !old.Since.IsZero() {
		a.Layer.Since = old.Since
	}
	a.Disposition = f.disposition(a)
	if t.verdict != history.LayerHealthy && t.verdict != history.LayerUnknown {
		a.Onset = f.onset()
	}
	return a
}

// disposition answers "retry, optimize or escalate?" with the rule that says so.
func (f *facts) disposition(a history.Assessed) history.Disposition {
	stood := f.now.Sub(a.Layer.Since)
	switch a.Layer.Verdict {
	case history.LayerHealthy:
		return history.Disposition{}
	case history.LayerService, history.LayerClient:
		if stood < f.th.SureFor {
			return history.Disposition{}
		}
		return history.Disposition{Verdict: history.Escalate, Rule: "layer " + a.Layer.Verdict + ": no setting of the table will help"}
	case history.LayerUnknown:
		if stood > f.th.UnknownFor {
			return history.Disposition{Verdict: history.Escalate, Rule: fmt.Sprintf("blind for more than %s", f.th.UnknownFor)}
		}
		return history.Disposition{}
	case history.LayerThrottled:
		return f.throttledDisposition()
	}
	return history.Disposition{Verdict: history.Optimize, Rule: "layer " + a.Layer.Verdict}
}

func (f *facts) throttledDisposition() history.Disposition {
	share, falling := 0.0, true
	if _, d := f.worst(); d != nil {
		share = d.share
		falling = d.last < f.metrics.newest
	}
	for _, c := range f.feeds {
		if c.fresh && c.attempts > 0 && c.throttled/c.attempts > share {
			share, falling = c.throttled/c.attempts, false
		}
	}
	if share < f.th.SmallShare && falling {
		return history.Disposition{Verdict: history.Retry, Rule: fmt.Sprintf("%.2f %% refused and falling: retries absorb it", 100*share)}
	}
	return history.Disposition{Verdict: history.Optimize, Rule: fmt.Sprintf("%.1f %% refused (limit %.0f %%)", 100*share, 100*f.th.SmallShare)}
}

// onset dates the trouble back: the start of the unbroken run of refusals that reaches the present, in
// seconds where a feed saw it, else in minutes.
func (f *facts) onset() time.Time {
	first := f.now.Unix()
	for _, c := range f.feeds {
		sr := f.s.Get(history.FeedThrottled, c.target, c.name)
		first = min(first, runStart(sr, f.now.Unix(), 60))
	}
	fine := first
	for i := range f.resources {
		for _, d := range f.resources[i].sides {
			if d.bad > 0 {
				sr := f.s.Get(d.name+"_throttles", f.resources[i].target, "")
				first = min(first, runStart(sr, f.now.Unix(), 240))
			}
		}
	}
	if fine-first < 60 {
		first = fine // the feed saw the second within the minute that CloudWatch shows
	}
	return time.Unix(first, 0).UTC()
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
