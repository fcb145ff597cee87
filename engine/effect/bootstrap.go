package effect

import (
	"math"
	"math/rand/v2"
	"slices"
)

const (
	resamples = 400
	maxBlock  = 5
)

func values(s []Sample) []float64 {
	v := make([]float64, len(s))
	for i := range s {
		v[i] = s[i].V
	}
	return v
}

// onScale maps minutes to the scale they are compared on.
func onScale(s []Sample, opts ConfirmOptions) []float64 {
	v := values(s)
	for i := range v {
		switch opts.Kind {
		case Latency:
			v[i] = math.Log(v[i])
		case Count:
			v[i] = math.Log1p(v[i])
		case Share:
		}
	}
	return v
}

// minuteSize is the relative size between the last minutes before and those
// after: of medians for latencies, of means for counts and shares, where zeros
// are answers. The interval is a block bootstrap.
func minuteSize(b, a []Sample, opts ConfirmOptions) Estimate {
	before := values(b[max(0, len(b)-baseline):])
	after := values(a)
	block := blockLength(onScale(b, opts), maxBlock)
	middle := mean
	if opts.Kind == Latency {
		middle = median
	}
	size := func(x, y []float64) float64 {
		r := 0.0
		if m := middle(x); m > 0 {
			r = middle(y)/m - 1
		}
		if opts.Direction == Down {
			return -r
		}
		return r
	}
	r := rand.New(rand.NewPCG(opts.Seed, uint64(len(a))))
	draws := make([]float64, resamples)
	for i := range draws {
		draws[i] = size(resample(before, block, r), resample(after, block, r))
	}
	slices.Sort(draws)
	return Estimate{
		Value: size(before, after), Low: quantile(draws, 0.025), High: quantile(draws, 0.975),
		Before: middle(before), After: middle(after),
	}
}

// blockLength is the first lag at which the series has forgotten itself, at most most.
func blockLength(x []float64, most int) int {
	m := mean(x)
	v := sd(x, m)
	if v == 0 {
		return 1
	}
	for lag := 1; lag < most; lag++ {
		s := 0.0
		for i := lag; i < len(x); i++ {
			s += (x[i] - m) * (x[i-lag] - m)
		}
		if math.Abs(s/float64(len(x))/(v*v)) < 0.2 {
			return lag
		}
	}
	return most
}

// resample draws blocks, wrapping round, until the length is reached.
func resample(x []float64, block int, r *rand.Rand) []float64 {
	out := make([]float64, 0, len(x))
	for len(out) < len(x) {
		at := r.IntN(len(x))
		n := min(block, len(x)-len(out))
		first := x[at:min(at+n, len(x))]
		out = append(append(out, first...), x[:n-len(first)]...)
	}
	return out
}
