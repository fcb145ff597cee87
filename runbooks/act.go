package runbooks

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/ddbloop/ddbloop/history"
	"github.com/ddbloop/ddbloop/runbooks/cond"
)

// ActPlan is what an act amounts to now. At most one of Escalate, Wait, Lever and To says something.
type ActPlan struct {
	Step     string
	Kind     string // table.write …, lever:WORD, escalate, wait
	Target   string // table or table/index
	To       int64  // units per second, of a capacity
	ToWhy    string // how To came about
	Lever    string // the kind of lever wanted
	Escalate string // reason
	Wait     string // reason
	Expect   *history.Expectation
	Guard    string // pass | fail | unknown; "" = none. Only pass, or none, lets the act go on
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
	p := ActPlan{Step: step, Kind: a.Change.on(run.Side), Target: run.Target, Risk: a.Risk, Approve: a.Approve, Undo: a.Undo}
	if a.Guard != nil {
		truth, why := env.Why(a.Guard)
		p.Guard, p.GuardWhy = verdicts[truth], why
	}
	switch a.Change.Kind {
	case Escalate:
		p.Escalate = a.Change.Does
		return p, nil
	case kindWait:
		p.Wait = a.Change.Does
		return p, nil
	case kindLever:
		p.Kind, p.Lever = kindLever+":"+a.Change.Does, a.Change.Does
	default:
		if err := p.capacity(a.Change, run, env); err != nil {
			return ActPlan{}, fmt.Errorf("%s: %w", step, err)
		}
	}
	p.Expect = a.Expect.freeze(run)
	return p, nil
}

// capacity fills in target and amount.
func (p *ActPlan) capacity(c Change, run history.RunbookOpened, env *cond.Env) error {
	table, index, indexed := strings.Cut(run.Target, "/")
	switch {
	case strings.HasSuffix(p.Kind, ".side"):
		return errors.New("the side is not known: open the runbook for read or write")
	case strings.HasPrefix(p.Kind, "table."):
		p.Target = table
	case !indexed || index == "":
		return fmt.Errorf("%s is no index: open the runbook on one", run.Target)
	}
	x, ok, why := env.WhyNumber(c.To)
	switch {
	case !ok:
		return errors.New("the amount cannot be worked out: " + why)
	case x <= 0 || x > math.MaxInt32:
		return errors.New("the amount makes no sense: " + why)
	}
	p.To, p.ToWhy = int64(math.Ceil(x)), why
	return nil
}

// freeze resolves an expectation for a run, so that the goal cannot drift.
func (x *Expect) freeze(run history.RunbookOpened) *history.Expectation {
	if x == nil {
		return nil
	}
	name, _ := cond.Sided(x.Signal.Name, run.Side)
	out := &history.Expectation{
		Signal: name, Target: run.Target, Op: x.Signal.Op, Direction: x.Direction, By: x.By, Within: x.Within,
	}
	if x.Signal.Of == "table" {
		out.Target, _, _ = strings.Cut(run.Target, "/")
	}
	for _, h := range x.Harm {
		signal, _ := cond.Sided(h.Signal, run.Side)
		out.Harm = append(out.Harm, history.HarmSignal{Signal: signal, Factor: h.Factor})
	}
	return out
}
