package world

import (
	"math"
	"testing"
	"time"

	"github.com/ddbloop/ddbloop/engine/sim/scenario"
)

// minuteSum is the sum of a metric over the minute that begins at from, once it is complete.
func minuteSum(w *World, name string, from time.Duration, dims ...string) float64 {
	d := map[string]string{"TableName": "orders"}
	for i := 0; i+1 < len(dims); i += 2 {
		d[dims[i]] = dims[i+1]
	}
	at := w.Start().Add(from)
	p := w.Metrics(Query{Namespace: Namespace, Name: name, Dims: d, Stat: "Sum", Period: time.Minute, From: at, To: at.Add(time.Minute), AskedAt: at.Add(time.Hour)})
	if len(p) == 0 {
		return 0
	}
	return p[0].Value
}

func near(t *testing.T, what string, got, want, tolerance float64) {
	t.Helper()
	if math.Abs(got-want) > tolerance*want {
		t.Errorf("%s is %.1f, want about %.1f", what, got, want)
	}
}

func TestPartitionTakes1000WritesAnd3000ReadsApart(t *testing.T) {
	w := build(t, small(func(sc *scenario.Scenario) {
		hot := scenario.Keys{Kind: scenario.Hot, Share: 1, Keys: 1}
		sc.Tables[0].Throughput = scenario.Throughput{Read: 20000, Write: 20000}
		sc.Traffic = []scenario.Traffic{caller("w", "PutItem", 3000), caller("r", "GetItem", 5000)}
		for i := range sc.Traffic {
			sc.Traffic[i].Keys, sc.Traffic[i].Consistent = hot, true
		}
	}))
	w.Advance(3 * time.Minute)
	near(t, "writes", minuteSum(w, "ConsumedWriteCapacityUnits", time.Minute), 60000, 0.001)
	near(t, "reads", minuteSum(w, "ConsumedReadCapacityUnits", time.Minute), 180000, 0.001)
	if minuteSum(w, "WriteKeyRangeThroughputThrottleEvents", time.Minute) == 0 || minuteSum(w, "WriteProvisionedThroughputThrottleEvents", time.Minute) != 0 {
		t.Error("a partition's refusal is a key-range one and no other")
	}
}

func TestAdaptiveCapacityLendsAtOnceUpToThePartition(t *testing.T) {
	w := build(t, small(func(sc *scenario.Scenario) { // eight partitions of 125 each by arithmetic
		sc.Tables[0].Throughput = scenario.Throughput{Read: 1, Write: 1000, Partitions: 8}
		sc.Traffic[0].Demand.Rate = 900
		sc.Traffic[0].Keys = scenario.Keys{Kind: scenario.Hot, Share: 1, Keys: 1}
	}))
	w.Advance(20 * time.Minute)
	if c := w.clients[0].record; len(c) != 20 || c[0].stats.Throttled+c[19].stats.Throttled > 0 {
		t.Error("a hot partition below both its own and the table's limit was refused")
	}
}

func TestATableOverItsCapacityRefusesTheHotPartitionFirst(t *testing.T) {
	w := build(t, small(func(sc *scenario.Scenario) {
		sc.Tables[0].Throughput = scenario.Throughput{Read: 1, Write: 800, Partitions: 8}
		sc.Traffic[0].Keys = scenario.Keys{Kind: scenario.Hot, Share: 0.6, Keys: 1}
		sc.Traffic[0].SDK.Attempts = 1
	}))
	w.tables[0].resources[0].buckets[writes][causeProvisioned].level = 0
	w.Advance(10 * time.Second)
	for _, c := range w.tables[0].resources[0].parts.classes {
		l := c.last[writes]
		if refused := l.share(); len(c.members) > 1 && refused > 0 {
			t.Errorf("a cold partition offered %.0f was refused %.0f%%", l.offered, 100*refused)
		}
	}
}

func TestProvisionedBurstIs300SecondsOfUnusedCapacity(t *testing.T) {
	w := build(t, small(func(sc *scenario.Scenario) {
		sc.Tables[0].Throughput = scenario.Throughput{Read: 1, Write: 500, Partitions: 4}
	}))
	first := 0
	for s := 1; s < 400 && first == 0; s++ {
		if w.Advance(time.Duration(s) * time.Second); refusedNow(w) > 0 {
			first = s
		}
	}
	if first < 295 || first > 305 { // 150,000 unused units at 500 a second too many
		t.Errorf("the burst lasted %d s, want 300", first)
	}
}

