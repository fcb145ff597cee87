package world

import (
	"testing"

	"github.com/ddbloop/ddbloop/engine/sim/scenario"
)

func TestUnits(t *testing.T) {
	table := scenario.Table{ItemBytes: 900, Indexes: []scenario.Index{{Name: "all", Projection: "all"}, {Name: "thin", Projection: "keys_only"}}}
	for _, c := range []struct {
		name        string
		t           scenario.Traffic
		read, write float64
	}{
		{"eventual read", scenario.Traffic{Operation: "GetItem"}, 0.5, 0},
		{"strong read", scenario.Traffic{Operation: "GetItem", Consistent: true}, 1, 0},
		{"a query rounds its sum", scenario.Traffic{Operation: "Query", Examined: 10, Pages: 1}, 1.5, 0},
		{"a query on a thin index", scenario.Traffic{Operation: "Query", Examined: 100, Pages: 1, Index: "thin"}, 1.5, 0},
		{"a page is 1 MB at most", scenario.Traffic{Operation: "Scan", Examined: 1e6, Pages: 1}, 128, 0},
		{"each page for itself", scenario.Traffic{Operation: "Scan", Examined: 100, Pages: 10, Consistent: true}, 3, 0},
		{"put", scenario.Traffic{Operation: "PutItem", ItemBytes: 1025}, 0, 2},
		{"an update costs the larger item", scenario.Traffic{Operation: "UpdateItem", ItemBytes: 100}, 0, 1},
		{"an update that grows", scenario.Traffic{Operation: "UpdateItem", ItemBytes: 5000}, 0, 5},
	} {
		if k := costOf(&c.t, &table); k.read != c.read || k.write != c.write {
			t.Errorf("%s: %.1f read, %.1f write units; want %.1f, %.1f", c.name, k.read, k.write, c.read, c.write)
		}
	}
	put := costOf(&scenario.Traffic{Operation: "PutItem", ItemBytes: 2000, IndexWrites: map[string]float64{"thin": 0.5}}, &table)
	if put.index[0] != 2 || put.index[1] != 1 {
		t.Errorf("index units of a put: %v", put.index)
	}
	if update := costOf(&scenario.Traffic{Operation: "UpdateItem"}, &table); update.index[0] != 0 {
		t.Errorf("index units of an update: %v", update.index)
	}
}

func TestMixQuantiles(t *testing.T) {
	m := mix{lognormal(900, 0.002, 0.004, 0.3), lognormal(100, 0.002, 0.04, 0.3)}
	for _, p := range []float64{0.01, 0.5, 0.9, 0.99, 0.999} {
		if got := m.cdf(m.quantile(p)); got < p-1e-6 || got > p+1e-6 {
			t.Errorf("share below the %v quantile: %v", p, got)
		}
	}
	if c := matched(1, 0.001, 0.02, 0.0001); c.mean() < 0.0209 || c.mean() > 0.0211 || c.variance() < 0.0000999 || c.variance() > 0.0001001 {
		t.Errorf("matched: mean %v, variance %v", c.mean(), c.variance())
	}
}

func TestKeysAreTheItemStores(t *testing.T) {
	p := newProfile(scenario.Keys{Kind: scenario.Hot, Share: 0.6, Keys: 1}, scenario.Key{Partition: "tenant", Distinct: 20000}, 0)
	if len(p.heads) != 1 || p.heads[0].share != 0.6 || p.heads[0].pos != position("tenant-0") || p.tail < 0.399 || p.tail > 0.401 {
		t.Errorf("hot: %+v", p)
	}
	few := newProfile(scenario.Keys{}, scenario.Key{Partition: "status", Distinct: 5}, 0)
	if len(few.heads) != 5 || few.tail != 0 {
		t.Errorf("five values: %+v", few)
	}
	one := newProfile(scenario.Keys{Kind: scenario.Hot, Share: 0.9, Keys: 1}, scenario.Key{Partition: "status", Distinct: 50}, 0)
	if s := one.heads[0].share; s < 0.9 || s > 0.91 || one.heads[1].share > 0.003 {
		t.Errorf("one hot value of fifty: %v", one.heads[:2])
	}
	z := newProfile(scenario.Keys{Kind: scenario.Zipf, S: 1.05}, scenario.Key{Partition: "tenant", Distinct: 20000}, 0)
	if s := z.heads[0].share; s < 0.1 || s > 0.13 || z.heads[1].share >= s {
		t.Errorf("zipf: %v", z.heads[:2])
	}
}
