package engine

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/ddbloop/ddbloop/engine/change"
	"github.com/ddbloop/ddbloop/history"
)

// P16: a stop by name, or the hold file, holds all that has not been sent within a second, undoings too; the plan stands, and what
// was sent is not called back. Mutants: look at the file when planning only; let undoings pass.
func TestHold(t *testing.T) {
	there := false
	w := inTrouble(t, func(o *Options) { o.Held = func() (string, bool) { return "the hold file stop is there", there } })
	w.must(PlanChange{What: "lever:cap", Target: "orders"})
	w.wantErr(Hold{}, "needs a reason")
	w.must(Hold{Why: "ben is in the console"})
	w.wantErr(w.consent("E1"), "held since")
	w.state("E1", history.ChangePlan)
	w.must(Release{Why: "ben is done"})
	w.wantErr(Release{}, "nothing is held")
	w.must(w.consent("E1"))
	w.pass(time.Minute)
	w.state("E1", history.ChangeInForce)
	w.must(Undo{ID: "E1"})
	there = true
	w.pass(time.Second)
	if len(w.texts("the hold file stop is there")) != 1 {
		t.Error("the hold file was not noticed within a second")
	}
	w.wantErr(w.consent("E2"), "the hold file stop is there")
	w.wantErr(Release{}, "remove it to go on")
	w.pass(time.Minute)
	w.wantSent("lever cap true")
	there = false
	w.pass(2 * time.Second)
	w.must(w.consent("E2"))
	w.wantSent("lever cap true", "lever cap false")
	// A file that came between two looks still holds.
	w.pass(time.Minute)
	w.must(PlanChange{What: "lever:cap", Target: "orders"})
	there = true
	w.wantErr(w.consent("E3"), "held since")
	w.wantSent("lever cap true", "lever cap false")
}

// A person's stop is ended by a person, whatever comes and goes meanwhile. Mutant: one hold in place of the other.
func TestAHoldFileLeavesAPersonsStop(t *testing.T) {
	for _, first := range []string{"person", "file"} {
		there := first == "file"
		w := inTrouble(t, func(o *Options) { o.Held = func() (string, bool) { return "the hold file", there } })
		w.must(PlanChange{What: "lever:cap", Target: "orders"})
		w.must(Hold{Why: "ben is in the console"})
		there = true
		w.pass(3 * time.Second)
		w.wantErr(w.consent("E1"), "the hold file")
		there = false
		w.pass(3 * time.Second)
		w.wantErr(w.consent("E1"), "ben is in the console")
		w.must(Release{Why: "ben is done"})
		w.must(w.consent("E1"))
	}
}

// A hold file that is long in coming to be seen stops nothing but changes, and an old look does not undo a newer one. Mutants: look for
// it in the loop; believe whichever look comes back last.
func TestASlowHoldFile(t *testing.T) {
	w := inTrouble(t)
	slow, there := false, false
	w.eng.opt.Held = func() (string, bool) {
		was := there
		if slow {
			slow = false
			_ = w.clk.Sleep(t.Context(), time.Minute)
		}
		return "stop", was
	}
	w.must(raise)
	w.must(w.consent("E1"))
	slow = true
	w.pass(40 * time.Second) // in the middle of a look at a file that is not there yet
	w.state("E1", history.ChangeInForce)
	there = true
	w.must(PlanChange{What: "lever:cap", Target: "orders"})
	w.pass(5 * time.Second)
	w.wantErr(w.consent("E2"), "held since") // a look of its own
	w.pass(16 * time.Second)                 // the old one comes back
	if w.eng.state.Hold == nil {
		t.Error("an old look has ended the hold")
	}
}

// A step in flight is followed and settled while changes are held.
func TestHoldDoesNotCallBack(t *testing.T) {
	w := inTrouble(t)
	w.must(raise)
	w.must(w.consent("E1"))
	w.must(Hold{Why: "wait"})
	w.pass(5 * time.Second)
	w.state("E1", history.ChangeInForce)
}

