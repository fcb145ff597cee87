package main

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
)

// calibration holds what was said against what was so: of the diagnoses of about the same probability, how many were right.
type calibration struct {
	bins []calibrationBin
	sure calibrationBin // all of p ≥ surely
}

type calibrationBin struct {
	low, high float64 // of p; high is exclusive, but for 1
	runs      int
	said      float64 // mean p
	right     float64 // share
	from, to  float64 // 95 % interval of right, by resampling scenarios
}

// surely is the probability from which a diagnosis is called sure.
const surely = 0.9

var binEdges = []float64{0, 0.25, 0.5, 0.7, 0.9, 0.97, 1}

func rightFirst(r drillResult) bool {
	return r.Diagnosis.Kind == r.Truth.Kind && r.Diagnosis.Target == r.Truth.Target
}

func calibrate(results []drillResult) calibration {
	var c calibration
	for i := range len(binEdges) - 1 {
		if b := binOf(results, binEdges[i], binEdges[i+1]); b.runs > 0 {
			c.bins = append(c.bins, b)
		}
	}
	c.sure = binOf(results, surely, 1)
	return c
}

func binOf(results []drillResult, low, high float64) calibrationBin {
	b := calibrationBin{low: low, high: high}
	var in []drillResult
	for _, r := range results {
		if p := r.Diagnosis.P; p >= low && (p < high || high == 1) {
			in = append(in, r)
			b.said += p
		}
	}
	if b.runs = len(in); b.runs == 0 {
		return b
	}
	b.said /= float64(b.runs)
	b.right, b.from, b.to = shareOf(in, rightFirst)
	return b
}

// resamples is how many times scenarios are drawn anew for an interval.
const resamples = 1000

// shareOf is how many of the results are so, with a 95 % interval. Runs of one scenario are alike, whatever their seeds: it is
// the scenarios that are drawn again, each with all of its runs.
func shareOf(results []drillResult, so func(drillResult) bool) (share, from, to float64) {
	type group struct{ n, good int }
	byName := map[string]*group{}
	n, good := 0, 0
	for _, r := range results {
		g := byName[r.Scenario]
		if g == nil {
			g = &group{}
			byName[r.Scenario] = g
		}
		g.n, n = g.n+1, n+1
		if so(r) {
			g.good, good = g.good+1, good+1
		}
	}
	if n == 0 {
		return 0, 0, 0
	}
	names := make([]string, 0, len(byName))
	for name := range byName {
		names = append(names, name)
	}
	slices.Sort(names)
	chance := rand.New(rand.NewPCG(1, uint64(n)))
	shares := make([]float64, resamples)
	for i := range shares {
		all, right := 0, 0
		for range names {
			g := byName[names[chance.IntN(len(names))]]
			all, right = all+g.n, right+g.good
		}
		shares[i] = float64(right) / float64(all)
	}
	slices.SortFunc(shares, func(a, b float64) int { return cmp.Compare(a, b) })
	return float64(good) / float64(n), shares[resamples/40], shares[resamples-1-resamples/40]
}

func percent(v float64) string { return fmt.Sprintf("%.1f %%", 100*v) }

// markdown is the calibration as a table.
func (c calibration) markdown() string {
	var b strings.Builder
	b.WriteString("| p | runs | mean p | right | 95 % interval |\n| --- | --- | --- | --- | --- |\n")
	row := func(name string, x calibrationBin) {
		fmt.Fprintf(&b, "| %s | %d | %.3f | %s | %s to %s |\n", name, x.runs, x.said, percent(x.right), percent(x.from), percent(x.to))
	}
	for _, x := range c.bins {
		row(fmt.Sprintf("%.2f to %.2f", x.low, x.high), x)
	}
	if c.sure.runs > 0 {
		row(fmt.Sprintf("**%.1f and more**", surely), c.sure)
	}
	return b.String()
}

// svg is the reliability plot: what was said to the right, what was so upwards, the diagonal between them. A dot's area grows
// with its runs, the line through it is the interval.
func (c calibration) svg() string {
	const size, edge = 360.0, 48.0
	x := func(p float64) float64 { return edge + p*(size-2*edge) }
	y := func(p float64) float64 { return size - edge - p*(size-2*edge) }
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %.0f %.0f" font-family="sans-serif" font-size="11">`+"\n", size, size)
	fmt.Fprintf(&b, `<rect width="%.0f" height="%.0f" fill="#ffffff"/>`+"\n", size, size)
	for i := range 6 {
		p := float64(i) / 5
		fmt.Fprintf(&b, `<path d="M%.1f %.1fH%.1fM%.1f %.1fV%.1f" stroke="#dddddd" fill="none"/>`+"\n", x(0), y(p), x(1), x(p), y(0), y(1))
		fmt.Fprintf(&b, `<text x="%.1f" y="%.1f" text-anchor="middle">%.1f</text><text x="%.1f" y="%.1f" text-anchor="end">%.1f</text>`+"\n", x(p), y(0)+16, p, x(0)-6, y(p)+4, p)
	}
	fmt.Fprintf(&b, `<path d="M%.1f %.1fL%.1f %.1f" stroke="#888888" stroke-dasharray="4 3" fill="none"/>`+"\n", x(0), y(0), x(1), y(1))
	most := 1
	for _, v := range c.bins {
		most = max(most, v.runs)
	}
	for _, v := range c.bins {
		r := 2 + 6*float64(v.runs)/float64(most)
		fmt.Fprintf(&b, `<path d="M%.1f %.1fV%.1f" stroke="#1f5f8b" stroke-width="2"/><circle cx="%.1f" cy="%.1f" r="%.1f" fill="#1f5f8b"><title>%d runs</title></circle>`+"\n", x(v.said), y(v.from), y(v.to), x(v.said), y(v.right), r, v.runs)
	}
	fmt.Fprintf(&b, `<text x="%.1f" y="%.1f" text-anchor="middle">probability given to the first diagnosis</text>`+"\n", x(0.5), size-8)
	fmt.Fprintf(&b, `<text transform="translate(12 %.1f) rotate(-90)" text-anchor="middle">share that was right</text>`+"\n</svg>\n", y(0.5))
	return b.String()
}
