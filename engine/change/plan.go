package change

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/ddbloop/ddbloop/engine/diagnose"
	"github.com/ddbloop/ddbloop/engine/price"
	"github.com/ddbloop/ddbloop/history"
)

// Request is a change that somebody, or a runbook's act, asks for.
type Request struct {
	What   string // table.read | table.write | index.read | index.write | lever:NAME
	Target string // table or table/index; a lever's: what it is meant to help
	To     int64  // units per second; 0 = one and a half times the peak demand of the last 15 minutes
	Cut    bool   // lower, rather than raise
	Step   string
	Expect *history.Expectation
	Undo   *history.Change // set when the request takes back a change in force
}

// Scene is what a plan is made against. Snap was read from AWS for this plan.
type Scene struct {
	State  *history.State
	Snap   *history.TableSnapshot
	Now    time.Time
	Policy Policy
	Limits diagnose.Thresholds
}

// Plan works a request out, or refuses it with the reason.
func (sc Scene) Plan(r Request) (history.ChangePlanned, error) {
	s := sc.State
	if !s.Session.Armed {
		return history.ChangePlanned{}, refuse("read-only: start with --allow-changes to change anything")
	}
	if c := inFlight(s, r.Target); c != nil {
		return history.ChangePlanned{}, refuse("%s is still under way on %s: one change at a time", c.Plan.ID, tableOf(r.Target))
	}
	p := history.ChangePlanned{
		ID: fmt.Sprintf("E%d", len(s.Changes)+1), What: r.What, Target: r.Target, Step: r.Step,
		Expect: r.Expect, Token: r.Target,
	}
	var err error
	if name, ok := strings.CutPrefix(r.What, "lever:"); ok {
		err = sc.lever(&p, name, r)
	} else {
		err = sc.capacity(&p, r)
	}
	if err != nil {
		return history.ChangePlanned{}, err
	}
	if r.Undo != nil {
		p.UndoOf, p.Title = r.Undo.Plan.ID, "undo "+r.Undo.Plan.ID+": "+r.Undo.Plan.Title
	}
	p.Hash = hash(p)
	return p, nil
}

// inFlight returns a change to the same table that is neither planned only nor over.
func inFlight(s *history.State, target string) *history.Change {
	for _, c := range s.Changes {
		if tableOf(c.Plan.Target) != tableOf(target) {
			continue
		}
		switch c.State {
		case history.ChangeOK, history.ChangeIntent, history.ChangeSentOK, history.ChangeUnsure:
			return c
		}
	}
	return nil
}

func (sc Scene) lever(p *history.ChangePlanned, name string, r Request) error {
	for _, l := range sc.State.Session.Levers {
		if l.Name != name {
			continue
		}
		zero := 0.0
		p.Title, p.CostHour, p.CostNote = l.Title, &zero, "outside AWS: no AWS cost"
		p.Before, p.After = "off", "on"
		if r.Undo != nil {
			p.Before, p.After = "on", "off"
		} else if leverOn(sc.State, r.What) {
			return refuse("lever %s is on already: nothing to do", name)
		}
		p.UndoClass, p.UndoText = history.UndoReady, "set lever "+name+" back to "+p.Before
		p.Shows = 2 * time.Minute
		p.Blast = "callers of " + tableOf(r.Target) + " (" + l.Does + ")"
		return nil
	}
	return refuse("no lever %q is configured", name)
}

func leverOn(s *history.State, what string) bool {
	on := false
	for _, c := range s.Changes {
		if c.Plan.What == what && c.State == history.ChangeInForce {
			on = c.Plan.After == "on"
		}
	}
	return on
}

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
	if r.Cut {
		return refuse("capacity is not lowered during an incident")
	}
	if r.Undo == nil {
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
	p.Blast = r.Target + " only; the table stays usable while it is UPDATING"
	p.UndoClass = history.UndoLimited
	p.UndoText = fmt.Sprintf("set %s back to %d; lowering is limited by AWS (4 a day, then one an hour), %d used today", side, now, sc.decreases(r.Target))
	if p.AfterN < now {
		p.UndoClass, p.UndoText = history.UndoReady, fmt.Sprintf("set %s to %d again", side, now)
	}
	return sc.cost(p, side)
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

// raise decides the new value within the policy, and refuses a raise that cannot help.
func (sc Scene) raise(side string, r Request, now int64) (int64, error) {
	if err := sc.canHelp(side, r.Target); err != nil {
		return 0, err
	}
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

// canHelp refuses capacity where another limit does the refusing.
func (sc Scene) canHelp(side, target string) error {
	d := diagnose.PressureOn(sc.State, sc.Now, sc.Limits, target, side)
	if !d.Known {
		return nil // blind: a person may still know better, and the card says what is not known
	}
	used := fmt.Sprintf("%s uses %.0f %% of its %.0f %s units/s", target, 100*d.Utilisation, d.Limit, side)
	switch {
	case d.KeyRange > 0 && d.Provisioned < d.KeyRange/10:
		return refuse("one partition's own limit refuses %.0f/s; %s: capacity cannot help", d.KeyRange, used)
	case d.Refused == 0 && d.Utilisation < 0.8:
		return refuse("nothing is refused for %s's own capacity; %s: capacity cannot help", target, used)
	}
	return nil
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

// reference is the Region whose prices stand in where a Region's own are not known.
const reference = "us-east-1"

// cost prices the change and holds it above the policy's ceilings.
func (sc Scene) cost(p *history.ChangePlanned, side string) error {
	delta := price.Capacity{Write: float64(p.AfterN - p.BeforeN)}
	if side == "read" {
		delta = price.Capacity{Read: delta.Write}
	}
	region := sc.State.Session.Region
	hourly, known := price.PerHour(region, delta)
	note := price.Format(hourly, known) + ", list price of " + price.Checked
	if known {
		p.CostHour = &hourly
	} else {
		hourly, _ = price.PerHour(reference, delta) // held against the ceilings, never shown as this Region's
		note = fmt.Sprintf("no price known for %s; in %s it would be %s", region, reference, price.Format(hourly, true))
	}
	p.CostNote = note
	if hourly > sc.Policy.CostStep {
		return refuse("it would cost more than the policy's $%.0f an hour for one change (%s)", sc.Policy.CostStep, note)
	}
	total := hourly
	for _, c := range sc.State.Changes {
		if c.State == history.ChangeInForce && c.Plan.CostHour != nil {
			total += *c.Plan.CostHour
		}
	}
	if total > sc.Policy.CostSession {
		return refuse("this session's changes would cost $%.2f an hour, above the policy's $%.0f", total, sc.Policy.CostSession)
	}
	return nil
}

func tableOf(target string) string {
	table, _, _ := strings.Cut(target, "/")
	return table
}

// hash binds an approval to exactly what was shown.
func hash(p history.ChangePlanned) string {
	p.Hash = ""
	raw, _ := json.Marshal(p) // plain data: cannot fail
	sum := sha256.Sum256(raw)
	return hex.EncodeToString(sum[:8])
}
