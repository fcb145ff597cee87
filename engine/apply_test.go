package engine

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ddbloop/ddbloop/engine/change"
	"github.com/ddbloop/ddbloop/history"
)

var raise = PlanChange{What: "table.write", Target: "orders", To: 150}

// One approval is one request, and the intent with its inverse is kept before it leaves.
// Mutant: send, then record the intent.
func TestApproveSendsOnce(t *testing.T) {
	w := inTrouble(t)
	w.must(raise)
	w.wantSent() // a plan sends nothing
	intents := 0
	w.atAppend = func(e history.Event) {
		if i, ok := e.Body.(history.ChangeIntended); ok && i.ID == "E1" && strings.Contains(i.Undo, "back to 100") {
			intents++
			w.wantSent()
		}
	}
	sentAfterIntent := false
	take := w.answer
	w.answer = func(apply func()) Answer { sentAfterIntent = intents == 1; return take(apply) }
	yes := w.consent("E1")
	w.must(yes)
	w.wantSent("orders/ 100/150") // the side that is not meant stays
	if !sentAfterIntent {
		t.Error("the request left before its intent was kept")
	}
	w.wantErr(yes, "does not wait for approval")
	w.state("E1", history.ChangeSentOK)
	w.pass(5 * time.Second)
	w.state("E1", history.ChangeInForce)
	w.pass(10 * time.Minute)
	w.wantSent("orders/ 100/150")
	if c := w.change("E1"); c.By != "ana" || c.Request == "" {
		t.Errorf("who and what are missing: %+v", c)
	}
}

func TestApprovalIsForOnePlanAsSeen(t *testing.T) {
	w := inTrouble(t)
	w.must(raise)
	yes := w.consent("E1")
	w.wantErr(Approve{ID: "E1", Hash: yes.Hash, Token: "order"}, `needs "orders" typed in full`)
	w.wantErr(Approve{ID: "E1", Hash: yes.Hash, Token: ""}, "typed in full")
	w.wantErr(Approve{ID: "E1", Hash: "0123", Token: "orders"}, "has changed since it was shown")
	w.wantErr(Approve{ID: "E2", Hash: yes.Hash, Token: "orders"}, "does not wait for approval")
	w.reading = func() error { return errLost }
	w.wantErr(yes, "cannot be read now")
	w.state("E1", history.ChangePlan) // the plan stands: looking again may succeed
	w.reading = nil
	w.pass(staleAfter + time.Second)
	w.wantErr(yes, "more than 10 minutes ago: plan it again")
	w.state("E1", history.ChangeIsDropped) // it can never be approved, and stands in the way of another
	w.wantErr(yes, "does not wait for approval")
	w.wantErr(Drop{ID: "E1"}, "not a planned change")
	w.wantSent()
}

