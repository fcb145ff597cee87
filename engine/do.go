package engine

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/ddbloop/ddbloop/history"
)

// Do implements Loop.
func (e *Engine) Do(ctx context.Context, c Command) error {
	switch c := c.(type) {
	case PlanStep:
		return e.planStep(ctx, c)
	case PlanChange:
		return e.planChange(ctx, c)
	case Undo:
		return e.planUndo(ctx, c)
	case Approve:
		return e.approve(ctx, c)
	case WritePostmortem:
		return e.writePostmortem(c.Dir)
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	body, err := e.say(c)
	if err != nil {
		return err
	}
	return e.record(e.opt.Actor, body)
}

// say turns a command that changes nothing outside into its event. e.mu is held.
func (e *Engine) say(c Command) (history.Body, error) {
	switch c := c.(type) {
	case OpenRunbook:
		return e.openRunbook(c)
	case Decide:
		return e.decide(c)
	case FinishStep:
		return e.finish(c)
	case Drop:
		return e.drop(c)
	case Note:
		if strings.TrimSpace(c.Text) == "" {
			return nil, errors.New("the note is empty")
		}
		return history.Noted{Text: c.Text, About: c.About}, nil
	case Report:
		return history.Reported{Text: c.Text, About: c.About, Client: c.Client}, nil
	case Hand:
		return history.IncidentEscalated{Why: c.Why}, nil
	case Close:
		return history.IncidentClosed{Reason: c.Reason}, nil
	}
	return nil, fmt.Errorf("unknown command %T", c)
}

func (e *Engine) openRunbook(c OpenRunbook) (history.Body, error) {
	r := e.runbook(c.Name)
	if r == nil {
		return nil, fmt.Errorf("no runbook %q in the library", c.Name)
	}
	target, side, why := c.Target, c.Side, c.Why
	if ranked := e.state.Assessed.Ranked; target == "" && len(ranked) > 0 && ranked[0].Target != "" {
		target, side = ranked[0].Target, sideOf(ranked[0])
	}
	if target == "" {
		target = e.state.Session.Tables[0]
	}
	if why == "" {
		why = openedByHand
	}
	return r.Opened(target, side, why), nil
}

func (e *Engine) decide(c Decide) (history.Body, error) {
	st := e.state.Run.Step(c.Step)
	if st == nil || st.Type != "decide" {
		return nil, fmt.Errorf("no decision %q in the open runbook", c.Step)
	}
	for _, ch := range st.Choices {
		if ch.Goto != c.Goto {
			continue
		}
		against := st.Favoured != c.Goto
		if against && strings.TrimSpace(c.Reason) == "" {
			return nil, fmt.Errorf("the data favours %q: taking %q needs a reason", st.Favoured, c.Goto)
		}
		return history.DecisionTaken{Step: c.Step, Choice: c.Goto, Because: ch.Because, Override: against, Reason: c.Reason}, nil
	}
	return nil, fmt.Errorf("decision %s has no branch %q", c.Step, c.Goto)
}

func (e *Engine) finish(c FinishStep) (history.Body, error) {
	if e.state.Run.Step(c.Step) == nil {
		return nil, fmt.Errorf("no step %q in the open runbook", c.Step)
	}
	if c.Result == "skipped" && strings.TrimSpace(c.Reason) == "" {
		return nil, errors.New("skipping a step needs a reason")
	}
	return history.StepFinished(c), nil
}

func (e *Engine) drop(c Drop) (history.Body, error) {
	ch := e.state.Change(c.ID)
	if ch == nil || ch.State != history.ChangePlan {
		return nil, fmt.Errorf("%s is not a planned change", c.ID)
	}
	return history.ChangeDropped(c), nil
}

func (e *Engine) writePostmortem(dir string) error {
	e.mu.Lock()
	_ = e.opt.Journal.Flush() // a journal that cannot be written any more still has its past
	path, err := e.opt.Postmortem(dir)
	e.mu.Unlock()
	if err != nil {
		return fmt.Errorf("postmortem not written: %w", err)
	}
	return e.emit(e.opt.Actor, history.PostmortemWritten{Path: path})
}
