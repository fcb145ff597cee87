package trial

import (
	"math"
	"slices"
	"time"

	"github.com/ddbloop/ddbloop/engine/effect"
)

// Tally counts what was said over many trials of one world.
type Tally struct {
	N                     int
	Better, Worse, Proven int
	Claims                int // judged worked or helped
	Naive                 int // improvements the naive test claimed
	Took                  []time.Duration
}

// Expect is what every simulated change was meant to do: halve its signal.
func (w World) Expect() effect.Expectation {
	e := effect.Expectation{Signal: "signal", Kind: effect.Latency, By: 0.5}
	if w.Share > 0 {
		e.Kind = effect.Share
	}
	return e
}

// Run plays trials first … first+n−1 of a world. One look over the whole
// after window says what every earlier look said, because the evidence keeps
// the moment at which it first crossed.
func Run(w World, first uint64, n int) Tally {
	t := Tally{N: n}
	for i := range n {
		c := Make(w, first+uint64(i))
		l := effect.FirstLook(c.At, c.Before, c.After, w.Expect().Options())
		switch l.State {
		case effect.Better:
			t.Better++
			t.Took = append(t.Took, l.Took)
		case effect.Worse:
			t.Worse++
			t.Took = append(t.Took, l.Took)
		}
		if l.Proven {
			t.Proven++
		}
		if v := effect.Judge(c.Input(w, l)); v.Word == effect.Worked || v.Word == effect.Helped {
			t.Claims++
		}
		if _, ok := Naive(c); ok {
			t.Naive++
		}
	}
	return t
}

// Median time to the first word; 0 when nothing was said.
func (t Tally) Median() time.Duration {
	if len(t.Took) == 0 {
		return 0
	}
	slices.Sort(t.Took)
	return t.Took[len(t.Took)/2]
}

// Upper is the 95 % Wilson upper bound of k out of n.
func Upper(k, n int) float64 {
	const z = 1.96
	p, f := float64(k)/float64(n), float64(n)
	return (p + z*z/2/f + z*math.Sqrt(p*(1-p)/f+z*z/4/f/f)) / (1 + z*z/f)
}
