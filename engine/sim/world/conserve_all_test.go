package world

import (
	"math"
	"testing"
	"time"

	"github.com/ddbloop/ddbloop/engine/sim/scenario"
	"pgregory.net/rapid"
)

var everyOperation = []string{
	"GetItem", "Query", "Scan", "ExecuteStatement", "BatchGetItem", "TransactGetItems", "PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem", "TransactWriteItems",
}

// anything draws a scenario with whatever a scenario can have.
func anything(t *rapid.T) *scenario.Scenario {
	chance := func(name string) bool { return rapid.Bool().Draw(t, name) }
	number := func(name string, lo, hi float64) float64 { return rapid.Float64Range(lo, hi).Draw(t, name) }
	return small(func(sc *scenario.Scenario) {
		table := &sc.Tables[0]
		table.Mode = rapid.SampledFrom([]scenario.Mode{Provisioned, OnDemand}).Draw(t, "mode")
		table.LSI, table.SplitAfter, table.Settle = chance("lsi"), 20*time.Second, 20*time.Second
		table.Indexes = []scenario.Index{index("a", number("a", 1, 2000))}
		policy := &scenario.AutoScaling{Min: 10, Max: number("most", 20, 9000), Target: 70}
		switch table.Mode {
		case Provisioned:
			table.Throughput = scenario.Throughput{Read: number("read", 1, 3000), Write: number("write", 1, 3000)}
			if chance("policy") {
				table.WriteScaling, table.Indexes[0].WriteScaling = policy, policy
			}
		default:
			table.Throughput = scenario.Throughput{PeakWrite: number("peak", 0, 5000)}
			if chance("cap") {
				table.Throughput.MaxWrite = number("max", 10, 5000)
			}
			table.Indexes[0].Throughput = scenario.Throughput{}
		}
		if chance("quota") {
			sc.Quotas.TableWrite = number("table quota", 100, 5000)
		}
		if chance("replica") {
			table.Replicas = []scenario.Replica{{Region: "us-east-1", Read: 100, Write: number("replica", 1, 2000)}}
		}
		if chance("streams") {
			table.Stream = &scenario.Stream{Consumer: "c", RecordsPerS: number("records", 1, 3000), Shards: 4, StuckShards: 1}
			table.Kinesis = &scenario.Kinesis{Stream: "k", RecordsPerS: number("kinesis", 1, 3000), Oversized: 0.1}
		}
		sc.Traffic = nil
		for _, name := range []string{"x", "y"} {
			c := caller(name, rapid.SampledFrom(everyOperation).Draw(t, name+" operation"), number(name+" rate", 0, 4000))
			c.Batch, c.Pages = float64(rapid.IntRange(1, 20).Draw(t, name+" batch")), float64(rapid.IntRange(1, 3).Draw(t, name+" pages"))
			c.Feed = time.Second
			c.Keys = rapid.SampledFrom([]scenario.Keys{{}, {Kind: scenario.Zipf, S: 1.1}, {Kind: scenario.Hot, Share: 0.6, Keys: 2}, {Kind: scenario.Rising}}).Draw(t, name+" keys")
			c.Invalid = number("invalid", 0, 0.3)
			switch c.Operation {
			case "PutItem", "UpdateItem", "DeleteItem", "TransactWriteItems":
				c.ConditionalFailures, c.Conflicts = number("conditions", 0, 0.5), number("conflicts", 0, 0.5)
			}
			if chance(name + " gives up") {
				c.SDK = scenario.SDK{Attempts: 8, Base: time.Millisecond, Timeout: 5 * time.Millisecond}
			}
			sc.Traffic = append(sc.Traffic, c)
		}
		if chance("expiry") {
			sc.Events = append(sc.Events, scenario.Event{At: 10 * time.Second, Expire: &scenario.Expire{Table: "orders", Items: 20000, Over: 15 * time.Second}})
		}
		if chance("errors") {
			sc.Events = append(sc.Events, scenario.Event{At: 5 * time.Second, Until: 25 * time.Second, Fault: &scenario.Fault{
				Service: "dynamodb", ErrorRate: 0.2, ThrottleRate: 0.1, Latency: scenario.Latency{Times: 5}, Share: 1, Where: "both",
			}})
		}
		if chance("build") {
			p := scenario.Throughput{Read: 10, Write: number("built", 10, 2000)}
			if table.Mode == OnDemand {
				p = scenario.Throughput{}
			}
			sc.Events = append(sc.Events, scenario.Event{At: 8 * time.Second, Call: &scenario.Call{
				Operation: "UpdateTable", Table: "orders", By: "deploy",
				CreateIndex: &scenario.CreateIndex{Index: index("new", 0), Allocate: 5 * time.Second, Backfill: 20 * time.Second},
			}})
			sc.Events[len(sc.Events)-1].Call.CreateIndex.Index.Throughput = p
		}
	})
}

// Units admitted and refused are units offered, at every partition, table, index and second, whatever the scenario has; no
// bucket leaves [0, cap], and no caller has more answers than attempts.
//
// Mutant: let a back-fill, an expiry or a replica take units that nobody was granted.
func TestConservationInAnyScenario(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w, err := New(anything(t), rapid.Uint64().Draw(t, "seed"))
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range w.tables[0].resources {
			for s := range sides {
				for k := range r.buckets[s] {
					r.buckets[s][k].level *= rapid.Float64Range(0, 0.02).Draw(t, "level")
				}
			}
		}
		for s := 1; s <= 40; s++ {
			w.Advance(time.Duration(s) * time.Second)
			for _, table := range w.tables {
				for _, r := range table.resources {
					balanced(t, r)
				}
				for _, x := range table.replicas {
					if x.bucket.level < 0 || math.IsNaN(x.bucket.level) || x.queue < 0 || math.IsNaN(x.queue) {
						t.Fatalf("second %d, replica: %+v", s, x)
					}
				}
			}
			for _, name := range []string{"x", "y"} {
				f, _ := w.Feed(name)
				failed := 0.0
				for _, e := range f.Errors {
					failed += e.Count
				}
				if failed > f.Attempts*(1+1e-9)+1e-6 || f.Failed > f.Calls+1e-6 {
					t.Fatalf("second %d: %s has %v errors of %v attempts, %v failures of %v calls: %v", s, name, failed, f.Attempts, f.Failed, f.Calls, f.Errors)
				}
			}
		}
	})
}
