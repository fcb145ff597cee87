package world

import (
	"testing"
	"time"

	"github.com/ddbloop/ddbloop/engine/sim/scenario"
)

func TestAdmitSharesTheHotPartitionsFate(t *testing.T) {
	w := build(t, load(t, "hot-partition", "base"))
	w.Advance(5 * time.Minute)
	put := func(key string) (refused int) {
		for range 200 {
			w.Advance(w.Now() + time.Second)
			o := w.Admit(Request{
				Table: "orders", Operation: "PutItem", PartitionKey: key, WriteUnits: 1, Bytes: 900, From: FromHere,
				IndexWrites: []IndexWrite{{Index: "by-status", PartitionKey: "x", Units: 1}},
			})
			if !o.Throttled {
				continue
			}
			refused++
			if o.Status != 400 || o.Exception != "ProvisionedThroughputExceededException" || len(o.Reasons) != 1 ||
				o.Reasons[0] != (Reason{"TableWriteKeyRangeThroughputExceeded", "arn:aws:dynamodb:eu-west-1:123456789012:table/orders"}) {
				t.Fatalf("%+v", o)
			}
		}
		return refused
	}
	if hot := put(w.Key("orders", "", 0)); hot < 60 || hot > 180 {
		t.Errorf("%d of 200 writes to the hot key were refused", hot)
	}
	if cold := put(w.Key("orders", "", 1)); cold > 0 {
		t.Errorf("%d of 200 writes to another key were refused", cold)
	}
}

func TestAdmitTakesFromTheSameBucketsAndShowsInTheSameMetrics(t *testing.T) {
	w := build(t, small(func(sc *scenario.Scenario) {
		sc.Traffic = nil
		sc.Tables[0].Throughput = scenario.Throughput{Read: 1, Write: 10}
	}))
	w.Advance(time.Second)
	served := 0
	for range 4000 {
		if !w.Admit(Request{Table: "orders", Operation: "PutItem", PartitionKey: "a", WriteUnits: 1, From: FromApp}).Throttled {
			served++
		}
	}
	if served != 1000 { // burst of 3,000, but one key and one partition
		t.Errorf("%d writes in one second to one key", served)
	}
	w.Advance(5 * time.Minute)
	near(t, "consumed", minuteSum(w, "ConsumedWriteCapacityUnits", 0), 1000, 0)
	near(t, "throttled", minuteSum(w, "WriteKeyRangeThroughputThrottleEvents", 0), 3000, 0)
	if o := w.Admit(Request{Table: "orders", Operation: "Query", Index: "no", ReadUnits: 1}); o.Exception != "ValidationException" {
		t.Errorf("unknown index: %+v", o)
	}
	if o := w.Admit(Request{Table: "no", Operation: "GetItem", ReadUnits: 1}); o.Exception != "ResourceNotFoundException" {
		t.Errorf("unknown table: %+v", o)
	}
}

func TestLeversActAfterTheirDelayAndUndoSo(t *testing.T) {
	w := build(t, load(t, "hot-partition", "base"))
	w.Advance(8 * time.Minute)
	ready, err := w.SetLever("limit-hot-tenant", true)
	if again, _ := w.SetLever("limit-hot-tenant", true); err != nil || ready != 8*time.Minute+20*time.Second || again != ready {
		t.Fatalf("ready at %s, %s, %v", ready, again, err)
	}
	w.Advance(ready)
	if l := w.Levers()[0]; !l.On || !l.InForce || refusedNow(w) == 0 {
		t.Errorf("%+v with %.0f refused in the last second before it", l, refusedNow(w))
	}
	if w.Advance(ready + 3*time.Second); refusedNow(w) > 0 {
		t.Error("still throttled")
	}
	ready, _ = w.SetLever("limit-hot-tenant", false)
	w.Advance(ready + 3*time.Second)
	if l := w.Levers()[0]; l.On || l.InForce || refusedNow(w) == 0 {
		t.Errorf("after undo: %+v", l)
	}
	if _, err := w.SetLever("no-such", true); err == nil {
		t.Error("an unknown lever was pulled")
	}
}

