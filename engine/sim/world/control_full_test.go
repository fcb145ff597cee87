package world

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ddbloop/ddbloop/engine/sim/scenario"
)

func scaled(lo, hi float64) func(*scenario.Scenario) {
	return func(sc *scenario.Scenario) {
		sc.Tables[0].Throughput = scenario.Throughput{Read: 100, Write: 1000}
		sc.Tables[0].WriteScaling = &scenario.AutoScaling{Min: lo, Max: hi, Target: 70}
		sc.Traffic[0].Demand = scenario.Demand{Points: []scenario.Point{{At: 0, Rate: 500}, {At: 5 * time.Minute, Rate: 500}, {At: 5*time.Minute + time.Second, Rate: 1800}}}
	}
}

func TestScalesOutAfterTwoPointsAndADelay(t *testing.T) {
	w := build(t, small(scaled(500, 4000)))
	w.Advance(7 * time.Minute)
	if v, _ := w.Describe("orders"); v.Provisioned.Write != 1000 || len(w.Activities()) != 0 {
		t.Fatalf("%v and %d activities two minutes after the step", v.Provisioned.Write, len(w.Activities()))
	}
	w.Advance(13 * time.Minute)
	v, _ := w.Describe("orders")
	a := w.Activities()
	if len(a) == 0 || a[0].Status != "Successful" || v.Provisioned.Write < 1400 {
		t.Fatalf("%v, %+v", v.Provisioned.Write, a)
	}
	if trail := w.Trail(); len(trail) == 0 || trail[0].User != AutoScalingUser || trail[0].Name != "UpdateTable" || trail[0].Shown.Sub(trail[0].At) < 3*time.Minute {
		t.Errorf("the trail: %+v", trail)
	}
}

func TestSaysWhyItDoesNotScale(t *testing.T) {
	w := build(t, small(scaled(500, 1000)))
	w.Advance(15 * time.Minute)
	a := w.Activities()
	if len(a) == 0 || len(a[0].NotScaled) != 1 || a[0].NotScaled[0].Code != "AlreadyAtMaxCapacity" {
		t.Fatalf("%+v", a)
	}
	on := false
	for _, v := range w.Alarms() {
		on = on || strings.Contains(v.Name, "AlarmHigh") && v.State == alarmOn
	}
	if !on {
		t.Error("the policy's alarm is not on")
	}
}

func TestScalesInAfterFifteenQuietPoints(t *testing.T) {
	w := build(t, small(func(sc *scenario.Scenario) {
		scaled(200, 4000)(sc)
		sc.Traffic[0].Demand = scenario.Demand{Rate: 140}
	}))
	w.Advance(15 * time.Minute)
	if v, _ := w.Describe("orders"); v.Provisioned.Write != 1000 {
		t.Fatalf("scaled in after 15 minutes at most: %v", v.Provisioned.Write)
	}
	w.Advance(22 * time.Minute)
	if v, _ := w.Describe("orders"); v.Provisioned.Write < 195 || v.Provisioned.Write > 260 {
		t.Errorf("%v after 22 quiet minutes", v.Provisioned.Write)
	}
}

func TestSuspendedDoesNothingAndRegisteringPullsAtOnce(t *testing.T) {
	w := build(t, small(func(sc *scenario.Scenario) {
		scaled(500, 4000)(sc)
		sc.Tables[0].WriteScaling.Suspended = true
	}))
	w.Advance(15 * time.Minute)
	if len(w.Activities()) != 0 {
		t.Fatalf("%+v", w.Activities())
	}
	least, off := 2500.0, false
	if err := w.Scale(ScalingCall{Table: "orders", Side: "write", Min: &least, Suspended: &off}, "ana"); err != nil {
		t.Fatal(err)
	}
	w.Advance(17 * time.Minute)
	if v, _ := w.Describe("orders"); v.Provisioned.Write != 2500 {
		t.Errorf("%v after min was raised to 2500", v.Provisioned.Write)
	}
	low := 5.0
	if err := w.Scale(ScalingCall{Table: "orders", Side: "write", Target: &low}, "ana"); err == nil {
		t.Error("a target of 5 % was taken")
	}
}

