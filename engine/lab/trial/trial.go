// Package trial makes up labs whose truth is known, to count how often the words of package lab are wrong. Every trial is a
// function of its world and seed.
package trial

import (
	"math"
	"math/rand/v2"
	"slices"

	"github.com/ddbloop/ddbloop/engine/lab"
)

// World is what the times of two variants are made of: log-normal noise that follows an AR(1) from request to request.
type World struct {
	Phi, Sigma float64 // of the noise; Sigma of its logarithm
	Change     float64 // B's time against A's: 0.7 = 30 % less
	Own        bool    // each variant has its own noise, as two partitions would; else both meet the same, one after the other
	Tail       float64 // share of requests that take eight times as long
	Rounds     int
}

// Outcome is when a trial first said something, looked at after every pair.
type Outcome struct {
	Word   int // 1 = B slower, −1 = B faster, 0 = unproven to the end
	Rounds int // pairs until then
}

// Make plays one trial.
func Make(w World, seed uint64) Outcome {
	r := rand.New(rand.NewPCG(seed, 11))
	noise := [2]*ar{newAR(w, r), newAR(w, r)}
	if !w.Own {
		noise[1] = noise[0]
	}
	var p lab.Pairs
	for i := range w.Rounds {
		var t [2]float64
		first := r.IntN(2)
		for _, side := range [2]int{first, 1 - first} {
			t[side] = math.Exp(noise[side].next())
			if r.Float64() < w.Tail {
				t[side] *= 8
			}
		}
		p.Add(t[0], t[1]*w.Change)
		if word := p.Excludes(0); word != 0 {
			return Outcome{word, i + 1}
		}
	}
	return Outcome{}
}

type ar struct {
	r             *rand.Rand
	x, phi, sigma float64
}

func newAR(w World, r *rand.Rand) *ar {
	return &ar{r: r, x: w.Sigma * r.NormFloat64(), phi: w.Phi, sigma: w.Sigma * math.Sqrt(1-w.Phi*w.Phi)}
}

func (a *ar) next() float64 {
	a.x = a.phi*a.x + a.sigma*a.r.NormFloat64()
	return a.x
}

// Tally counts the outcomes of many trials of one world.
type Tally struct {
	N, Faster, Slower int
	rounds            []int // until the word, of those that said one
}

// Run plays n trials with the seeds from first on.
func Run(w World, first uint64, n int) Tally {
	t := Tally{N: n}
	for i := range n {
		o := Make(w, first+uint64(i))
		switch o.Word {
		case -1:
			t.Faster++
		case 1:
			t.Slower++
		default:
			continue
		}
		t.rounds = append(t.rounds, o.Rounds)
	}
	slices.Sort(t.rounds)
	return t
}

// Within is how many rounds it took until a share of all trials had said something; 0 when it never was so many.
func (t Tally) Within(share float64) int {
	if k := int(math.Ceil(share * float64(t.N))); k > 0 && k <= len(t.rounds) {
		return t.rounds[k-1]
	}
	return 0
}
