package world

import "math"

// comp is n requests whose time in seconds is shift plus a log-normal, cut off at max (0 = never).
type comp struct {
	n, shift  float64
	mu, sigma float64
	max       float64
}

// lognormal is a component with the given median and spread.
func lognormal(n, shift, median, sigma float64) comp {
	return comp{n: n, shift: shift, mu: math.Log(median), sigma: sigma}
}

// matched is the log-normal with the given mean and variance.
func matched(n, shift, mean, variance float64) comp {
	s2 := math.Log1p(variance / (mean * mean))
	return comp{n: n, shift: shift, mu: math.Log(mean) - s2/2, sigma: math.Sqrt(s2)}
}

func (c comp) mean() float64 { return c.shift + math.Exp(c.mu+c.sigma*c.sigma/2) }

func (c comp) variance() float64 {
	s2 := c.sigma * c.sigma
	return math.Expm1(s2) * math.Exp(2*c.mu+s2)
}

// cdf is the share of the component at or below x.
func (c comp) cdf(x float64) float64 {
	if c.max > 0 {
		if x >= c.max {
			return 1
		}
		return c.uncut(x) / max(c.uncut(c.max), 1e-9)
	}
	return c.uncut(x)
}

func (c comp) uncut(x float64) float64 {
	if x <= c.shift {
		return 0
	}
	return phi((math.Log(x-c.shift) - c.mu) / c.sigma)
}

// phiEdge is where the normal distribution ends for our purposes, and phiSteps how finely it is tabled: good to 3e-6, at a
// tenth of the cost of the error function.
const (
	phiEdge  = 6
	phiSteps = 100
)

var phiTable = func() (table [2*phiEdge*phiSteps + 2]float64) {
	for i := range table {
		table[i] = 0.5 * math.Erfc(-(float64(i)/phiSteps-phiEdge)/math.Sqrt2)
	}
	return table
}()

// phi is the share of a standard normal at or below z.
func phi(z float64) float64 {
	switch {
	case z >= phiEdge:
		return 1
	case z <= -phiEdge:
		return 0
	}
	at := (z + phiEdge) * phiSteps
	i := int(at)
	return phiTable[i] + (at-float64(i))*(phiTable[i+1]-phiTable[i])
}

// mix is a distribution made of components.
type mix []comp

func (m mix) count() float64 {
	n := 0.0
	for _, c := range m {
		n += c.n
	}
	return n
}

func (m mix) sum() float64 {
	s := 0.0
	for _, c := range m {
		s += c.n * c.mean()
	}
	return s
}

func (m mix) cdf(x float64) float64 {
	s, n := 0.0, 0.0
	for _, c := range m {
		s += c.n * c.cdf(x)
		n += c.n
	}
	return s / n
}

// quantile is the time that a share p of the requests does not exceed.
func (m mix) quantile(p float64) float64 {
	if m.count() <= 0 {
		return 0
	}
	lo, hi := math.Inf(1), 0.0
	for _, c := range m {
		if c.n > 0 {
			lo = min(lo, c.shift+math.Exp(c.mu-7*c.sigma))
			hi = max(hi, c.shift+math.Exp(c.mu+7*c.sigma))
		}
	}
	for range 40 {
		mid := math.Sqrt(lo * hi)
		if m.cdf(mid) < p {
			lo = mid
		} else {
			hi = mid
		}
	}
	return hi
}

// sampled is the quantile that a sample of as many requests shows: u in [0, 1) places it among its likely values.
func (m mix) sampled(p, u float64) float64 {
	n := max(m.count(), 1)
	spread := math.Sqrt(p * (1 - p) / n)
	q := p + spread*normal(u)
	return m.quantile(min(max(q, 0.5/n), 1-0.5/n))
}

// add merges c into the component of the same shape, or appends it.
func (m mix) add(c comp) mix {
	if c.n <= 0 {
		return m
	}
	for i := range m {
		if d := &m[i]; d.shift == c.shift && d.mu == c.mu && d.sigma == c.sigma && d.max == c.max {
			d.n += c.n
			return m
		}
	}
	return append(m, c)
}
