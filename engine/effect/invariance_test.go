package effect

import (
	"testing"
	"time"
)

// Neither the unit of a latency nor the date of a change may decide anything.
func TestLookDoesNotDependOnUnitOrDate(t *testing.T) {
	for seed := range uint64(8) {
		level := steps(0, 10, []float64{10, 7, 5, 20}[seed%4])
		before, after := series(seed, -900, 0, 0.3, level), series(seed+50, 0, 60, 0.3, level)
		want := FirstLook(t0, before, after, Options{})
		move := func(in []Sample, scale float64, by time.Duration) []Sample {
			out := make([]Sample, len(in))
			for i, s := range in {
				out[i] = Sample{T: s.T.Add(by), V: s.V * scale}
			}
			return out
		}
		const by = 1000 * time.Hour
		got := FirstLook(t0.Add(by), move(before, 1024, by), move(after, 1024, by), Options{})
		if got.State != want.State || got.Took != want.Took || got.Proven != want.Proven {
			t.Errorf("seed %d: %+v\nmoved: %+v", seed, want, got)
		}
	}
}

// More samples may add to a first word, but the moment of the first word and
// the word at that moment are history.
func TestLookKeepsItsFirstMoment(t *testing.T) {
	level := steps(3, 10, 5)
	p := Fit(series(1, -1800, 0, 0.3, level), Options{})
	after := series(2, 0, 120, 0.3, level)
	var first time.Duration
	for n := 1; n <= len(after); n++ {
		l := p.Look(t0, after[:n])
		switch {
		case l.State == Worse || l.State == Same:
			t.Fatalf("after %d samples: %s", n, l.State)
		case l.State == Better && first == 0:
			first = l.Took
			if want := after[n-1].T.Sub(t0); first != want {
				t.Fatalf("the word fell at %s and is dated %s", want, first)
			}
		case l.State == Better && l.Took != first:
			t.Fatalf("the first word moved from %s to %s", first, l.Took)
		}
	}
	if first == 0 {
		t.Fatal("a halving was never seen")
	}
}

func BenchmarkFit(b *testing.B) {
	before := series(1, -1800, 0, 0.3, steps(0, 10, 5))
	for range b.N {
		Fit(before, Options{})
	}
}

func BenchmarkLook(b *testing.B) {
	p := Fit(series(1, -1800, 0, 0.3, steps(0, 10, 5)), Options{})
	after := series(2, 0, 120, 0.3, steps(0, 10, 5))
	for range b.N {
		p.Look(t0, after)
	}
}

// BenchmarkCompare is the most that is held against at once: eight controls, two minutes of seconds on each side.
func BenchmarkCompare(b *testing.B) {
	m := halved().Look.Move
	m.Until = t0.Add(sideWindow)
	var list []Control
	for i := range 8 {
		list = append(list, elsewhere(i, 20, 19))
	}
	for range b.N {
		Compare(Options{}, m, list, 1)
	}
}
