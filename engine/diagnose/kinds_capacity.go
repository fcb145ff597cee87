package diagnose

import (
	"fmt"
	"slices"
	"strings"
)

// overLimit is the use of a provisioned limit that only a burst can pay for.
const overLimit = 1.05

// refusal weighs a kind whose mark is one cause of throttles on one resource: the resource's own
// provisioned limit (cause 0) or one partition's limit (cause 1).
func (f *facts) refusal(kind string, r *resource, d *side, cause int) weighed {
	w := newWeighed(kind, r.target, prior)
	w.Reason = reasonName(r, d, cause)
	other := 1 - cause
	known := d.bad > 0 && f.metrics.fresh && d.named()
	switch {
	case r.onDemand && cause == 0:
		w.con(strong, r.target+" is on demand: it has no provisioned capacity to exceed")
	case known && d.cause[cause] > 0 && d.cause[cause] >= d.cause[other]:
		w.pro(strong, fmt.Sprintf("%s: %s refused for %s in %d of the last 5 minutes", r.target, rate(d.cause[cause]), limitWords(r, cause), d.bad))
		if d.cause[other] > 0 {
			w.con(slight, fmt.Sprintf("%s of them for %s", rate(d.cause[other]), limitWords(r, other)))
		}
	case known && d.cause[cause] > 0:
		w.con(clear, fmt.Sprintf("%s: most refusals (%s) are for %s", r.target, rate(d.cause[other]), limitWords(r, other)))
	case known && cause == 0 && d.peak > overLimit:
		w.pro(strong, fmt.Sprintf("%s used %.0f %% of its own capacity in a minute and lives on its burst: when that is spent, it refuses", r.target, 100*d.peak))
	case known:
		w.con(strong, r.target+": no refusal for "+limitWords(r, cause))
	case f.elsewhere(r, d):
		w.con(clear, r.target+": nothing refused here, but elsewhere")
	case f.unrefused(d):
		w.con(clear, "nothing is refused")
	}
	f.reasonsSeen(&w, r, d, cause)
	f.usage(&w, r, d, cause)
	f.feedHints(&w, r, d, cause, known)
	return w
}

// unrefused reports whether CloudWatch shows no refusal on a side, and no eye one anywhere.
func (f *facts) unrefused(d *side) bool { return f.metrics.fresh && d.bad == 0 && !f.refusedAnywhere() }

// refusedAnywhere reports whether any eye sees a refusal for throughput now.
func (f *facts) refusedAnywhere() bool {
	for _, c := range f.feeds {
		if c.fresh && c.throttled > 0 {
			return true
		}
	}
	for i := range f.probes {
		if p := &f.probes[i]; p.fresh && p.throttled > 0 || len(p.reasons) > 0 {
			return true
		}
	}
	_, d := f.worst()
	return d != nil
}

// elsewhere reports whether another resource or side shows refusals.
func (f *facts) elsewhere(r *resource, d *side) bool {
	rr, dd := f.worst()
	return dd != nil && (rr.target != r.target || dd.name != d.name)
}

// usage weighs how full the limit is: a full table speaks for its own limit, a half-empty one for a partition.
func (f *facts) usage(w *weighed, r *resource, d *side, cause int) {
	if d.limit <= 0 || !f.metrics.fresh {
		return
	}
	text := fmt.Sprintf("%s uses %.0f %% of its %.0f %s units/s", r.target, 100*d.util, d.limit, d.name)
	full := d.util >= 0.85
	switch {
	case d.peak > overLimit && cause == 1 && d.bad > 0:
		w.con(strong, fmt.Sprintf("%s used %.0f %% of its %.0f %s units/s in a minute", r.target, 100*d.peak, d.limit, d.name)+": more than it may for long, whatever one partition gives")
	case full && cause == 0:
		w.pro(clear, text)
	case !full && cause == 0:
		w.con(slight, text)
	case full:
		w.con(slight, text)
	case d.bad > 0:
		w.pro(slight, text)
	}
}

// reasonsSeen weighs the ThrottlingReasons that a probe was given. Their resource is an ARN, which ends in
// table/NAME or table/NAME/index/NAME.
func (f *facts) reasonsSeen(w *weighed, r *resource, d *side, cause int) {
	want := reasonName(r, d, cause)
	arn := ":table/" + strings.Replace(r.target, "/", "/index/", 1)
	for _, p := range f.probes {
		for _, reason := range p.reasons {
			if reason.Reason == want && strings.HasSuffix(reason.Resource, arn) {
				w.pro(strong, "probe "+p.name+" was refused with "+want)
			}
		}
	}
}

// feedHints weighs refusals that a caller sees before CloudWatch names their cause.
func (f *facts) feedHints(w *weighed, r *resource, d *side, cause int, known bool) {
	if _, dd := f.worst(); known || dd != nil {
		return
	}
	for _, c := range f.feeds {
		if !c.fresh || c.throttled < f.th.ThrottleMin || !strings.HasPrefix(c.target+"/", r.table+"/") || f.otherSide(c.name, d.name) {
			continue
		}
		if full := d.limit > 0 && d.util >= 0.7; full == (cause == 0) {
			w.pro(slight, fmt.Sprintf("%s is refused on %s; the cause is not published yet", c.name, c.target))
		}
	}
}

// otherSide reports whether a feed's caller is known to read where a side writes, or to write where it reads.
func (f *facts) otherSide(feed, side string) bool {
	return slices.ContainsFunc(f.clients, func(c client) bool {
		return c.Name == feed && c.Op != "" && ReadOp(c.Op) != (side == "read")
	})
}

// named reports whether CloudWatch has said for which limit a side's refusals were.
func (d *side) named() bool { return d.cause[0]+d.cause[1]+d.cause[2]+d.cause[3] > 0 }

func limitWords(r *resource, cause int) string {
	what := "the table's own capacity"
	if r.index {
		what = "the index's own capacity"
	}
	if cause == 1 {
		what = "one partition's limit"
	}
	return what
}

func reasonName(r *resource, d *side, cause int) string {
	where := "Table"
	if r.index {
		where = "Index"
	}
	side := "Read"
	if d.name == "write" {
		side = "Write"
	}
	return where + side + [4]string{"ProvisionedThroughputExceeded", "KeyRangeThroughputExceeded", "MaxOnDemandThroughputExceeded", "AccountLimitExceeded"}[cause]
}
