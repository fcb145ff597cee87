package change

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/ddbloop/ddbloop/engine/diagnose"
	"github.com/ddbloop/ddbloop/history"
)

// inBelow is how many points under its target a policy scales in: about a fifth, after a quarter of an hour (re:Post).
const inBelow = 20

// What the policy file can say of a capacity that is set by hand where auto scaling is at work.
const (
	RefuseFight  = "refuse_fight"  // refused where the policy would take it back
	RefuseManual = "refuse_manual" // refused on every side that auto scaling keeps
	AllowManual  = "allow"
)

// unfought holds a raise by hand against the auto scaling of its side: what it would take back is refused, and its own change
// offered.
func (sc Scene) unfought(p *history.ChangePlanned, side string, r Request, now, to int64) (int64, error) {
	d := sc.Seen.scalingOf(r.Target, side)
	switch {
	case sc.Seen.NoScaling != "":
		p.Blast += "; whether auto scaling keeps it is not known: " + sc.Seen.NoScaling
		return to, nil
	case d == nil || d.Percent == 0 || d.Suspended:
		if d != nil {
			p.Blast += "; its auto scaling is suspended or has no policy"
		}
		return to, nil
	case sc.Policy.AutoScaling == AllowManual:
		p.Blast += fmt.Sprintf("; its auto scaling (%d to %d at %g %%) may take it back", d.Min, d.Max, d.Percent)
		return to, nil
	case sc.Policy.AutoScaling == RefuseManual:
		return 0, refuse("auto scaling keeps %ss of %s between %d and %d, and the policy sets none by hand beside it: autoscaling.min or autoscaling.max instead", side, r.Target, d.Min, d.Max)
	}
	peak := sc.peak(r.Target, side)
	if r.To == 0 {
		to = min(to, d.Max)
		if wanted := int64(math.Ceil(100 * peak / d.Percent)); peak > 0 && 100*peak/float64(to) < d.Percent-inBelow {
			to = min(to, max(wanted, now))
		}
	}
	switch {
	case to > d.Max:
		return 0, refuse("auto scaling keeps %ss of %s between %d and %d and would take %d back: autoscaling.max instead", side, r.Target, d.Min, d.Max, to)
	case to <= now && now >= d.Max:
		return 0, refuse("auto scaling keeps %ss of %s at its maximum of %d and would take more back: autoscaling.max instead", side, r.Target, d.Max)
	case to <= now:
		return 0, refuse("auto scaling keeps %ss of %s at %d, which is what its target of %g %% asks for: autoscaling.min or autoscaling.target instead", side, r.Target, now, d.Percent)
	case to > d.Min && 100*peak/float64(to) < d.Percent-inBelow:
		return 0, refuse("auto scaling would take %d back within a quarter of an hour: %s would use %.0f %% of it, and the target is %g %%: autoscaling.min instead", to, r.Target, 100*peak/float64(to), d.Percent)
	}
	p.Blast += fmt.Sprintf("; its auto scaling (%d to %d at %g %%) goes on from there", d.Min, d.Max, d.Percent)
	return to, nil
}

// scaling changes the bounds or the target of the auto scaling that keeps one side of a table or an index.
func (sc Scene) scaling(p *history.ChangePlanned, r Request) error {
	_, what, _ := strings.Cut(r.What, ".")
	if sc.Seen.NoScaling != "" {
		return refuse("auto scaling of %s cannot be read: %s", r.Target, sc.Seen.NoScaling)
	}
	if sc.Seen.Snap.Mode != history.Provisioned {
		return refuse("%s is on demand: auto scaling rests until it is provisioned again", sc.Seen.Snap.Name)
	}
	side := sc.troubled(r, r.Target, func(side string) bool { return sc.Seen.scalingOf(r.Target, side) != nil })
	d := sc.Seen.scalingOf(r.Target, side)
	switch {
	case d == nil:
		return refuse("no auto scaling is registered for %ss of %s: set the capacity itself", side, r.Target)
	case r.Cut:
		return refuse("auto scaling is not narrowed from here, except as an undo")
	}
	if err := sc.canHelp(p, "capacity", r.Target, side); err != nil {
		return err
	}
	p.Side = side
	p.Blast = r.Target + " " + side + "s only, through Application Auto Scaling" + p.Blast
	p.UndoClass = history.UndoReady
	res, _ := sc.Seen.resource(indexOf(r.Target))
	now := units(res.Throughput, side)
	switch what {
	case "min":
		return sc.minimum(p, r, d, now)
	case "max":
		return sc.most(p, r, d, now)
	case "target":
		return sc.target(p, r, d, now)
	}
	return refuse("%s is not a change that this version can make", r.What)
}

