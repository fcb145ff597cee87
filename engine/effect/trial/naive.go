package trial

import (
	"math"
	"slices"
	"time"

	"github.com/ddbloop/ddbloop/engine/effect"
)

// Naive is what many tools do: a one-sided Mann–Whitney test of the last
// minute before against everything since, repeated every five seconds until it
// says p < .05. It is here only to be compared with. ok tells whether it
// claimed an improvement, and after how long.
func Naive(t Trial) (took time.Duration, ok bool) {
	var before []float64
	for _, s := range t.Before {
		if t.At.Sub(s.T) <= time.Minute {
			before = append(before, s.V)
		}
	}
	var after []float64
	next := t.At.Add(5 * time.Second)
	for _, s := range t.After {
		after = append(after, s.V)
		if s.T.Before(next) {
			continue
		}
		next = next.Add(5 * time.Second)
		if mannWhitney(before, after) < -1.645 {
			return s.T.Sub(t.At), true
		}
	}
	return 0, false
}

// mannWhitney returns the normal score of the rank sum of y, negative when y
// lies below x. Ties are broken by order, which is enough for a comparison.
func mannWhitney(x, y []float64) float64 {
	all := append(slices.Clone(x), y...)
	slices.Sort(all)
	sum := 0.0
	for _, v := range y {
		lo, _ := slices.BinarySearch(all, v)
		hi := lo
		for hi < len(all) && all[hi] == v {
			hi++
		}
		sum += float64(lo+hi+1) / 2
	}
	n, m := float64(len(x)), float64(len(y))
	return (sum - m*(n+m+1)/2) / math.Sqrt(n*m*(n+m+1)/12)
}

// Input is the trial as Judge sees it: a lever in force at once, with demand
// that held, so that the verdict rests on the samples alone.
func (t Trial) Input(w World, l effect.Look) effect.Input {
	flat := func(from time.Time) []effect.Sample {
		out := make([]effect.Sample, 120)
		for i := range out {
			out[i] = effect.Sample{T: from.Add(time.Duration(i) * time.Second), V: 1000}
		}
		return out
	}
	return effect.Input{
		Expect:  w.Expect(),
		Lever:   "raise_capacity",
		Applied: t.At, InForce: t.At, Now: t.At.Add(w.After),
		Look:   l,
		Demand: effect.Demand{Before: flat(t.At.Add(-2 * time.Minute)), After: flat(t.At)},
	}
}
