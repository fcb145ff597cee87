package runbooks

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ddbloop/ddbloop/history"
)

func hotPartition(t *testing.T) *session {
	x := open(t, "hot-partition", "orders", "write")
	x.layer("throttled", "hot_partition")
	for _, s := range []string{"write_throttles", "write_keyrange_throttles"} {
		x.minutes(s, "orders", 0, 0, 180, 212, 230)
	}
	x.minutes("write_provisioned_throttles", "orders")
	x.minutes("write_account_throttles", "orders")
	x.minutes("write_utilisation", "orders", 0.3, 0.3, 0.3, 0.3, 0.3)
	x.minutes("write_throttle_share", "orders", 0.1, 0.1, 0.1, 0.1, 0.1)
	return x
}

func TestHotPartitionOnAutopilot(t *testing.T) {
	x := hotPartition(t)
	out := x.advance()
	if got := kindsOf(out); !slices.Equal(got, []string{"check.evaluated", "step.entered", "decision.offered"}) {
		t.Errorf("says %v", got)
	}
	limit := x.s.Run.Step("limit")
	if limit.Verdict != history.Pass || limit.Why != "side_keyrange_throttles 230/s > 0 in 3 of 5 min" {
		t.Errorf("limit %s: %s", limit.Verdict, limit.Why)
	}
	x.take("cap-key")
	x.at("cap-key")
	p := x.plan("E1")
	if !slices.Equal(p.Levers, []string{"limit_key"}) || p.Kind != "lever:limit_key" || p.Target != "orders" || p.To != 0 || p.Guard != history.Pass {
		t.Errorf("plan %+v", p)
	}
	if e := p.Expect; e.Signal != "write_keyrange_throttles" || e.Target != "orders" || e.Direction != "down" || e.By != 0.9 || e.Within != 5*time.Minute || e.Harm[0].Factor != 2 {
		t.Errorf("expects %+v", p.Expect)
	}
	x.at("cap-key")
	x.put(history.EffectJudged{ID: "E1", Stage: history.FirstLook, Word: "better"})
	x.at("cap-key") // a first look is no verdict
	x.judge("E1", history.Worked)
	x.at("recovered")
	x.now = x.now.Add(12 * time.Minute)
	x.minutes("write_throttles", "orders")
	x.at(End)
	if st := x.s.Run.Step("recovered"); st.Verdict != history.Pass || !strings.Contains(st.Why, "10 of 10 min") {
		t.Errorf("recovered %s: %s", st.Verdict, st.Why)
	}
}

func TestWithoutALeverTheWayLeadsToAPerson(t *testing.T) {
	x := hotPartition(t)
	x.take("cap-key")
	for _, step := range []string{"cap-key", "spread", "limit-caller"} {
		x.at(step)
		x.put(history.ChangeRefused{What: "lever", Step: step, Why: "none is configured"})
	}
	x.at("stuck") // DynamoDB may still split the partition
	x.now = x.now.Add(15 * time.Minute)
	refused := make([]float64, 15)
	for i := range refused {
		refused[i] = 200
	}
	x.minutes("write_keyrange_throttles", "orders", refused...)
	x.at(Escalate)
	p, err := x.r.Act(Escalate, x.s, x, x.now)
	if err != nil || p.Escalate == "" {
		t.Errorf("escalation %+v, %v", p, err)
	}
	x.put(history.IncidentEscalated{Why: p.Escalate})
	x.at(End)
}

func TestNoEffectIsTakenBackFirst(t *testing.T) {
	x := hotPartition(t)
	x.take("cap-key")
	x.at("cap-key")
	x.plan("E1")
	if x.r.UndoDue(x.s) != "" {
		t.Error("wants an undo before there is a verdict")
	}
	x.judge("E1", history.NoEffect)
	x.at("cap-key")
	if id := x.r.UndoDue(x.s); id != "E1" {
		t.Errorf("wants %q undone, want E1", id)
	}
	x.put(history.ChangePlanned{ID: "E2", UndoOf: "E1"})
	if x.r.UndoDue(x.s) != "" {
		t.Error("wants a second undo while one is planned")
	}
	x.at("cap-key")
	x.put(history.ChangeSettled{ID: "E2"})
	x.at("still-hot")
	x.take("spread")
	x.at("spread")
}

func TestAnUndoThatFailsHoldsNobodyUp(t *testing.T) {
	x := hotPartition(t)
	x.take("cap-key")
	x.at("cap-key")
	x.plan("E1")
	x.judge("E1", history.Worse)
	x.at("cap-key")
	x.put(history.ChangePlanned{ID: "E2", UndoOf: "E1"}, history.ChangeAnswered{ID: "E2", Text: "denied"})
	x.at("still-hot")
}

