package engine

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	"github.com/ddbloop/ddbloop/engine/change"
	"github.com/ddbloop/ddbloop/history"
	"github.com/ddbloop/ddbloop/runbooks"
)

// planStep works out the act at a step of the open runbook.
func (e *Engine) planStep(ctx context.Context, c PlanStep) error {
	req, body, err := e.act(c.Step)
	if err != nil {
		return err
	}
	if body != nil {
		if err := e.emit(e.opt.Actor, body...); err != nil {
			return err
		}
		return refusalIn(body)
	}
	return e.plan(ctx, req)
}

// refusalIn returns the refusal that the events tell of, or nil.
func refusalIn(bodies []history.Body) error {
	for _, b := range bodies {
		if r, ok := b.(history.ChangeRefused); ok {
			return &change.Refusal{Why: r.Why, Later: r.Later}
		}
	}
	return nil
}

// act asks the runbook what its act amounts to now: a change request, or bodies for acts that change
// nothing (escalate, wait).
func (e *Engine) act(step string) (change.Request, []history.Body, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	s := e.state
	if s.Run.Step(step) == nil {
		return change.Request{}, nil, fmt.Errorf("no step %q in the open runbook", step)
	}
	r := e.runbook(s.Run.Info.Runbook)
	if r == nil {
		return change.Request{}, nil, fmt.Errorf("runbook %s is not in the library", s.Run.Info.Runbook)
	}
	a, err := r.Act(step, s, signals{s}, e.opt.Clock.Now())
	if err != nil {
		return change.Request{}, nil, err
	}
	done := history.StepFinished{Step: step, Result: "done"}
	switch {
	case a.Escalate != "":
		return change.Request{}, []history.Body{done, history.IncidentEscalated{Why: a.Escalate}}, nil
	case a.Wait != "":
		return change.Request{}, []history.Body{done}, nil
	case a.Guard == history.Fail || a.Guard == history.NoVerdict:
		return change.Request{}, []history.Body{history.ChangeRefused{What: a.Kind, Target: s.Run.Info.Target, Why: a.GuardWhy, Step: step}}, nil
	}
	req := change.Request{What: a.Kind, Target: a.Target, Side: s.Run.Info.Side, To: a.To, Step: step, Expect: a.Expect}
	if a.Variant != "" {
		l := change.Measured(s, tableOf(a.Target), a.Probe, a.Variant)
		if l == nil {
			return change.Request{}, nil, fmt.Errorf("no lab has measured %s beside %s of %s last: measure it first", a.Variant, cmp.Or(a.Probe, "a probe"), tableOf(a.Target))
		}
		req.Target = change.Goal(l)
	}
	if len(a.Levers) > 0 {
		if a.Lever == "" {
			return change.Request{}, []history.Body{history.ChangeRefused{What: a.Kind, Target: a.Target, Why: a.NoLever, Step: step}}, nil
		}
		req.What = "lever:" + a.Lever
	}
	if x := req.Expect; x != nil && x.Signal == runbooks.Trouble {
		if req.Expect = defaultExpectation(s, req); req.Expect != nil { // nil where a lab's winner is not faster
			req.Expect.Within, req.Expect.Harm = x.Within, x.Harm
		}
	}
	return req, nil, nil
}

func (e *Engine) planChange(ctx context.Context, c PlanChange) error {
	return e.plan(ctx, change.Request{What: c.What, Target: c.Target, Side: c.Side, To: c.To, Cut: c.Down, Reason: c.Reason, After: c.UndoAfter})
}

func (e *Engine) planUndo(ctx context.Context, c Undo) error {
	e.mu.Lock()
	ch, u := e.state.Change(c.ID), undoOf(e.state, c.ID)
	e.mu.Unlock()
	if ch == nil || ch.State != history.ChangeInForce && !lost(ch) {
		return fmt.Errorf("%s is not in force: there is nothing to undo", c.ID)
	}
	if ch.Plan.UndoOf != "" { // to make the change again is no taking back: every guard looks at it
		return fmt.Errorf("%s took %s back: plan that change anew", c.ID, ch.Plan.UndoOf)
	}
	if u != nil {
		return fmt.Errorf("%s already undoes %s", u.Plan.ID, c.ID)
	}
	if ch.Plan.UndoClass == history.UndoImpossible {
		return fmt.Errorf("%s cannot be undone: %s", c.ID, ch.Plan.UndoText)
	}
	return e.plan(ctx, change.Request{What: ch.Plan.What, Target: ch.Plan.Target, Undo: ch})
}

// lost reports whether a change is a lever that never answered: nothing can say whether it is on, but
// setting it off again ends the doubt.
func lost(c *history.Change) bool {
	return c.State == history.ChangeUnsure && !onAWS(c.Plan)
}

// undoOf returns the change that takes another one back, or is about to; nil when there is none, or it failed.
func undoOf(s *history.State, id string) *history.Change {
	for _, u := range s.Changes {
		if u.Plan.UndoOf != id {
			continue
		}
		switch u.State {
		case history.ChangeIsDropped, history.ChangeFailed, history.ChangeNot, history.ChangeOvertaken:
			continue
		}
		return u
	}
	return nil
}

// plan reads what the change rests on, works it out and records the plan or the refusal. A refusal is returned too.
func (e *Engine) plan(ctx context.Context, req change.Request) error {
	policy, err := e.policy()
	if err != nil {
		return err
	}
	seen, err := e.look(ctx, req.What, req.Target, policy)
	if err != nil {
		return fmt.Errorf("no plan without a fresh look at %s: %w", tableOf(req.Target), err)
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.broken != nil {
		return fmt.Errorf("changes are off: the journal cannot keep them (%w)", e.broken)
	}
	if req.Undo == nil {
		req.Expect = expectation(e.state, req)
	}
	p, err := e.scene(seen, policy).Plan(req)
	var refusal *change.Refusal
	if errors.As(err, &refusal) {
		said := history.ChangeRefused{What: req.What, Target: req.Target, Why: refusal.Why, Step: req.Step, Later: refusal.Later}
		if err := e.record(e.opt.Actor, said); err != nil {
			return err
		}
		return refusal
	}
	if err != nil {
		return err
	}
	e.seen[p.ID] = seen
	return e.record(e.opt.Actor, p)
}

// policy is what may be changed now. A file that cannot be read or understood allows nothing.
func (e *Engine) policy() (change.Policy, error) {
	if e.opt.Reread == nil {
		return e.opt.Policy, nil
	}
	p, err := e.opt.Reread()
	if err != nil {
		return p, fmt.Errorf("no change without a policy: %w", err)
	}
	return p, nil
}

func (e *Engine) scene(seen change.Seen, policy change.Policy) change.Scene {
	return change.Scene{State: e.state, Seen: seen, Now: e.opt.Clock.Now(), Policy: policy, Limits: e.opt.Limits}
}
