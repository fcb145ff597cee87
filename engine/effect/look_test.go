package effect

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"
)

var t0 = time.Date(2026, 11, 22, 3, 0, 0, 0, time.UTC)

// series makes one sample a second from a level per second; from is relative
// to t0 and noise is the deviation of the logarithm.
func series(seed uint64, from, to int, noise float64, level func(sec int) float64) []Sample {
	r := rand.New(rand.NewPCG(seed, 1))
	out := make([]Sample, 0, to-from)
	for s := from; s < to; s++ {
		v := level(s) * math.Exp(noise*r.NormFloat64())
		out = append(out, Sample{T: t0.Add(time.Duration(s) * time.Second), V: v, W: 500})
	}
	return out
}

// steps gives the level before and after some second.
func steps(at int, before, after float64) func(int) float64 {
	return func(s int) float64 {
		if s < at {
			return before
		}
		return after
	}
}

func TestLookOnShapes(t *testing.T) {
	incident := func(s int) float64 { // calm, then ten minutes of trouble
		switch {
		case s < -600:
			return 5
		case s < 0:
			return 40
		}
		return 5
	}
	for _, c := range []struct {
		name  string
		from  int
		level func(int) float64
		want  State
	}{
		{"ten minutes of trouble end with the change", -1800, incident, Better},
		{"a steady level halves", -1800, steps(0, 10, 5), Better},
		{"the effect comes fifteen seconds late", -1800, steps(15, 10, 5), Better},
		{"a steady level doubles", -1800, steps(0, 10, 20), Worse},
		{"nothing happens", -1800, steps(0, 10, 10), Same},
		{"a spike of half a minute ends", -1800, func(s int) float64 {
			if s > -30 && s < 4 {
				return 30
			}
			return 10
		}, Same},
		{"the fall came twenty seconds before the change", -1800, steps(-20, 10, 4), TooEarly},
		{"a decline was under way and goes on", -1800, func(s int) float64 {
			return 20 * math.Exp(-0.006*math.Max(0, float64(s+240)))
		}, TooEarly},
		{"trouble of 70 seconds ends after 40", -1800, func(s int) float64 {
			if s > -70 && s < 40 {
				return 60
			}
			return 10
		}, TooEarly},
		{"only two minutes before", -120, steps(0, 10, 5), Unproven},
	} {
		t.Run(c.name, func(t *testing.T) {
			wrong := 0
			var last Look
			for seed := range uint64(20) {
				before := series(seed, c.from, 0, 0.2, c.level)
				after := series(seed+1000, 0, 120, 0.2, c.level)
				l := FirstLook(t0, before, after, Options{})
				bad := l.State != c.want
				if c.want == TooEarly || c.want == Same { // both make no claim
					bad = l.State == Better || l.State == Worse && c.want == Same
				}
				if bad {
					wrong++
					last = l
				}
			}
			if wrong > 1 {
				t.Errorf("%d of 20 wrong, want %s, e.g. %+v", wrong, c.want, last)
			}
		})
	}
}

func TestLookNeedsThreeSamples(t *testing.T) {
	before := series(1, -1800, 0, 0.2, steps(0, 100, 1))
	after := series(2, 0, 2, 0.2, steps(0, 100, 1))
	if l := FirstLook(t0, before, after, Options{}); l.State != TooEarly {
		t.Errorf("two samples were enough for %q", l.State)
	}
}

func TestLookSizeAndTimes(t *testing.T) {
	before := series(1, -1800, 0, 0.3, steps(0, 20, 5))
	after := series(2, 0, 90, 0.3, steps(0, 20, 5))
	l := FirstLook(t0, before, after, Options{By: 0.5})
	if !l.Proven || l.Took > 4*time.Second || l.Onset > time.Second {
		t.Fatalf("%+v", l)
	}
	if s := l.Size; s.Low > 0.75 || s.High < 0.75 || s.High-s.Low > 0.15 {
		t.Errorf("size %+v, want an interval of at most 15 points around 0.75", s)
	}
}

// A gap is a gap: lost samples must neither count as zeros nor as evidence.
func TestLookThroughGaps(t *testing.T) {
	before := series(1, -1800, 0, 0.3, steps(0, 10, 10))
	after := series(2, 0, 120, 0.3, steps(0, 10, 10))
	holes := append([]Sample{}, after[:5]...)
	holes = append(holes, Sample{T: after[20].T, V: math.NaN()}, Sample{T: after[21].T, V: 0})
	holes = append(holes, after[60:]...)
	if l := FirstLook(t0, before, holes, Options{}); l.State == Better || l.State == Worse {
		t.Errorf("gaps were read as %q", l.State)
	}
	halved := series(2, 0, 120, 0.3, steps(0, 10, 5))
	if l := FirstLook(t0, before, halved[40:], Options{}); l.State != Better {
		t.Errorf("a halving behind a gap is %q", l.State)
	}
}

