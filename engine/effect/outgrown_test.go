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

// TestPrevention: a raise that came before much was refused has worked where the old limit would have refused since, and nothing is; the
// refusals of one minute after it, a limit that would have done, or a cut take that away. Mutants: forget what is refused now; take any
// raise for one; let two minutes do.
func TestPrevention(t *testing.T) {
	quiet := minutesOf(0, 8)
	refusing := minutesOf(0, 8)
	refusing[6].V = 0.2
	for _, c := range []struct {
		name          string
		served        []Sample
		refused       []Sample
		before, after float64
		want          Word
	}{
		{"twice the old limit is served", minutesOf(200, 8), quiet, 100, 400, Worked},
		{"something is refused again", minutesOf(200, 8), refusing, 100, 400, Open},
		{"the old limit would have done", minutesOf(110, 8), quiet, 100, 400, Open},
		{"two minutes", minutesOf(800, 3), minutesOf(0, 3), 100, 900, Open},
		{"a cut", minutesOf(200, 8), quiet, 100, 50, Open},
		{"held to something else", minutesOf(200, 8), nil, 100, 400, Open},
	} {
		in := Input{
			Expect: Expectation{Signal: "write_throttles", Kind: Count, By: 0.9}, Applied: t0, InForce: t0, Now: t0.Add(9 * time.Minute),
			Limit: Limit{Name: "orders write", Before: c.before, After: c.after}, Served: c.served, Refused: c.refused,
			Minutes: &Confirmation{State: NotConfirmed, Why: "nothing distinguishable from the noise"},
		}
		if got := Judge(in); got.Word != c.want {
			t.Errorf("%s: %s (%s)", c.name, got.Word, got.Reason)
		}
	}
}
