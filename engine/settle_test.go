package engine

import (
	"testing"
	"time"

	"github.com/ddbloop/ddbloop/history"
)

// A request without an answer is looked for, never sent again. Mutants: send once more; count no answer as
// a failure; believe the first look.
func TestLostAnswers(t *testing.T) {
	unsure := Answer{Unsure: true, Text: "timeout"}
	for _, c := range []struct {
		name   string
		answer func(w *world, apply func()) Answer
		after  time.Duration // of silence, until the word must have been said
		early  string        // state a second after the answer
		want   string
		says   string
	}{
		{"it came through", func(_ *world, apply func()) Answer { apply(); return unsure }, 10 * time.Second, history.ChangeSentOK, history.ChangeInForce, "in progress: the table is UPDATING"},
		{"it came through at once", func(w *world, _ func()) Answer { w.table.Throughput.Write = 150; return unsure }, 3 * time.Second, history.ChangeInForce, history.ChangeInForce, "applied: it has 150"},
		{"it never arrived", func(*world, func()) Answer { return unsure }, 70 * time.Second, history.ChangeUnsure, history.ChangeNot, "not applied: it still has 100"},
		{"somebody came between", func(w *world, _ func()) Answer { w.table.Throughput.Write = 400; return unsure }, 5 * time.Second, history.ChangeOvertaken, history.ChangeOvertaken, "overtaken: somebody has set 400"},
		{"the table was replaced", func(w *world, _ func()) Answer { w.table.ID = "id-2"; return unsure }, 5 * time.Second, history.ChangeOvertaken, history.ChangeOvertaken, "was replaced"},
		{"nobody can look", func(w *world, _ func()) Answer { w.deaf = true; return unsure }, 20 * time.Minute, history.ChangeUnsure, history.ChangeUnsure, "got no clear answer"},
		{"refused", func(*world, func()) Answer { return Answer{Code: "LimitExceededException", Text: "no decreases left"} }, time.Minute, history.ChangeFailed, history.ChangeFailed, "failed: no decreases left"},
		{"accepted, then nothing", func(*world, func()) Answer { return Answer{OK: true} }, 70 * time.Second, history.ChangeSentOK, history.ChangeNot, "not applied"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := inTrouble(t)
			w.answer = func(apply func()) Answer { return c.answer(w, apply) }
			w.must(raise)
			w.must(w.consent("E1"))
			w.pass(1500 * time.Millisecond)
			w.state("E1", c.early)
			w.pass(c.after)
			w.state("E1", c.want)
			if len(w.texts(c.says)) == 0 {
				t.Errorf("nothing says %q: %q", c.says, w.texts("E1"))
			}
			w.pass(10 * time.Minute)
			w.wantSent("orders/ 100/150")
			if c.want == history.ChangeUnsure {
				w.wantErr(Undo{ID: "E1"}, "not in force")
				must(t, w.do(raise)) // a refusal is an event
				if len(w.texts("E1 is still under way")) == 0 {
					t.Error("another change was planned while the first is unknown")
				}
			}
		})
	}
}

// An intent that a dead process left behind is asked after, not carried out.
func TestIntentsLeftBehind(t *testing.T) {
	w := newWorld(t)
	w.pass(time.Second)
	plan := history.ChangePlanned{ID: "E1", What: "table.write", Target: "orders", BeforeN: 100, AfterN: 150, Before: "100 units/s", TableID: "id-1"}
	approved := plan
	approved.ID = "E2"
	w.eng.Emit(plan, history.ChangeApproved{ID: "E1"}, history.ChangeIntended{ID: "E1"}, approved, history.ChangeApproved{ID: "E2"})
	w.pass(2 * time.Second)
	w.state("E2", history.ChangeNot) // nothing leaves without an intent
	w.state("E1", history.ChangeIntent)
	w.pass(lostRequest)
	w.state("E1", history.ChangeUnsure)
	w.pass(lookFor + 2*time.Second)
	w.state("E1", history.ChangeNot)
	w.wantSent()
}

// A lever that does not answer leaves a doubt that a person can end. Mutant: undo only what is in force.
func TestLostLever(t *testing.T) {
	w := inTrouble(t)
	w.lever = func(string, bool) error { return ErrUnanswered }
	w.must(PlanChange{What: "lever:cap", Target: "orders"})
	w.must(w.consent("E1"))
	w.pass(10 * time.Minute)
	w.state("E1", history.ChangeUnsure)
	w.lever = func(string, bool) error { return nil }
	w.must(Undo{ID: "E1"})
	w.must(w.consent("E2"))
	w.pass(time.Second)
	w.state("E1", history.ChangeUndoneWord)
	w.wantSent("lever cap true", "lever cap false")

	w.lever = func(string, bool) error { return errLost }
	w.pass(time.Minute)
	w.must(PlanChange{What: "lever:spread", Target: "orders"})
	w.must(w.consent("E3"))
	w.state("E3", history.ChangeFailed)
}
