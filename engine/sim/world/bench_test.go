package world

import (
	"fmt"
	"testing"
	"time"

	"github.com/ddbloop/ddbloop/engine/sim/scenario"
)

// small is a provisioned table with one writer: the least that runs. edit may change it.
func small(edit func(sc *scenario.Scenario)) *scenario.Scenario {
	sc := &scenario.Scenario{
		Name: "small", Start: time.Date(2026, 3, 3, 14, 0, 0, 0, time.UTC), Duration: time.Hour, Region: "eu-west-1", Account: "123456789012",
		Quotas: scenario.Quotas{TableRead: 40000, TableWrite: 40000, AccountRead: 80000, AccountWrite: 80000},
		Tables: []scenario.Table{{
			Name: "orders", Mode: Provisioned, Throughput: scenario.Throughput{Read: 4000, Write: 4000},
			Key: scenario.Key{Partition: "tenant", Distinct: 20000}, Items: 100000, ItemBytes: 900,
			SplitAfter: 10 * time.Minute, Settle: 90 * time.Second,
		}},
		Traffic: []scenario.Traffic{caller("checkout", "PutItem", 1000)},
	}
	if edit != nil {
		edit(sc)
	}
	return sc
}

func caller(name, operation string, rate float64) scenario.Traffic {
	return scenario.Traffic{
		Name: name, Table: "orders", Operation: operation, Demand: scenario.Demand{Rate: rate}, ItemBytes: 900, Pages: 1, Batch: 1,
		Examined: 20, Returned: 20,
		SDK:     scenario.SDK{Attempts: 4, Base: 25 * time.Millisecond, Timeout: time.Second, Quota: 500},
		Network: scenario.Network{RTT: 2 * time.Millisecond, DNS: time.Millisecond, TLS: 4 * time.Millisecond, NewConnections: 0.01},
		SLO:     scenario.SLO{P99: 60 * time.Millisecond, Success: 0.999},
	}
}

func index(name string, write float64) scenario.Index {
	return scenario.Index{
		Name: name, Key: scenario.Key{Partition: name, Distinct: 5000}, Projection: "all",
		Throughput: scenario.Throughput{Read: 4000, Write: write},
	}
}

// busy is one table with three indexes and six clients, one of them over the limit of a partition.
func busy() *scenario.Scenario {
	return small(func(sc *scenario.Scenario) {
		sc.Tables[0].Indexes = []scenario.Index{index("a", 8000), index("b", 8000), index("c", 8000)}
		sc.Tables[0].Throughput.Write = 8000
		sc.Traffic = nil
		for i, op := range []string{"PutItem", "UpdateItem", "DeleteItem", "GetItem", "Query", "Scan"} {
			c := caller(fmt.Sprint("client-", i), op, 500)
			c.Noise = scenario.Noise{CV: 0.05, Phi: 0.6}
			c.Feed = time.Second
			sc.Traffic = append(sc.Traffic, c)
		}
		sc.Traffic[0].Demand.Rate = 1800
		sc.Traffic[0].Keys = scenario.Keys{Kind: scenario.Hot, Share: 0.7, Keys: 1}
		sc.Traffic[3].Keys = scenario.Keys{Kind: scenario.Zipf, S: 1.05}
	})
}

// One simulated hour of one table, three indexes and six clients: at most 100 ms of CPU.
func BenchmarkHour(b *testing.B) {
	sc := busy()
	b.ReportAllocs()
	for b.Loop() {
		w := build(b, sc)
		w.Advance(time.Hour)
	}
}

// The cost of an hour does not depend on how many requests there are, on partitions that meet the same load.
func BenchmarkHourAtRate(b *testing.B) {
	for _, rate := range []float64{100, 10_000, 1_000_000} {
		b.Run(fmt.Sprintf("%.0f", rate), func(b *testing.B) {
			sc := small(func(sc *scenario.Scenario) {
				sc.Quotas = scenario.Quotas{TableRead: 1e7, TableWrite: 1e7, AccountRead: 1e7, AccountWrite: 1e7}
				sc.Tables[0].Throughput = scenario.Throughput{Read: 1.2 * rate, Write: 1.2 * rate, Partitions: 2000}
				sc.Traffic[0].Demand.Rate = rate
			})
			for b.Loop() {
				build(b, sc).Advance(time.Hour)
			}
		})
	}
}

// An hour of 200 tables: at most 10 s.
func BenchmarkHourOf200Tables(b *testing.B) {
	sc := busy()
	table, traffic := sc.Tables[0], sc.Traffic
	sc.Tables, sc.Traffic = nil, nil
	for i := range 200 {
		t := table
		t.Name = fmt.Sprintf("table-%03d", i)
		sc.Tables = append(sc.Tables, t)
		for _, c := range traffic {
			c.Name, c.Table = fmt.Sprintf("%s-%03d", c.Name, i), t.Name
			sc.Traffic = append(sc.Traffic, c)
		}
	}
	for b.Loop() {
		build(b, sc).Advance(time.Hour)
	}
}

// A week of history: at most 2 s.
func BenchmarkWeekOfHistory(b *testing.B) {
	sc := busy()
	sc.History = 7 * 24 * time.Hour
	sc.Traffic[0].Keys = scenario.Keys{}
	for b.Loop() {
		build(b, sc)
	}
}

// 25 hours of history: at most 10 ms an hour.
func BenchmarkHistory(b *testing.B) {
	sc := busy()
	sc.History = 25 * time.Hour
	sc.Traffic[0].Keys = scenario.Keys{}
	for b.Loop() {
		build(b, sc)
	}
}
