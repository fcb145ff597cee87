package runbooks

import (
	"strings"
	"testing"
	"time"

	"github.com/ddbloop/ddbloop/history"
)

// waitFor lets the open runbook wait for so many minutes, all of them alike, and returns how many had passed when it went on.
func (x *session) waitFor(wait *Step, minutes int, layer, kind, do string, refused float64) (after int) {
	x.put(history.StepEntered{Step: wait.ID}, history.StepFinished{Step: wait.ID, Result: "done"})
	for after = range minutes {
		x.put(history.Assessed{Layer: history.Layer{Verdict: layer}, Ranked: []history.Hypothesis{{Kind: kind, P: 0.9}}, Disposition: history.Disposition{Verdict: do}})
		values := make([]float64, 30)
		for i := max(0, len(values)-after-1); i < len(values); i++ {
			values[i] = refused
		}
		for _, name := range []string{"write_throttles", "write_keyrange_throttles"} {
			x.minutes(name, "orders", values...)
		}
		x.advance()
		if st := x.s.Run.Step(x.s.Run.Current); st != nil && st.Type == "decide" {
			return after
		}
		x.now = x.now.Add(time.Minute)
	}
	return minutes
}

// TestWaitingEnds: whatever a runbook of the library waits for, it goes on: to what is left of it once all is well for ten minutes, to
// a change where the recommendation has turned to one, and to a person after half an hour of the same, or what the runbook
// gives what it waits for. Mutant: lead a wait straight to the check of recovery.
func TestWaitingEnds(t *testing.T) {
	waits := 0
	for name, r := range lib(t) {
		var wait *Step
		for _, s := range r.Steps {
			if s.Act != nil && s.Act.Change.Kind == Wait && name != "layer-check" { // which leads on at once
				wait = s
			}
		}
		if wait == nil {
			continue
		}
		waits++
		kind := r.Kinds[0]
		layer := history.LayerThrottled
		go1 := func(minutes int, layer, kind, do string, refused float64) (int, string) {
			x := open(t, name, "orders", "write")
			after := x.waitFor(wait, minutes, layer, kind, do, refused)
			if x.s.Run.Current != "after-waiting" {
				t.Errorf("%s: at %q after %d minutes", name, x.s.Run.Current, after)
				return after, ""
			}
			return after, x.s.Run.Step("after-waiting").Favoured
		}
		if after, to := go1(61, layer, kind, history.Retry, 5); to != Escalate || after > 46 || after < 14 {
			t.Errorf("%s: the same for %d minutes leads to %q", name, after, to)
		}
		if after, to := go1(61, history.LayerHealthy, "calm", history.Retry, 0); to != "recovered" || after > 11 {
			t.Errorf("%s: well for %d minutes leads to %q", name, after, to)
		}
		if strings.Contains(wait.Act.Change.Does, "the ceiling follows") || strings.Contains(wait.Act.Change.Does, "the policy raises") {
			continue // of what mends itself nothing is changed
		}
		after, to := go1(61, layer, kind, history.Optimize, 5)
		if st := r.Step(to); st == nil || st.Act == nil || !st.Act.Change.Changes() || after > 4 {
			t.Errorf("%s: a change is recommended for %d minutes, and it leads to %q", name, after, to)
		}
	}
	if waits < 19 {
		t.Errorf("%d runbooks wait", waits)
	}
}
