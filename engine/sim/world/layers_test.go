package world

import (
	"testing"
	"time"

	"github.com/ddbloop/ddbloop/engine/sim/scenario"
)

func setting(field string, value any) []scenario.Set {
	return []scenario.Set{{Path: scenario.Path{Scope: scenario.ScopeTraffic, Name: "checkout", Field: []string{field}}, Value: value}}
}

func TestSetsMoveOverTimeEndAndStack(t *testing.T) {
	w := build(t, small(func(sc *scenario.Scenario) {
		sc.Events = []scenario.Event{
			{At: 2 * time.Minute, Until: 20 * time.Minute, Over: 10 * time.Minute, Sets: setting("rate", scenario.Demand{Rate: 2000})},
			{At: 15 * time.Minute, Until: 17 * time.Minute, Sets: setting("rate", scenario.Demand{Rate: 100})},
		}
	}))
	w.Advance(25 * time.Minute)
	for at, want := range map[time.Duration]float64{0: 1000, 7: 1550, 13: 2000, 15: 100, 18: 2000, 21: 1000} {
		m, _ := w.ClientStats("checkout", at*time.Minute)
		near(t, "calls in minute "+at.String(), m.Calls/60, want, 0.03)
	}
}

func TestItemsThatGrowCostMoreAndTakeLonger(t *testing.T) {
	w := build(t, small(func(sc *scenario.Scenario) {
		sc.Events = []scenario.Event{{At: 5 * time.Minute, Until: scenario.Forever, Sets: setting("item_bytes", 2500.0)}}
	}))
	w.Advance(10 * time.Minute)
	near(t, "units a put", minuteSum(w, "ConsumedWriteCapacityUnits", 8*time.Minute)/minuteSum(w, "ConsumedWriteCapacityUnits", 3*time.Minute), 3, 0.03)
	before, _ := w.ClientStats("checkout", 3*time.Minute)
	after, _ := w.ClientStats("checkout", 8*time.Minute)
	if after.P50 <= before.P50 {
		t.Errorf("p50 %s, was %s", after.P50, before.P50)
	}
}

func TestCallsOfTheScenarioAreUpdateTables(t *testing.T) {
	more := 6000.0
	w := build(t, small(func(sc *scenario.Scenario) {
		sc.Events = []scenario.Event{{At: 90*time.Second + 500*time.Millisecond, Call: &scenario.Call{Operation: "UpdateTable", Table: "orders", Write: &more, By: "terraform"}}}
	}))
	w.Advance(2 * time.Minute)
	if v, _ := w.Describe("orders"); v.Status != Updating {
		t.Errorf("status %s", v.Status)
	}
	w.Advance(4 * time.Minute)
	v, _ := w.Describe("orders")
	if v.Provisioned.Throughput != (Throughput{4000, 6000}) || w.Changes()[0].By != "terraform" || w.Changes()[0].At != 90*time.Second+500*time.Millisecond {
		t.Errorf("%+v, %+v", v.Provisioned, w.Changes())
	}
}

func TestInjectedEventsHappenAtOnce(t *testing.T) {
	w := build(t, small(nil))
	w.Advance(3 * time.Minute)
	more := 6000.0
	for _, e := range []scenario.Event{
		{At: 3 * time.Minute, Until: 6 * time.Minute, Sets: setting("rate", scenario.Demand{Rate: 300})},
		{At: 3 * time.Minute, Call: &scenario.Call{Operation: "UpdateTable", Table: "orders", Write: &more, By: "ana"}},
		{At: 3 * time.Minute, Until: scenario.Forever, Fault: &scenario.Fault{Service: "dynamodb", Where: scenario.WhereBoth, ErrorRate: 0.5, Code: "InternalServerError"}},
	} {
		if err := w.Inject(e); err != nil {
			t.Fatal(err)
		}
	}
	w.Advance(8 * time.Minute)
	during, _ := w.ClientStats("checkout", 4*time.Minute)
	after, _ := w.ClientStats("checkout", 7*time.Minute)
	near(t, "calls during", during.Calls/60, 300, 0.05)
	near(t, "calls after", after.Calls/60, 1000, 0.05)
	if v, _ := w.Describe("orders"); v.Provisioned.Write != 6000 || after.Success > 0.96 {
		t.Errorf("%+v, %+v", v.Provisioned, after)
	}
	if err := w.Inject(scenario.Event{Sets: setting("operation", "ExecuteTransaction")}); err == nil {
		t.Error("an event that is not modelled was taken")
	}
}

