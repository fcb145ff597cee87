package main

import (
	"github.com/ddbloop/ddbloop/engine/sim/scenario"
	"github.com/ddbloop/ddbloop/history"
)

func texts(list []scenario.Change) []string {
	out := make([]string, 0, len(list))
	for _, c := range list {
		out = append(out, c.String())
	}
	return out
}

// failures lists what the run got wrong, in the words of the drill contract.
func (r *drillRun) failures(out drillResult) []string {
	if r.try != "" {
		return r.tryFailures()
	}
	var bad []string
	add := func(failed bool, what string) {
		if failed {
			bad = append(bad, what)
		}
	}
	t := r.sc.Truth
	add(out.Diagnosis.Kind != t.Kind || out.Diagnosis.Target != t.Target, "diagnosis")
	add(out.Layer.Verdict != t.Layer, "layer")
	add(t.Disposition != "" && out.Disposition != t.Disposition, "disposition")
	add(r.anyChange(t.Harmful, func(c *history.Change) bool { return true }), "harmful")
	add(r.anyChange(t.Futile, helped), "futile")
	add(out.FalseAlarms > 0, "false_alarm")
	add(!r.short && !r.endedWell(out), "ending")
	return bad
}

// endedWell reports whether the ending is the one that the truth's disposition asks for.
func (r *drillRun) endedWell(out drillResult) bool {
	switch r.sc.Truth.Disposition {
	case history.Optimize:
		return r.anyChange(r.sc.Truth.Cures, helped) && r.cured
	case history.Escalate:
		return out.EscalatedAt != ""
	case history.Retry:
		for _, c := range out.Changes {
			if c.Kind != "insights" {
				return false
			}
		}
		return out.EscalatedAt == "" && out.RecoveredAt != ""
	}
	return len(out.Changes) == 0 && out.FalseAlarms == 0
}

// anyChange reports whether one of the listed changes was applied and is so.
func (r *drillRun) anyChange(list []scenario.Change, so func(*history.Change) bool) bool {
	for _, want := range list {
		for _, c := range r.state.Changes {
			if !c.Intended.IsZero() && r.matches(want, c) && so(c) {
				return true
			}
		}
	}
	return false
}

// matches compares an applied change with one the truth names. A capacity kind means a raise, ".down" a cut.
func (r *drillRun) matches(want scenario.Change, c *history.Change) bool {
	if c.Plan.What != want.Kind || c.Plan.UndoOf != "" {
		return false
	}
	if want.Lever() != "" {
		return true
	}
	if want.Side != "" && c.Plan.Side != want.Side {
		return false
	}
	return c.Plan.Target == want.Target() && (c.Plan.AfterN < c.Plan.BeforeN) == want.Down
}

func helped(c *history.Change) bool {
	return c.Effect != nil && (c.Effect.Word == history.Worked || c.Effect.Word == history.Helped)
}

// tryFailures judges a run that made one given change: a cure must be found to help, a futile change must
// be refused or found not to, a harmful one refused or found out and taken back.
func (r *drillRun) tryFailures() []string {
	c := r.state.Change(r.tryID)
	applied := c != nil && !c.Intended.IsZero()
	is := func(list []scenario.Change) bool {
		for _, x := range list {
			if x.String() == r.try {
				return true
			}
		}
		return false
	}
	t := r.sc.Truth
	switch {
	case is(t.Cures) && (!applied || !helped(c)):
		return []string{"ending"}
	case is(t.Futile) && applied && helped(c):
		return []string{"futile"}
	case is(t.Harmful) && applied && (c.Effect == nil || c.Effect.Word != history.Worse || c.Undone.IsZero()):
		return []string{"harmful"}
	}
	return nil
}
