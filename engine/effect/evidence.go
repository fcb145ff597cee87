package effect

import (
	"math"
	"slices"
	"time"
)

// walk is the running evidence of one side: a mixture of likelihood ratios of
// innovations. Without an effect its mean stays at one whatever the number of
// looks, so it exceeds 1/α at any look with probability at most α (Ville).
type walk struct {
	s     *side
	f     forecast // of deviations from the side's reference
	logs  []float64
	shown []float64 // part of each hypothesis' shift that its last innovation showed
	low   []float64 // least evidence so far, by hypothesis
	since []int     // and the step after it: what speaks for the hypothesis came since
	prevT time.Time
	pos   int // steps since the last sample before the change
}

// walk starts after sample number i of the regime.
func (s *side) walk(i int) *walk {
	w := &walk{s: s, f: forecast{noise: &s.p.noise, next: s.ahead[i]}, logs: make([]float64, len(s.hyps)), shown: make([]float64, len(s.hyps)), low: make([]float64, len(s.hyps)), since: make([]int, len(s.hyps)), prevT: s.p.regime[i].T, pos: -1}
	for i, h := range s.hyps {
		w.logs[i], w.low[i] = h.weight, h.weight
	}
	return w
}

// add takes one sample and returns the log evidence so far.
func (w *walk) add(x Sample) float64 {
	s, p := w.s, w.s.p
	k := p.steps(w.prevT, x.T)
	before := w.pos
	w.pos += k
	ref := s.ref + s.slope*float64(min(w.pos, int(time.Minute/p.step)))
	expect := ref + w.f.expect(k)
	if s.spike {
		expect = math.Max(expect, ref)
	}
	dev := p.deviation(k, x.W)
	o := s.dir * p.work(x.V)
	z := clamp((o-expect)/dev, -zClip, zClip)
	for i, h := range s.hyps {
		if w.pos < h.onset {
			continue
		}
		a := 1.0
		if before >= h.onset {
			a = p.respond(w.shown[i], k)
		}
		w.shown[i] = a
		lambda, bound := s.tilt(a * h.shift / dev)
		if w.logs[i] += lambda*z - bound; w.logs[i] < w.low[i] {
			w.low[i], w.since[i] = w.logs[i], w.pos+1
		}
	}
	w.f.learn(o-ref, o-expect)
	w.prevT = x.T
	return w.total()
}

// total adds the hypotheses up. Evidence that cannot reach the first bound is
// reported as its largest part, which saves most of the work.
func (w *walk) total() float64 {
	m := slices.Max(w.logs)
	if m+math.Log(float64(len(w.logs))) < logSay {
		return m
	}
	t := 0.0
	for _, v := range w.logs {
		t += math.Exp(v - m)
	}
	return m + math.Log(t)
}

// onset is the start that explains the evidence best, in steps, and the hypothesis that says so.
func (w *walk) onset() (steps, best int) {
	for i, v := range w.logs {
		if v > w.logs[best] {
			best = i
		}
	}
	return w.s.hyps[best].onset, best
}

// dated is the same, but what began later than any hypothesis is dated by the evidence itself: the longer it took, the likelier it
// came by itself.
func (w *walk) dated() int {
	at, best := w.onset()
	if at < w.s.hyps[len(w.s.hyps)-1].onset {
		return at
	}
	return max(at, w.since[best])
}

// atOnce reports whether a start with the change itself explains the evidence far better than any later one, whatever
// was thought likely before.
func (w *walk) atOnce() bool {
	first, later := math.Inf(-1), math.Inf(-1)
	for i, h := range w.s.hyps {
		if v := w.logs[i] - h.weight; h.onset == 0 {
			first = math.Max(first, v)
		} else {
			later = math.Max(later, v)
		}
	}
	return first-later > logSay
}

// deviation of an innovation over k steps with weight weight.
func (p *Past) deviation(k int, weight float64) float64 {
	d := p.spread(k)
	if p.opts.Kind == Share && weight > 0 && p.medianW > weight {
		d *= math.Sqrt(p.medianW / weight)
	}
	return d
}

// placebos runs the same test at moments of the past where nothing was
// changed, a minute each. Noise that is rougher than the model shows here.
func (s *side) placebos() []float64 {
	if s.placebo != nil {
		return s.placebo
	}
	r := s.p.regime[:s.p.fitted]
	run := int(minRegime / s.p.step)
	starts := min(placeboRuns, len(r)-run-1)
	for i := range starts {
		at := 1 + i*(len(r)-run-1)/starts
		w := s.walk(at - 1)
		best := 0.0
		for _, x := range r[at : at+run] {
			best = math.Max(best, w.add(x))
		}
		s.placebo = append(s.placebo, best)
	}
	slices.Sort(s.placebo)
	if s.placebo == nil {
		s.placebo = []float64{0}
	}
	return s.placebo
}

// thresholds of log evidence for a first word and for proof. The placebos can
// only raise them.
func (s *side) thresholds() (say, prove float64) {
	say, prove = math.Log(1/alphaSay), math.Log(1/alphaProve)
	pl := s.placebos()
	say = math.Max(say, quantile(pl, 0.95))
	return say, math.Max(prove, pl[len(pl)-1])
}
