package world

import (
	"math"
	"math/rand/v2"
)

// stream returns the random numbers of one purpose. Each purpose has its own, so that one more draw here moves nothing there.
func stream(seed uint64, purpose string) *rand.Rand {
	return rand.New(rand.NewPCG(seed, hash(purpose)))
}

// hash is FNV-1a with a finisher: FNV alone leaves the upper bits of short, similar names alike.
func hash(s string) uint64 {
	h := uint64(14695981039346656037)
	for i := range len(s) {
		h = (h ^ uint64(s[i])) * 1099511628211
	}
	return mixBits(h)
}

func mixBits(x uint64) uint64 {
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// unit maps bits to [0, 1).
func unit(x uint64) float64 { return float64(x>>11) / (1 << 53) }

// draw is a uniform number that depends on its arguments alone, for values that must not depend on who asked before.
func draw(seed uint64, name uint64, n int64, purpose uint64) float64 {
	return unit(mixBits(mixBits(seed^name) + mixBits(uint64(n)*0x9e3779b97f4a7c15+purpose)))
}

// normal turns a uniform number into a standard normal one.
func normal(u float64) float64 {
	return math.Sqrt2 * math.Erfinv(2*min(max(u, 1e-12), 1-1e-12)-1)
}

// poisson draws a Poisson count: exactly for small means, by the rounded normal for large ones.
func poisson(r *rand.Rand, mean float64) float64 {
	if mean <= 0 {
		return 0
	}
	if mean > 50 {
		return max(0, math.Round(mean+math.Sqrt(mean)*r.NormFloat64()))
	}
	n, p, limit := 0.0, r.Float64(), math.Exp(-mean)
	for p > limit {
		p *= r.Float64()
		n++
	}
	return n
}
