package world

import (
	"testing"
	"time"

	"github.com/ddbloop/ddbloop/engine/sim/scenario"
)

func TestContributorInsightsNameTheHotKey(t *testing.T) {
	sc := load(t, "hot-partition", "base")
	w := build(t, sc)
	w.Advance(12 * time.Minute)
	q := InsightQuery{Table: "orders", Throttled: true, From: w.Start().Add(6 * time.Minute), To: w.Start().Add(9 * time.Minute), AskedAt: w.Start().Add(12 * time.Minute)}
	r, ok := w.Contributors(q)
	if !ok || len(r.Contributors) == 0 || r.Contributors[0].Key != w.Key("orders", "", 0) || len(r.Contributors[0].Points) != 3 {
		t.Fatalf("%+v, %v", r, ok)
	}
	if share := r.Contributors[0].Sum / r.Sum; share < 0.85 || share > 1 {
		t.Errorf("the hot key holds %.2f of the throttles", share)
	}
	events := 0.0
	for m := 6; m < 9; m++ {
		events += minuteSum(w, "WriteThrottleEvents", time.Duration(m)*time.Minute)
	}
	near(t, "throttles of all keys", r.Sum, events, 0.001)
	q.Throttled = false
	if _, ok := w.Contributors(q); ok {
		t.Error("accessed keys in throttled mode")
	}
	q.AskedAt, q.Throttled = w.Start().Add(7*time.Minute), true
	if r, _ := w.Contributors(q); len(r.Contributors) != 0 {
		t.Error("a minute was reported before it was published")
	}
}

func TestAPinnedPartitionShows180000AccessedUnits(t *testing.T) {
	w := build(t, small(func(sc *scenario.Scenario) {
		sc.Tables[0].Insights = scenario.InsightsAccessed
		sc.Traffic[0].Demand.Rate = 2000
		sc.Traffic[0].Keys = scenario.Keys{Kind: scenario.Hot, Share: 1, Keys: 1}
	}))
	w.Advance(10 * time.Minute)
	r, _ := w.Contributors(InsightQuery{Table: "orders", From: w.Start().Add(time.Minute), To: w.Start().Add(2 * time.Minute), AskedAt: w.Start().Add(10 * time.Minute)})
	near(t, "accessed units of a pinned key", r.Contributors[0].Sum, 180000, 0.001)
}

func TestContributorInsightsAreNotRetroactive(t *testing.T) {
	sc := load(t, "hot-partition", "base")
	sc.Tables[0].Insights = scenario.InsightsOff
	w := build(t, sc)
	w.Advance(8 * time.Minute)
	q := InsightQuery{Table: "orders", Throttled: true, From: w.Start(), To: w.Start().Add(20 * time.Minute), AskedAt: w.Start().Add(20 * time.Minute)}
	if _, ok := w.Contributors(q); ok {
		t.Error("a rule that is off reports")
	}
	if err := w.SetInsights("orders", scenario.InsightsThrottled, "ana"); err != nil {
		t.Fatal(err)
	}
	w.Advance(14 * time.Minute)
	r, ok := w.Contributors(q)
	if !ok || len(r.Contributors) == 0 || r.Contributors[0].Points[0].At.Before(w.Start().Add(8*time.Minute)) {
		t.Errorf("%+v, %v", r, ok)
	}
	if v, _ := w.Describe("orders"); v.Insights != "throttled" || w.Changes()[0].Operation != "UpdateContributorInsights" {
		t.Errorf("%s, %+v", v.Insights, w.Changes())
	}
}
