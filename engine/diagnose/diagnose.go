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
	case history.LayerTail:
		return history.Disposition{} // the slowest few are no reason to act by themselves
	}
	if tried := f.unproven(); tried >= maxUnproven {
		return history.Disposition{Verdict: history.Escalate, Rule: fmt.Sprintf("%d changes without proven effect", tried)}
	}
	if a.Layer.Verdict == history.LayerThrottled {
		return f.throttledDisposition()
	}
	return history.Disposition{Verdict: history.Optimize, Rule: "layer " + a.Layer.Verdict}
}

// maxUnproven is how many changes may fail to prove themselves before somebody else should look.
const maxUnproven = 2

// unproven counts the changes of this incident that were judged to have done nothing for it; one that did
// help starts the count anew.
func (f *facts) unproven() int {
	n := 0
	for _, c := range f.s.Changes {
		if c.Effect == nil || c.Plan.UndoOf != "" || c.Intended.Before(f.s.Incident.Detected) {
			continue
		}
		switch c.Effect.Word {
		case history.Worked, history.Helped:
			n = 0
		default:
			n++
		}
	}
	return n
}

func (f *facts) throttledDisposition() history.Disposition {
	share, falling := 0.0, true
	if r, d := f.worst(); d != nil {
		if d.cause[3] > max(d.cause[0], d.cause[1], d.cause[2]) {
			return history.Disposition{Verdict: history.Escalate, Rule: "the account's quota refuses " + d.name + "s of " + r.target + ": only AWS can raise it"}
		}
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
// seconds where a feed or a probe saw it, else in minutes. It is zero for trouble that is no refusal.
func (f *facts) onset() time.Time {
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
		return time.Time{}
	case coarse < fine-60 || fine == now:
		return time.Unix(coarse, 0).UTC()
	}
	return time.Unix(fine, 0).UTC() // the second, within the minute that CloudWatch shows
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
