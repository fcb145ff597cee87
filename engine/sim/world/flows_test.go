package world

import (
	"testing"
	"time"

	"github.com/ddbloop/ddbloop/engine/sim/scenario"
)

// last is the newest value of a series, all of it published.
func last(w *World, region, namespace, name, stat string, period time.Duration, dims ...string) float64 {
	d := map[string]string{}
	for i := 0; i+1 < len(dims); i += 2 {
		d[dims[i]] = dims[i+1]
	}
	to := w.Start().Add(w.Now())
	p := w.Metrics(Query{Region: region, Namespace: namespace, Name: name, Dims: d, Stat: stat, Period: period, From: to.Add(-30 * time.Minute), To: to, AskedAt: to.Add(time.Hour)})
	if len(p) == 0 {
		return 0
	}
	return p[len(p)-1].Value
}

func TestBatchesHideThrottles(t *testing.T) {
	w := build(t, small(func(sc *scenario.Scenario) {
		sc.Tables[0].Throughput = scenario.Throughput{Read: 10, Write: 500, Partitions: 1}
		sc.Traffic[0].Operation, sc.Traffic[0].Batch, sc.Traffic[0].Demand.Rate = "BatchWriteItem", 25, 40
		sc.Traffic[0].SDK.Attempts = 1
		sc.Traffic[0].Feed = time.Second
	}))
	w.Advance(10 * time.Minute)
	near(t, "units", minuteSum(w, "ConsumedWriteCapacityUnits", 8*time.Minute), 500*60, 0.01)
	near(t, "throttle events", minuteSum(w, "WriteThrottleEvents", 8*time.Minute), 500*60, 0.02)
	if n := minuteSum(w, "ThrottledRequests", 8*time.Minute, "Operation", "BatchWriteItem"); n > 1 {
		t.Errorf("%v batches count as throttled, though each got items through", n)
	}
	f, _ := w.Feed("checkout")
	for _, e := range f.Errors {
		if e.Code == "ProvisionedThroughputExceededException" && e.Count > 0 {
			t.Errorf("a batch shows %v exceptions", e.Count)
		}
	}
}

func TestTransactionsCostTwice(t *testing.T) {
	table := scenario.Table{ItemBytes: 900}
	if k := costOf(&scenario.Traffic{Operation: "TransactWriteItems", ItemBytes: 900, Batch: 3}, &table); k.write != 6 {
		t.Errorf("three items in a transaction cost %v units", k.write)
	}
	if k := costOf(&scenario.Traffic{Operation: "TransactGetItems", Batch: 3}, &table); k.read != 6 {
		t.Errorf("three reads in a transaction cost %v units", k.read)
	}
}

func TestConflictsConsumeAndAreNotTriedAgain(t *testing.T) {
	w := build(t, small(func(sc *scenario.Scenario) {
		c := &sc.Traffic[0]
		c.Operation, c.Batch, c.Conflicts, c.Feed = "TransactWriteItems", 2, 0.25, time.Second
		c.Demand.Rate = 40
	}))
	w.Advance(5 * time.Minute)
	sum := minuteSum(w, "TransactionConflict", 3*time.Minute)
	near(t, "items in conflict", sum, 40*60*0.25*2, 0.1)
	near(t, "units", minuteSum(w, "ConsumedWriteCapacityUnits", 3*time.Minute), 40*60*4, 0.1)
	f, _ := w.Feed("checkout")
	if f.Attempts > f.Calls*1.01 {
		t.Errorf("%v attempts for %v calls", f.Attempts, f.Calls)
	}
}

func TestExpiryCostsNothingHereAndUnitsAtEveryReplica(t *testing.T) {
	w := build(t, small(func(sc *scenario.Scenario) {
		sc.Traffic[0].Demand.Rate = 100
		sc.Tables[0].Items, sc.Tables[0].ItemBytes = 1e7, 900
		sc.Tables[0].Replicas = []scenario.Replica{{Region: "us-east-1", Read: 100, Write: 300}}
		sc.Tables[0].Stream = &scenario.Stream{Consumer: "projector", RecordsPerS: 500, Shards: 4}
		sc.Events = []scenario.Event{{At: 2 * time.Minute, Until: scenario.Forever, Expire: &scenario.Expire{Table: "orders", Items: 1.2e6, Over: 20 * time.Minute}}}
	}))
	w.Advance(12 * time.Minute)
	at := 9 * time.Minute
	near(t, "deletes", minuteSum(w, "TimeToLiveDeletedItemCount", at), 60000, 0.01)
	if used := minuteSum(w, "ConsumedWriteCapacityUnits", at); used > 60*200 {
		t.Errorf("the table itself used %v units", used)
	}
	if last(w, "us-east-1", Namespace, "WriteThrottleEvents", "Sum", time.Minute, "TableName", "orders") == 0 {
		t.Error("the replica refused nothing of 1,000 a second with 300")
	}
	if ms := last(w, "", Namespace, "ReplicationLatency", "Average", 5*time.Minute, "TableName", "orders", "ReceivingRegion", "us-east-1"); ms < 60e3 {
		t.Errorf("replication takes %v ms", ms)
	}
	if ms := last(w, "", "AWS/Lambda", "IteratorAge", "Maximum", time.Minute, "FunctionName", "projector"); ms < 60e3 {
		t.Errorf("the stream's reader is %v ms behind", ms)
	}
}