func TestUnprovenWaitsForCloudWatch(t *testing.T) {
	x := hotPartition(t)
	x.take("cap-key")
	x.at("cap-key")
	x.plan("E1")
	x.judge("E1", history.Unproven)
	x.at("cap-key")
	x.now = x.now.Add(9 * time.Minute)
	x.at("cap-key")
	x.now = x.now.Add(time.Minute)
	x.at("still-hot")
}

func TestDroppedAndEarlierChangesDoNotCount(t *testing.T) {
	x := hotPartition(t)
	x.take("cap-key")
	x.at("cap-key")
	x.plan("E1")
	x.judge("E1", history.Worked)
	x.put(x.r.Opened("orders", "write", "again"))
	x.now = x.now.Add(time.Second)
	x.put(x.r.Opened("orders", "write", "once more"))
	x.take("cap-key")
	x.at("cap-key")
	x.put(history.ChangePlanned{ID: "E2", Step: "cap-key"}, history.ChangeDropped{ID: "E2"})
	x.at("cap-key")
	x.put(history.ChangePlanned{ID: "E3", Step: "cap-key"}, history.ChangeAnswered{ID: "E3", Text: "no"})
	x.at("still-hot")
}

func TestNoDataStopsAtTheGate(t *testing.T) {
	x := open(t, "hot-partition", "orders", "write")
	x.at("limit")
	if st := x.s.Run.Step("limit"); st.Verdict != history.NoVerdict || !strings.Contains(st.Why, "no data") {
		t.Errorf("limit %s: %s", st.Verdict, st.Why)
	}
	x.minutes("write_keyrange_throttles", "orders")
	x.at("limit") // fail does not pass a gate that wants success
	x.put(history.StepFinished{Step: "limit", Result: "skipped", Reason: "seen in the logs"})
	x.at("route")
	if st := x.s.Run.Step("route"); st.Favoured != "cap-key" || !strings.Contains(st.Because, "no data") {
		t.Errorf("route favours %s: %s", st.Favoured, st.Because)
	}
	x.layer("service", "service_errors")
	x.at("route")
	if st := x.s.Run.Step("route"); st.Favoured != Escalate {
		t.Errorf("route favours %s with the service down", st.Favoured)
	}
	x.put(history.DecisionTaken{Step: "route", Choice: "spread", Override: true, Reason: "known writer"})
	x.at("spread")
	p, err := x.r.Act("spread", x.s, x, x.now)
	if err != nil || p.Guard != history.Fail || !strings.Contains(p.GuardWhy, "limit is fail") {
		t.Errorf("guard %s (%s), %v", p.Guard, p.GuardWhy, err)
	}
}

func TestHandsOnStepsByHand(t *testing.T) {
	x := hotPartition(t)
	x.take("cap-key")
	x.at("cap-key")
	x.put(history.StepFinished{Step: "cap-key", Result: "skipped", Reason: "no such lever"})
	x.at("still-hot") // the next step of the document
	x.put(history.StepFinished{Step: "still-hot", Result: "skipped", Reason: "plain"})
	x.at("spread") // the otherwise branch
	x.put(history.StepFinished{Step: "spread", Result: "done"})
	x.at("recovered")
}

func TestHealingWaits(t *testing.T) {
	x := hotPartition(t)
	x.minutes("write_keyrange_throttles", "orders", 50, 30, 10, 4, 2)
	x.minutes("write_throttle_share", "orders", 0.009, 0.008, 0.005, 0.004, 0.002)
	x.take("let-it-split")
	x.at("let-it-split")
	p, err := x.r.Act("let-it-split", x.s, x, x.now)
	if err != nil || p.Wait == "" || p.Kind != "wait" {
		t.Errorf("%+v, %v", p, err)
	}
	x.put(history.StepFinished{Step: "let-it-split", Result: "done"})
	x.at("waited")
	x.minutes("write_keyrange_throttles", "orders")
	x.minutes("write_throttles", "orders")
	x.take("recovered")
	x.at(End)
}

func TestAnotherRunbookIsNoneOfItsBusiness(t *testing.T) {
	x := hotPartition(t)
	other := lib(t)["gsi-backpressure"]
	if out := other.Advance(x.s, x, x.now); out != nil {
		t.Errorf("says %v", out)
	}
	if out := other.Advance(history.NewState(), x, x.now); out != nil {
		t.Errorf("says %v with no runbook open", out)
	}
	if _, err := other.Act("raise-index", x.s, x, x.now); err == nil {
		t.Error("plans an act of a runbook that is not open")
	}
}
