// Package trial makes up changes whose truth is known, to measure how often
// the verdicts of package effect are wrong. Every trial is a function of its
// seed.
package trial

import (
	"math"
	"math/rand/v2"
	"time"

	"github.com/ddbloop/ddbloop/engine/effect"
)

// Spike says what the change was applied on top of.
type Spike int

const (
	// Calm changes are applied at any moment.
	Calm Spike = iota
	// Noise changes are applied when the noise itself peaks above two
	// deviations, which is what an anxious operator does.
	Noise
	// Burst changes are applied inside a threefold burst of 20 to 50 seconds
	// that ends by itself a few seconds later.
	Burst
)

// World describes one cell of the table.
type World struct {
	Phi    float64
	Sigma  float64 // deviation of the log latency, or of the logit share
	Step   time.Duration
	Before time.Duration
	After  time.Duration
	Spike  Spike
	Factor float64 // what the change does to the latency or to the share

	Stuck   float64 // share of probes that take eight times as long
	Jitter  float64 // deviation of independent noise on top, on the same scale
	Missing float64 // share of samples that never come
	Tails   bool    // innovations of Student's t with three degrees of freedom, of the same deviation
	Drift   float64 // of the log level, per hour, throughout

	Share    float64 // mean share before; 0 makes latencies
	Attempts int     // per step, behind a share
}

// epoch is any fixed moment; trials have no other date.
var epoch = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// Trial is one simulated change.
type Trial struct {
	At            time.Time
	Before, After []effect.Sample
}

// Make builds trial number seed of a world.
func Make(w World, seed uint64) Trial {
	r := rand.New(rand.NewPCG(seed, 0x9e3779b97f4a7c15))
	n := int(w.Before / w.Step)
	x := noise(w, r, n)
	t := Trial{At: epoch}
	burst, left := 0, 0
	if w.Spike == Burst {
		burst = int((20 + r.Float64()*30) / w.Step.Seconds())
		left = 1 + r.IntN(int(8/w.Step.Seconds()))
	}
	for i, v := range x {
		high := i >= n-burst
		if s := w.sample(r, v, 1, high, epoch.Add(time.Duration(i-n)*w.Step)); !w.lost(r) {
			t.Before = append(t.Before, s)
		}
	}
	v := x[n-1]
	for i := range int(w.After / w.Step) {
		v = w.Phi*v + math.Sqrt(1-w.Phi*w.Phi)*w.shock(r)
		if s := w.sample(r, v, w.Factor, i < left, epoch.Add(time.Duration(i)*w.Step)); !w.lost(r) {
			t.After = append(t.After, s)
		}
	}
	return t
}

func (w World) lost(r *rand.Rand) bool { return w.Missing > 0 && r.Float64() < w.Missing }

// shock is an innovation of deviation one.
func (w World) shock(r *rand.Rand) float64 {
	z := r.NormFloat64()
	if !w.Tails {
		return z
	}
	a, b, c := r.NormFloat64(), r.NormFloat64(), r.NormFloat64()
	return z / math.Sqrt(a*a+b*b+c*c) // t(3) has variance 3
}

// noise makes n standard AR(1) values, ending at a peak when asked to.
func noise(w World, r *rand.Rand, n int) []float64 {
	inno := math.Sqrt(1 - w.Phi*w.Phi)
	x := []float64{r.NormFloat64()}
	for len(x) < n || w.Spike == Noise && !peaked(x) {
		x = append(x, w.Phi*x[len(x)-1]+inno*w.shock(r))
	}
	return x[len(x)-n:]
}

func peaked(x []float64) bool {
	n := len(x)
	return n > 1 && x[n-1] > 2 && x[n-1] > x[n-2]
}

func (w World) sample(r *rand.Rand, x, factor float64, high bool, at time.Time) effect.Sample {
	if w.Share == 0 {
		v := 5 * math.Exp(w.Sigma*x+w.Drift*at.Sub(epoch).Hours()) * factor
		if high {
			v *= 3
		}
		if w.Jitter > 0 {
			v *= math.Exp(w.Jitter * r.NormFloat64())
		}
		if w.Stuck > 0 && r.Float64() < w.Stuck {
			v *= 8
		}
		return effect.Sample{T: at, V: v}
	}
	odds := w.Share / (1 - w.Share) * math.Exp(w.Sigma*x)
	if high {
		odds *= 3
	}
	p := math.Min(1, odds/(1+odds)*factor)
	hits := binomial(r, w.Attempts, p)
	return effect.Sample{T: at, V: float64(hits) / float64(w.Attempts), W: float64(w.Attempts)}
}

// binomial draws the number of hits; many attempts are drawn from the normal
// limit, which no test here can tell apart.
func binomial(r *rand.Rand, n int, p float64) int {
	mean, variance := float64(n)*p, float64(n)*p*(1-p)
	if variance > 20 {
		return min(n, max(0, int(math.Round(mean+math.Sqrt(variance)*r.NormFloat64()))))
	}
	hits := 0
	for range n {
		if r.Float64() < p {
			hits++
		}
	}
	return hits
}