func TestThreeTimesTheCalmP99(t *testing.T) {
	slow := func(wait time.Duration) bool {
		w := build(t, small(func(sc *scenario.Scenario) {
			sc.History = 2 * time.Hour
			sc.Traffic[0].SLO = scenario.SLO{Multiple: 3, Success: 0.999}
			net := sc.Traffic[0].Network
			net.Wait = wait
			sc.Events = []scenario.Event{{At: time.Minute, Until: scenario.Forever, Sets: setting("network", net)}}
		}))
		w.Advance(5 * time.Minute)
		m, _ := w.ClientStats("checkout", 3*time.Minute)
		return m.Met
	}
	if !slow(5*time.Millisecond) || slow(40*time.Millisecond) {
		t.Errorf("5 ms more: met %v; 40 ms more: met %v", slow(5*time.Millisecond), slow(40*time.Millisecond))
	}
}

func TestTheDaySwingsTheRate(t *testing.T) {
	w := build(t, small(func(sc *scenario.Scenario) { // starts at 14:00
		sc.History = 18 * time.Hour
		sc.Traffic[0].Daily = scenario.Daily{Swing: 0.5, Peak: 14 * time.Hour}
	}))
	at := func(hours int) float64 {
		m, _ := w.ClientStats("checkout", time.Duration(hours)*time.Hour)
		return m.Calls / 60
	}
	w.Advance(time.Minute)
	near(t, "at the peak", at(0), 1500, 0.03)
	near(t, "twelve hours before", at(-12), 500, 0.05)
	near(t, "six hours before", at(-6), 1000, 0.03)
}

func TestTheAppsOwnMetrics(t *testing.T) {
	w := build(t, small(func(sc *scenario.Scenario) {
		for _, what := range []string{"latency", "calls", "errors"} {
			sc.Traffic[0].Publishes = append(sc.Traffic[0].Publishes, scenario.Publish{
				Namespace: "Shop", Metric: what, What: what, Dimensions: map[string]string{"Service": "checkout", "Az": "a"},
			})
		}
		sc.Traffic[0].Invalid = 0.01
	}))
	w.Advance(10 * time.Minute)
	get := func(name, stat string) float64 {
		p := w.Metrics(Query{
			Namespace: "Shop", Name: name, Dims: map[string]string{"Service": "checkout", "Az": "a"}, Stat: stat, Period: time.Minute,
			From: w.Start(), To: w.Start().Add(time.Minute), AskedAt: w.Start().Add(10 * time.Minute),
		})
		if len(p) != 1 {
			t.Fatalf("%s: %v", name, p)
		}
		return p[0].Value
	}
	near(t, "calls", get("calls", "Sum"), 60000, 0.03)
	near(t, "errors", get("errors", "Sum"), 600, 0.1)
	if p99 := get("latency", "p99"); p99 < 6 || p99 > 25 {
		t.Errorf("p99 %v ms", p99)
	}
	p := w.Metrics(Query{Namespace: Namespace, Name: "UserErrors", Stat: "Sum", Period: time.Minute, From: w.Start(), To: w.Start().Add(time.Minute), AskedAt: w.Start().Add(10 * time.Minute)})
	if len(p) != 1 {
		t.Fatal("no UserErrors")
	}
	near(t, "UserErrors", p[0].Value, 600, 0.1)
}

func TestCallsOfManyPages(t *testing.T) {
	w := build(t, small(func(sc *scenario.Scenario) {
		one, five := caller("one", "Query", 100), caller("five", "Query", 100)
		five.Pages = 5
		sc.Traffic = []scenario.Traffic{one, five}
	}))
	w.Advance(3 * time.Minute)
	one, _ := w.ClientStats("one", time.Minute)
	five, _ := w.ClientStats("five", time.Minute)
	near(t, "requests", five.Attempts, 5*one.Attempts, 0.05)
	near(t, "calls", five.Calls, one.Calls, 0.05)
	near(t, "a call's time", five.P50.Seconds(), 5*one.P50.Seconds(), 0.2)
}
