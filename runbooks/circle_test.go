package runbooks

import (
	"os"
	"testing"

	"github.com/ddbloop/ddbloop/history"
)

func read(t *testing.T, file string) *Runbook {
	t.Helper()
	src, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	r, err := Parse(file, src)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// Lint refuses circles; who opens such a document all the same finds it standing still, not spinning.
func TestACircleStandsStill(t *testing.T) {
	x := &session{t: t, r: read(t, "testdata/lint/circle.md"), s: history.NewState(), now: noon}
	x.put(x.r.Opened("orders", "write", "test"))
	x.minutes("write_throttles", "orders", 1)
	x.at(End)
	x.put(history.StepEntered{Step: "a"})
	x.minutes("write_throttles", "orders")
	x.at("a")
}

func TestNobodySlipsIntoEscalating(t *testing.T) {
	x := &session{t: t, r: read(t, "testdata/lint/due-today.md"), s: history.NewState(), now: noon}
	x.put(x.r.Opened("orders", "write", "test"))
	if x.r.Step(Escalate) == nil {
		t.Fatal("no act to escalate with")
	}
	x.at(End)
}

func TestADroppedPlanDoesNotHideARefusal(t *testing.T) {
	x := hotPartition(t)
	x.take("cap-key")
	x.at("cap-key")
	x.put(history.ChangePlanned{ID: "E1", Step: "cap-key"}, history.ChangeDropped{ID: "E1"})
	x.at("cap-key")
	x.put(history.ChangeRefused{Step: "cap-key"})
	x.at("spread")
}

// What passes by itself (a table that is being updated, a cause that is not published yet) is no reason to take another
// way; what stays is. Mutant: take either for the last word.
func TestARefusalThatPassesHoldsThePointer(t *testing.T) {
	x := hotPartition(t)
	x.take("cap-key")
	x.put(history.ChangeRefused{Step: "cap-key", Why: "orders is UPDATING", Later: true})
	x.at("cap-key")
	x.put(history.ChangeRefused{Step: "cap-key", Why: "no such lever"})
	x.at("spread")
}
