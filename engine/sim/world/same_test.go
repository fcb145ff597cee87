package world

import (
	"reflect"
	"testing"
	"time"

	"github.com/ddbloop/ddbloop/engine/sim/scenarios"
)

// seen is all that the world has published by the end, and what every feed has counted.
func seen(w *World, end time.Duration) []any {
	var out []any
	at := w.Start().Add(end)
	for _, s := range w.store.order {
		id := s.id
		q := Query{Namespace: id.Namespace, Name: id.Name, Dims: map[string]string{}, Period: time.Minute, From: w.Start(), To: at, AskedAt: at}
		for _, d := range id.Dims {
			q.Dims[d.Name] = d.Value
		}
		for _, stat := range []string{"Sum", "p99"} {
			q.Stat = stat
			out = append(out, id, stat, w.Metrics(q))
		}
	}
	for _, c := range w.clients {
		if f, ok := w.Feed(c.now.Name); ok {
			out = append(out, f)
		}
	}
	return out
}

// The same file and seed give the same world at any speed: whether it is moved on second by second or in one leap.
//
// Mutant: draw from the random numbers once for each call of Advance.
func TestSameWorldAtAnySpeed(t *testing.T) {
	const end = 14 * time.Minute
	for _, name := range scenarios.Names() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			run := func(step time.Duration) []any {
				sc := load(t, name, "base")
				sc.History = time.Hour
				w, err := New(sc, 11)
				if err != nil {
					t.Fatal(err)
				}
				for at := step; at < end; at += step {
					w.Advance(at)
				}
				w.Advance(end)
				return seen(w, end)
			}
			first := run(time.Second)
			if len(first) < 50 {
				t.Fatalf("only %d things were published", len(first))
			}
			for _, step := range []time.Duration{17 * time.Second, end} {
				if !reflect.DeepEqual(first, run(step)) {
					t.Errorf("in steps of %v it is another world", step)
				}
			}
		})
	}
}
