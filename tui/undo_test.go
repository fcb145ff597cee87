package tui

import (
	"strings"
	"testing"
	"time"

	"github.com/ddbloop/ddbloop/history"
	"github.com/ddbloop/ddbloop/tui/tuitest"
)

// inForce is the act of a step with its lever in force, the only one that does what the step asks for.
func inForce(more ...history.Body) *tuitest.Script {
	act := history.StepInfo{Type: "act", Change: "lever:shed", Levers: []string{"shed_load"}}
	return stepAt(act, append(lever("", history.UndoReady), more...)...)
}

// TestAnUndoComesFirst: whoever looked at a change and plans its undo has the undo's card before his eyes. Mutant: keep the selection.
func TestAnUndoComesFirst(t *testing.T) {
	s := inForce()
	d, n := sit(t, s, 80, 24), len(s.Events)
	d.m.card = "E1"
	d.press(time.Second, "u")
	s.Add(history.ChangePlanned{ID: "E2", UndoOf: "E1", Target: "orders", Title: "undo E1: shed", Token: "orders"})
	d.m.Update(eventsArrived(s.Events[n:]))
	if got := d.m.cards()[0].Plan.ID; got != "E2" {
		t.Errorf("%s is drawn first:\n%s", got, d.screen())
	}
}

// TestAnActSaysWhatWasDone: a step whose lever was set shows that lever, not that none is left, and a card promises a first look only
// where one comes. Mutants: ask for a lever that is free all the same; promise it of each.
func TestAnActSaysWhatWasDone(t *testing.T) {
	look := "first look in seconds"
	d := sit(t, inForce(), 160, 46)
	card := squeezed(rightOf(d.screen(), "4 Effects"))
	if s := squeezed(d.screen()); strings.Contains(s, "noleverisleft") || !strings.Contains(s, squeezed("lever shed: shed")) || !strings.Contains(card, squeezed("its effect is not judged")) {
		t.Errorf("a change that is held to nothing:\n%s", d.screen())
	}
	d = sit(t, tuitest.Settling().Add(history.ChangeSettled{ID: "E1"}), 160, 46)
	if !strings.Contains(squeezed(rightOf(d.screen(), "4 Effects")), squeezed(look)) {
		t.Errorf("a change with an expectation:\n%s", d.screen())
	}
}
