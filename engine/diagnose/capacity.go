package diagnose

import (
	"fmt"
	"time"

	"github.com/ddbloop/ddbloop/engine/signal"
	"github.com/ddbloop/ddbloop/history"
)

// capacityKinds are those whose mark is a provisioned limit or one partition's limit. Who reaches a provisioned limit may do
// so for several reasons; what rules the limit tells them apart: a policy, an earlier cut, a scan, retries.
func (f *facts) capacityKinds(string) []weighed {
	var out []weighed
	for i := range f.resources {
		r := &f.resources[i]
		for j := range r.sides {
			d := &r.sides[j]
			if !r.index {
				out = append(out, f.hotPartition(r, d))
			}
			if r.onDemand || r.building || r.index && d.name == "write" && f.policyOf(r, d).none() && !f.loweredOf(r, d).cut() {
				continue // on demand there is none; of an index that is short, the index's own kinds speak
			}
			out = append(out, f.ruled(r, d)...)
		}
	}
	return out
}

// hotPartition is one partition above its limit, on a table.
func (f *facts) hotPartition(r *resource, d *side) weighed {
	w := f.refusal(HotPartition, r, d, 1)
	if d.name == "read" && f.scanning(r.table).times > 0 {
		w.con(clear, "a scan is running: it meets one partition after the other")
	}
	if r.onDemand {
		if full := d.full; full > rampFull {
			w.con(strong, fmt.Sprintf("%s serves %.0f %% of what it is warm for: the table's own ceiling, not one partition's", r.target, 100*full))
		}
	}
	f.keysSpeak(&w, r, d, true)
	return w
}

// keysSpeak weighs what Contributor Insights counted: one key that holds most of the throttles is a hot key.
func (f *facts) keysSpeak(w *weighed, r *resource, d *side, hot bool) {
	k := f.s.Keys[r.target+"#throttled"]
	if k == nil || d.bad == 0 || len(k.Keys) == 0 || k.Sum <= 0 || f.now.Unix()-k.To > 900 {
		return
	}
	top := k.Keys[0].Share
	text := fmt.Sprintf("key %s holds %.0f %% of the throttles of %s", k.Keys[0].Tag, 100*top, r.target)
	if (top >= 0.3) == hot {
		w.pro(clear, text)
	} else {
		w.con(slight, text)
	}
}

// ruled are the reasons for which a provisioned limit is reached.
func (f *facts) ruled(r *resource, d *side) []weighed {
	policy, cut, scan := f.policyOf(r, d), f.loweredOf(r, d), scanFacts{}
	if d.name == "read" {
		scan = f.scanning(r.table)
	}
	storm := f.askingAgain(r.table)
	base := func(kind string) weighed { return f.refusal(kind, r, d, 0) }
	var out []weighed
	if !r.index || d.name == "read" {
		w := base(UnderprovisionedTab)
		if r.index {
			w.score -= slight // the catalogue of kinds knows no index that is short of reads: this is the nearest
		}
		for _, other := range []struct {
			is   bool
			text string
		}{
			{!policy.none(), policy.text}, {cut.cut() && cut.was >= d.demand(), cut.text}, {scan.times > 0, scan.text}, {storm != "", storm},
		} {
			if other.is {
				w.con(2*clear, other.text)
			}
		}
		out = append(out, w)
	}
	lag, full, in := base(AutoscalingLag), base(AutoscalingMax), base(ScaleIn)
	switch {
	case policy.none():
		lag.con(strong, "no auto scaling policy on "+d.name+"s of "+r.target+" is known")
		full.con(strong, "no auto scaling policy on "+d.name+"s of "+r.target+" is known")
	case policy.stuck:
		lag.con(strong, policy.text)
		full.pro(clear, policy.text)
	default:
		lag.pro(clear, policy.text)
		full.con(strong, policy.text)
	}
	switch {
	case !cut.cut():
		in.con(strong, "the capacity of "+r.target+" was not lowered lately, as far as is known")
	case cut.was < 0.9*d.demand():
		in.con(clear, fmt.Sprintf("%s; before, it had %.0f: too little as well", cut.text, cut.was))
	default:
		in.pro(clear+slight, cut.text)
		lag.con(clear, cut.text)
	}
	if d.name == "read" {
		out = append(out, f.scanThrottled(r, d, scan))
	}
	return append(out, lag, full, in)
}

// demand is what a side is asked for: units used, and refused requests at a unit each.
func (d *side) demand() float64 { return d.consumed + d.throttles*max(1, d.each) }

// policyFacts is what auto scaling may do for a side.
type policyFacts struct {
	max   float64
	stuck bool // it can do nothing: at its maximum, or suspended
	text  string
}

func (p policyFacts) none() bool { return p.text == "" }

func (f *facts) policyOf(r *resource, d *side) policyFacts {
	p := f.s.Scaling[r.target+"#"+d.name]
	if p == nil || p.Gone || p.Percent == 0 && !p.Suspended {
		return policyFacts{}
	}
	out := policyFacts{max: float64(p.Max)}
	switch {
	case p.Suspended:
		out.stuck, out.text = true, fmt.Sprintf("auto scaling of %s %ss is suspended", r.target, d.name)
	case d.limit >= 0.99*float64(p.Max):
		out.stuck, out.text = true, fmt.Sprintf("auto scaling of %s %ss is at its maximum of %d", r.target, d.name, p.Max)
	default:
		out.text = fmt.Sprintf("auto scaling may still raise %s %ss from %.0f to %d", r.target, d.name, d.limit, p.Max)
	}
	return out
}

// cutFacts is the last time that a side's capacity was lowered, of those that still matter.
type cutFacts struct {
	was, is float64
	text    string
}

func (c cutFacts) cut() bool { return c.text != "" }

// cutMatters is how long ago a cut may be to explain what happens now.
const cutMatters = 6 * time.Hour

// loweredOf finds a cut in the limits that DescribeTable showed, and in the provisioned capacity that CloudWatch remembers.
func (f *facts) loweredOf(r *resource, d *side) cutFacts {
	since := f.now.Add(-cutMatters).Unix()
	c := cutFacts{is: d.limit}
	var at int64
	look := func(sr *history.Series) {
		if sr == nil {
			return
		}
		for _, p := range sr.Window(since, f.now.Unix()+1) {
			if p.V > c.was {
				c.was, at = p.V, p.T+sr.Period
			} else if p.V == c.was {
				at = p.T + sr.Period
			}
		}
	}
	look(f.s.Get("provisioned_"+d.name, r.target, ""))
	if limit := f.s.Get(d.name+"_limit", r.target, ""); limit != nil {
		for i, p := range limit.Points {
			if i+1 < len(limit.Points) && limit.Points[i+1].T >= since && p.V > c.was {
				c.was, at = p.V, limit.Points[i+1].T
			}
		}
		c.is = signal.StepAt(limit, f.now.Unix())
	}
	if c.was > 1.1*c.is && c.is > 0 {
		c.text = fmt.Sprintf("%s %ss were lowered from %.0f to %.0f about %s ago", r.target, d.name, c.was, c.is, f.now.Sub(time.Unix(at, 0)).Round(time.Minute))
	}
	return c
}
