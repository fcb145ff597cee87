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

// capacity sets one side of a table's or an index's provisioned capacity. AWS wants both sides: the other stays.
func (sc Scene) capacity(p *history.ChangePlanned, r Request) error {
	level, side, _ := strings.Cut(r.What, ".")
	if side != "read" && side != "write" {
		return refuse("%s is not a change that this version can make", r.What)
	}
	index := indexOf(r.Target)
	switch {
	case (index != "") != (level == "index"):
		return refuse("%s does not fit the target %s", r.What, r.Target)
	case sc.Seen.Snap.Mode != history.Provisioned:
		return refuse("%s is on demand: it has no provisioned capacity to set", sc.Seen.Snap.Name)
	}
	res, _ := sc.Seen.resource(index)
	now := units(res.Throughput, side)
	p.Side, p.BeforeN = side, now
	p.Blast = r.Target + " only; the table stays usable while it is UPDATING"
	var err error
	if r.Cut {
		p.AfterN, err = sc.cut(side, r, now)
	} else {
		p.AfterN, err = sc.lift(p, side, r, now)
	}
	if err != nil {
		return err
	}
	switch {
	case p.AfterN < 1:
		return refuse("a capacity below 1 is never sent")
	case p.AfterN == now:
		return refuse("%s %s is %d already: nothing to do", r.Target, side, now)
	}
	p.Title = fmt.Sprintf("set %s %s capacity to %d", r.Target, side, p.AfterN)
	p.Set = sc.bothSides(index, side, p.AfterN)
	p.Inverse = reversed(p.Set)
	p.Shows = 5 * time.Minute
	p.UndoClass = history.UndoLimited
	p.UndoText = fmt.Sprintf("set %s back to %d; %s", side, now, sc.decreases(index).words)
	if p.AfterN < now {
		p.UndoClass, p.UndoText = history.UndoReady, fmt.Sprintf("set %s to %d again", side, now)
	}
	return nil
}

// ofIndex is what can be done to an index: its capacity, or the end of its building.
func (sc Scene) ofIndex(p *history.ChangePlanned, r Request) error {
	if r.What == "index.delete_backfilling" {
		return sc.stopBuild(p, r)
	}
	return sc.capacity(p, r)
}

// bothSides are the settings of a capacity request: one side is to be to, the other stays.
func (sc Scene) bothSides(index, side string, to int64) []history.Setting {
	res, _ := sc.Seen.resource(index)
	var set []history.Setting
	for _, name := range [2]string{history.SetRead, history.SetWrite} {
		now := strconv.FormatInt(units(res.Throughput, name), 10)
		x := history.Setting{Index: index, Name: name, Before: now, After: now}
		if name == side {
			x.After = strconv.FormatInt(to, 10)
		}
		set = append(set, x)
	}
	return set
}

// reversed is what takes changed settings back to their recorded values.
func reversed(set []history.Setting) []history.Setting {
	var out []history.Setting
	for _, x := range set {
		if x.Changed() {
			x.Before, x.After = x.After, x.Before
			out = append(out, x)
		}
	}
	return out
}

// lift decides a raise: whether it can help, whether auto scaling would fight it, and how far the policy goes.
func (sc Scene) lift(p *history.ChangePlanned, side string, r Request, now int64) (int64, error) {
	if err := sc.canHelp(p, "capacity", r.Target, side); err != nil {
		return 0, err
	}
	to, err := sc.raise(p, side, r, now)
	if err != nil {
		return 0, err
	}
	return sc.unfought(p, side, r, now, to)
}

// eased is by how much the demand that sized a raise may have fallen between its plan and its request: demand is noisy from one second
// to the next, and the approval was for this number.
const eased = 1.1

