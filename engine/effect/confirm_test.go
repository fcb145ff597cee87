package effect

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"
)

// mins makes one point a minute; from is relative to t0.
func mins(from, to int, v func(m int) float64) []Sample {
	var out []Sample
	for m := from; m < to; m++ {
		out = append(out, Sample{T: t0.Add(time.Duration(m) * time.Minute), V: v(m)})
	}
	return out
}

func TestThrottlesFallingToZero(t *testing.T) {
	trouble := func(since int) func(int) float64 {
		return func(m int) float64 {
			if m >= since && m < 0 {
				return 900
			}
			return 0
		}
	}
	still := func(int) float64 { return 900 }
	for _, c := range []struct {
		name   string
		before func(int) float64
		after  func(int) float64
		n      int
		want   ConfirmState
	}{
		{"two zero minutes after ten of trouble", trouble(-10), trouble(-10), 2, Confirmed},
		{"one zero minute is not enough", trouble(-10), trouble(-10), 1, Pending},
		{"zero only from the third minute", trouble(-20), func(m int) float64 {
			if m < 1 {
				return 300
			}
			return 0
		}, 3, Confirmed},
		{"two minutes of trouble prove nothing", trouble(-2), trouble(-2), 3, NoHistory},
		{"bursts that end by themselves every five minutes", func(m int) float64 {
			if m >= -3 || ((m%8)+8)%8 < 4 {
				return 500
			}
			return 0
		}, trouble(0), 3, NoHistory},
		{"it was falling already", func(m int) float64 {
			if m == -1 {
				return 50
			}
			return trouble(-12)(m)
		}, trouble(0), 3, NoHistory},
		{"it goes on", still, still, 13, NotConfirmed},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := Confirm(t0, mins(-180, 0, c.before), mins(0, c.n, c.after), ConfirmOptions{Kind: Count, Seed: 1})
			if got.State != c.want {
				t.Errorf("got %q (%s), want %q", got.State, got.Why, c.want)
			}
		})
	}
}

// The minute in which the change happened belongs to neither side.
func TestConfirmLeavesOutTheMixedMinute(t *testing.T) {
	at := t0.Add(30 * time.Second)
	all := func(m int) float64 {
		if m <= 0 {
			return 900
		}
		return 0
	}
	got := Confirm(at, mins(-20, 1, all), mins(0, 3, all), ConfirmOptions{Kind: Count})
	if got.State != Confirmed || got.Minutes != 2 {
		t.Errorf("%+v", got)
	}
}

// ar makes minutes of log-normal AR(1) noise around a level that changes at t0.
func ar(seed uint64, n, m int, phi, factor float64) (before, after []Sample) {
	r := rand.New(rand.NewPCG(seed, 3))
	x := r.NormFloat64()
	next := func(k float64) func(int) float64 {
		return func(int) float64 {
			x = phi*x + math.Sqrt(1-phi*phi)*r.NormFloat64()
			return 10 * k * math.Exp(0.2*x)
		}
	}
	return mins(-n, 0, next(1)), mins(0, m, next(factor))
}

func TestConfirmLevels(t *testing.T) {
	count := func(factor float64) (better, worse int) {
		for seed := range uint64(50) {
			b, a := ar(seed, 600, 13, 0.5, factor)
			switch Confirm(t0, b, a, ConfirmOptions{Kind: Latency, Seed: seed}).State {
			case Confirmed:
				better++
			case Contrary:
				worse++
			}
		}
		return better, worse
	}
	if better, worse := count(1); better > 5 || worse > 5 {
		t.Errorf("without an effect %d of 50 confirmed, %d contrary", better, worse)
	}
	if better, _ := count(0.4); better < 45 {
		t.Errorf("a fall by 60 %% confirmed in only %d of 50", better)
	}
	if _, worse := count(2.5); worse < 45 {
		t.Errorf("harm found in only %d of 50", worse)
	}
}

func TestConfirmSizeIsDeterministicAndCovers(t *testing.T) {
	covered := 0
	for seed := range uint64(60) {
		b, a := ar(seed, 600, 13, 0.3, 0.5)
		opts := ConfirmOptions{Kind: Latency, Seed: 42}
		c, again := Confirm(t0, b, a, opts), Confirm(t0, b, a, opts)
		if c != again {
			t.Fatal("the same seed gave two intervals")
		}
		if c.Size.Low <= 0.5 && 0.5 <= c.Size.High {
			covered++
		}
	}
	if covered < 46 { // short windows of correlated minutes undercover somewhat
		t.Errorf("the interval covers the truth in %d of 60", covered)
	}
}

func TestConfirmWithLittleHistory(t *testing.T) {
	b, a := ar(1, 30, 13, 0.3, 0.5)
	if c := Confirm(t0, b, a, ConfirmOptions{Kind: Latency}); c.State != NoHistory {
		t.Errorf("thirty minutes were ranked: %+v", c)
	}
	if c := Confirm(t0, nil, a, ConfirmOptions{Kind: Latency}); c.State != NoHistory {
		t.Errorf("no history at all: %+v", c)
	}
}

// Trouble that was dated twenty minutes too early is still its own minutes, not the calm before them. Mutant: believe the date.
func TestTroubleDatedTooEarly(t *testing.T) {
	ramp := []float64{4.8, 6.3, 8.5, 10.4, 11.6}
	r := rand.New(rand.NewPCG(3, 3))
	before := mins(-180, 0, func(m int) float64 {
		if m >= -len(ramp) {
			return ramp[len(ramp)+m]
		}
		return 3.9 + 0.07*r.NormFloat64()
	})
	after := mins(0, 3, func(int) float64 { return 3.9 })
	c := Confirm(t0, before, after, ConfirmOptions{Kind: Latency, Since: t0.Add(-26 * time.Minute)})
	if c.State != Confirmed || c.Size.Value < 0.4 || c.Lag > 0 {
		t.Errorf("%+v", c)
	}
}

// What gets worse minutes after a change is dated as well: what others did by then may have done it. Mutant: date what got better alone.
func TestContraryIsDated(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 4))
	level := func(from int) func(int) float64 {
		return func(m int) float64 {
			v := 10.0
			if m >= from {
				v = 40
			}
			return v * math.Exp(0.05*r.NormFloat64())
		}
	}
	c := Confirm(t0, mins(-180, 0, level(99)), mins(0, 13, level(5)), ConfirmOptions{Kind: Latency})
	if c.State != Contrary || c.Lag != 5*time.Minute {
		t.Errorf("%+v", c)
	}
}
