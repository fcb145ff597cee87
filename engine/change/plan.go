package change

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/ddbloop/ddbloop/engine/diagnose"
	"github.com/ddbloop/ddbloop/history"
)

// Request is a change that somebody, or a runbook's act, asks for.
type Request struct {
	What   string // a kind of Kinds, or lever:NAME
	Target string // table or table/index; a lever's: what it is meant to help
	Side   string // read | write, of kinds that do not say it; "" = the side in trouble
	To     int64  // units per second, or percent; 0 = what the measured demand asks for; Unlimited of an on-demand maximum
	Cut    bool   // lower, rather than raise
	Step   string
	Expect *history.Expectation
	Reason string            // typed, where a guard asks for one
	After  time.Duration     // take it back so long after it came into force, unless kept; 0 = never by itself
	Undo   *history.Change   // set when the request takes back a change in force
	Fixed  []history.Setting // set when a plan is asked for again: the settings that were approved
}

// Unlimited asks for no on-demand maximum at all.
const Unlimited = -1

// A timer takes a change back after so long.
const (
	LeastTimer = time.Minute
	MostTimer  = 24 * time.Hour
)

// Scene is what a plan is made against. Seen was read from AWS for this plan.
type Scene struct {
	State  *history.State
	Seen   Seen
	Now    time.Time
	Policy Policy
	Limits diagnose.Thresholds
}

// planner works out one kind: it fills in what the change sets, costs, touches, and how it is taken back.
type planner func(sc Scene, p *history.ChangePlanned, r Request) error

// planners are the kinds of change by what they are about, the part before the dot.
var planners = map[string]planner{
	"table": Scene.capacity, "index": Scene.ofIndex, "mode": Scene.mode, "cap": Scene.maximum, "warm": Scene.warm,
	"autoscaling": Scene.scaling, "insights": Scene.insights,
}

// Kinds lists every kind of change that AWS carries out.
var Kinds = []string{
	"table.read", "table.write", "index.read", "index.write", "mode.on_demand", "mode.provisioned", "cap.read", "cap.write",
	"warm.read", "warm.write", "autoscaling.min", "autoscaling.max", "autoscaling.target", "insights", "index.delete_backfilling",
}

// Plan works a request out, or refuses it with the reason.
func (sc Scene) Plan(r Request) (history.ChangePlanned, error) {
	s := sc.State
	if !s.Session.Armed {
		return history.ChangePlanned{}, refuse("read-only: start with --allow-changes to change anything")
	}
	if c := inFlight(s, r.Target); c != nil && c != r.Undo {
		return history.ChangePlanned{}, notYet("%s is still under way on %s: one change at a time", c.Plan.ID, tableOf(r.Target))
	}
	p := history.ChangePlanned{
		ID: fmt.Sprintf("E%d", len(s.Changes)+1), What: r.What, Target: r.Target, Step: r.Step, Side: r.Side,
		Expect: r.Expect, Token: r.Target, Reason: r.Reason, UndoAfter: r.After, Policy: sc.Policy.Hash,
	}
	if r.Undo != nil {
		p.UndoOf = r.Undo.Plan.ID
	}
	if err := sc.permitted(r); err != nil {
		return history.ChangePlanned{}, err
	}
	if err := sc.work(&p, r); err != nil {
		return history.ChangePlanned{}, err
	}
	if r.Undo != nil {
		p.Title = "undo " + r.Undo.Plan.ID + ": " + r.Undo.Plan.Title
		p.UndoText = "plan what " + r.Undo.Plan.ID + " did anew" // an undo is not undone
	}
	if r.After != 0 && (r.After < LeastTimer || r.After > MostTimer) {
		return history.ChangePlanned{}, refuse("a timer is between one minute and a day")
	}
	if p.UndoAfter > 0 && p.UndoClass == history.UndoImpossible {
		return history.ChangePlanned{}, refuse("%s cannot be undone, so no timer can take it back", r.What)
	}
	p.Hash = hash(p)
	return p, nil
}

// work lets the kind's planner do its part.
func (sc Scene) work(p *history.ChangePlanned, r Request) error {
	if name, ok := strings.CutPrefix(r.What, "lever:"); ok {
		return sc.lever(p, name, r)
	}
	if r.What == QueryVariant {
		return sc.variant(p, r)
	}
	about, _, _ := strings.Cut(r.What, ".")
	plan := planners[about]
	if plan == nil {
		return refuse("%s is not a change that this version can make", r.What)
	}
	if err := sc.ready(r); err != nil {
		return err
	}
	p.TableID = sc.Seen.Snap.ID
	if r.Undo != nil {
		plan = Scene.inverse
	}
	if err := plan(sc, p, r); err != nil {
		return err
	}
	p.Before, p.After = texts(p.Set)
	return sc.cost(p)
}

// ready reports whether the table can take a change at all.
func (sc Scene) ready(r Request) error {
	snap := sc.Seen.Snap
	if snap == nil {
		return refuse("%s cannot be read now: no plan without a fresh DescribeTable", tableOf(r.Target))
	}
	if stops := r.What == "index.delete_backfilling"; snap.Status != "ACTIVE" && !(stops && snap.Status == "UPDATING") {
		return notYet("%s is %s: AWS takes no second change now", snap.Name, snap.Status)
	}
	_, index, isIndex := strings.Cut(r.Target, "/")
	if _, ok := sc.Seen.resource(index); isIndex && !ok {
		return refuse("%s has no index %s", snap.Name, index)
	}
	return nil
}

// Recheck asks, just before a plan is carried out, whether it would be made again as it was approved. It
// returns the Refusal that says why not. undo is the change that the plan takes back, or nil.
func (sc Scene) Recheck(p history.ChangePlanned, undo *history.Change) error {
	q, err := sc.Plan(Request{
		What: p.What, Target: p.Target, Side: p.Side, To: p.AfterN, Step: p.Step, Expect: p.Expect, Reason: p.Reason, After: p.UndoAfter, Undo: undo, Fixed: p.Set,
	})
	switch {
	case err != nil:
		return err
	case strings.HasPrefix(p.What, "warm.") && q.After == p.After && q.BeforeN > p.BeforeN && q.Policy == p.Policy:
		return nil // it grows by itself with the load, and what is left to add is less than was agreed to
	case q.Before != p.Before || q.After != p.After:
		return refuse("it would now be %s → %s, not %s → %s", q.Before, q.After, p.Before, p.After)
	case q.Policy != p.Policy:
		return refuse("the policy has changed since it was planned")
	}
	return nil
}

// inFlight returns a change to the same table that is neither planned only nor over.
func inFlight(s *history.State, target string) *history.Change {
	for _, c := range s.Changes {
		if tableOf(c.Plan.Target) == tableOf(target) && underWay(c) {
			return c
		}
	}
	return nil
}

func underWay(c *history.Change) bool {
	switch c.State {
	case history.ChangeOK, history.ChangeIntent, history.ChangeSentOK, history.ChangeUnsure:
		return true
	}
	return false
}

func tableOf(target string) string {
	table, _, _ := strings.Cut(target, "/")
	return table
}

func indexOf(target string) string {
	_, index, _ := strings.Cut(target, "/")
	return index
}

// hash binds an approval to exactly what was shown.
func hash(p history.ChangePlanned) string {
	p.Hash = ""
	raw, _ := json.Marshal(p) // plain data: cannot fail
	sum := sha256.Sum256(raw)
	return hex.EncodeToString(sum[:8])
}
