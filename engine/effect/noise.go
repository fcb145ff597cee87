package effect

import "math"

// noise is what a signal does by itself around its level: a slow part that forgets at the rate phi, and independent
// jitter on top of it. Together they are an ARMA(1,1): x[t] = phi·x[t−1] + e[t] − theta·e[t−1]. Without jitter theta
// is 0, which is AR(1); with nothing but jitter both are 0.
type noise struct {
	phi, theta float64 // 0 ≤ theta ≤ phi
	sigma      float64 // deviation of the innovations e
}

// forget is what a prediction loses over the steps beyond the first.
func (n *noise) forget(k int) float64 {
	if k == 1 {
		return 1
	}
	return math.Pow(n.phi, float64(k-1))
}

// spread is the deviation of a prediction k steps ahead.
func (n *noise) spread(k int) float64 {
	if k == 1 || n.phi == n.theta {
		return n.sigma
	}
	g := n.phi - n.theta
	return n.sigma * math.Sqrt(1+g*g*(1-math.Pow(n.phi, 2*float64(k-1)))/(1-n.phi*n.phi))
}

// respond is the part of a lasting shift that the next innovation shows, k steps after one that showed was of it: the
// prediction has learnt the rest.
func (n *noise) respond(was float64, k int) float64 {
	return 1 - n.forget(k)*(n.phi-n.theta*was)
}

// longRun is the deviation of a mean of many values times the root of their number.
func (n *noise) longRun() float64 { return n.sigma * (1 - n.theta) / (1 - n.phi) }

// marginal is the deviation of a single value.
func (n *noise) marginal() float64 {
	return n.sigma * math.Sqrt((1+n.theta*n.theta-2*n.phi*n.theta)/(1-n.phi*n.phi))
}

// forecast predicts deviations from a level one by one.
type forecast struct {
	*noise
	next float64 // what the next step's deviation is expected to be
}

// expect is the prediction k steps after the last value.
func (f *forecast) expect(k int) float64 { return f.next * f.forget(k) }

// step takes the deviation that came k steps after the last one, and returns what the prediction missed.
func (f *forecast) step(k int, dev float64) float64 {
	e := dev - f.expect(k)
	f.learn(dev, e)
	return e
}

// learn moves the prediction on from a deviation and the innovation in it.
func (f *forecast) learn(dev, e float64) { f.next = f.phi*dev - f.theta*e }

// The persistences and jitters that are tried, and how much better an explanation with jitter has to be: a likelihood
// ratio that AR(1) noise passes in one of some two hundred pasts.
var (
	phis   = []float64{0.3, 0.5, 0.7, 0.8, 0.86, 0.9, 0.93, 0.95, 0.965, 0.98, 0.988}
	jitter = []float64{0.15, 0.3, 0.45, 0.6, 0.7, 0.8, 0.87, 0.93} // theta over phi
)

const jitterGain = 8.0

// fitPersistence estimates phi and theta. Of the explanations that fit nearly as well as the best one, it takes the one
// whose level is the least certain: a slow wander that is taken for jitter makes false claims, the other way round
// costs seconds.
func fitPersistence(x []float64, mu float64) noise {
	plain := noise{phi: persistence(x, mu)}
	base := math.Log(squares(x, mu, noise{phi: lagOne(x, mu)}))
	best, n := base, float64(len(x))
	type fit struct {
		noise
		log float64
	}
	var fits []fit
	for _, phi := range phis {
		for _, j := range jitter {
			m := noise{phi: phi, theta: j * phi}
			l := math.Log(squares(x, mu, m))
			fits = append(fits, fit{m, l})
			best = math.Min(best, l)
		}
	}
	if n*(base-best) < jitterGain || math.IsInf(base, -1) {
		return plain
	}
	out, most := plain, 0.0
	for _, f := range fits {
		f.sigma = math.Exp(f.log / 2)
		if n*(f.log-best) < 2 && f.longRun() > most {
			out, most = f.noise, f.longRun()
		}
	}
	out.sigma = 0
	return out
}

// squares is the sum of squared innovations that an explanation leaves.
func squares(x []float64, mu float64, m noise) float64 {
	f := forecast{noise: &m}
	sum := 0.0
	for _, v := range x {
		e := f.step(1, v-mu)
		sum += e * e
	}
	return sum
}

// lagOne is the first autocorrelation.
func lagOne(x []float64, mu float64) float64 {
	var c0, c1 float64
	for i, v := range x {
		c0 += (v - mu) * (v - mu)
		if i > 0 {
			c1 += (v - mu) * (x[i-1] - mu)
		}
	}
	if c0 <= 1e-12*(1+mu*mu) { // all alike, but for rounding
		return 0
	}
	return clamp(c1/c0, 0, maxPhi)
}

// persistence estimates φ of noise without jitter that could be told from it. A little of it hides persistence from
// the first lag but not from the ratio of the second to the first, so the larger of the two counts.
func persistence(x []float64, mu float64) float64 {
	var c0, c1, c2 float64
	for i, v := range x {
		c0 += (v - mu) * (v - mu)
		if i > 0 {
			c1 += (v - mu) * (x[i-1] - mu)
		}
		if i > 1 {
			c2 += (v - mu) * (x[i-2] - mu)
		}
	}
	if c0 == 0 {
		return 0
	}
	r := c1 / c0
	r += (1 + 3*r) / float64(len(x)) // first-order bias of a short series
	if r > 0.25 {
		r = math.Max(r, math.Min(c2/c1, (1+3*r)/4))
	}
	return clamp(r, 0, maxPhi)
}
