package effect

import (
	"math"
	"slices"
	"time"
)

// side tests one direction. It works on o = dir·y, so that the effect it looks
// for is always a rise of o, and a cautious reference is always a higher one.
type side struct {
	p     *Past
	dir   float64
	ref   float64 // level of o that the change has to beat
	slope float64 // rise of ref per step when o was rising already
	spike bool    // the change met a spike that may end by itself
	hyps  []hypothesis
	cgf   [lambdaSteps + 1]float64 // cumulant bound by tilt; 0 is not computed yet
	ahead []float64                // by sample of the regime: what the next one's deviation from ref is expected to be

	placebo []float64 // best evidence at moments without a change, ascending
}

// hypothesis is one way the effect might look: its size and its onset.
type hypothesis struct {
	onset  int // steps after the change
	shift  float64
	weight float64 // log prior
}

const (
	spikeScore  = 4.5 // standardised recent mean that counts as a spike
	trendScore  = 4.0
	lambdaGrid  = 0.02 // tilts are rounded down to it, so that each bound is computed once
	lambdaSteps = 175  // up to a tilt of 3.5
	placeboRuns = 40
	maxHorizon  = 5 * time.Minute
)

var onsets = []time.Duration{
	0, 1 * time.Second, 2 * time.Second, 4 * time.Second, 8 * time.Second,
	15 * time.Second, 30 * time.Second, 60 * time.Second,
}

func newSide(p *Past, y []float64, from int, dir float64) *side {
	s := &side{p: p, dir: dir, ref: dir*p.mu + p.seMu}
	o := make([]float64, len(y))
	for i, v := range y {
		o[i] = dir * v
	}
	s.readRecent(o[from:])
	s.readTrend(o, longRun(o[from:]))
	f := forecast{noise: &p.noise}
	for i, v := range o[from:] {
		k := 1
		if i > 0 {
			k = p.steps(p.regime[i-1].T, p.regime[i].T)
		}
		f.step(k, v-s.ref)
		s.ahead = append(s.ahead, f.next)
	}
	seen := map[int]bool{}
	for _, d := range onsets {
		seen[int(math.Round(float64(d)/float64(p.step)))] = true
	}
	shifts := s.shifts()
	for at := range seen {
		w := 0.6 / float64(max(1, len(seen)-1))
		if at == 0 {
			w = 0.4
		}
		for _, d := range shifts {
			s.hyps = append(s.hyps, hypothesis{onset: at, shift: d, weight: math.Log(w / float64(len(shifts)))})
		}
	}
	slices.SortFunc(s.hyps, func(a, b hypothesis) int {
		if a.onset != b.onset {
			return a.onset - b.onset
		}
		if a.shift < b.shift {
			return -1
		}
		return 1
	})
	return s
}

// shifts are the effect sizes that share the prior, on the working scale.
func (s *side) shifts() []float64 {
	if s.p.opts.Kind == Latency {
		return []float64{math.Log(4.0 / 3), math.Ln2, math.Log(5)}
	}
	mu, room := s.p.mu, s.p.mu
	if s.dir > 0 {
		room = 1 - mu
	}
	room = math.Max(room, 0.02)
	return []float64{
		math.Min(room, math.Max(0.02, 0.3*mu)),
		math.Min(room, math.Max(0.05, 0.6*mu)),
		math.Min(room, math.Max(0.15, mu)),
	}
}

// readRecent compares the last seconds with the level before them. Far on the
// bad side is a spike: its end will not be credited. Far on the good side is
// a move that came before the change: it becomes the level to beat.
func (s *side) readRecent(o []float64) {
	p := s.p
	level := s.dir * p.mu
	f := forecast{noise: &p.noise}
	for i, v := range o {
		if e := f.step(1, v-level); i >= max(1, len(o)-int(minRegime/p.step)) && e < -zClip*p.sigma {
			s.spike = true // a jump that the noise does not make
		}
	}
	base := p.marginal()
	for _, m := range []int{2, 4, 8, 15, 30, 60} {
		if m > len(o)/2 {
			break
		}
		recent := mean(o[len(o)-m:])
		se := math.Min(base, p.longRun()/math.Sqrt(float64(m)))
		switch score := (recent - level) / se; {
		case score < -spikeScore:
			s.spike = true
		case score > spikeScore:
			s.ref = math.Max(s.ref, recent+se)
		}
	}
}

// readTrend looks for a rise of o under way before the change, of a minute or of
// all the time that the past knows, and lets the reference follow it. noise is the regime's long-run variance by differences,
// which a slow trend does not inflate.
func (s *side) readTrend(o []float64, noise float64) {
	whole := time.Duration(len(o)) * s.p.step
	for _, d := range []time.Duration{time.Minute, 2 * time.Minute, 5 * time.Minute, 10 * time.Minute, 20 * time.Minute, whole} {
		m := int(d / s.p.step)
		if m > len(o) || m < 20 {
			continue
		}
		x := o[len(o)-m:]
		mid, mx := float64(m-1)/2, mean(x)
		var num, den float64
		for i, v := range x {
			num += (float64(i) - mid) * (v - mx)
			den += (float64(i) - mid) * (float64(i) - mid)
		}
		b := num / den
		rest := make([]float64, m)
		for i, v := range x {
			rest[i] = v - mx - b*(float64(i)-mid)
		}
		if b <= 0 || b*math.Sqrt(den) < trendScore*math.Sqrt(math.Max(longRun(rest), noise)+1e-12) {
			continue
		}
		s.ref = math.Max(s.ref, mx+b*mid)
		s.slope = math.Max(s.slope, b)
	}
}

// tilt rounds a wanted tilt down to the grid and returns its bound: the larger
// of the normal cumulant and the one that the past's own innovations show.
// Heavy tails before the change make evidence cheaper.
func (s *side) tilt(want float64) (lambda, bound float64) {
	i := min(lambdaSteps, int(want/lambdaGrid))
	lambda = float64(i) * lambdaGrid
	if i == 0 || s.cgf[i] > 0 {
		return lambda, s.cgf[i]
	}
	x := make([]float64, len(s.p.innov))
	for j, e := range s.p.innov {
		x[j] = lambda * clamp(s.dir*e/s.p.sigma, -zClip, zClip)
	}
	s.cgf[i] = math.Max(lambda*lambda/2, logMeanExp(x))
	return lambda, s.cgf[i]
}
