package engine

import (
	"fmt"
	"strings"
	"time"

	"github.com/ddbloop/ddbloop/engine/diagnose"
	"github.com/ddbloop/ddbloop/engine/signal"
	"github.com/ddbloop/ddbloop/history"
	"github.com/ddbloop/ddbloop/runbooks"
)

// A kind's runbook opens by itself when the kind is this probable, or when it is likelier than all others together and has
// been for a while.
const (
	sure      = 0.8
	likely    = 0.5
	likelyFor = 2 * time.Minute
	betterFor = time.Minute     // how long another kind must have been the sure one to be worth another runbook,
	waitedFor = 5 * time.Minute // and how long where the open one waits: what mends itself looks like much else on its way out
)

// suggest opens the runbook of the diagnosis, unless a person has opened one or one is already at work.
func (e *Engine) suggest(now time.Time) []history.Body {
	s := e.state
	if s.Incident.Detected.IsZero() || !s.Incident.Recovered.IsZero() || !s.Incident.Closed.IsZero() || len(s.Assessed.Ranked) == 0 {
		return nil
	}
	top := s.Assessed.Ranked[0]
	r := e.runbookFor(top.Kind)
	if r == nil || !(top.P >= sure || top.P >= likely && believedFor(s, now) >= likelyFor) || atWork(s, r.Name, top.Target) {
		return nil
	}
	return []history.Body{r.Opened(top.Target, sideOf(top), fmt.Sprintf("%s on %s, p %s", top.Kind, top.Target, history.Chance(top.P)))}
}

// believedFor is how long the most probable kind and its target have been so.
func believedFor(s *history.State, now time.Time) time.Duration {
	n := len(s.Beliefs)
	if n == 0 {
		return 0
	}
	i := n - 1
	for i > 0 && s.Beliefs[i-1].Kind == s.Beliefs[n-1].Kind && s.Beliefs[i-1].Goal == s.Beliefs[n-1].Goal {
		i--
	}
	return now.Sub(s.Beliefs[i].At)
}

// better returns the runbook of what has turned out to be the trouble, where it is not the open one: the diagnosis is sure of
// another kind, and nothing of the open one is in force or under way.
func (e *Engine) better(s *history.State, now time.Time) (*runbooks.Runbook, history.Hypothesis) {
	if s.Run == nil || len(s.Assessed.Ranked) == 0 {
		return nil, history.Hypothesis{}
	}
	top := s.Assessed.Ranked[0]
	r, enough := e.runbookFor(top.Kind), betterFor
	for _, st := range s.Run.Steps {
		if st.Change == runbooks.Wait && st.Result == "done" {
			enough = waitedFor
		}
	}
	if r == nil || top.P < sure || believedFor(s, now) < enough || s.Run.Info.Runbook == r.Name && s.Run.Info.Target == top.Target {
		return nil, top
	}
	for _, c := range s.Changes {
		if c.Planned.Before(s.Run.Opened) || c.Plan.UndoOf != "" {
			continue
		}
		switch c.State {
		case history.ChangeUndoneWord, history.ChangeFailed, history.ChangeNot, history.ChangeOvertaken, history.ChangeIsDropped:
		default:
			return nil, top
		}
	}
	return r, top
}

// atWork reports whether the open runbook is to be left alone: it is the one wanted, a person opened it, or
// it has led to a decision or a change. One that is left over from an earlier incident is not, unless a
// person is still in the middle of it.
func atWork(s *history.State, name, target string) bool {
	run := s.Run
	if run == nil {
		return false
	}
	byHand := strings.HasPrefix(run.Info.Why, openedByHand)
	if run.Opened.Before(s.Incident.Detected) {
		return byHand && run.Current != runbooks.End
	}
	if byHand || run.Info.Runbook == name && run.Info.Target == target {
		return true
	}
	for _, st := range run.Steps {
		if st.Result != "" {
			return true
		}
	}
	for _, c := range s.Changes {
		if !c.Planned.Before(run.Opened) {
			return true
		}
	}
	return false
}

const openedByHand = "opened by hand"

// sideOf tells reads from writes: by what is refused, else by what the kind is about.
func sideOf(h history.Hypothesis) string {
	switch {
	case strings.Contains(h.Reason, "Read"):
		return "read"
	case h.Reason != "":
		return "write"
	}
	switch h.Kind {
	case diagnose.FilterDrift, diagnose.PaginationBlowup, diagnose.ScanStorm:
		return "read"
	}
	return "write"
}

func (e *Engine) runbookFor(kind string) *runbooks.Runbook {
	for _, r := range e.opt.Library {
		if r.For(kind) {
			return r
		}
	}
	return nil
}

func (e *Engine) runbook(name string) *runbooks.Runbook {
	for _, r := range e.opt.Library {
		if r.Name == name {
			return r
		}
	}
	return nil
}

// advance lets the open runbook evaluate itself.
func (e *Engine) advance(now time.Time) []history.Body {
	if e.state.Run == nil {
		return nil
	}
	r := e.runbook(e.state.Run.Info.Runbook)
	if r == nil {
		return nil
	}
	return r.Advance(e.state, signals{e.state}, now)
}

// signals gives the runbooks the catalogue's view of the State.
type signals struct{ s *history.State }

// Series returns a signal of a target, derived ones included; nil when nothing is known.
func (v signals) Series(name, target, op string) *history.Series {
	return signal.Series(v.s, name, target, op)
}

// Ops lists the operations, probes or clients that split a signal.
func (v signals) Ops(name, target string) []string { return signal.Ops(v.s, name, target) }

// Unit returns a signal's unit, and whether the catalogue knows it.
func (v signals) Unit(name string) (string, bool) {
	return signal.Units(v.s.Session.Signals).Unit(name)
}

// Runbooks implements Loop.
func (e *Engine) Runbooks() []RunbookInfo {
	e.mu.Lock()
	defer e.mu.Unlock()
	var out []RunbookInfo
	for _, fit := range runbooks.Match(e.opt.Library, e.state.Assessed.Ranked) {
		r := fit.Runbook
		out = append(out, RunbookInfo{Name: r.Name, Title: r.Title, Kinds: r.Kinds, Fits: fit.P})
	}
	return out
}
