package lab

import (
	"math"
	"slices"

	"github.com/ddbloop/ddbloop/engine/effect"
)

// The statistics of a lab rest on its own coin, not on a model of the noise. Within a pair the coin says which variant goes
// first. Had both variants the same time to themselves, the difference within a pair would therefore have either sign with the same
// chance, whatever the network, the table and their moods did: slow spells, tails and trends fall on A as often as on B. A bet
// against that coin, with every stake between none and large mixed, grows above 1/α with a chance of at most α, at whatever
// moment one looks (de la Peña 1999; Howard et al. 2021, "Time-uniform, nonparametric, nonasymptotic confidence sequences"). That
// is why a lab may be watched, and broken off, without its words becoming less true.
const (
	alpha = 0.01 // of every interval of a difference
	// fewest is how many pairs there must be before anything is said; their spread sets how far one pair may count.
	fewest = 8
	reach  = 3.0  // times that spread
	finest = 0.01 // of a difference of logarithms: what is below is not told apart
	// mixture makes the interval tightest about thirty pairs in.
	mixture = 0.6
)

// Pairs is a growing list of differences within pairs, B against A, on the scale of logarithms.
type Pairs struct {
	d     []float64
	drift float64 // by how much fewer pairs they are worth; 0 = not worked out since the last one came
}

// Add takes the values of one pair in; both must be above 0.
func (p *Pairs) Add(a, b float64) { p.d, p.drift = append(p.d, math.Log(b/a)), 0 }

// Excludes reports whether a difference of shift (of logarithms) can be ruled out: 1 when the true one is above it, −1 when it is
// below, 0 when it cannot.
func (p *Pairs) Excludes(shift float64) int {
	if len(p.d) < fewest {
		return 0
	}
	if p.drift == 0 {
		p.drift = drift(p.d)
	}
	s, v := p.bets(shift)
	v = p.drift*v + mixture
	switch {
	case s*s <= v*math.Log(v/(mixture*alpha*alpha)):
		return 0
	case s > 0:
		return 1
	}
	return -1
}

// bets adds up what each pair says against shift, and its square. A pair that lies far out counts no more than reach times the
// spread of the first ones, so that one slow answer cannot outweigh all others.
func (p *Pairs) bets(shift float64) (sum, squares float64) {
	c := reach * max(finest, spread(p.d[:fewest], shift))
	for _, d := range p.d {
		u := min(1, max(-1, (d-shift)/c))
		sum, squares = sum+u, squares+u*u
	}
	return sum, squares
}

// Change is the difference within pairs with its interval, as a relative one: −0.3 says that B is 30 % less. ok is false as long
// as there is no interval.
func (p *Pairs) Change() (change, low, high float64, ok bool) {
	if len(p.d) < fewest {
		return 0, 0, 0, false
	}
	mid := cross(func(x float64) bool { s, _ := p.bets(x); return s > 0 }, slices.Min(p.d), slices.Max(p.d))
	far := mid + farthest
	if p.Excludes(far) != -1 || p.Excludes(mid-farthest) != 1 {
		return 0, 0, 0, false
	}
	lo := cross(func(x float64) bool { return p.Excludes(x) == 1 }, mid-farthest, mid)
	hi := cross(func(x float64) bool { return p.Excludes(x) != -1 }, mid, far)
	return math.Expm1(mid), math.Expm1(lo), math.Expm1(hi), true
}

// farthest is how wide an interval may be on either side: a factor of a thousand. What is wider says nothing.
const farthest = 7

// cross finds where holds turns false between lo, where it holds, and hi.
func cross(holds func(float64) bool, lo, hi float64) float64 {
	for range 40 {
		mid := (lo + hi) / 2
		if holds(mid) {
			lo = mid
		} else {
			hi = mid
		}
	}
	return (lo + hi) / 2
}

// drift is by how much fewer pairs the list is worth because one resembles the next. Whatever hits both variants the coin takes
// care of; but a spell that hits one of them alone, its partition for instance, lasts over several pairs.
func drift(d []float64) float64 {
	m := median(d[:fewest])
	c := reach * max(finest, spread(d[:fewest], m))
	tame := make([]float64, len(d))
	for i, x := range d {
		tame[i] = min(m+c, max(m-c, x))
	}
	phi := persistence(tame)
	return (1 + phi) / (1 - phi)
}

// persistence is how much each logarithm resembles the one before; 0 where all are the same but for rounding.
func persistence(logs []float64) float64 {
	if slices.Max(logs)-slices.Min(logs) < finest {
		return 0
	}
	return effect.Persistence(logs)
}

// spread is the median distance from m.
func spread(x []float64, m float64) float64 {
	far := make([]float64, len(x))
	for i, v := range x {
		far[i] = math.Abs(v - m)
	}
	return median(far)
}

func median(x []float64) float64 {
	s := slices.Clone(x)
	slices.Sort(s)
	return (s[(len(s)-1)/2] + s[len(s)/2]) / 2
}