func TestSplitForHeatMovesKeysApartAfterSplitAfter(t *testing.T) {
	two := func(edit func(*scenario.Scenario)) float64 {
		sc := small(func(sc *scenario.Scenario) {
			sc.Tables[0].Throughput = scenario.Throughput{Read: 1, Write: 4000, Partitions: 1}
			sc.Traffic[0].Demand.Rate = 1600
			sc.Traffic[0].Keys = scenario.Keys{Kind: scenario.Hot, Share: 1, Keys: 2}
		})
		if edit != nil {
			edit(sc)
		}
		w := build(t, sc)
		w.Advance(15 * time.Minute)
		if m, _ := w.ClientStats("checkout", 5*time.Minute); m.Throttled == 0 {
			t.Error("no throttles before the split")
		}
		m, _ := w.ClientStats("checkout", 14*time.Minute)
		return m.Throttled
	}
	if n := two(nil); n > 0 {
		t.Errorf("two keys of 800 still meet %.0f throttles a minute after the split", n)
	}
	if two(func(sc *scenario.Scenario) { sc.Tables[0].LSI = true }) == 0 {
		t.Error("a table with an LSI was split")
	}
	if two(func(sc *scenario.Scenario) { sc.Traffic[0].Keys.Keys = 1 }) == 0 {
		t.Error("a single key was split")
	}
	if two(func(sc *scenario.Scenario) { sc.Traffic[0].Keys = scenario.Keys{Kind: scenario.Rising} }) == 0 {
		t.Error("rising keys were split")
	}
	if two(func(sc *scenario.Scenario) { sc.Tables[0].SplitAfter = 30 * time.Minute }) == 0 {
		t.Error("the split came before split_after")
	}
}

func TestPartitionsFollowCapacityAndSize(t *testing.T) {
	for _, c := range []struct {
		read, write, bytes float64
		want               int
	}{{1, 1, 0, 1}, {3000, 0, 0, 1}, {3000, 1000, 0, 2}, {4000, 8000, 1e9, 10}, {1, 1, 95e9, 10}} {
		if got := partitionsFor(c.read, c.write, c.bytes); got != c.want {
			t.Errorf("partitions for %+v: %d", c, got)
		}
	}
}

func TestIndexBackPressureRefusesTheTableWriteOnceAndThere(t *testing.T) {
	w := build(t, small(func(sc *scenario.Scenario) {
		sc.Tables[0].Indexes = []scenario.Index{index("wide", 4000), index("narrow", 400), index("after", 4000)}
		sc.Traffic[0].SDK.Attempts = 1
	}))
	w.Advance(12 * time.Minute) // the index's burst of 120,000 is gone after 200 s
	at := 10 * time.Minute
	offered := 0.0
	if m, ok := w.ClientStats("checkout", at); ok {
		offered = m.Attempts
	}
	used := minuteSum(w, "ConsumedWriteCapacityUnits", at)
	events := minuteSum(w, "WriteProvisionedThroughputThrottleEvents", at, "GlobalSecondaryIndexName", "narrow")
	near(t, "the table's use", used, 24000, 0.01)
	near(t, "used and refused", used+events, offered, 0.001)
	near(t, "ThrottledRequests", minuteSum(w, "ThrottledRequests", at, "Operation", "PutItem"), events, 0.001)
	for _, other := range []string{"wide", "after"} {
		near(t, other, minuteSum(w, "ConsumedWriteCapacityUnits", at, "GlobalSecondaryIndexName", other), used, 0.001)
		if minuteSum(w, "WriteThrottleEvents", at, "GlobalSecondaryIndexName", other) != 0 {
			t.Errorf("index %s shows throttles", other)
		}
	}
	if minuteSum(w, "WriteThrottleEvents", at) != 0 {
		t.Error("the table shows the index's throttles")
	}
}

