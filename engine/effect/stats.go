package effect

import (
	"math"
	"slices"
)

// mean of x; NaN when empty.
func mean(x []float64) float64 {
	s := 0.0
	for _, v := range x {
		s += v
	}
	return s / float64(len(x))
}

// sd is the root mean square distance from m.
func sd(x []float64, m float64) float64 {
	s := 0.0
	for _, v := range x {
		s += (v - m) * (v - m)
	}
	return math.Sqrt(s / float64(len(x)))
}

// quantile of a sorted slice, by linear interpolation; NaN when empty.
func quantile(sorted []float64, q float64) float64 {
	if len(sorted) == 0 {
		return math.NaN()
	}
	p := q * float64(len(sorted)-1)
	i := int(p)
	if i+1 >= len(sorted) {
		return sorted[len(sorted)-1]
	}
	return sorted[i] + (p-float64(i))*(sorted[i+1]-sorted[i])
}

// median of x, which is left as it was.
func median(x []float64) float64 {
	c := slices.Clone(x)
	slices.Sort(c)
	return quantile(c, 0.5)
}

// winsorise pulls far outliers in to five times the distance from the median
// to the quartiles' spread, so that one stuck probe cannot set the scale. A
// series with no spread in its middle (mostly zeros) is returned untouched.
func winsorise(x []float64) []float64 {
	c := slices.Clone(x)
	slices.Sort(c)
	spread := (quantile(c, 0.75) - quantile(c, 0.25)) / 1.349
	if spread == 0 {
		return slices.Clone(x)
	}
	m := quantile(c, 0.5)
	lo, hi := m-5*spread, m+5*spread
	out := slices.Clone(x)
	for i, v := range out {
		out[i] = math.Min(hi, math.Max(lo, v))
	}
	return out
}

func clamp(v, lo, hi float64) float64 { return math.Min(hi, math.Max(lo, v)) }

// logMeanExp is log(mean(exp(x))) without overflow.
func logMeanExp(x []float64) float64 {
	m := slices.Max(x)
	s := 0.0
	for _, v := range x {
		s += math.Exp(v - m)
	}
	return m + math.Log(s/float64(len(x)))
}

// Persistence estimates how much each value of a series resembles the one before: the φ of an AR(1), from 0 to 0.97.
func Persistence(x []float64) float64 { return persistence(x, mean(x)) }
