package lab

import (
	"math"
	"slices"

	"github.com/ddbloop/ddbloop/history"
)

// times are the times of one variant's calls in ms, in the order in which they were sent.
type times []float64

// worth is how many independent measurements they are worth: each resembles the one before.
func (t times) worth() int {
	if len(t) < 3 {
		return len(t)
	}
	logs := make([]float64, len(t))
	for i, v := range t {
		logs[i] = math.Log(v)
	}
	phi := persistence(logs)
	return max(1, int(math.Round(float64(len(t))*(1-phi)/(1+phi))))
}

// quantile returns the q-quantile with its 95 % interval, which are order statistics: no distribution is assumed. A bound is
// left out where so many measurements do not give it, as the upper one of a p99 below some 370.
func (t times) quantile(q float64, worth int) history.LabQuantile {
	sorted := slices.Sorted(slices.Values(t))
	n := len(sorted)
	if n == 0 {
		return history.LabQuantile{}
	}
	out := history.LabQuantile{Value: sorted[min(n-1, int(q*float64(n)))]}
	lo, hi := ranks(worth, q)
	// The ranks are those of a sample of the size that the measurements are worth.
	at := func(rank int) *float64 {
		i := int(math.Round((float64(rank)-0.5)/float64(worth)*float64(n) - 0.5))
		v := sorted[min(n-1, max(0, i))]
		return &v
	}
	if lo >= 1 {
		out.Low = at(lo)
	}
	if hi <= worth {
		out.High = at(hi)
	}
	return out
}

// ranks are those, from 1 to n, between which the q-quantile of n independent measurements lies with 95 %, 2.5 % on either
// side at most. 0 or n+1 says that there is no such rank.
func ranks(n int, q float64) (lo, hi int) {
	below := 0.0 // chance that at most k of n lie below the quantile
	lo, hi = 0, n+1
	for k := range n {
		below += binomial(n, k, q)
		if below <= 0.025 {
			lo = k + 1
		}
		if below >= 0.975 {
			return lo, k + 1
		}
	}
	return lo, hi
}

func binomial(n, k int, q float64) float64 {
	lg := func(x int) float64 { v, _ := math.Lgamma(float64(x) + 1); return v }
	return math.Exp(lg(n) - lg(k) - lg(n-k) + float64(k)*math.Log(q) + float64(n-k)*math.Log1p(-q))
}