func TestStreamKeepsUpUntilAShardIsStuck(t *testing.T) {
	w := build(t, small(func(sc *scenario.Scenario) {
		sc.Traffic[0].Demand.Rate = 100
		sc.Tables[0].Stream = &scenario.Stream{Consumer: "projector", RecordsPerS: 5000, Shards: 4}
		stuck := *sc.Tables[0].Stream
		stuck.StuckShards = 1
		sc.Events = []scenario.Event{{At: 5 * time.Minute, Until: scenario.Forever, Sets: []scenario.Set{{
			Path: scenario.Path{Scope: scenario.ScopeTables, Name: "orders", Field: []string{"stream"}}, Value: &stuck,
		}}}}
	}))
	w.Advance(4 * time.Minute)
	if ms := last(w, "", "AWS/Lambda", "IteratorAge", "Maximum", time.Minute, "FunctionName", "projector"); ms <= 0 || ms > 1000 {
		t.Fatalf("a reader that keeps up is %v ms behind", ms)
	}
	w.Advance(15 * time.Minute)
	most := last(w, "", "AWS/Lambda", "IteratorAge", "Maximum", time.Minute, "FunctionName", "projector")
	least := last(w, "", "AWS/Lambda", "IteratorAge", "Minimum", time.Minute, "FunctionName", "projector")
	if most < 400e3 || most > 620e3 || least > 1000 {
		t.Errorf("ten minutes stuck: from %v to %v ms", least, most)
	}
}

func TestKinesisCaptureFallsBehindAndLosesOversized(t *testing.T) {
	w := build(t, small(func(sc *scenario.Scenario) {
		sc.Traffic[0].Demand.Rate = 100
		sc.Tables[0].Kinesis = &scenario.Kinesis{Stream: "cdc", RecordsPerS: 50, Oversized: 0.1}
	}))
	w.Advance(20 * time.Minute)
	dims := []string{"TableName", "orders", "DelegatedOperation", captureOperation}
	if ms := last(w, "", Namespace, "AgeOfOldestUnreplicatedRecord", "Maximum", 5*time.Minute, dims...); ms < 60e3 {
		t.Errorf("the oldest change is %v ms old", ms)
	}
	if last(w, "", Namespace, "FailedToReplicateRecordCount", "Sum", 5*time.Minute, dims...) == 0 {
		t.Error("no oversized record failed")
	}
}

func TestStoppedReplicationFallsBehindByTheSecond(t *testing.T) {
	w := build(t, small(func(sc *scenario.Scenario) {
		sc.Traffic[0].Demand.Rate = 100
		sc.Tables[0].Replicas = []scenario.Replica{{Region: "us-east-1", Read: 1000, Write: 1000}}
		sc.Events = []scenario.Event{{At: 5 * time.Minute, Until: scenario.Forever, Fault: &scenario.Fault{Replication: &scenario.ReplicationFault{To: "us-east-1", Stopped: true}}}}
	}))
	dims := []string{"TableName", "orders", "ReceivingRegion", "us-east-1"}
	w.Advance(5 * time.Minute)
	if ms := last(w, "", Namespace, "ReplicationLatency", "Average", 5*time.Minute, dims...); ms < 500 || ms > 2000 {
		t.Errorf("whole replication takes %v ms", ms)
	}
	w.Advance(20 * time.Minute)
	if ms := last(w, "", Namespace, "ReplicationLatency", "Maximum", 5*time.Minute, dims...); ms < 800e3 || ms > 960e3 {
		t.Errorf("stopped for 15 minutes: %v ms", ms)
	}
}
