package engine

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/ddbloop/ddbloop/history"
)

// piloted starts an autopilot, and CloudWatch that repeats itself each minute.
func piloted(w *world, metrics map[string]float64) *Autopilot {
	pilot := &Autopilot{Engine: w.eng, Think: 15 * time.Second}
	w.clk.Go(func() { pilot.Run(w.t.Context()) })
	w.clk.Go(func() {
		for w.clk.Sleep(w.t.Context(), time.Minute) == nil {
			w.poll(metrics)
		}
	})
	return pilot
}

// count counts the kept events that f picks.
func (w *world) count(f func(history.Body) bool) (n int) {
	for _, e := range w.kept {
		if f(e.Body) {
			n++
		}
	}
	return n
}

func is[T history.Body](b history.Body) bool { _, ok := b.(T); return ok }

// The whole way: it waits its thinking time, approves once, and stays off what is under way.
// Mutant: approve without looking at the change's state.
func TestAutopilotCarriesOutThePlan(t *testing.T) {
	w := inTrouble(t)
	piloted(w, troubledTable)
	w.pass(3 * time.Second)
	if w.count(is[history.ChangePlanned]) > 1 {
		t.Fatal("planned twice")
	}
	w.pass(4 * time.Minute)
	if n := w.count(is[history.ChangeApproved]); n != 1 || len(w.sent) != 1 {
		t.Fatalf("%d approvals, sent %q: %q", n, w.sent, w.texts(""))
	}
	c := w.change("E1")
	if c.Plan.What != "table.write" || c.Approved.Sub(c.Planned) < 15*time.Second || c.State != history.ChangeInForce {
		t.Errorf("%+v", c)
	}
}

func TestAutopilotStopsWhenHandedOn(t *testing.T) {
	w := inTrouble(t)
	pilot := piloted(w, troubledTable)
	w.pass(3 * time.Second)
	w.must(Hand{Why: "the owner takes over"})
	w.pass(10 * time.Minute)
	if !pilot.Ended() || len(w.sent) != 0 {
		t.Errorf("ended %v, sent %q", pilot.Ended(), w.sent)
	}
}

// What cannot be approved is dropped, planned again after a while, and handed on in the end.
// Mutants: plan again each second; wait for ever.
func TestAutopilotGivesUp(t *testing.T) {
	for name, hinder := range map[string]func(w *world){
		"the table changes each time": func(w *world) {
			w.atAppend = func(e history.Event) {
				if is[history.ChangePlanned](e.Body) {
					w.mu.Lock()
					w.table.Throughput.Read++
					w.mu.Unlock()
				}
			}
		},
		"the table is never ready": func(w *world) { w.table.Status = "UPDATING" },
		"the table cannot be read": func(w *world) { w.reading = func() error { return errLost } },
	} {
		t.Run(name, func(t *testing.T) {
			w := inTrouble(t)
			hinder(w)
			began := w.clk.Now()
			pilot := piloted(w, troubledTable)
			w.pass(15 * time.Minute)
			tries := w.count(is[history.ChangePlanned]) + w.count(is[history.ChangeRefused])
			if tries > maxAttempts || !pilot.Ended() || w.count(is[history.IncidentEscalated]) != 1 {
				t.Errorf("%d tries, ended %v, %q", tries, pilot.Ended(), w.texts("escalated"))
			}
			refused := w.count(is[history.ChangeRefused]) > 0 // the runbook says what follows on a refusal
			if after := incidentOf(w).Escalated.Sub(began); !refused && after < (maxAttempts-1)*retryAfter {
				t.Errorf("gave up after %s", after)
			}
			w.wantSent()
		})
	}
}

// An approval that only comes too soon is made when its time has come. Mutant: drop it.
func TestAutopilotWaitsForSpacing(t *testing.T) {
	w := inTrouble(t)
	w.eng.opt.Policy.Spacing = 2 * time.Minute
	w.must(PlanChange{What: "lever:cap", Target: "orders"})
	w.must(w.consent("E1"))
	piloted(w, troubledTable)
	w.pass(4 * time.Minute)
	if len(w.sent) != 2 || w.count(is[history.ChangeDropped]) != 0 {
		t.Errorf("sent %q, %d dropped", w.sent, w.count(is[history.ChangeDropped]))
	}
}

// What made things worse is taken back once; an undoing that fails is not tried for ever.
func TestAutopilotUndoesWorse(t *testing.T) {
	for name, fails := range map[string]bool{"it can be undone": false, "it cannot": true} {
		t.Run(name, func(t *testing.T) {
			w := inTrouble(t)
			w.lever = func(_ string, on bool) error {
				if fails && !on {
					return errLost
				}
				return nil
			}
			w.must(PlanChange{What: "lever:cap", Target: "orders"})
			w.must(w.consent("E1"))
			w.eng.Emit(history.EffectJudged{ID: "E1", Stage: history.Verdict, Word: history.Worse, Reason: "p99 doubled"})
			pilot := piloted(w, troubledTable)
			w.pass(30 * time.Second)
			offs := 0
			w.pass(20 * time.Minute)
			for _, s := range w.sent {
				offs += strings.Count(s, "lever cap false")
			}
			switch {
			case !fails && (offs != 1 || w.change("E1").State != history.ChangeUndoneWord):
				t.Errorf("taken back %d times: %q", offs, w.sent)
			case fails && (offs == 0 || offs > maxAttempts || !pilot.Ended()):
				t.Errorf("tried %d times, ended %v", offs, pilot.Ended())
			}
		})
	}
}

func TestAutopilotClosesWhatHasRecovered(t *testing.T) {
	w := inTrouble(t)
	pilot := piloted(w, calmTable)
	w.poll(calmTable)
	w.eng.Emit(history.IncidentRecovered{Why: "healthy"})
	w.pass(3 * time.Second)
	if in := incidentOf(w); !pilot.Ended() || in.Closed.IsZero() {
		t.Errorf("ended %v, %+v", pilot.Ended(), in)
	}
}

// A change to try is made instead of the runbook's, once. A refusal ends the try.
func TestAutopilotTries(t *testing.T) {
	for what, wantID := range map[string]string{"lever:cap": "E1", "cap.write": ""} {
		w := inTrouble(t)
		pilot := piloted(w, troubledTable)
		pilot.Try = &PlanChange{What: what, Target: "orders"}
		w.pass(2 * time.Minute)
		if !pilot.Tried() || pilot.TryID != wantID || w.count(is[history.ChangePlanned])+w.count(is[history.ChangeRefused]) != 1 {
			t.Errorf("%s: tried %v as %q: %q", pilot.Try, pilot.Tried(), pilot.TryID, w.sent)
		}
	}
}

// Between two assessments nothing is decided twice, though commands take no time.
func TestAutopilotEndsWithItsContext(t *testing.T) {
	w := newWorld(t)
	ctx, cancel := context.WithCancel(t.Context())
	ended := false
	w.clk.Go(func() { (&Autopilot{Engine: w.eng}).Run(ctx); ended = true })
	w.pass(5 * time.Second)
	cancel()
	w.pass(2 * time.Second)
	if !ended {
		t.Error("it runs on")
	}
}
