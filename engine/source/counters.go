package source

import (
	"errors"
	"math"
	"slices"
	"strconv"

	ddbaws "github.com/ddbloop/ddbloop/engine/aws"
)

// counters is what an application's endpoint counts, since it was started.
type counters struct {
	calls, attempts, failed float64
	hasFailed               bool
	errors                  map[string]float64 // failed attempts by code
	bounds                  []float64          // upper bounds of the latency buckets in seconds, rising, +Inf last
	buckets                 []float64          // cumulative counts
}

// gather adds the samples up over the labels that it does not use. The names are the ones that docs ask applications for.
func gather(list []sample) (counters, error) {
	c := counters{errors: map[string]float64{}}
	hasCalls := false
	le := map[float64]float64{}
	for _, s := range list {
		if math.IsNaN(s.value) || math.IsInf(s.value, 0) || s.value < 0 {
			return c, errors.New("a counter is no positive number: " + s.name)
		}
		switch s.name {
		case "calls_total":
			hasCalls = true
			c.calls += s.value
		case "attempts_total":
			c.attempts += s.value
		case "failed_total":
			c.hasFailed = true
			c.failed += s.value
		case "errors_total":
			c.errors[ddbaws.Clean(s.labels["code"])] += s.value
		case "latency_seconds_bucket":
			bound, err := strconv.ParseFloat(s.labels["le"], 64)
			if err != nil || math.IsNaN(bound) {
				return c, errors.New("latency_seconds_bucket without an le")
			}
			le[bound] += s.value
		}
	}
	if !hasCalls {
		return c, errors.New("calls_total is missing")
	}
	for bound := range le {
		c.bounds = append(c.bounds, bound)
	}
	slices.Sort(c.bounds)
	for _, bound := range c.bounds {
		c.buckets = append(c.buckets, le[bound])
	}
	return c, nil
}

// since returns what was counted between old and c, or false when a counter went backwards: the application was started
// anew, or another one answered, and what happened in between is not known.
func (c counters) since(old counters) (counters, bool) {
	d := counters{calls: c.calls - old.calls, attempts: c.attempts - old.attempts, failed: c.failed - old.failed, hasFailed: c.hasFailed && old.hasFailed}
	if d.calls < 0 || d.attempts < 0 || d.hasFailed && d.failed < 0 || !slices.Equal(c.bounds, old.bounds) {
		return d, false
	}
	d.errors = map[string]float64{}
	for code, n := range c.errors {
		if n -= old.errors[code]; n < 0 {
			return d, false
		} else if n > 0 {
			d.errors[code] = n
		}
	}
	d.bounds = c.bounds
	for i, n := range c.buckets {
		if n -= old.buckets[i]; n < 0 {
			return d, false
		}
		d.buckets = append(d.buckets, n)
	}
	return d, true
}

// failures is how many calls ended in an error. Where the application does not count them, they follow from the rest: every
// failed attempt was either tried again or ended its call.
func (c counters) failures() float64 {
	if c.hasFailed {
		return c.failed
	}
	var errs float64
	for _, n := range c.errors {
		errs += n
	}
	return min(c.calls, max(0, errs-max(0, c.attempts-c.calls)))
}

// quantile returns the latency in ms below which the share q of calls ended, linear within a bucket. Above the last finite
// bound nothing is known, so that bound is returned: the true value is no smaller.
func (c counters) quantile(q float64) float64 {
	if len(c.buckets) == 0 {
		return 0
	}
	rank := q * c.buckets[len(c.buckets)-1]
	if rank <= 0 {
		return 0
	}
	low, below := 0.0, 0.0
	for i, n := range c.buckets {
		if bound := c.bounds[i]; n >= rank {
			if math.IsInf(bound, 1) {
				return low * 1000
			}
			return (low + (bound-low)*(rank-below)/max(n-below, math.SmallestNonzeroFloat64)) * 1000
		}
		low, below = c.bounds[i], n
	}
	return low * 1000
}