// P16: after a change, errors and missing data of its guard metrics hold the next one on the table; a typed reason passes.
// Mutants: let missing data pass; ask the newest point only.
func TestGuardMetrics(t *testing.T) {
	first := func(t *testing.T) *world {
		w := inTrouble(t)
		w.must(raise)
		w.must(w.consent("E1"))
		w.pass(40 * time.Second)
		w.eng.state.Change("E1").Plan.Expect = nil // not judged
		return w
	}
	next := PlanChange{What: "lever:cap", Target: "orders"}
	w := first(t)
	w.must(next)
	w.must(w.consent("E2")) // fresh, and no worse
	w = first(t)
	w.pass(20 * time.Minute) // CloudWatch has fallen silent
	w.must(next)
	w.wantErr(w.consent("E2"), "what E1 did cannot be seen")
	w.must(PlanChange{What: "lever:spread", Target: "orders", Reason: "the feed shows it"})
	w.must(w.consent("E3"))
	w = first(t)
	w.pass(5 * time.Minute)
	worse := map[string]float64{"consumed_write@orders": 99, "write_throttles@orders": 60, "write_provisioned_throttles@orders": 60}
	w.pollFor(worse, 4)
	w.must(next)
	w.wantErr(w.consent("E2"), "write_throttles of orders rose from 20 to 60 since E1")
	w.must(Undo{ID: "E1"}) // harm may be ended
	w.must(w.consent("E3"))
}

// pollFor is poll with the newest minutes only.
func (w *world) pollFor(m map[string]float64, minutes int64) {
	end := w.clk.Now().Unix() / 60 * 60
	p := history.MetricsPolled{Source: "cloudwatch", From: end - 600, SettledTo: end}
	for k, v := range m {
		name, goal, _ := strings.Cut(k, "@")
		u := history.SeriesUpdate{Key: history.SeriesKey{Signal: name, Target: goal}, Period: 60, Zero: strings.Contains(name, "throttles")}
		for i := int64(1); i <= minutes; i++ {
			u.Points = append(u.Points, history.Point{T: end - 60*i, V: v})
		}
		p.Series = append(p.Series, u)
	}
	w.eng.Emit(p)
	w.pass(2 * time.Second)
}

// A timer that was part of the approval takes the change back by itself, in one request; one that was set later plans it and
// waits, unless the policy lets it apply. Mutants: approve what nobody approved; send at each tick.
func TestTimers(t *testing.T) {
	timed := raise
	timed.UndoAfter = 10 * time.Minute
	w := inTrouble(t)
	endless := raise
	endless.UndoAfter = 25 * time.Hour
	w.wantRefused(endless, "between one minute and a day")
	w.must(timed)
	w.must(w.consent("E1"))
	w.pass(11 * time.Minute)
	w.state("E1", history.ChangeUndoneWord)
	w.wantSent("orders/ 100/150", "orders/ 100/100")
	by := ""
	for _, e := range w.kept {
		if a, ok := e.Body.(history.ChangeApproved); ok && a.ID == "E2" {
			by = a.Timer
		}
	}
	if by != "ana with E1" {
		t.Errorf("the timed undo is approved by %q", by)
	}

	w = inTrouble(t) // kept
	w.must(timed)
	w.must(w.consent("E1"))
	w.pass(time.Minute)
	w.must(Keep{ID: "E1"})
	w.wantErr(Keep{ID: "E1"}, "has no timer")
	w.pass(time.Hour)
	w.state("E1", history.ChangeInForce)

	for _, policy := range []string{change.Propose, change.Apply} {
		w = inTrouble(t, func(o *Options) { o.Policy.TimerUndo = policy })
		w.must(raise)
		w.must(w.consent("E1"))
		w.pass(time.Minute)
		w.wantErr(Timer{ID: "E1", After: time.Second}, "between one minute and a day")
		w.must(Timer{ID: "E1", After: 5 * time.Minute})
		w.pass(7 * time.Minute)
		want := map[string]string{change.Propose: history.ChangePlan, change.Apply: history.ChangeInForce}[policy]
		w.state("E2", want)
		if n := len(w.eng.state.Changes); n != 2 {
			t.Errorf("%s: %d changes, want the one and its undo", policy, n)
		}
	}
	w = inTrouble(t, func(o *Options) { o.Policy.TimerUndo = change.Apply })
	w.must(timed)
	w.must(w.consent("E1"))
	w.must(Hold{Why: "stop"})
	w.pass(20 * time.Minute)
	w.wantSent("orders/ 100/150") // a stop stops timers too
	w.must(Release{Why: "go"})
	w.pass(time.Minute)
	w.wantSent("orders/ 100/150", "orders/ 100/100")
}

// An undo that a stop has kept waiting for longer than a plan stands is planned anew. Mutant: offer the same plan for ever.
func TestTimerAfterALongStop(t *testing.T) {
	timed := raise
	timed.UndoAfter = 10 * time.Minute
	w := inTrouble(t)
	w.must(timed)
	w.must(w.consent("E1"))
	w.must(Hold{Why: "stop"})
	w.pass(time.Hour)
	w.wantSent("orders/ 100/150")
	w.must(Release{Why: "go"})
	w.pass(2 * time.Minute)
	w.wantSent("orders/ 100/150", "orders/ 100/100")
	w.state("E1", history.ChangeUndoneWord)
}

