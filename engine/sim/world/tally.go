package world

import (
	"slices"
	"strings"
	"time"
)

// codeCounts counts failures by code, sorted by code.
type codeCounts []CodeCount

func (e codeCounts) add(code string, n float64) codeCounts {
	i, found := slices.BinarySearchFunc(e, code, func(c CodeCount, code string) int { return strings.Compare(c.Code, code) })
	if !found {
		e = slices.Insert(e, i, CodeCount{Code: code})
	}
	e[i].Count += n
	return e
}

// tally is what one client met over a while. It counts requests; a call is as many requests as it has pages.
type tally struct {
	attempts, throttled float64
	first               float64  // answered at the first attempt
	later               []cohort // answered at attempt k+1, with their whole time
	failed              cohort
	errors              codeCounts
	unmixed             float64 // of first, what is not in firstMix yet
	firstMix            mix     // what first is made of, over the minute
	step                *tally
}

// joined adds a cohort at place k.
func joined(to []cohort, k int, a cohort) []cohort {
	for len(to) <= k {
		to = append(to, cohort{})
	}
	to[k].join(a)
	return to
}

// open returns an empty tally for one step.
func (t *tally) open() *tally {
	if t.step == nil {
		t.step = &tally{}
	}
	s := t.step
	*s = tally{later: s.later[:0], errors: s.errors[:0]}
	return s
}

// close adds a step to the minute and to the client's feed.
func (t *tally) close(c *client, s *tally) {
	t.join(s)
	t.unmixed += s.first
	if c.feed != nil {
		c.feed.add(s)
	}
}

// blend takes the first attempts so far into the minute's mix. They are all alike until first, their distribution, changes.
func (t *tally) blend(first mix) {
	for _, part := range first {
		part.n *= t.unmixed
		t.firstMix = t.firstMix.add(part)
	}
	t.unmixed = 0
}

// times is the distribution of how long finished calls of so many pages took.
func (t *tally) times(pages float64) mix {
	m := slices.Clone(t.firstMix)
	if pages > 1 {
		for i, part := range m {
			m[i] = matched(part.n/pages, 0, pages*part.mean(), pages*part.variance())
		}
	}
	for _, a := range t.later {
		if a.n > 0 {
			m = append(m, a.call(a.n/pages, (pages-1)*t.mean()))
		}
	}
	if a := t.failed; a.n > 0 {
		m = append(m, a.call(a.n, 0))
	}
	return m
}

// call is the distribution of n calls that took as long as the cohort's requests and more on top.
func (c cohort) call(n, more float64) comp {
	return matched(n, 0, c.mean+more, max(c.spread, 0.01*c.mean*c.mean))
}

// join adds another tally.
func (t *tally) join(u *tally) {
	t.attempts += u.attempts
	t.throttled += u.throttled
	t.first += u.first
	for k, a := range u.later {
		t.later = joined(t.later, k, a)
	}
	t.failed.join(u.failed)
	for _, e := range u.errors {
		t.errors = t.errors.add(e.Code, e.Count)
	}
	for _, part := range u.firstMix {
		t.firstMix = t.firstMix.add(part)
	}
}

// mean is the mean time of a request answered at once.
func (t *tally) mean() float64 {
	if n := t.firstMix.count(); n > 0 {
		return t.firstMix.sum() / n
	}
	return 0
}

// minuteRecord is one closed minute of a client.
type minuteRecord struct {
	from  int64 // seconds since t = 0
	stats ClientMinute
	times mix
}

// closeMinute turns the tally of the minute that began at from into a record and starts the next.
func (c *client) closeMinute(from int64) *minuteRecord {
	t := &c.sum
	t.blend(c.first)
	pages := max(1, c.now.Pages)
	m := ClientMinute{Attempts: t.attempts, Throttled: t.throttled, Failed: t.failed.n, Success: 1}
	m.Calls = m.Failed + t.first/pages
	for _, a := range t.later {
		m.Calls += a.n / pages
	}
	if m.Calls > 0 {
		m.Success = 1 - m.Failed/m.Calls
	}
	r := minuteRecord{from: from, stats: m, times: t.times(pages)}
	c.record = append(c.record, r)
	for _, a := range c.app {
		a.add(c.w.unix+from, m, r.times)
	}
	if from < 0 {
		c.past.join(t)
	}
	*t = tally{step: t.step}
	return &c.record[len(c.record)-1]
}

// meets judges a minute by the client's slo. The fluid leaves the last retries of a client that has stopped as hundredths of a call:
// a minute without a whole call misses nothing.
func (c *client) meets(r *minuteRecord) bool {
	if r.stats.Calls < 0.5 {
		return true
	}
	slo := c.now.SLO
	limit := slo.P99
	if limit == 0 {
		limit = time.Duration(slo.Multiple * float64(c.calm))
	}
	return r.stats.Success >= slo.Success && (limit == 0 || r.times.cdf(limit.Seconds()) >= 0.99)
}

func seconds(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }

// ClientStats is what a client met in the minute that begins at from (since t = 0; negative in the history).
func (w *World) ClientStats(name string, from time.Duration) (ClientMinute, bool) {
	for _, c := range w.clients {
		if c.now.Name != name {
			continue
		}
		for _, r := range c.record {
			if r.from == int64(from/time.Second) {
				m := r.stats
				m.P50, m.P99, m.Met = seconds(r.times.quantile(0.5)), seconds(r.times.quantile(0.99)), c.meets(&r)
				return m, true
			}
		}
	}
	return ClientMinute{}, false
}

// Mitigated is the first second of a minute, after the truth's begins, in which every client met its slo again.
func (w *World) Mitigated() (time.Duration, bool) { return w.mitigated, w.isMitigated }

// FirstRefusal is the first second since t = 0 in which the capacity of a table or index refused a caller; negative for never.
func (w *World) FirstRefusal() time.Duration { return w.refusedAt }
