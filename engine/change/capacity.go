package change

import (
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/ddbloop/ddbloop/engine/diagnose"
	"github.com/ddbloop/ddbloop/history"
)

func (sc Scene) capacity(p *history.ChangePlanned, r Request) error {
	level, side, ok := strings.Cut(r.What, ".")
	if !ok || (level != "table" && level != "index") || (side != "read" && side != "write") {
		return refuse("%s is not a change that this version can make", r.What)
	}
	now, err := sc.current(level, side, r.Target)
	if err != nil {
		return err
	}
	p.BeforeN, p.AfterN, p.TableID = now, r.To, sc.Snap.ID
	p.Blast = r.Target + " only; the table stays usable while it is UPDATING"
	if r.Cut {
		return refuse("capacity is not lowered during an incident")
	}
	if r.Undo == nil {
		if err := sc.canHelp(p, side); err != nil {
			return err
		}
		if p.AfterN, err = sc.raise(side, r, now); err != nil {
			return err
		}
	}
	switch {
	case p.AfterN < 1:
		return refuse("a capacity below 1 is never sent")
	case p.AfterN == now:
		return refuse("%s %s is %d already: nothing to do", r.Target, side, now)
	}
	p.Title = fmt.Sprintf("set %s %s capacity to %d", r.Target, side, p.AfterN)
	p.Before, p.After = fmt.Sprintf("%d units/s", now), fmt.Sprintf("%d units/s", p.AfterN)
	p.Shows = 5 * time.Minute
	p.UndoClass = history.UndoLimited
	p.UndoText = fmt.Sprintf("set %s back to %d; lowering is limited by AWS (4 a day, then one an hour), %d used today", side, now, sc.decreases(r.Target))
	if p.AfterN < now {
		p.UndoClass, p.UndoText = history.UndoReady, fmt.Sprintf("set %s to %d again", side, now)
	}
	return sc.cost(p)
}

// current reads the capacity that DescribeTable just showed, and whether a change is possible at all.
func (sc Scene) current(level, side, target string) (int64, error) {
	if sc.Snap == nil {
		return 0, refuse("%s cannot be read now: no plan without a fresh DescribeTable", tableOf(target))
	}
	if sc.Snap.Mode != "provisioned" {
		return 0, refuse("%s is on demand: it has no provisioned capacity to set", sc.Snap.Name)
	}
	if sc.Snap.Status != "ACTIVE" {
		return 0, refuse("%s is %s: AWS takes no second change now", sc.Snap.Name, sc.Snap.Status)
	}
	pick := func(t history.Throughput) int64 {
		if side == "read" {
			return t.Read
		}
		return t.Write
	}
	_, index, isIndex := strings.Cut(target, "/")
	if isIndex != (level == "index") {
		return 0, refuse("%s.%s does not fit the target %s", level, side, target)
	}
	if !isIndex {
		return pick(sc.Snap.Throughput), nil
	}
	for _, i := range sc.Snap.Indexes {
		if i.Name == index {
			return pick(i.Throughput), nil
		}
	}
	return 0, refuse("%s has no index %s", sc.Snap.Name, index)
}

// raise decides the new value within the policy.
func (sc Scene) raise(side string, r Request, now int64) (int64, error) {
	asked := int64(math.Ceil(sc.Policy.Headroom * diagnose.PeakDemand(sc.State, sc.Now, r.Target, side, 15*time.Minute)))
	want := r.To
	if want == 0 {
		want = max(asked, now+(now+4)/5)
	}
	if want < now {
		return 0, refuse("%d is less than the present %d: capacity is not lowered during an incident", want, now)
	}
	pol := sc.Policy
	limit := min(int64(pol.StepFactor*float64(now)), int64(pol.SessionFactor*float64(sc.first(r.Target, side, now))))
	limit = min(max(limit, asked), int64(pol.QuotaShare*float64(pol.Quota)))
	if limit <= now {
		return 0, refuse("%s %s has reached the policy's limit of %d for this session", r.Target, side, now)
	}
	return min(want, limit), nil
}

// first is the capacity at the session's start.
func (sc Scene) first(target, side string, now int64) int64 {
	if sr := sc.State.Get(side+"_limit", target, ""); sr != nil && len(sr.Points) > 0 {
		return int64(sr.Points[0].V)
	}
	return now
}

// canHelp refuses capacity where another limit does the refusing, or where it is not known yet which one
// does: CloudWatch names the cause a minute or two after the first refusal, and a guess would cost money
// and time. Where CloudWatch is dark a person may know better: the plan is made and says what it lacks.
func (sc Scene) canHelp(p *history.ChangePlanned, side string) error {
	d := diagnose.PressureOn(sc.State, sc.Now, sc.Limits, p.Target, side)
	if !d.Known {
		p.Blast += "; which limit refuses is not known: " + d.Why
		return nil
	}
	used := fmt.Sprintf("%s uses %.0f %% of its %.0f %s units/s", p.Target, 100*d.Utilisation, d.Limit, side)
	named := d.Provisioned + d.KeyRange + d.Cap + d.Account
	minor := d.Provisioned < named/11 // a tenth of the rest
	switch {
	case d.Utilisation > 1.05:
		return nil // it lives on its burst: its own limit is next, whatever refuses now
	case minor && d.KeyRange > 0 && d.KeyRange >= d.Account:
		return refuse("one partition's own limit refuses %.0f/s; %s: capacity cannot help", d.KeyRange, used)
	case minor && d.Account > 0:
		return refuse("the account's quota refuses %.0f/s; %s: only AWS can raise it", d.Account, used)
	case d.Utilisation >= 0.8 || d.Provisioned > 0:
		return nil
	case d.Refused > 0 || d.Seen != "":
		who := d.Seen
		if who == "" {
			who = "CloudWatch"
		}
		return refuse("%s sees refusals, but CloudWatch has not named their cause yet; %s: plan again in a minute or two", who, used)
	}
	return refuse("nothing is refused for %s's own capacity; %s: capacity cannot help", p.Target, used)
}

func (sc Scene) decreases(target string) int64 {
	_, index, _ := strings.Cut(target, "/")
	for _, i := range sc.Snap.Indexes {
		if i.Name == index {
			return i.DecreasesToday
		}
	}
	return sc.Snap.DecreasesToday
}
