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
	case StartLab:
		return e.startLab(c)
	case StopLab:
		return e.endLab()
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
	case Timer, Keep, Hold, Release:
		return e.sayGuard(c)
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

// openRunbook fills in what was not said: the target and side of the runbook's most probable hypothesis, or
// else of the most probable one.
func (e *Engine) openRunbook(c OpenRunbook) (history.Body, error) {
	r := e.runbook(c.Name)
	if r == nil {
		return nil, fmt.Errorf("no runbook %q in the library", c.Name)
	}
	var best history.Hypothesis
	for _, h := range e.state.Assessed.Ranked {
		if h.Target == "" || c.Target != "" && h.Target != c.Target {
			continue
		}
		if best.Target == "" || r.For(h.Kind) && !r.For(best.Kind) {
			best = h
		}
	}
	if c.Target == "" {
		c.Target = best.Target
	}
	if c.Target == "" {
		c.Target = e.state.Session.Tables[0]
	}
	if c.Side == "" && best.Target != "" {
		c.Side = sideOf(best)
	}
	why := openedByHand
	if c.Why != "" {
		why += ": " + c.Why
	}
	return r.Opened(c.Target, c.Side, why), nil
}

func (e *Engine) decide(c Decide) (history.Body, error) {
	st := e.state.Run.Step(c.Step)
	if st == nil || st.Type != "decide" {
		return nil, fmt.Errorf("no decision %q in the open runbook", c.Step)
	}
	if st.Result == c.Goto {
		return nil, fmt.Errorf("%s is taken already", c.Goto)
	}
	for _, ch := range st.Choices {
		if ch.Goto != c.Goto {
			continue
		}
		against := st.Favoured != c.Goto
		if against && strings.TrimSpace(c.Reason) == "" {
			if st.Favoured == "" {
				return nil, fmt.Errorf("the data has not been weighed for %s yet: taking %q needs a reason", c.Step, c.Goto)
			}
			return nil, fmt.Errorf("the data favours %q: taking %q needs a reason", st.Favoured, c.Goto)
		}
		return history.DecisionTaken{Step: c.Step, Choice: c.Goto, Because: ch.Because, Override: against, Reason: c.Reason}, nil
	}
	return nil, fmt.Errorf("decision %s has no branch %q", c.Step, c.Goto)
}

func (e *Engine) finish(c FinishStep) (history.Body, error) {
	st := e.state.Run.Step(c.Step)
	if st == nil {
		return nil, fmt.Errorf("no step %q in the open runbook", c.Step)
	}
	if st.Result != "" && st.Result == c.Result {
		return nil, fmt.Errorf("it is %s already", c.Result)
	}
	if c.Result != "done" && c.Result != "skipped" {
		return nil, fmt.Errorf("a step ends done or skipped, not %q", c.Result)
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

// writePostmortem holds the lock while the draft is read out of the journal: nothing is appended meanwhile.
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
