package engine

import (
	"cmp"
	"testing"
	"time"

	"github.com/ddbloop/ddbloop/history"
	"github.com/ddbloop/ddbloop/runbooks"
)

// TestBetter: another runbook takes the open one's place only when its kind has been sure for a minute, five where the open one
// waits, and while nothing of the open one is in force or under way. Mutants: ask for likely only; forget how long; forget the wait;
// count changes from before it was opened, or those that take back; let a change that is in force, or on its way, go; forget that a
// plan that came to nothing holds nobody up; take the same runbook on another table for the open one.
func TestBetter(t *testing.T) {
	library, err := shelf()
	if err != nil {
		t.Fatal(err)
	}
	e := &Engine{opt: Options{Library: library}}
	now := start.Add(time.Hour)
	opened := now.Add(-20 * time.Minute)
	change := func(state, undoOf string, ago time.Duration) *history.Change {
		return &history.Change{Plan: history.ChangePlanned{ID: "E1", UndoOf: undoOf}, State: state, Planned: now.Add(-ago)}
	}
	for _, c := range []struct {
		name   string
		p      float64
		kind   string // "" = hot_partition
		target string // "" = orders
		held   time.Duration
		waits  bool
		run    string // "" = underprovisioned-table; none = no runbook is open
		change *history.Change
		want   string
	}{
		{name: "sure for a minute", p: 0.8, held: time.Minute, want: "hot-partition"},
		{name: "sure for less", p: 0.99, held: 59 * time.Second},
		{name: "not quite sure", p: 0.79, held: time.Hour},
		{name: "no runbook is open", p: 0.99, held: time.Hour, run: "none"},
		{name: "nothing is for it", p: 0.99, held: time.Hour, kind: "calm"},
		{name: "it is the open one", p: 0.99, held: time.Hour, run: "hot-partition"},
		{name: "the open one, on another table", p: 0.99, held: time.Hour, run: "hot-partition", target: "carts", want: "hot-partition"},
		{name: "the open one waits", p: 0.99, held: 4 * time.Minute, waits: true},
		{name: "the open one has waited", p: 0.99, held: 5 * time.Minute, waits: true, want: "hot-partition"},
		{name: "a change in force", p: 0.99, held: time.Hour, change: change(history.ChangeInForce, "", time.Minute)},
		{name: "a change under way", p: 0.99, held: time.Hour, change: change(history.ChangeSentOK, "", time.Minute)},
		{name: "a plan that waits", p: 0.99, held: time.Hour, change: change(history.ChangePlan, "", time.Minute)},
		{name: "a plan that was dropped", p: 0.99, held: time.Hour, change: change(history.ChangeIsDropped, "", time.Minute), want: "hot-partition"},
		{name: "a change that was taken back", p: 0.99, held: time.Hour, change: change(history.ChangeUndoneWord, "", time.Minute), want: "hot-partition"},
		{name: "a change that failed", p: 0.99, held: time.Hour, change: change(history.ChangeFailed, "", time.Minute), want: "hot-partition"},
		{name: "a taking back", p: 0.99, held: time.Hour, change: change(history.ChangeInForce, "E0", time.Minute), want: "hot-partition"},
		{name: "a change from before", p: 0.99, held: time.Hour, change: change(history.ChangeInForce, "", time.Hour), want: "hot-partition"},
	} {
		s := history.NewState()
		kind, target, run := cmp.Or(c.kind, "hot_partition"), cmp.Or(c.target, "orders"), cmp.Or(c.run, "underprovisioned-table")
		s.Assessed.Ranked = []history.Hypothesis{{Kind: kind, Target: target, P: c.p}}
		s.Beliefs = []history.Belief{
			{At: now.Add(-2 * time.Hour), Kind: "calm"}, {At: now.Add(-c.held), Kind: kind, Goal: target}, {At: now.Add(-time.Second), Kind: kind, Goal: target},
		}
		if run != "none" {
			s.Run = &history.Run{Info: history.RunbookOpened{Runbook: run, Target: "orders"}, Opened: opened}
			st := &history.Step{StepInfo: history.StepInfo{ID: "hold-still", Type: "act", Change: runbooks.Wait}}
			if c.waits {
				st.Result = "done"
			}
			s.Run.Steps = append(s.Run.Steps, st)
		}
		if c.change != nil {
			s.Changes = append(s.Changes, c.change)
		}
		got := ""
		if r, top := e.better(s, now); r != nil {
			got = r.Name
			if top.Target != target {
				t.Errorf("%s: on %q", c.name, top.Target)
			}
		}
		if got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
	if r, _ := e.better(&history.State{Run: &history.Run{}}, now); r != nil {
		t.Error("nothing is known, and", r.Name, "is better")
	}
}
