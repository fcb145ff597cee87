package effect

import (
	"math"
	"slices"
)

const (
	regimeScore = 5.0 // standardised jump that starts a new regime
	minSplit    = 8   // fewest samples on either side of a split
)

// lastRegime returns the newest stretch [from, to) of stable level that lasted
// at least minLen samples. Anything newer is too short to be a level: it is a
// spike, or a move that came before the change. Where it comes in several short
// steps that lasted that long together, it is trouble that grows, and they are
// the level.
func lastRegime(y []float64, minLen int) (from, to int) {
	cuts := append([]int{0}, splits(y, 0, minLen)...)
	to = len(y)
	for i := len(cuts) - 1; i >= 0; i-- {
		if to-cuts[i] >= minLen {
			if len(y)-to >= minLen {
				return to, len(y)
			}
			return cuts[i], to
		}
		to = cuts[i]
	}
	return 0, len(y)
}

// splits cuts a series at its sharpest jump, as long as that is far beyond
// what the autocorrelated noise around it can do, and both halves again.
func splits(y []float64, offset, minLen int) []int {
	k, score := sharpestSplit(y, minLen)
	if score < regimeScore {
		return nil
	}
	out := append(splits(y[:k], offset, minLen), offset+k)
	return append(out, splits(y[k:], offset+k, minLen)...)
}

// sharpestSplit finds the split of y with the largest standardised difference
// of means. Each side's noise is taken from its own differences, because a
// calm side and a troubled side rarely share a variance; a side too short to
// know its own takes the larger of the two.
func sharpestSplit(y []float64, minLen int) (at int, score float64) {
	n := len(y)
	if n < 2*minSplit {
		return 0, 0
	}
	sum := make([]float64, n+1)
	for i, v := range y {
		sum[i+1] = sum[i] + v
	}
	for k := minSplit; k <= n-minSplit; k++ {
		d := math.Abs(sum[k]/float64(k) - (sum[n]-sum[k])/float64(n-k))
		if w := d * math.Sqrt(float64(k)*float64(n-k)/float64(n)); w > score {
			at, score = k, w
		}
	}
	if score == 0 {
		return 0, 0
	}
	before, after := y[:at-1], y[at+1:] // a level begins within a sample, which belongs to neither
	left, right := longRun(before), longRun(after)
	if at < 2*minLen {
		left = math.Max(left, right)
	}
	if n-at < 2*minLen {
		right = math.Max(left, right)
	}
	d := math.Abs(sum[at]/float64(at) - (sum[n]-sum[at])/float64(n-at))
	score = d / math.Sqrt(left/float64(at)+right/float64(n-at)+1e-9)
	if score < regimeScore {
		return at, score
	}
	// Differences do not see a wander that takes minutes under the jitter of seconds. A fit does, and is asked only
	// where a cut is about to be made.
	left, right = math.Max(left, wander(before)), math.Max(right, wander(after))
	if at < 2*minLen {
		left = math.Max(left, right)
	}
	if n-at < 2*minLen {
		right = math.Max(left, right)
	}
	return at, d / math.Sqrt(left/float64(at)+right/float64(n-at)+1e-9)
}

// wander is the long-run variance of the noise that fits a series best.
func wander(y []float64) float64 {
	if len(y) < minSamples {
		return 0
	}
	mu := mean(y)
	m := fitPersistence(y, mu)
	if m.theta == 0 {
		return 0
	}
	m.sigma = math.Sqrt(squares(y, mu, m) / float64(len(y)))
	return m.longRun() * m.longRun()
}

// longRun estimates the long-run variance of a series in two ways that a shift
// of level hardly touches, and takes the larger: from first and second
// differences as if it were AR(1), and from differences of block means, which
// also see a slow wander below the jitter of single samples.
func longRun(y []float64) float64 {
	var v1, v2 float64
	for i := 2; i < len(y); i++ {
		v1 += (y[i] - y[i-1]) * (y[i] - y[i-1])
		v2 += (y[i] - y[i-2]) * (y[i] - y[i-2])
	}
	if v1 == 0 {
		return 0
	}
	phi := clamp(v2/v1-1, 0, 0.95)
	variance := v1 / float64(len(y)-2) / 2 / (1 - phi)
	return math.Max(variance*(1+phi)/(1-phi), blockwise(y))
}

// blockwise is the long-run variance by squared differences of neighbouring
// block means, without the largest ones, which may be true shifts.
func blockwise(y []float64) float64 {
	const block = 20
	n := len(y) / block
	if n < 5 {
		return 0
	}
	d := make([]float64, n-1)
	prev := mean(y[:block])
	for i := range d {
		next := mean(y[(i+1)*block : (i+2)*block])
		d[i] = (next - prev) * (next - prev)
		prev = next
	}
	slices.Sort(d)
	d = d[:len(d)-1-len(d)/20]
	return mean(d) * block / 2
}
