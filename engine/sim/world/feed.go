package world

import (
	"math"
	"slices"
)

// feedBounds are the upper bounds of a feed's latency buckets, in seconds.
var feedBounds = []float64{0.0025, 0.005, 0.0075, 0.01, 0.015, 0.02, 0.03, 0.05, 0.075, 0.1, 0.15, 0.25, 0.5, 1, 2.5, 5, 10}

// feedLogs are the logarithms of the bounds.
var feedLogs = func() (logs []float64) {
	for _, b := range feedBounds {
		logs = append(logs, math.Log(b))
	}
	return logs
}()

// feed is a client's own endpoint: totals since t = 0.
type feed struct {
	on       bool // t = 0 has passed
	total    FeedCounters
	unbooked float64   // requests answered at the first attempt that are not in total yet
	first    []float64 // share of calls of such requests at or below each bound
	pages    float64   // requests a call
	mean     float64   // seconds that one such request takes
}

func newFeed(name string) *feed {
	f := &feed{}
	f.total = FeedCounters{Client: name, Bounds: feedBounds, Buckets: make([]float64, len(feedBounds))}
	return f
}

// remember keeps the shares of the first attempt's distribution: they change seldom. What came before the change is booked as it was.
func (f *feed) remember(first mix, pages float64) {
	f.bookFirst(&f.total)
	f.unbooked, f.first, f.pages = 0, f.first[:0], pages
	f.mean = first.sum() / first.count()
	if pages > 1 {
		first = mix{matched(1, 0, pages*f.mean, pages*first[0].variance())}
	}
	for _, b := range feedBounds {
		f.first = append(f.first, first.cdf(b))
	}
}

// bookFirst adds to t the calls whose requests were all answered at once.
func (f *feed) bookFirst(t *FeedCounters) {
	calls := f.unbooked / max(1, f.pages)
	t.Calls += calls
	t.Sum += f.unbooked * f.mean
	for i, share := range f.first {
		t.Buckets[i] += calls * share
	}
}

// add books one step.
func (f *feed) add(s *tally) {
	if !f.on {
		return
	}
	t := &f.total
	f.unbooked += s.first
	t.Attempts += s.attempts
	for _, e := range s.errors {
		t.Errors = codeCounts(t.Errors).add(e.Code, e.Count)
	}
	for _, a := range s.later {
		if a.n > 0 {
			t.book(a.call(a.n/f.pages, (f.pages-1)*f.mean))
		}
	}
	if a := s.failed; a.n > 0 {
		t.Failed += a.n
		t.book(a.call(a.n, 0))
	}
}

// book adds finished calls; the component has no shift.
func (t *FeedCounters) book(p comp) {
	t.Calls += p.n
	t.Sum += p.n * p.mean()
	for i, b := range feedLogs {
		t.Buckets[i] += p.n * phi((b-p.mu)/p.sigma)
	}
}

// Feed returns a client's own counters, or false when it has no feed.
func (w *World) Feed(name string) (FeedCounters, bool) {
	for _, c := range w.clients {
		if c.now.Name == name && c.feed != nil {
			t := c.feed.total
			t.Errors, t.Buckets, t.Bounds = slices.Clone(t.Errors), slices.Clone(t.Buckets), slices.Clone(t.Bounds)
			c.feed.bookFirst(&t)
			t.Calls, t.Attempts, t.Failed = math.Floor(t.Calls), math.Floor(t.Attempts), math.Floor(t.Failed) // requests are counted whole
			for i := range t.Errors {
				t.Errors[i].Count = math.Floor(t.Errors[i].Count)
			}
			for i := range t.Buckets {
				t.Buckets[i] = math.Floor(t.Buckets[i])
			}
			return t, true
		}
	}
	return FeedCounters{}, false
}

// appSeries is a CloudWatch metric that the application itself writes.
type appSeries struct {
	what string
	s    *series
}

// add publishes one minute.
func (a *appSeries) add(at int64, m ClientMinute, times mix) {
	switch a.what {
	case "latency":
		a.s.latency(at, times)
	case "calls":
		a.s.count(at, m.Calls)
	case "attempts":
		a.s.count(at, m.Attempts)
	case "errors":
		a.s.count(at, m.Failed)
	}
}
