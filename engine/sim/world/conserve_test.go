package world

import (
	"math"
	"reflect"
	"testing"
	"time"

	"github.com/ddbloop/ddbloop/engine/sim/scenario"
	"pgregory.net/rapid"
)

// Conservation: at every resource, side and second, what was offered was admitted or refused; what another resource refused
// consumed nothing; no bucket leaves [0, burst].
func TestConservation(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rate := func(name string) float64 { return rapid.Float64Range(0, 3000).Draw(t, name) }
		keys := func(name string) scenario.Keys {
			return rapid.SampledFrom([]scenario.Keys{
				{}, {Kind: scenario.Zipf, S: 1.1}, {Kind: scenario.Hot, Share: 0.6, Keys: 2}, {Kind: scenario.Rising},
			}).Draw(t, name)
		}
		sc := small(func(sc *scenario.Scenario) {
			sc.Tables[0].Mode = rapid.SampledFrom([]scenario.Mode{Provisioned, OnDemand}).Draw(t, "mode")
			sc.Tables[0].SplitAfter = 20 * time.Second
			sc.Tables[0].Throughput = scenario.Throughput{Read: 1 + rate("read"), Write: 1 + rate("write")}
			sc.Tables[0].Indexes = []scenario.Index{index("a", 1+rate("a")), index("b", 1+rate("b"))}
			w := caller("w", "PutItem", rate("puts"))
			w.Keys, w.IndexKeys = keys("keys"), map[string]scenario.Keys{"a": keys("index keys")}
			w.ConditionalFailures, w.Invalid = 0.1, 0.05
			r := caller("r", "Query", rate("queries"))
			r.Index = "b"
			sc.Traffic = []scenario.Traffic{w, r}
		})
		w, err := New(sc, rapid.Uint64().Draw(t, "seed"))
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range w.tables[0].resources {
			for s := range sides {
				for k := range r.buckets[s] {
					r.buckets[s][k].level *= rapid.Float64Range(0, 0.01).Draw(t, "level")
				}
			}
		}
		for s := 1; s <= 40; s++ {
			before := consumed(w)
			w.Advance(time.Duration(s) * time.Second)
			for _, r := range w.tables[0].resources {
				balanced(t, r)
			}
			after := consumed(w)
			if d := after[0] - before[0]; math.Abs(after[1]-before[1]-d) > 1e-6 || math.Abs(after[2]-before[2]-d) > 1e-6 {
				t.Fatalf("second %d: the table consumed %v, its indexes %v and %v", s, d, after[1]-before[1], after[2]-before[2])
			}
		}
	})
}

func consumed(w *World) [3]float64 {
	var u [3]float64
	for i, r := range w.tables[0].resources {
		u[i] = r.use[writes].units
	}
	return u
}

func balanced(t *rapid.T, r *resource) {
	for s := range sides {
		for _, c := range r.parts.classes {
			l := c.last[s]
			refused := 0.0
			for _, n := range l.refused {
				refused += n
			}
			if math.Abs(l.granted+refused-l.offered) > 1e-6*(1+l.offered) || l.granted < 0 || l.granted > partitionMax[s]+1e-6 {
				t.Fatalf("%s %s: %+v", r.arn, s, l)
			}
		}
		for _, l := range r.limits[s] {
			if l.b.level < 0 || l.b.level > l.burst {
				t.Fatalf("%s %s: bucket at %v of %v", r.arn, s, l.b.level, l.burst)
			}
		}
		width := 0.0
		for _, p := range r.parts.parts {
			width += p.hi - p.lo
		}
		if math.Abs(width-1) > 1e-9 {
			t.Fatalf("the partitions cover %v of the keys", width)
		}
	}
}

func TestSameSeedAndCallsGiveTheSameWorld(t *testing.T) {
	run := func(seed uint64) []any {
		sc := load(t, "hot-partition", "base")
		sc.History = time.Hour
		w, err := New(sc, seed)
		if err != nil {
			t.Fatal(err)
		}
		var seen []any
		for s := 1; s <= 420; s += 7 {
			w.Advance(time.Duration(s) * time.Second)
			seen = append(seen, w.Admit(Request{Table: "orders", Operation: "GetItem", PartitionKey: w.Key("orders", "", 0), ReadUnits: 0.5, From: FromHere}))
		}
		if _, err := w.SetLever("limit-hot-tenant", true); err != nil {
			t.Fatal(err)
		}
		w.Advance(10 * time.Minute)
		feed, _ := w.Feed("checkout")
		seen = append(seen, feed)
		end := w.Start().Add(10 * time.Minute)
		for _, id := range w.ListMetrics("", Namespace, "", end) {
			q := Query{Namespace: Namespace, Name: id.Name, Dims: map[string]string{}, Stat: "Average", Period: time.Minute, From: w.Start(), To: end, AskedAt: end}
			for _, d := range id.Dims {
				q.Dims[d.Name] = d.Value
			}
			seen = append(seen, id, w.Metrics(q))
		}
		return seen
	}
	first := run(7)
	if !reflect.DeepEqual(first, run(7)) {
		t.Error("the same seed gave another world")
	}
	if reflect.DeepEqual(first, run(8)) {
		t.Error("another seed gave the same world")
	}
}

func TestProbesDoNotDisturbTheTraffic(t *testing.T) {
	run := func(probe bool) ClientMinute {
		w := build(t, small(nil))
		for s := time.Second; s <= 2*time.Minute; s += time.Second {
			if w.Advance(s); probe {
				w.Admit(Request{Table: "orders", Operation: "GetItem", PartitionKey: "x", ReadUnits: 0.5, From: FromHere})
			}
		}
		m, _ := w.ClientStats("checkout", time.Minute)
		return m
	}
	if a, b := run(false), run(true); a != b {
		t.Errorf("with probes %+v, without %+v", b, a)
	}
}
