// Package chart draws time series into cells. A series is resampled onto the columns when it is drawn, so
// that every chart of the screen shares one axis and nothing is lost when it narrows.
package chart

import (
	"math"

	"github.com/ddbloop/ddbloop/history"
)

// Agg says how the points that fall into one column become one value.
type Agg int

// The ways: the worst for refusals and tails, the average for loads, the least for shares of success.
const (
	Max Agg = iota
	Mean
	Min
)

// Gap is the value of a column for which nothing is known. Test with math.IsNaN.
var Gap = math.NaN()

// Sample lays points, each covering period seconds, over n columns of [from, to) Unix seconds.
func Sample(pts []history.Point, period, from, to int64, n int, agg Agg) []float64 {
	out, hits := make([]float64, n), make([]int, n)
	for i := range out {
		out[i] = Gap
	}
	if n == 0 || to <= from {
		return out
	}
	span := float64(to - from)
	for _, p := range pts {
		if p.T+max(1, period) <= from {
			continue
		}
		a := int(float64(p.T-from) * float64(n) / span)
		b := int(math.Ceil(float64(p.T+max(1, period)-from)*float64(n)/span)) - 1
		if p.T < from {
			a = 0
		}
		for i := a; i <= max(a, b) && i < n; i++ {
			if i < 0 {
				continue
			}
			out[i] = merge(out[i], p.V, hits[i], agg)
			hits[i]++
		}
	}
	return out
}

func merge(was, v float64, n int, agg Agg) float64 {
	switch {
	case n == 0:
		return v
	case agg == Max:
		return math.Max(was, v)
	case agg == Min:
		return math.Min(was, v)
	}
	return was + (v-was)/float64(n+1)
}

// Top returns the largest known value, and whether there is one.
func Top(values []float64) (float64, bool) {
	top, ok := 0.0, false
	for _, v := range values {
		if !math.IsNaN(v) && (!ok || v > top) {
			top, ok = v, true
		}
	}
	return top, ok
}