// minimum raises the least that auto scaling keeps: the capacity follows at once, and nothing takes it back.
func (sc Scene) minimum(p *history.ChangePlanned, r Request, d *history.ScalingDescribed, now int64) error {
	if now >= d.Max {
		return refuse("auto scaling of %s %ss is at its maximum of %d: autoscaling.max is what holds it", r.Target, d.Side, d.Max)
	}
	to, err := sc.raise(p, d.Side, r, now)
	if err != nil {
		return err
	}
	if to > d.Max && r.To > 0 {
		p.Note = fmt.Sprintf("%d asked; the maximum of auto scaling is %d", r.To, d.Max)
	}
	if to = min(to, d.Max); to <= d.Min || to <= now {
		return refuse("a minimum of %d is not above the present %d: nothing to do", to, max(now, d.Min))
	}
	p.Title = fmt.Sprintf("raise the auto scaling minimum of %s %ss to %d", r.Target, d.Side, to)
	sc.bounds(p, d, to, d.Max)
	p.BeforeN, p.AfterN, p.Shows = now, to, 5*time.Minute
	p.UndoText = fmt.Sprintf("set the minimum back to %d; the policy then lowers the capacity by itself", d.Min)
	return nil
}

// most raises the most that auto scaling may give: the policy then raises the capacity by itself.
func (sc Scene) most(p *history.ChangePlanned, r Request, d *history.ScalingDescribed, now int64) error {
	switch {
	case d.Suspended:
		return refuse("auto scaling of %s %ss is suspended: no maximum moves it; set the capacity itself", r.Target, d.Side)
	case d.Percent == 0:
		return refuse("%s %ss have bounds but no scaling policy: no maximum moves them; set the capacity itself", r.Target, d.Side)
	case float64(now) < 0.99*float64(d.Max):
		return refuse("auto scaling may still raise %s %ss from %d to %d: its maximum is not what holds it", r.Target, d.Side, now, d.Max)
	}
	ask := r
	wanted := int64(math.Ceil(100 * sc.peak(r.Target, d.Side) / d.Percent))
	if ask.To == 0 {
		ask.To = max(wanted, leastRaise(d.Max))
	}
	to, err := sc.raise(p, d.Side, ask, d.Max)
	if err != nil {
		return err
	}
	if to <= d.Max {
		return refuse("the maximum is %d already: nothing to do", d.Max)
	}
	p.Title = fmt.Sprintf("raise the auto scaling maximum of %s %ss to %d", r.Target, d.Side, to)
	sc.bounds(p, d, d.Min, to)
	p.BeforeN, p.AfterN = now, to
	p.Shows = 8 * time.Minute
	p.UndoText = fmt.Sprintf("set the maximum back to %d; the capacity follows at once, which AWS counts as a decrease", d.Max)
	p.Blast += "; the policy acts on its next alarm, minutes later"
	return nil
}

// target lowers the utilisation that a policy keeps: it scales out sooner, and further.
func (sc Scene) target(p *history.ChangePlanned, r Request, d *history.ScalingDescribed, now int64) error {
	to := r.To
	for _, x := range r.Fixed {
		if x.Changed() {
			to, _ = strconv.ParseInt(x.After, 10, 64) // ours: a number
		}
	}
	if to == 0 {
		to = max(30, int64(d.Percent)-20)
	}
	switch {
	case d.Percent == 0 || d.Policy == "":
		return refuse("the scaling policy of %s %ss is not known by name: nothing to change", r.Target, d.Side)
	case d.Suspended:
		return refuse("auto scaling of %s %ss is suspended: no target moves it", r.Target, d.Side)
	case now >= d.Max:
		return refuse("auto scaling of %s %ss is at its maximum of %d: no target moves it; autoscaling.max instead", r.Target, d.Side, d.Max)
	case to < 20 || to > 90:
		return refuse("a target is from 20 to 90 percent, not %d", to)
	case float64(to) >= d.Percent:
		return refuse("a target of %d %% is not below the present %g %%: it would scale out later", to, d.Percent)
	}
	p.Title = fmt.Sprintf("lower the auto scaling target of %s %ss to %d %%", r.Target, d.Side, to)
	wanted := int64(math.Ceil(100 * diagnose.PeakDemand(sc.State, sc.Now, r.Target, d.Side, 15*time.Minute) / float64(to)))
	p.BeforeN, p.AfterN = now, min(max(now, wanted), d.Max)
	for _, x := range [4]string{history.SetScalingPercent, history.SetScalingPolicy, history.SetScalingOut, history.SetScalingIn} {
		v, _ := scalingValue(d, x)
		p.Set = append(p.Set, history.Setting{Index: indexOf(d.Target), Name: d.Side + x, Before: v, After: v})
	}
	p.Set[0].After = strconv.FormatInt(to, 10)
	p.Inverse = reversed(p.Set)
	p.Shows = 8 * time.Minute
	p.UndoText = fmt.Sprintf("set the target back to %g %%; the policy then lowers the capacity by itself", d.Percent)
	p.Blast += "; the policy acts on its next alarm, minutes later"
	return nil
}

// bounds are the settings of a scalable target.
func (sc Scene) bounds(p *history.ChangePlanned, d *history.ScalingDescribed, least, most int64) {
	whole := func(n int64) string { return strconv.FormatInt(n, 10) }
	p.Set = []history.Setting{
		{Index: indexOf(d.Target), Name: d.Side + history.SetScalingMin, Before: whole(d.Min), After: whole(least)},
		{Index: indexOf(d.Target), Name: d.Side + history.SetScalingMax, Before: whole(d.Max), After: whole(most)},
	}
	p.Inverse = reversed(p.Set)
}
