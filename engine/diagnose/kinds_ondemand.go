package diagnose

import (
	"fmt"

	"github.com/ddbloop/ddbloop/history"
)

// rampFull is the share of what an on-demand table is warm for that it must serve for its own ceiling to be the likelier limit,
// hotFull that below which one partition is: a table that refuses at its ceiling serves just that much. The newest minute of
// CloudWatch may lack a third.
const rampFull, hotFull = 0.85, 0.7

// onDemandKinds are the limits of on-demand tables and indexes: the ceiling that grows with traffic, the configured maximum,
// and the account's quota.
func (f *facts) onDemandKinds(string) []weighed {
	var out []weighed
	for i := range f.resources {
		r := &f.resources[i]
		for j := range r.sides {
			d := &r.sides[j]
			limit, quota := f.capped(OnDemandCap, r.target, r, d, 2), f.capped(AccountQuota, r.table, r, d, 3)
			if !r.onDemand {
				limit.con(strong, r.target+" is provisioned: it has no on-demand maximum")
			}
			out = append(out, limit, quota)
			if !r.index {
				out = append(out, f.ramp(r, d))
			}
		}
	}
	return out
}

// warmFor notes what a side is warm for now and returns what it was warm for since the first look. An Assessor sees the table as it is
// described every few seconds; the State keeps the newest description alone.
func (a *Assessor) warmFor(key string, now int64, v float64) []history.Point {
	list := a.warm[key]
	if v > 0 && (len(list) == 0 || list[len(list)-1].V != v) {
		if a.warm == nil {
			a.warm = map[string][]history.Point{}
		}
		list = append(list, history.Point{T: now, V: v})
		a.warm[key] = list[max(0, len(list)-200):]
	}
	return list
}

// stepAt is the value in force at t; before the first, the first.
func stepAt(list []history.Point, t int64) float64 {
	v := 0.0
	for i, p := range list {
		if i > 0 && p.T > t {
			break
		}
		v = p.V
	}
	return v
}

// ramp is traffic that grew past what an on-demand table was ready for.
func (f *facts) ramp(r *resource, d *side) weighed {
	w := f.refusal(OnDemandRamp, r, d, 1)
	if !r.onDemand {
		w.con(strong, r.target+" is provisioned: it has no ceiling that follows traffic")
		return w
	}
	full := d.full
	text := fmt.Sprintf("%s serves %.0f %s units/s, %.0f %% of what it is warm for", r.target, d.served, d.name, 100*full)
	switch {
	case full > rampFull:
		w.pro(clear, text)
	case full > hotFull:
		w.con(slight, text+": the ceiling may be reached")
	case full > 0:
		w.con(strong, text+": the ceiling is not reached")
	case d.bad > 0 && r.warm == [2]float64{}:
		w.con(clear+slight, "what "+r.target+" is warm for is not known")
	}
	if l := f.level("consumed_"+d.name, r.target, ""); (full == 0 || full > rampFull) && l.known() && l.times(1) > 1.5 {
		w.pro(slight, fmt.Sprintf("its use is %.1f times the usual", l.times(1)))
	}
	f.keysSpeak(&w, r, d, false)
	return w
}

// capped weighs a limit that has a cause of its own in CloudWatch: 2 the configured maximum, 3 the account's quota.
func (f *facts) capped(kind, target string, r *resource, d *side, cause int) weighed {
	w := newWeighed(kind, target, prior)
	w.Reason = reasonName(r, d, cause)
	what := "the configured on-demand maximum"
	if cause == 3 {
		what = "the account's quota for one table"
	}
	switch {
	case d.bad > 0 && d.named() && d.cause[cause] >= 0.5*d.throttles && d.cause[cause] > 0:
		w.pro(strong, fmt.Sprintf("%s: %s refused for %s in %d of the last 5 minutes", r.target, rate(d.cause[cause]), what, d.bad))
		w.pro(slight, fmt.Sprintf("it serves %.0f units/s", d.consumed))
	case d.bad > 0 && d.named():
		w.con(strong, r.target+": the refusals are not for "+what)
	}
	if f.unrefused(d) {
		w.con(clear, "nothing is refused")
	}
	f.reasonsSeen(&w, r, d, cause)
	return w
}
