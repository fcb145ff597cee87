package effect

import (
	"fmt"
	"math"
	"slices"
	"time"
)

// Options say what a first look tests.
type Options struct {
	Kind      Kind
	Direction Direction // the way that counts as better
	By        float64   // expected relative size; 0 means 0.5
}

const (
	// MinBefore is the shortest history a first look draws a conclusion from.
	MinBefore  = 270 * time.Second
	minSamples = 90
	// minRegime is how long trouble must have lasted to count as a level
	// rather than as a spike that may end by itself.
	minRegime = 60 * time.Second
	zClip     = 4.0
	maxPhi    = 0.97
)

// Past is what the samples before a change say about the signal's own noise.
type Past struct {
	opts   Options
	why    string // not empty: the past cannot carry a conclusion
	step   time.Duration
	end    time.Time     // newest sample before the change
	steady time.Duration // how long the current level had lasted

	mu, seMu float64 // level on the working scale
	noise
	regime  []Sample // the current level's samples, oldest first
	fitted  int      // how many of them set level and noise
	innov   []float64
	ahead   float64 // what the first deviation after the change is expected to be
	floor   float64 // smallest innovation deviation believed
	medianW float64

	down, up *side

	brief   *Past         // of trouble of less than a minute that the change met, where there is such; nil otherwise
	lasted  time.Duration // how long that had lasted
	credits bool          // there are samples enough of it for its end to be credited
}

// work maps a value onto the scale it is tested on.
func (p *Past) work(v float64) float64 {
	if p.opts.Kind == Latency {
		return math.Log(v)
	}
	return v
}

// Fit reads the samples before a change. The result can be asked again and
// again as seconds arrive.
func Fit(before []Sample, opts Options) *Past {
	if opts.By <= 0 {
		opts.By = 0.5
	}
	p := &Past{opts: opts}
	b := clean(before, opts.Kind)
	if len(b) < minSamples || b[len(b)-1].T.Sub(b[0].T) < MinBefore {
		p.why = fmt.Sprintf("only %s with %d samples before the change; %s and %d are needed",
			span(b), len(b), short(MinBefore), minSamples)
		return p
	}
	p.end = b[len(b)-1].T
	p.step = medianStep(b)
	y := make([]float64, len(b))
	w := make([]float64, len(b))
	for i, s := range b {
		y[i], w[i] = p.work(s.V), s.W
	}
	p.medianW = median(w)
	if opts.Kind == Share {
		p.floor = 0.01
	} else {
		p.floor = 0.02
	}
	minLen := int(minRegime / p.step)
	from, to := lastRegime(winsorise(y), minLen)
	newer := len(y) - to
	q := *p
	p.settleOn(y, b, from, to)
	if newer < minSplit || newer >= minLen {
		return p
	}
	q.settleOn(y, b, to, len(y))
	if p.credits = newer >= 2*minSplit; p.credits || q.badBeyond(p) {
		p.brief, p.lasted = &q, q.steady
		q.borrow(p, y)
	}
	return p
}

// settleOn takes the samples [from, to) for the level that the change met.
func (p *Past) settleOn(y []float64, b []Sample, from, to int) {
	minLen := int(minRegime / p.step)
	p.steady = p.end.Sub(b[from].T)
	if p.steady > minRegime*5/2 {
		// The last minute was picked by whoever applied the change, so it does
		// not get to say what normal is.
		to = min(to, max(from+minLen, len(b)-minLen))
	}
	p.fitNoise(y[from:to], b[from:to])
	p.regime, p.fitted = b[from:], to-from
	p.sides(y)
}

// badBeyond reports whether a level lies on the bad side of another.
func (p *Past) badBeyond(o *Past) bool {
	if p.opts.Direction == Up {
		return p.mu < o.mu
	}
	return p.mu > o.mu
}

// borrow lets a level that is too short to know its own noise take what the longer one before it knows.
func (p *Past) borrow(from *Past, y []float64) {
	p.sigma, p.innov = math.Max(p.sigma, from.sigma), from.innov
	if from.longRun() > p.longRun() {
		p.phi, p.theta = from.phi, from.theta
	}
	p.seMu = p.longRun() / math.Sqrt(float64(p.fitted))
	p.sides(y)
}

// sides prepares both directions, and the prediction of the first sample after the change.
func (p *Past) sides(y []float64) {
	from := len(y) - len(p.regime)
	f := forecast{noise: &p.noise}
	for i, v := range y[from:] {
		k := 1
		if i > 0 {
			k = p.steps(p.regime[i-1].T, p.regime[i].T)
		}
		f.step(k, v-p.mu)
	}
	p.ahead = f.next
	p.down = newSide(p, y, from, -1)
	p.up = newSide(p, y, from, +1)
}

// fitNoise estimates level, autocorrelation and innovation size of one regime.
func (p *Past) fitNoise(y []float64, b []Sample) {
	x := y
	if p.opts.Kind == Latency {
		x = winsorise(y)
	}
	n := float64(len(x))
	p.mu = mean(x)
	p.noise = fitPersistence(x, p.mu)
	f := forecast{noise: &p.noise}
	for i, v := range x {
		k := 1
		if i > 0 {
			k = p.steps(b[i-1].T, b[i].T)
		}
		e := f.step(k, v-p.mu)
		if i > 0 && k == 1 {
			p.innov = append(p.innov, e)
		}
	}
	p.sigma = p.floor
	if len(p.innov) > 2 {
		s := sd(p.innov, 0) * math.Sqrt(1+2/n) * math.Sqrt(leftover(p.innov))
		p.sigma = math.Max(p.floor, s)
	}
	p.seMu = p.longRun() / math.Sqrt(n)
}

// leftover measures persistence that AR(1) missed: the variance of block means
// of the innovations against what independent ones would give, less half of a
// standard error, and never below 1.
func leftover(innov []float64) float64 {
	v := sd(innov, 0)
	ratio := 1.0
	for _, block := range []int{15, 40} {
		blocks := len(innov) / block
		if blocks < 5 || v == 0 {
			break
		}
		s := 0.0
		for i := range blocks {
			m := mean(innov[i*block : (i+1)*block])
			s += m * m
		}
		excess := s / float64(blocks) * float64(block) / (v * v)
		ratio = math.Max(ratio, excess-0.5*math.Sqrt(2/float64(blocks)))
	}
	return ratio
}

// steps counts sample steps between two moments, at least one.
func (p *Past) steps(a, b time.Time) int {
	return max(1, int(math.Round(float64(b.Sub(a))/float64(p.step))))
}

func medianStep(b []Sample) time.Duration {
	d := make([]time.Duration, 0, len(b)-1)
	for i := 1; i < len(b); i++ {
		if g := b[i].T.Sub(b[i-1].T); g > 0 {
			d = append(d, g)
		}
	}
	if len(d) == 0 {
		return time.Second
	}
	slices.Sort(d)
	return d[len(d)/2]
}

func span(b []Sample) string {
	if len(b) == 0 {
		return "0s"
	}
	return short(b[len(b)-1].T.Sub(b[0].T))
}
