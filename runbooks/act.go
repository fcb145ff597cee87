package runbooks

import (
	"fmt"
	"strings"
	"time"

	"github.com/ddbloop/ddbloop/history"
	"github.com/ddbloop/ddbloop/runbooks/cond"
)

// ActPlan is what an act amounts to now. At most one of Escalate, Wait, Levers, Variant and To says
// something.
type ActPlan struct {
	Step     string
	Kind     string               // table.write …, lever:WORD, escalate, wait
	Target   string               // table or table/index
	To       int64                // units per second, of a capacity
	ToWhy    string               // how To came about
	Levers   []string             // the kinds of lever that would do, the most fitting first
	Lever    string               // the name of the team's lever that is to be pulled, "" when it has none, or none left
	NoLever  string               // why there is none
	Variant  string               // the file of a lab's variant B: the probe is to ask as that, once it has won
	Probe    string               // of Variant: which probe; "" = whichever was measured
	Escalate string               // reason
	Wait     string               // reason
	Expect   *history.Expectation // its signal may be Trouble: then the engine knows what is meant
	Guard    string               // pass | fail | unknown; "" = none. Only pass, or none, lets the act go on
	GuardWhy string
	Risk     string
	Approve  int // people who must agree
	Undo     string
}

// Act works out the act of a step for the open runbook. Its errors are one line: no such act, or a number
// that cannot be worked out for want of data.
func (r *Runbook) Act(step string, s *history.State, sig cond.Signals, now time.Time) (ActPlan, error) {
	st := r.Step(step)
	switch {
	case s == nil || s.Run == nil || s.Run.Info.Runbook != r.Name:
		return ActPlan{}, fmt.Errorf("runbook %s is not open", r.Name)
	case st == nil || st.Act == nil:
		return ActPlan{}, fmt.Errorf("%s is not an act of runbook %s", step, r.Name)
	}
	a, run, env := st.Act, s.Run.Info, r.env(s, sig, now)
	for _, c := range r.Steps {
		if c.Check != nil {
			env.SetStep(c.ID, verdicts[env.Truth(c.Check.Pass)])
		}
	}
	p := ActPlan{Step: step, Kind: a.Change.on(run.Target, run.Side), Target: run.Target, Risk: a.Risk, Approve: a.Approve, Undo: a.Undo}
	if a.Guard != nil {
		truth, why := env.Why(a.Guard)
		p.Guard, p.GuardWhy = verdicts[truth], why
	}
	switch a.Change.Kind {
	case Escalate:
		p.Escalate = a.Change.Does
		return p, nil
	case Wait:
		p.Wait = a.Change.Does
		return p, nil
	case kindLever:
		p.Kind, p.Levers = kindLever+":"+strings.Join(a.Change.Levers, "|"), a.Change.Levers
		l, tried, ok := LeverFor(s, p.Levers)
		if p.Lever = l.Name; !ok {
			p.NoLever = noLever(p.Levers, tried)
		}
	case kindVariant:
		p.Variant, p.Probe = a.Change.File, a.Change.Probe
	default:
		if err := p.place(run); err != nil {
			return ActPlan{}, fmt.Errorf("%s: %w", step, err)
		}
		if err := p.amount(a.Change.To, env); err != nil {
			return ActPlan{}, fmt.Errorf("%s: %w", step, err)
		}
	}
	p.Expect = a.Expect.freeze(run)
	return p, nil
}