func TestAnIndexIsAllocatedFilledAndThenRead(t *testing.T) {
	w := build(t, small(func(sc *scenario.Scenario) {
		sc.Traffic[0].Demand.Rate = 1500
		sc.Tables[0].Items = 1e6
		query := caller("listing", "Query", 50)
		query.Index = "by-day"
		sc.Traffic = append(sc.Traffic, query)
		sc.Tables[0].Indexes = nil
	}))
	w.Advance(time.Minute)
	err := w.Update(TableUpdate{Table: "orders", CreateIndex: &NewIndex{
		Name: "by-day", Key: KeySchema{Partition: "day", Distinct: 400}, Projection: "all",
		Provisioned: Throughput{Read: 500, Write: 900}, Allocate: 2 * time.Minute, Backfill: 10 * time.Minute,
	}}, "deploy")
	if err != nil {
		t.Fatal(err)
	}
	status := func() (Status, bool) {
		v, _ := w.Describe("orders")
		i := slices.IndexFunc(v.Indexes, func(i IndexView) bool { return i.Name == "by-day" })
		if i < 0 {
			return "", false
		}
		return v.Indexes[i].Status, v.Indexes[i].Backfilling
	}
	w.Advance(2 * time.Minute)
	if s, filling := status(); s != Creating || filling {
		t.Fatalf("%s, filling %v", s, filling)
	}
	if minuteSum(w, "WriteThrottleEvents", time.Minute) > 0 {
		t.Error("writes were refused while resources were being allocated")
	}
	w.Advance(10 * time.Minute)
	if s, filling := status(); s != Creating || !filling {
		t.Fatalf("%s, filling %v", s, filling)
	}
	if minuteSum(w, "WriteKeyRangeThroughputThrottleEvents", 8*time.Minute, "GlobalSecondaryIndexName", "by-day") == 0 {
		t.Error("1,500 writes a second pass a partition that is being filled")
	}
	if last(w, "", Namespace, "OnlineIndexPercentageProgress", "Maximum", 5*time.Minute, "TableName", "orders", "GlobalSecondaryIndexName", "by-day") < 20 {
		t.Error("no progress is published")
	}
	if s, _ := w.ClientStats("listing", 8*time.Minute); s.Success > 0 {
		t.Errorf("queries on an index under construction succeed: %v", s.Success)
	}
	w.Advance(20 * time.Minute)
	if s, _ := status(); s != Active {
		t.Fatal(s)
	}
	if s, _ := w.ClientStats("listing", 18*time.Minute); s.Success < 0.99 {
		t.Errorf("queries on the finished index: %v", s.Success)
	}
	if err := w.Update(TableUpdate{Table: "orders", DeleteIndex: "by-day"}, "ana"); err != nil {
		t.Fatal(err)
	}
	w.Advance(25 * time.Minute)
	if _, there := status(); there || last(w, "", Namespace, "UserErrors", "Sum", time.Minute) == 0 {
		t.Error("queries on a deleted index are no user errors")
	}
	if minuteSum(w, "WriteThrottleEvents", 23*time.Minute) > 0 {
		t.Error("a deleted index still refuses writes")
	}
}

func TestAlarmsCountDatapointsAndRemember(t *testing.T) {
	w := build(t, small(func(sc *scenario.Scenario) {
		sc.Alarms = []scenario.Alarm{{
			Name: "throttles", Metric: "WriteThrottleEvents", Dimensions: map[string]string{"TableName": "orders"}, Stat: "Sum",
			Period: time.Minute, Datapoints: 2, Of: 3, Missing: "notBreaching",
		}}
		sc.Tables[0].Throughput.Write = 800
		sc.Traffic[0].Demand = scenario.Demand{Points: []scenario.Point{{At: 0, Rate: 100}, {At: 20 * time.Minute, Rate: 100}, {At: 20*time.Minute + time.Second, Rate: 3000}, {At: 27 * time.Minute, Rate: 3000}, {At: 27*time.Minute + time.Second, Rate: 100}}}
		sc.Traffic[0].SDK.Attempts = 1
	}))
	w.Advance(45 * time.Minute)
	h := w.AlarmHistory()
	states := ""
	for _, e := range h {
		states += e.To + " "
	}
	if states != "OK ALARM OK " {
		t.Fatalf("%s", states)
	}
	if at := h[1].At.Sub(w.Start()); at < 22*time.Minute || at > 28*time.Minute {
		t.Errorf("it went off at %s", at)
	}
}