func TestLookIgnoresOrderOfArrival(t *testing.T) {
	before := series(1, -1800, 0, 0.3, steps(0, 10, 5))
	after := series(2, 0, 60, 0.3, steps(0, 10, 5))
	want := FirstLook(t0, before, after, Options{})
	r := rand.New(rand.NewPCG(5, 5))
	r.Shuffle(len(after), func(i, j int) { after[i], after[j] = after[j], after[i] })
	r.Shuffle(len(before), func(i, j int) { before[i], before[j] = before[j], before[i] })
	if got := FirstLook(t0, before, after, Options{}); got != want {
		t.Errorf("shuffled: %+v\nin order: %+v", got, want)
	}
}

func TestLookFades(t *testing.T) {
	level := func(s int) float64 {
		if s >= 0 && s < 60 {
			return 4
		}
		return 10
	}
	l := FirstLook(t0, series(1, -1800, 0, 0.2, level), series(2, 0, 180, 0.2, level), Options{})
	if l.State != Better || !l.Faded {
		t.Errorf("an effect of one minute: %+v", l)
	}
}

// Harm that starts from nothing has no relative size, but it is seen.
func TestShareFromZero(t *testing.T) {
	opts := Options{Kind: Share}
	before := series(1, -1800, 0, 0, steps(0, 0, 0.2))
	after := series(2, 0, 30, 0.1, steps(0, 0, 0.2))
	if l := FirstLook(t0, before, after, opts); l.State != Worse || l.Took > 5*time.Second {
		t.Errorf("throttling that began with the change: %+v", l)
	}
	few := series(2, 0, 60, 0, steps(0, 0, 0.001)) // one in a thousand
	if l := FirstLook(t0, before, few, opts); l.State == Worse {
		t.Errorf("one refusal in a thousand was called harm: %+v", l)
	}
}

// Trouble begins within a sample, not between two: the samples in which it did belong to no level. Half a minute of it that ends with
// the change is seen to. Mutants: count them to their sides in the differences; in the wander.
func TestTroubleBeginsWithinASample(t *testing.T) {
	sharp := []float64{
		0.38, 0.79, 0.86, 0.89, 0.86, 0.72, 0.70, 0.79, 0.77, 0.71, 0.68, 0.78, 0.63, 0.64, 0.78, 0.71, 0.71, 0.73, 0.75, 0.64,
		0.75, 0.71, 0.68, 0.68, 0.70, 0.77, 0.70, 0.78, 0.78, 0.75, 0.73, 0.66, 0.66, 0.74, 0.70, 0.70, 0.72, 0.70,
	}
	soft := []float64{
		0.01, 0.28, 0.49, 0.50, 0.61, 0.71, 0.77, 0.78, 0.80, 0.79, 0.45, 0.67, 0.58, 0.36, 0.34, 0.60, 0.44, 0.57, 0.59, 0.62,
		0.60, 0.60, 0.53, 0.55, 0.40, 0.56, 0.55, 0.62, 0.60, 0.42, 0.64, 0.52, 0.55, 0.58, 0.47, 0.59, 0.39,
	}
	for name, trouble := range map[string][]float64{"sharp": sharp, "soft": soft} {
		at := func(s int) float64 {
			if i := len(trouble) + s; i >= 0 && i < len(trouble) {
				return trouble[i]
			}
			return 0
		}
		l := FirstLook(t0, series(1, -700, 0, 0, at), series(2, 0, 30, 0, at), Options{Kind: Share, By: 0.9})
		if l.State != Better || !l.Proven || l.Took > 5*time.Second {
			t.Errorf("%s: %+v", name, l)
		}
	}
}

func TestShareWithoutAttemptsIsNoSample(t *testing.T) {
	before := series(1, -1800, 0, 0.1, steps(0, 0.4, 0))
	after := series(2, 0, 60, 0, steps(0, 0.4, 0))
	for i := range after {
		after[i].W = 0
	}
	if l := FirstLook(t0, before, after, Options{Kind: Share}); l.State != TooEarly || l.N != 0 {
		t.Errorf("seconds without attempts were read as success: %+v", l)
	}
}

// Wanting more turns better and worse round, and nothing else.
func TestDirectionUp(t *testing.T) {
	before := series(1, -1800, 0, 0.2, steps(0, 10, 20))
	after := series(2, 0, 60, 0.2, steps(0, 10, 20))
	l := FirstLook(t0, before, after, Options{Direction: Up, By: 0.5})
	if l.State != Better || l.Size.Value < 0.8 || l.Size.Value > 1.25 {
		t.Errorf("a wanted doubling: %+v", l)
	}
}

func FuzzLook(f *testing.F) {
	f.Add(uint64(1), 300, 10, 0.4)
	f.Add(uint64(2), 1000, 0, math.Inf(1))
	f.Add(uint64(3), 280, 400, -1.0)
	f.Fuzz(func(t *testing.T, seed uint64, n, m int, level float64) {
		n, m = min(max(n, 0), 600), min(max(m, 0), 200)
		for _, kind := range []Kind{Latency, Share} {
			l := FirstLook(t0, series(seed, -n, 0, 0.2, steps(0, 0.5, level)),
				series(seed+1, 0, m, 0.2, steps(0, 0.5, level)), Options{Kind: kind})
			if l.State == "" || math.IsNaN(l.Coincidence) || math.IsNaN(l.Size.Value) {
				t.Errorf("%+v", l)
			}
		}
	})
}
