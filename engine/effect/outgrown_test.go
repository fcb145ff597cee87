package effect

import (
	"testing"
	"time"
)

// TestOutgrown: only what was served since the change counts, and a limit with all its burst saved up must not explain it. 100 units
// a second and 300 seconds of burst allow 36,000 in the first minute, 48,000 in three. Mutants: count what came before; forget the
// burst; forget that the limit went on giving; take an unknown limit for one of zero; let exactly as much do.
func TestOutgrown(t *testing.T) {
	at := func(minute int, v float64) Sample {
		return Sample{T: t0.Add(time.Duration(minute) * time.Minute), V: v}
	}
	for _, c := range []struct {
		name   string
		limit  float64
		served []Sample
		want   bool
	}{
		{"nothing known", 100, nil, false},
		{"the limit with its burst", 100, []Sample{at(0, 600)}, false},
		{"a unit more", 100, []Sample{at(0, 600.1)}, true},
		{"three minutes of it", 100, minutesOf(260, 3), false},
		{"and that is too much for the burst", 100, minutesOf(270, 3), true},
		{"four at that rate", 100, minutesOf(220, 4), false},
		{"before the change", 100, []Sample{at(-3, 5000), at(-2, 5000), at(-1, 5000), at(0, 90)}, false},
		{"no limit before", 0, minutesOf(900, 5), false},
	} {
		in := Input{InForce: t0, Served: c.served, Limit: Limit{Before: c.limit, After: 1000}}
		if got := outgrown(in); got != c.want {
			t.Errorf("%s: %t", c.name, got)
		}
	}
}
