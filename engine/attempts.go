package engine

import (
	"fmt"
	"time"

	"github.com/ddbloop/ddbloop/history"
)

// attempt counts how often something could not be planned or approved.
type attempt struct {
	n   int
	at  time.Time
	err error // of the last one
}

// An attempt is made again after retryAfter, because data come in and tables settle; after maxAttempts
// somebody else should look.
const (
	retryAfter  = 30 * time.Second
	maxAttempts = 10
)

// planned is the command that led to a plan.
func (a *Autopilot) planned(id string) (cmd Command) {
	a.Engine.View(func(s *history.State) {
		if p := s.Change(id).Plan; p.UndoOf != "" {
			cmd = Undo{ID: p.UndoOf}
		} else {
			cmd = PlanStep{Step: p.Step}
		}
	})
	return cmd
}

// failed keeps the last error of an attempt.
func (a *Autopilot) failed(cmd Command, err error) {
	if t, ok := a.attempts[cmd]; ok && err != nil {
		t.err = err
		a.attempts[cmd] = t
	}
}

// again returns cmd if it may be tried once more now, nil while it has to wait, and the escalation once it
// has failed too often. Another runbook's steps begin anew.
func (a *Autopilot) again(s *history.State, cmd Command, now time.Time) Command {
	if s.Run != nil && !s.Run.Opened.Equal(a.run) || a.attempts == nil {
		a.attempts = map[Command]attempt{}
		if s.Run != nil {
			a.run = s.Run.Opened
		}
	}
	t := a.attempts[cmd]
	switch {
	case t.n > 0 && now.Sub(t.at) < retryAfter:
		return nil
	case t.n >= maxAttempts:
		why := fmt.Sprintf("%s did not succeed in %d attempts", described(cmd), t.n)
		if t.err != nil {
			why += ": " + t.err.Error()
		}
		return Hand{Why: why}
	}
	a.attempts[cmd] = attempt{t.n + 1, now, t.err}
	return cmd
}

func described(cmd Command) string {
	if u, ok := cmd.(Undo); ok {
		return "undoing " + u.ID
	}
	return fmt.Sprintf("step %s", cmd.(PlanStep).Step)
}