// raise decides the new value within the policy. The plan notes what was asked for where that is more than the policy allows, and why.
func (sc Scene) raise(p *history.ChangePlanned, side string, r Request, now int64) (int64, error) {
	peak := sc.peak(r.Target, side)
	asked := int64(math.Ceil(sc.Policy.Headroom * peak))
	want := r.To
	if want == 0 {
		want = max(asked, leastRaise(now))
	}
	if want < now {
		return 0, refuse("%d is less than the present %d: ask for a cut to lower it", want, now)
	}
	pol, first := sc.Policy, sc.first(r, side, now)
	limit, why := int64(pol.StepFactor*float64(now)), fmt.Sprintf("%g × the present %d", pol.StepFactor, now)
	if n := int64(pol.SessionFactor * float64(first)); n < limit {
		limit, why = n, fmt.Sprintf("%g × the %d at the session's start", pol.SessionFactor, first)
	}
	if asked > limit {
		limit, why = asked, fmt.Sprintf("%g × the demand of %.0f", pol.Headroom, peak)
	}
	if n := int64(pol.QuotaShare * float64(sc.quota(side))); n < limit {
		limit, why = n, fmt.Sprintf("%g %% of the quota of %d", 100*pol.QuotaShare, sc.quota(side))
	}
	// A maximum bounds the bill by itself, and retries overstate what it has to let through: a lower one is sound. A capacity
	// that does not carry the demand is not.
	enough := int64(peak)
	if strings.HasPrefix(r.What, "cap.") {
		enough = leastRaise(now)
	}
	if n, dollars := sc.affordable(r, side, now); n < min(want, limit) && n >= enough {
		limit, why = n, fmt.Sprintf("$%.4g an hour", dollars)
	}
	if limit <= now {
		return 0, refuse("%s %s has reached the policy's limit of %d for this session", r.Target, side, now)
	}
	if r.Fixed != nil && float64(want) <= eased*float64(limit) {
		return want, nil
	}
	if want > limit {
		p.Note = fmt.Sprintf("%d asked; the policy allows %d (%s)", want, limit, why)
	}
	return min(want, limit), nil
}

// leastRaise is a fifth more: less is not worth a change.
func leastRaise(now int64) int64 { return now + (now+4)/5 }

// peak is the highest minute of the last quarter of an hour, served and refused, or what callers ask for now where that is more:
// CloudWatch's minutes are minutes behind a demand that rises.
func (sc Scene) peak(target, side string) float64 {
	now := diagnose.PressureOn(sc.State, sc.Now, sc.Limits, target, side).Wanted
	return max(now, diagnose.PeakDemand(sc.State, sc.Now, target, side, 15*time.Minute))
}

// first is the value at the session's start: the capacity that was first seen, or what the session's first change of this
// kind found.
func (sc Scene) first(r Request, side string, now int64) int64 {
	level, _, _ := strings.Cut(r.What, ".")
	if sr := sc.State.Get(side+"_limit", r.Target, ""); sr != nil && len(sr.Points) > 0 && (level == "table" || level == "index") {
		return int64(sr.Points[0].V)
	}
	for _, c := range sc.State.Changes {
		if c.Plan.What == r.What && c.Plan.Target == r.Target && c.Plan.Side == side && !c.Settled.IsZero() && c.Plan.BeforeN > 0 {
			return c.Plan.BeforeN
		}
	}
	return now
}

// quota is the account's limit for one table or index, as DescribeLimits says, else the policy's.
func (sc Scene) quota(side string) int64 {
	if q := sc.State.Quotas; q != nil {
		if n := map[string]int64{"read": q.TableRead, "write": q.TableWrite}[side]; n > 0 {
			return min(n, sc.Policy.Quota)
		}
	}
	return sc.Policy.Quota
}

// cut decides a lowering: never in an incident, never near what is used, never with the last decrease.
func (sc Scene) cut(side string, r Request, now int64) (int64, error) {
	in := sc.State.Incident
	switch {
	case !sc.Policy.Cuts:
		return 0, refuse("the policy lowers no capacity")
	case !in.Detected.IsZero() && in.Recovered.IsZero() && in.Closed.IsZero():
		return 0, refuse("capacity is not lowered during an incident")
	}
	peak, known := sc.usedLastHour(r.Target, side)
	if !known {
		return 0, refuse("what %s used in the last hour is not known: no cut without it", r.Target)
	}
	least := max(1, int64(math.Ceil(cutHeadroom*peak)))
	to := r.To
	if to == 0 {
		to = least
	}
	switch left := sc.decreases(indexOf(r.Target)); {
	case to >= now:
		return 0, refuse("%d is not below the present %d", to, now)
	case to < least:
		return 0, refuse("%d is too low: the last hour's peak was %.0f, and a cut keeps %d", to, peak, least)
	case left.left < 2:
		return 0, refuse("AWS lets %s be lowered %d more times just now, and one is kept for an undo: %s", r.Target, left.left, left.words)
	}
	return to, nil
}

// cutHeadroom is how many times the last hour's peak a cut must leave.
const cutHeadroom = 1.2

// usedLastHour is the highest minute of the last hour, served and refused; known only when CloudWatch told of most of it.
func (sc Scene) usedLastHour(target, side string) (peak float64, known bool) {
	sr := sc.State.Get("consumed_"+side, target, "")
	if sr == nil || len(sr.Window(sc.Now.Add(-time.Hour).Unix(), sc.Now.Unix())) < 30 {
		return 0, false
	}
	return diagnose.PeakDemand(sc.State, sc.Now, target, side, time.Hour), true
}
