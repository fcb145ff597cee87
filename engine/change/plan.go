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
	if c := inFlight(s, r.Target); c != nil && c != r.Undo {
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

// Recheck asks, just before a plan is carried out, whether it would be made again as it was approved. It
// returns the Refusal that says why not. undo is the change that the plan takes back, or nil.
func (sc Scene) Recheck(p history.ChangePlanned, undo *history.Change) error {
	q, err := sc.Plan(Request{What: p.What, Target: p.Target, To: p.AfterN, Step: p.Step, Expect: p.Expect, Undo: undo})
	switch {
	case err != nil:
		return err
	case q.Before != p.Before || q.After != p.After:
		return refuse("it would now be %s → %s, not %s → %s", q.Before, q.After, p.Before, p.After)
	}
	return nil
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
		on, last := leverOn(sc.State, r.What)
		switch {
		case r.Undo != nil:
			p.Before, p.After = "on", "off"
		case last != nil:
			return refuse("nobody knows whether lever %s is on: %s got no answer; undo it first", name, last.Plan.ID)
		case on:
			return refuse("lever %s is on already: nothing to do", name)
		}
		p.UndoClass, p.UndoText = history.UndoReady, "set lever "+name+" back to "+p.Before
		p.Shows = 2 * time.Minute
		p.Blast = "callers of " + tableOf(r.Target) + " (" + l.Does + ")"
		return nil
	}
	return refuse("no lever %q is configured", name)
}

// leverOn reports whether a lever was left on by this session, or else the change that left it unknown.
func leverOn(s *history.State, what string) (on bool, lost *history.Change) {
	for _, c := range s.Changes {
		if c.Plan.What != what {
			continue
		}
		switch c.State {
		case history.ChangeInForce:
			on, lost = c.Plan.After == "on", nil
		case history.ChangeUnsure:
			lost = c
		}
	}
	return on, lost
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
