package lab

import (
	"math"

	ddbaws "github.com/ddbloop/ddbloop/engine/aws"
	"github.com/ddbloop/ddbloop/history"
)

// side is one variant.
type side struct{ read *ddbaws.Read }

// tally is what all calls came to.
type tally struct {
	kept     [2][]call // of pairs that were answered on both sides
	failures [2][]ddbaws.Failure
	lost     int
	latency  Pairs
	units    Pairs
	fewer    int // pairs in which B used fewer units
	more     int
	answers  answers
}

// pairs is how many were sent and counted.
func (t *tally) pairs() int { return len(t.kept[0]) + t.lost }

// lose takes in a pair with a request that failed.
func (t *tally) lose(got [2]call) {
	t.lost++
	for i, c := range got {
		if !c.ok() {
			t.failures[i] = append(t.failures[i], c.failure)
		}
	}
}

// keep takes in a pair that was answered on both sides.
func (t *tally) keep(got [2]call) {
	a, b := got[0], got[1]
	t.kept[0], t.kept[1] = append(t.kept[0], a), append(t.kept[1], b)
	t.latency.Add(a.took.Seconds(), b.took.Seconds())
	if a.Units > 0 && b.Units > 0 {
		t.units.Add(a.Units, b.Units)
	}
	switch {
	case b.Units < a.Units:
		t.fewer++
	case b.Units > a.Units:
		t.more++
	}
	t.answers.add(a.Reading, b.Reading)
}

// binsPerDecade and decades lay out the histogram of times: from 0.1 ms, in steps of a factor of 10^(1/5).
const (
	binsPerDecade = 5
	decades       = 5
)

// edges are the upper edges of the histogram's bins in ms; the last bin has none.
func edges() []float64 {
	out := make([]float64, binsPerDecade*decades)
	for i := range out {
		out[i] = 0.1 * math.Pow(10, float64(i)/binsPerDecade)
	}
	return out
}

// summary is one side of the result.
func (t *tally) summary(i int, region string) history.LabSide {
	calls := t.kept[i]
	n := float64(len(calls))
	out := history.LabSide{N: len(calls), Errors: len(t.failures[i]), Bins: make([]int, binsPerDecade*decades+1)}
	for _, f := range t.failures[i] {
		if out.Codes == nil {
			out.Codes = map[string]int{}
		}
		out.Codes[f.Word()]++
		if f.Reason == ddbaws.Throttled {
			out.Throttles++
		}
	}
	if n == 0 {
		return out
	}
	var ms times
	var examined float64
	bounds := edges()
	for _, c := range calls {
		v := c.took.Seconds() * 1e3
		ms = append(ms, v)
		bin := 0
		for bin < len(bounds) && v > bounds[bin] {
			bin++
		}
		out.Bins[bin]++
		addPhases(&out.Phases, c.Phases, n)
		out.Units += c.Units
		out.Pages += float64(c.Pages)
		out.Returned += float64(c.Returned)
		examined += float64(c.Examined)
		if c.More {
			out.Cut++
		}
	}
	out.Units, out.Pages, out.Returned, examined = out.Units/n, out.Pages/n, out.Returned/n, examined/n
	out.Worth = ms.worth()
	out.P50, out.P90, out.P99 = ms.quantile(0.5, out.Worth), ms.quantile(0.9, out.Worth), ms.quantile(0.99, out.Worth)
	if examined > 0 || out.Returned == 0 {
		out.Examined = &examined
	}
	if out.Returned > 0 {
		v := out.Units / out.Returned
		out.PerItem = &v
	}
	out.Million = million(region, out.Units)
	return out
}

func addPhases(to *history.LabPhases, p ddbaws.Phases, n float64) {
	ms := func(to *float64, seconds float64) { *to += 1e3 * seconds / n }
	ms(&to.Pool, p.Pool.Seconds())
	ms(&to.DNS, p.DNS.Seconds())
	ms(&to.Connect, p.Connect.Seconds())
	ms(&to.TLS, p.TLS.Seconds())
	ms(&to.Wait, p.Wait.Seconds())
	ms(&to.Body, p.Body.Seconds())
	if !p.Reused {
		to.New++
	}
}