func TestReadOnlySendsNothing(t *testing.T) {
	for name, opt := range map[string]option{
		"not armed":        func(o *Options) { o.Session.Armed = false },
		"no writer at all": readOnly,
		"a lever's rights": func(o *Options) { o.Writer = nil },
	} {
		w := inTrouble(t, opt)
		if err := w.do(raise); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		w.eng.Emit(history.ChangePlanned{ID: "E9", What: "table.write", Target: "orders", BeforeN: 100, AfterN: 150, TableID: "id-1", Token: "orders", Hash: "h"})
		w.wantErr(Approve{ID: "E9", Hash: "h", Token: "orders"}, "read-only")
		w.wantSent()
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// Guards that held at planning hold at applying. Mutant: check them when planning only.
func TestGuardsHoldAtApply(t *testing.T) {
	w := inTrouble(t)
	w.must(PlanChange{What: "lever:cap", Target: "orders"})
	w.must(PlanChange{What: "lever:cap", Target: "orders"})
	w.must(w.consent("E1"))
	w.pass(time.Minute)
	w.wantErr(w.consent("E2"), "on already")
	w.state("E2", history.ChangeIsDropped)
	w.must(raise)
	w.eng.opt.Policy.CostStep = 0.001
	w.wantErr(w.consent("E3"), "more than the policy's")
	w.wantSent("lever cap true")
}

func TestPlansOfAnotherProcessAreNotSent(t *testing.T) {
	w := inTrouble(t)
	w.must(raise)
	delete(w.eng.seen, "E1") // as after a resume
	w.wantErr(w.consent("E1"), "planned by another process")
	w.wantSent()
}

// What was taken back is made again by a plan of its own only, which every guard looks at. Mutant: undo an undo.
func TestAnUndoIsNotUndone(t *testing.T) {
	p := change.Careful
	w := inTrouble(t, func(o *Options) { o.Reread = func() (change.Policy, error) { return p, nil } })
	w.must(raise)
	w.must(w.consent("E1"))
	w.pass(time.Minute)
	w.must(Undo{ID: "E1"})
	w.must(w.consent("E2"))
	w.pass(time.Minute)
	p.Freeze = []change.Window{{From: start, To: start.Add(24 * time.Hour), Why: "a sale"}}
	w.wantErr(Undo{ID: "E2"}, "E2 took E1 back: plan that change anew")
	w.wantRefused(raise, "a sale")
	w.wantSent("orders/ 100/150", "orders/ 100/100")
}

func TestSpacing(t *testing.T) {
	w := inTrouble(t)
	w.must(PlanChange{What: "lever:cap", Target: "orders"})
	w.must(PlanChange{What: "lever:spread", Target: "orders"})
	w.must(w.consent("E1"))
	var wait *NotYet
	if err := w.do(w.consent("E2")); !errors.As(err, &wait) || !strings.Contains(wait.Why, "wait 30s between changes") {
		t.Errorf("at once: %v", err)
	}
	w.pass(29 * time.Second)
	w.wantErr(w.consent("E2"), "wait 30s")
	w.pass(time.Second)
	w.must(w.consent("E2"))
	// Harm is ended as soon as it is seen.
	w.must(Undo{ID: "E2"})
	w.must(w.consent("E3"))
	w.wantSent("lever cap true", "lever spread true", "lever spread false")
}

// However many people approve at the same instant, one request leaves. Mutant: check before reading the
// table only.
func TestConcurrentApprovals(t *testing.T) {
	for range 20 {
		w := inTrouble(t)
		w.must(raise)
		w.must(raise) // a second plan for the same table, made before the first was approved
		var gate, done sync.WaitGroup
		gate.Add(4)
		w.reading = func() error { gate.Done(); gate.Wait(); return nil } // all have been let through so far
		errs := make(chan error, 4)
		for _, id := range []string{"E1", "E1", "E2", "E2"} {
			yes := w.consent(id)
			done.Go(func() { errs <- w.eng.Do(context.Background(), yes) })
		}
		done.Wait()
		close(errs)
		ok := 0
		for err := range errs {
			if err == nil {
				ok++
			}
		}
		w.reading = nil
		w.pass(time.Second)
		if ok != 1 || len(w.sent) != 1 {
			t.Fatalf("%d approvals went through, sent %q", ok, w.sent)
		}
		w.clk.Stop()
	}
}

// A journal that fails stops changes, and nothing else. Mutant: send although the intent was not kept.
func TestJournalFails(t *testing.T) {
	w := inTrouble(t)
	w.must(raise)
	yes := w.consent("E1")
	w.full = errors.New("disk full")
	w.wantErr(yes, "its intent could not be recorded (disk full)")
	w.wantSent()
	w.state("E1", history.ChangeIsDropped)
	if hurt := w.texts("changes are off"); len(hurt) != 1 {
		t.Errorf("told %q", hurt)
	}
	w.wantErr(raise, "changes are off")
	w.full = nil // a disk that has room again has still lost what it lost
	w.wantErr(raise, "changes are off")
	w.pass(20 * time.Minute)
	seq := uint64(0)
	w.eng.View(func(s *history.State) { seq = s.Seq })
	w.pass(time.Minute)
	w.eng.View(func(s *history.State) {
		if s.Seq <= seq || s.Now.Before(w.clk.Now().Add(-5*time.Second)) {
			t.Error("the session stands still")
		}
		if s.Assessed.Layer.Verdict != history.LayerUnknown {
			t.Errorf("layer %s: assessing has stopped", s.Assessed.Layer.Verdict)
		}
	})
	if hurt := w.texts("changes are off"); len(hurt) != 1 {
		t.Errorf("told %d times", len(hurt))
	}
}

// What could not be flushed ends recording too, and is said once.
func TestFlushFails(t *testing.T) {
	w := newWorld(t)
	w.pass(time.Second)
	w.atAppend = func(history.Event) {}
	w.full = errors.New("disk full")
	w.eng.Tick()
	w.eng.Tick()
	if hurt := w.texts("changes are off"); len(hurt) != 1 {
		t.Errorf("told %q", hurt)
	}
}

// Apply and undo leave the table as it was, though somebody moved the other side in between.
// Mutant: undo from present values.
func TestUndoRestores(t *testing.T) {
	w := inTrouble(t)
	w.must(raise)
	w.must(w.consent("E1"))
	w.pass(5 * time.Second)
	w.mu.Lock()
	w.table.Throughput.Read = 130
	w.mu.Unlock()
	w.wantErr(Undo{ID: "E7"}, "not in force")
	w.must(Undo{ID: "E1"})
	w.wantErr(Undo{ID: "E1"}, "E2 already undoes E1")
	w.must(w.consent("E2"))
	w.pass(5 * time.Second)
	w.wantSent("orders/ 100/150", "orders/ 130/100")
	w.state("E1", history.ChangeUndoneWord)
	if got := w.look().Throughput; got.Write != 100 || got.Read != 130 {
		t.Errorf("%+v", got)
	}
	w.wantErr(Undo{ID: "E1"}, "not in force")
}