func TestFeedCountsEachSecond(t *testing.T) {
	w := build(t, load(t, "hot-partition", "base"))
	var last FeedCounters
	for s := 1; s <= 420; s++ {
		w.Advance(time.Duration(s) * time.Second)
		f, ok := w.Feed("checkout")
		if !ok || f.Calls <= last.Calls || f.Attempts < f.Calls-2 {
			t.Fatalf("second %d: %+v after %+v", s, f, last)
		}
		for i, n := range f.Buckets {
			if n > f.Calls || i > 0 && n < f.Buckets[i-1] {
				t.Fatalf("second %d: buckets %v of %v calls", s, f.Buckets, f.Calls)
			}
		}
		last = f
	}
	if len(last.Errors) != 1 || last.Errors[0].Code != "ProvisionedThroughputExceededException" || last.Attempts < 1.05*last.Calls {
		t.Errorf("after two minutes of throttles: %+v", last)
	}
	if _, ok := w.Feed("nobody"); ok {
		t.Error("an unknown client has a feed")
	}
}

func TestServiceFaults(t *testing.T) {
	w := build(t, small(func(sc *scenario.Scenario) {
		sc.Traffic[0].SDK.Attempts = 1
		sc.Events = []scenario.Event{
			{At: time.Minute, Until: 4 * time.Minute, Fault: &scenario.Fault{
				Service: "dynamodb", Where: scenario.WhereApp, ErrorRate: 0.02, Code: "InternalServerError",
				Latency: scenario.Latency{Times: 5}, Share: 1,
			}},
		}
	}))
	w.Advance(6 * time.Minute)
	calm, bad := w.clients[0].record[0].stats, w.clients[0].record[2].stats
	if bad.Success > 0.985 || bad.Success < 0.975 || bad.P50 < 3*calm.P50 {
		t.Errorf("calm %+v, bad %+v", calm, bad)
	}
	near(t, "SystemErrors", minuteSum(w, "SystemErrors", 2*time.Minute, "Operation", "PutItem"), 1200, 0.05)
	if after := w.clients[0].record[5].stats; after.Success < 1 || after.P50 > calm.P50*11/10 {
		t.Errorf("after the fault: %+v", after)
	}
	if f := w.Fault(FromHere, "dynamodb", "GetItem", "orders"); f != (Fault{}) {
		t.Errorf("a fault of the app hits here: %+v", f)
	}
}

func TestErrorsFromOutsideShowInTheirMetrics(t *testing.T) {
	w := build(t, small(nil))
	w.Advance(10 * time.Second)
	for range 3 {
		w.CountError("orders", "ConditionalCheckFailedException")
	}
	w.CountError("orders", "ValidationException")
	w.Advance(5 * time.Minute)
	if n := minuteSum(w, "ConditionalCheckFailedRequests", 0); n != 3 {
		t.Errorf("%v failed conditions", n)
	}
	p := w.Metrics(Query{Namespace: Namespace, Name: "UserErrors", Stat: "Sum", Period: time.Minute, From: w.Start(), To: w.Start().Add(time.Minute), AskedAt: w.Start().Add(10 * time.Minute)})
	if len(p) != 1 || p[0].Value != 1 {
		t.Errorf("user errors: %v", p)
	}
}

func TestAProbeOfAnIndexSeesTheIndex(t *testing.T) {
	w := build(t, small(func(sc *scenario.Scenario) {
		sc.Tables[0].Indexes = []scenario.Index{index("a", 1000)}
		sc.Here.Network = scenario.Network{RTT: 2 * time.Millisecond}
	}))
	w.Advance(10 * time.Second)
	o := w.Admit(Request{Table: "orders", Index: "a", Operation: "Scan", ReadUnits: 64, Bytes: 1 << 19, Returned: 7, From: FromHere})
	if o.Status != 200 || o.Latency < time.Millisecond {
		t.Fatalf("%+v", o)
	}
	w.Advance(5 * time.Minute)
	near(t, "consumed", minuteSum(w, "ConsumedReadCapacityUnits", 0, "GlobalSecondaryIndexName", "a"), 64, 0)
	near(t, "returned", minuteSum(w, "ReturnedItemCount", 0, "Operation", "Scan"), 7, 0)
	if n := w.Network(FromHere, "orders"); n.RTT != 2*time.Millisecond || len(w.Tables()) != 1 {
		t.Errorf("%+v, %v", n, w.Tables())
	}
}