func TestRetriesAmplifyLoadAndStayWithTheirKey(t *testing.T) {
	load := func(attempts int) ClientMinute {
		w := build(t, small(func(sc *scenario.Scenario) {
			sc.Traffic[0].Demand.Rate = 2000
			sc.Traffic[0].Keys = scenario.Keys{Kind: scenario.Hot, Share: 0.75, Keys: 1}
			sc.Traffic[0].SDK.Attempts, sc.Traffic[0].SDK.Quota = attempts, 0
		}))
		w.Advance(5 * time.Minute)
		m, _ := w.ClientStats("checkout", 4*time.Minute)
		return m
	}
	one, six := load(1), load(6)
	if six.Attempts < 1.5*one.Attempts {
		t.Errorf("six attempts make %.0f of %.0f", six.Attempts, one.Attempts)
	}
	near(t, "failures of a single attempt", one.Failed/60, 600, 0.2) // 1,500 and a share of the rest for 1,000
	near(t, "failures with six attempts", six.Failed, one.Failed, 0.1)
}

func TestRetryQuotaBoundsTheStorm(t *testing.T) {
	attempts := func(quota int) float64 {
		w := build(t, small(func(sc *scenario.Scenario) {
			sc.Traffic[0].Demand.Rate = 3000
			sc.Traffic[0].Keys = scenario.Keys{Kind: scenario.Hot, Share: 1, Keys: 1}
			sc.Traffic[0].SDK.Quota = quota
		}))
		w.Advance(5 * time.Minute)
		m, _ := w.ClientStats("checkout", 4*time.Minute)
		return m.Attempts / m.Calls
	}
	if with, without := attempts(500), attempts(0); with > 1.2 || without < 2 {
		t.Errorf("%.2f attempts a call with a quota, %.2f without", with, without)
	}
}

func TestAnAttemptGivenUpOnHasConsumedItsUnits(t *testing.T) {
	w := build(t, small(func(sc *scenario.Scenario) {
		sc.Traffic[0].SDK.Timeout = 3 * time.Millisecond // under the median
		sc.Traffic[0].SDK.Quota = 0
	}))
	w.Advance(3 * time.Minute)
	m, _ := w.ClientStats("checkout", 2*time.Minute)
	if m.Attempts < 2*m.Calls {
		t.Fatalf("%.0f attempts for %.0f calls", m.Attempts, m.Calls)
	}
	near(t, "consumed", minuteSum(w, "ConsumedWriteCapacityUnits", 2*time.Minute), m.Attempts, 0.001)
}

func TestOnDemandServesTwiceItsPeakAndThenClimbs(t *testing.T) {
	w := build(t, small(func(sc *scenario.Scenario) {
		sc.Tables[0].Mode = OnDemand
		sc.Tables[0].Throughput = scenario.Throughput{PeakWrite: 4000, PeakRead: 1}
		sc.Traffic[0].SDK.Attempts = 1
		sc.Traffic[0].Demand = scenario.Demand{Points: []scenario.Point{{At: 0, Rate: 7000}, {At: 5 * time.Minute, Rate: 7000}, {At: 5*time.Minute + time.Second, Rate: 12000}}}
	}))
	w.Advance(40 * time.Minute)
	stats := func(at time.Duration) ClientMinute { m, _ := w.ClientStats("checkout", at); return m }
	if stats(3*time.Minute).Throttled > 0 {
		t.Error("throttled below twice the previous peak")
	}
	near(t, "served at once", stats(6*time.Minute).Attempts-stats(6*time.Minute).Throttled, 8100*60, 0.03)
	if late := stats(38 * time.Minute); late.Throttled > 0.02*late.Attempts {
		t.Errorf("still %.0f throttles a minute after half an hour", late.Throttled)
	}
	if minuteSum(w, "WriteKeyRangeThroughputThrottleEvents", 7*time.Minute) == 0 {
		t.Error("the ceiling's reason is the key range's")
	}
}

func TestOnDemandCapRefusesByItsOwnReason(t *testing.T) {
	w := build(t, small(func(sc *scenario.Scenario) {
		sc.Tables[0].Mode = OnDemand
		sc.Tables[0].Throughput = scenario.Throughput{MaxWrite: 500}
	}))
	w.Advance(2 * time.Minute)
	if minuteSum(w, "WriteMaxOnDemandThroughputThrottleEvents", time.Minute) == 0 || minuteSum(w, "WriteKeyRangeThroughputThrottleEvents", time.Minute) != 0 {
		t.Error("a cap refuses as MaxOnDemandThroughput and nothing else")
	}
}
