package lab

import (
	"math"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"
)

func pairsOf(d []float64) *Pairs {
	p := &Pairs{}
	for _, x := range d {
		p.Add(1, math.Exp(x))
	}
	return p
}

// TestPairsKnowNoSides: naming the variants the other way round turns the words round and changes nothing else, and neither does
// measuring in other units. Mutant: give A the benefit of the doubt.
func TestPairsKnowNoSides(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(0, 60).Draw(t, "n")
		scale := rapid.Float64Range(0.01, 100).Draw(t, "scale")
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
		shift := rapid.Float64Range(-2, 2).Draw(t, "shift")
		one, two := &Pairs{}, &Pairs{}
		for range n {
			a, b := math.Exp(r.NormFloat64()), math.Exp(shift+r.NormFloat64())
			one.Add(a, b)
			two.Add(scale*b, scale*a)
		}
		if one.Excludes(0) != -two.Excludes(0) {
			t.Fatalf("%d and %d", one.Excludes(0), two.Excludes(0))
		}
		c1, lo1, hi1, ok1 := one.Change()
		c2, lo2, hi2, ok2 := two.Change()
		near := func(x, y float64) bool { return math.Abs(math.Log1p(x)+math.Log1p(y)) < 1e-6 }
		if ok1 != ok2 || ok1 && (!near(c1, c2) || !near(lo1, hi2) || !near(hi1, lo2)) {
			t.Fatalf("%v %v %v, turned round %v %v %v", c1, lo1, hi1, c2, lo2, hi2)
		}
	})
}

// TestIntervalIsWhatIsNotExcluded: the interval holds the estimate, and nothing that can be ruled out. Mutant: halve its width.
func TestIntervalIsWhatIsNotExcluded(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 2))
		p := &Pairs{}
		for range rapid.IntRange(fewest, 120).Draw(t, "n") {
			p.Add(1, math.Exp(-0.3+0.3*r.NormFloat64()))
		}
		c, lo, hi, ok := p.Change()
		if !ok {
			return
		}
		if !(lo <= c && c <= hi) {
			t.Fatalf("%v is not within %v … %v", c, lo, hi)
		}
		for _, end := range []struct {
			at   float64
			want int
		}{{math.Log1p(lo) - 1e-6, 1}, {math.Log1p(hi) + 1e-6, -1}, {math.Log1p(lo) + 1e-6, 0}, {math.Log1p(hi) - 1e-6, 0}} {
			if got := p.Excludes(end.at); got != end.want && hi-lo > 1e-4 {
				t.Fatalf("%v: excludes says %d, the interval is %v … %v", end.at, got, lo, hi)
			}
		}
	})
}

// TestFewPairsSayNothing, however large the difference is. Mutant: speak from the first pair on.
func TestFewPairsSayNothing(t *testing.T) {
	d := make([]float64, fewest-1)
	for i := range d {
		d[i] = -5
	}
	if _, _, _, ok := pairsOf(d).Change(); ok || pairsOf(d).Excludes(0) != 0 {
		t.Fatal("a word from fewer pairs than the fewest")
	}
}

// TestOneSlowAnswerDecidesNothing: an answer that takes a thousand times as long does not turn the word round. Mutant: let a pair
// count for all that it differs.
func TestOneSlowAnswerDecidesNothing(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 3))
	d := make([]float64, 100)
	for i := range d {
		d[i] = -0.4 + 0.3*r.NormFloat64()
	}
	for i := range 3 {
		d[20+30*i] = math.Log(1000)
	}
	if got := pairsOf(d).Excludes(0); got != -1 {
		t.Fatalf("got %d, want B faster", got)
	}
}

// TestQuantileRanks holds the order statistics against the binomial distribution, summed up the other way.
func TestQuantileRanks(t *testing.T) {
	for _, n := range []int{1, 5, 20, 50, 100, 367, 368, 1000} {
		for _, q := range []float64{0.5, 0.9, 0.99} {
			lo, hi := ranks(n, q)
			atLeast := func(k int) (p float64) { // chance that k or more lie below the quantile
				for i := k; i <= n; i++ {
					p += binomial(n, i, q)
				}
				return p
			}
			if lo > 0 && 1-atLeast(lo) > 0.02501 || 1-atLeast(lo+1) <= 0.02499 {
				t.Errorf("n %d q %v: lower rank %d", n, q, lo)
			}
			if hi <= n && atLeast(hi) > 0.02501 || hi > 1 && atLeast(hi-1) <= 0.02499 {
				t.Errorf("n %d q %v: upper rank %d", n, q, hi)
			}
		}
	}
	if _, hi := ranks(50, 0.99); hi != 51 {
		t.Error("50 measurements have no upper bound of the p99")
	}
}

// TestQuantilesAskWhatMeasurementsAreWorth: a series that follows itself gives wider intervals than one that does not. Mutant: count
// measurements as if each were new.
func TestQuantilesAskWhatMeasurementsAreWorth(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 4))
	var x float64
	var follows times
	for range 200 {
		x = 0.8*x + 0.2*r.NormFloat64()
		follows = append(follows, math.Exp(x))
	}
	worth := follows.worth()
	if worth > 60 || worth < 5 {
		t.Fatalf("200 measurements with φ .8 are worth %d", worth)
	}
	wide, narrow := follows.quantile(0.5, worth), follows.quantile(0.5, 200)
	if *wide.High-*wide.Low < 1.5*(*narrow.High-*narrow.Low) {
		t.Fatalf("%v … %v, as if independent %v … %v", *wide.Low, *wide.High, *narrow.Low, *narrow.High)
	}
}