// A timer ends the change that was approved with it, and nothing that somebody has set in its place: that waits for a person,
// whatever the policy says of timers. Mutant: approve the inverse of whatever is there now.
func TestTimersLeaveWhatOthersHaveSet(t *testing.T) {
	timed := raise
	timed.UndoAfter = 10 * time.Minute
	for _, policy := range []string{change.Propose, change.Apply} {
		w := inTrouble(t, func(o *Options) { o.Policy.TimerUndo = policy })
		w.must(timed)
		w.must(w.consent("E1"))
		w.pass(time.Minute)
		w.mu.Lock()
		w.table.Throughput.Write = 500
		w.mu.Unlock()
		w.pass(15 * time.Minute)
		w.wantSent("orders/ 100/150")
		w.state("E2", history.ChangePlan)
		if n := len(w.texts("somebody has set 500 since")); n != 1 {
			t.Errorf("%s: told %d times", policy, n)
		}
		w.must(w.consent("E2")) // a person who sees 500 → 100 may
		w.pass(time.Minute)
		w.wantSent("orders/ 100/150", "orders/ 100/100")
	}
}

// What did harm, or nothing, is proposed to be taken back, once; nothing is planned by it.
func TestUndoIsProposed(t *testing.T) {
	for word, want := range map[string]int{history.Worse: 1, history.NoEffect: 1, history.Worked: 0, history.Unproven: 0} {
		w := inTrouble(t)
		w.must(raise)
		w.must(w.consent("E1"))
		w.pass(5 * time.Second)
		w.eng.state.Change("E1").Plan.Expect = nil // judged by us
		w.eng.Emit(history.EffectJudged{ID: "E1", Stage: history.Verdict, Word: word})
		w.pass(time.Minute)
		if n := len(w.texts("should be taken back")); n != want || len(w.eng.state.Changes) != 1 {
			t.Errorf("%s: proposed %d times, want %d", word, n, want)
		}
	}
}

// What an earlier session left in force can be undone from a new one; what the table no longer shows cannot; an intent that was
// left behind is looked for and never sent. Mutants: carry all; send what was intended.
func TestCarried(t *testing.T) {
	plan := history.ChangePlanned{
		ID: "E4", What: "table.write", Target: "orders", Title: "set orders write capacity to 150", Before: "80 units/s", After: "100 units/s", BeforeN: 80, AfterN: 100,
		TableID: "id-1", Token: "orders", UndoClass: history.UndoLimited, Side: "write",
		Set:     []history.Setting{{Name: "read", Before: "100", After: "100"}, {Name: "write", Before: "80", After: "100"}},
		Inverse: []history.Setting{{Name: "write", Before: "100", After: "80"}},
	}
	gone := plan
	gone.Set = []history.Setting{{Name: "read", Before: "100", After: "100"}, {Name: "write", Before: "80", After: "400"}}
	lost := plan
	lost.Set = []history.Setting{{Name: "read", Before: "50", After: "50"}, {Name: "write", Before: "100", After: "400"}}
	carry := func(p history.ChangePlanned, state string) history.ChangeCarried {
		return history.ChangeCarried{Plan: p, Session: "earlier", ID: "E4", State: state, By: "ben", Intended: start.Add(-time.Hour), Settled: start.Add(-time.Hour)}
	}
	w := newWorld(t, func(o *Options) {
		o.Earlier = []history.ChangeCarried{carry(plan, history.ChangeInForce), carry(gone, history.ChangeInForce), carry(lost, history.ChangeUnsure)}
	})
	w.pass(2 * time.Second)
	w.state("E1", history.ChangeInForce)
	w.state("E2", history.ChangeOvertaken)
	w.state("E3", history.ChangeUnsure)
	w.pass(lookFor)
	w.state("E3", history.ChangeNot)
	w.wantErr(Undo{ID: "E2"}, "not in force")
	w.must(Undo{ID: "E1"})
	w.must(w.consent("E4"))
	w.pass(5 * time.Second)
	w.state("E1", history.ChangeUndoneWord)
	w.wantSent("orders/ 100/80")
}

