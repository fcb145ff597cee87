package world

import (
	"math"
	"testing"
	"time"

	"github.com/ddbloop/ddbloop/engine/sim/scenario"
	"github.com/ddbloop/ddbloop/engine/sim/scenarios"
)

// FuzzWorld: whatever file is read can be built and played for three minutes, levers pulled and all, with nothing negative or
// not a number in it.
//
// Mutant: build partitions without mostParts, or let an index be made of nothing.
func FuzzWorld(f *testing.F) {
	for _, name := range scenarios.Names() {
		data, err := scenarios.Open(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		sc, err := scenario.Parse("calm.yaml", data, scenario.Options{OpenFile: func(string) ([]byte, error) { return data, nil }})
		if err != nil {
			return
		}
		sc.History = min(sc.History, 10*time.Minute)
		w, err := New(sc, uint64(sc.Seed))
		if err != nil {
			return
		}
		for _, l := range sc.Levers {
			if _, err := w.SetLever(l.Name, true); err != nil {
				t.Fatal(err)
			}
		}
		for at := time.Second; at <= 3*time.Minute; at += time.Second {
			w.Advance(at)
			for _, table := range w.tables {
				for _, r := range table.resources {
					for s := range sides {
						for k, b := range r.buckets[s] {
							if b.level < 0 || math.IsNaN(b.level) {
								t.Fatalf("%s: %s %s bucket %d stands at %v", at, r.arn, s, k, b.level)
							}
						}
						for _, c := range r.parts.classes {
							if l := c.last[s]; l.granted < 0 || l.granted > l.offered*(1+1e-9) || math.IsNaN(l.offered) {
								t.Fatalf("%s: %s %s grants %v of %v", at, r.arn, s, l.granted, l.offered)
							}
						}
					}
				}
			}
		}
	})
}
