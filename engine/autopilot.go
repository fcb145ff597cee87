package engine

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/ddbloop/ddbloop/engine/change"
	"github.com/ddbloop/ddbloop/history"
	"github.com/ddbloop/ddbloop/runbooks"
)

// Autopilot does what the product itself recommends, in a person's place: it takes the favoured branch,
// plans the act at the runbook's pointer, approves what the guards allow after thinking time, undoes what
// made things worse, and stops on escalation. It sees only what the screen shows.
type Autopilot struct {
	Engine *Engine
	Think  time.Duration // between a plan and its approval
	Try    *PlanChange   // made instead of the first act, once the diagnosis stands

	TryID string // id of the tried change, "" while there is none or it was refused

	tried    bool
	first    time.Time // when it was tried first
	wait     time.Time // not before then again
	ended    bool
	attempts map[Command]attempt // at planning
	run      time.Time           // when the runbook that they are of was opened
}

// Ended reports whether the incident is closed or handed on, as far as the autopilot is concerned.
func (a *Autopilot) Ended() bool { return a.ended }

// Tried reports whether the change to try has been planned or refused.
func (a *Autopilot) Tried() bool { return a.tried }

// Run acts once a second until the incident is closed or escalated, or ctx ends.
func (a *Autopilot) Run(ctx context.Context) {
	for !a.ended {
		if cmd := a.next(); cmd != nil {
			a.do(ctx, cmd)
		}
		if a.Engine.opt.Clock.Sleep(ctx, time.Second) != nil {
			return
		}
	}
}

func (a *Autopilot) do(ctx context.Context, cmd Command) {
	err := a.Engine.Do(ctx, cmd)
	if _, refused := errors.AsType[*change.Refusal](err); refused {
		err = nil // the session tells of it
	}
	switch c := cmd.(type) {
	case PlanStep, Undo:
		a.failed(cmd, err)
	case Approve:
		var wait *NotYet
		if err != nil && !errors.As(err, &wait) {
			a.failed(a.planned(c.ID), err)
			_ = a.Engine.Do(ctx, Drop{ID: c.ID, Why: err.Error()})
		}
	case PlanChange:
		a.wasTried(c)
	case Close:
		a.ended = err == nil
	}
}

// wasTried notes what became of the change to try. One that is refused for now is planned again, as a person would.
func (a *Autopilot) wasTried(c PlanChange) {
	now := a.Engine.opt.Clock.Now()
	if a.first.IsZero() {
		a.first = now
	}
	a.Engine.View(func(s *history.State) {
		if n := len(s.Changes); n > 0 && s.Changes[n-1].Plan.What == c.What {
			a.tried, a.TryID = true, s.Changes[n-1].Plan.ID
			return
		}
		n := len(s.Refused)
		a.tried = n == 0 || !s.Refused[n-1].Later || now.Sub(a.first) >= tryFor
		a.wait = now.Add(tryAgain)
	})
}

// next decides on at most one command.
func (a *Autopilot) next() (cmd Command) {
	now := a.Engine.opt.Clock.Now()
	a.Engine.View(func(s *history.State) {
		switch {
		case !s.Incident.Escalated.IsZero() || !s.Incident.Closed.IsZero():
			a.ended = true
		case s.Incident.Detected.IsZero():
		case !s.Incident.Recovered.IsZero() && (a.Try == nil || !a.tried): // what is tried is followed to its verdict
			cmd = Close{Reason: "recovered: " + s.Incident.Why}
		default:
			cmd = a.respond(s, now)
		}
	})
	return cmd
}

func (a *Autopilot) respond(s *history.State, now time.Time) Command {
	for _, c := range s.Changes {
		switch c.State {
		case history.ChangePlan:
			if now.Sub(c.Planned) >= a.Think {
				return Approve{ID: c.Plan.ID, Hash: c.Plan.Hash, Token: c.Plan.Token}
			}
			return nil
		case history.ChangeOK, history.ChangeIntent, history.ChangeSentOK, history.ChangeUnsure:
			return nil
		}
	}
	for _, c := range s.Changes {
		bad := c.Effect != nil && c.Effect.Word == history.Worse && c.Plan.UndoClass != history.UndoImpossible
		if bad && c.State == history.ChangeInForce && c.Plan.UndoOf == "" {
			return a.again(s, Undo{ID: c.Plan.ID}, now)
		}
	}
	if r := a.Engine.runbook(runbookName(s)); r != nil {
		if id := r.UndoDue(s); id != "" {
			return a.again(s, Undo{ID: id}, now)
		}
	}
	if a.Try != nil {
		if !a.tried && !now.Before(a.wait) && (stands(s) || now.Sub(s.Incident.Detected) > tryAnyway) {
			return *a.Try
		}
		return nil
	}
	return a.step(s, now)
}

// A change to try that is refused for now is planned again this often and this long. It does not wait for a diagnosis for ever.
const (
	tryAgain  = 30 * time.Second
	tryFor    = 5 * time.Minute
	tryAnyway = 5 * time.Minute
)

// stands reports whether there is a diagnosis to act upon: a runbook is open, or what would open one is sure.
func stands(s *history.State) bool {
	r := s.Assessed.Ranked
	return s.Run != nil || len(r) > 0 && r[0].P >= sure && s.Assessed.Disposition.Verdict != ""
}

// step takes the runbook's pointer one further. While nothing is recommended nothing is done, and a change is made only
// where the recommendation is to change something.
func (a *Autopilot) step(s *history.State, now time.Time) Command {
	d := s.Assessed.Disposition
	switch d.Verdict {
	case "":
		return nil
	case history.Escalate:
		return Hand{Why: d.Rule}
	}
	if r, top := a.Engine.better(s, now); r != nil {
		return OpenRunbook{Name: r.Name, Target: top.Target, Side: sideOf(top), Why: fmt.Sprintf("%s has turned out to be likelier, p %s", top.Kind, history.Chance(top.P))}
	}
	st := s.Run.Step(current(s))
	if st == nil || st.Result != "" {
		return nil
	}
	switch st.Type {
	case "decide":
		if st.Favoured != "" {
			return Decide{Step: st.ID, Goto: st.Favoured}
		}
	case "act":
		if d.Verdict == history.Retry && changes(st) {
			return nil
		}
		if !plannedFor(s, st.ID) {
			return a.again(s, PlanStep{Step: st.ID}, now)
		}
	}
	return nil
}

// changes reports whether a step asks for something to be changed, rather than to wait or to hand over.
func changes(st *history.Step) bool {
	return st.Change != runbooks.Escalate && st.Change != runbooks.Wait
}

func runbookName(s *history.State) string {
	if s.Run == nil {
		return ""
	}
	return s.Run.Info.Runbook
}

func current(s *history.State) string {
	if s.Run == nil {
		return ""
	}
	return s.Run.Current
}

// plannedFor reports whether a step's act has been planned since its runbook was opened, and not dropped.
func plannedFor(s *history.State, step string) bool {
	for _, c := range s.Changes {
		if c.Plan.Step == step && c.State != history.ChangeIsDropped && !c.Planned.Before(s.Run.Opened) {
			return true
		}
	}
	return false
}

// String names the change that is tried, as drills write it.
func (c PlanChange) String() string { return fmt.Sprintf("%s@%s", c.What, c.Target) }