// An undo of an earlier session that got no answer ends the change that it was of, by whatever numbers they have here. Mutant: keep
// the number of then.
func TestCarriedUndo(t *testing.T) {
	of := func(what, session, id, undoes, state string, before, after string) history.ChangeCarried {
		_, side, _ := strings.Cut(what, ".")
		p := history.ChangePlanned{
			ID: id, What: what, Target: "orders", TableID: "id-1", Token: "orders", UndoClass: history.UndoLimited, Side: side, UndoOf: undoes,
			Set: []history.Setting{{Name: side, Before: before, After: after}}, Inverse: []history.Setting{{Name: side, Before: after, After: before}},
		}
		return history.ChangeCarried{Plan: p, Session: session, ID: id, State: state, Intended: start.Add(-time.Hour), Settled: start.Add(-time.Hour)}
	}
	w := newWorld(t, func(o *Options) {
		o.Earlier = []history.ChangeCarried{
			of("table.read", "first", "E1", "", history.ChangeInForce, "70", "100"),
			of("table.write", "second", "E1", "", history.ChangeInForce, "100", "150"),
			of("table.write", "second", "E2", "second E1", history.ChangeUnsure, "150", "100"),
		}
	})
	w.pass(3 * time.Second)
	w.state("E1", history.ChangeInForce)
	w.state("E2", history.ChangeUndoneWord)
	w.state("E3", history.ChangeInForce)
	if by := w.change("E2").UndoneBy; by != "E3" {
		t.Errorf("E2 was undone by %q", by)
	}
}

// A server that tells no identity of its tables is changed and followed as any other. Mutant: take a change for one outside AWS
// because it names no table's identity.
func TestTableWithoutIdentity(t *testing.T) {
	w := inTrouble(t)
	w.table.ID = ""
	w.must(raise)
	w.must(w.consent("E1"))
	w.pass(5 * time.Second)
	w.state("E1", history.ChangeInForce)
	w.wantSent("orders/ 100/150")
}

// A policy that cannot be read any more, or reads otherwise than when the plan was made, sends nothing. Mutants: keep the policy
// of the session's start; take an unreadable file as the built-in policy.
func TestPolicyHoldsAtApply(t *testing.T) {
	p, err := change.Careful, error(nil)
	w := inTrouble(t, func(o *Options) { o.Reread = func() (change.Policy, error) { return p, err } })
	w.must(raise)
	err = errors.New("policy.yaml: no such file")
	w.wantErr(w.consent("E1"), "no change without a policy")
	w.wantErr(raise, "no change without a policy")
	w.state("E1", history.ChangePlan)
	err = nil
	p.Hash, p.Spacing = "another", time.Second
	w.wantErr(w.consent("E1"), "the policy has changed since it was planned")
	w.state("E1", history.ChangeIsDropped)
	w.must(raise)
	p.Protected = []string{"orders"}
	w.wantErr(w.consent("E2"), "the policy protects orders")
	w.wantSent()
}

// A spacing that was made longer while the session runs is obeyed at once. Mutant: the spacing of the session's start.
func TestSpacingIsReadAgain(t *testing.T) {
	p := change.Careful
	w := inTrouble(t, func(o *Options) { o.Reread = func() (change.Policy, error) { return p, nil } })
	w.must(PlanChange{What: "lever:cap", Target: "orders"})
	w.must(w.consent("E1"))
	p.Hash, p.Spacing = "longer", 2*time.Minute
	w.pass(time.Minute) // the 30 s of the start are over
	w.must(PlanChange{What: "lever:spread", Target: "orders"})
	w.wantErr(w.consent("E2"), "wait 2m0s between changes")
	w.pass(59 * time.Second)
	w.wantErr(w.consent("E2"), "wait 2m0s between changes")
	w.pass(time.Second)
	w.must(w.consent("E2"))
	w.wantSent("lever cap true", "lever spread true")
}

// Tags that protect a table are read at plan and at apply; unreadable ones protect it. Mutant: read them when planning only.
func TestTagsProtect(t *testing.T) {
	w := inTrouble(t, func(o *Options) { o.Policy.ProtectedTags = map[string]string{"protected": "true"} })
	w.noTags = errors.New("AccessDenied")
	w.wantRefused(raise, "the tags of orders cannot be read: AccessDenied")
	w.noTags, w.tags = nil, map[string]string{"protected": "true"}
	w.wantRefused(raise, "it is tagged protected=true")
	w.tags = map[string]string{"protected": "no"}
	w.must(raise)
	w.tags = map[string]string{"protected": "true"}
	w.wantErr(w.consent("E1"), "tagged protected=true")
	w.wantSent()
}
