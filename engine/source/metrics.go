package source

import (
	"context"
	"time"

	ddbaws "github.com/ddbloop/ddbloop/engine/aws"
	"github.com/ddbloop/ddbloop/engine/clock"
	"github.com/ddbloop/ddbloop/engine/signal"
	"github.com/ddbloop/ddbloop/history"
)

const (
	beat     = time.Minute       // one poll; the finest period of AWS/DynamoDB
	reread   = 10 * time.Minute  // values converge for about this long after they first show
	backfill = 3 * time.Hour     // what a new series is asked for: the part of the past that has the higher read quota
	catchUp  = 24 * time.Hour    // how far back a poll reaches after an outage of CloudWatch
	settle   = 130 * time.Second // a minute with data shows within 2 minutes of its end; what comes later still overwrites
	pageCap  = 20                // pages of one answer
	skewed   = 30 * time.Second  // our clock and CloudWatch's may differ by this much
	step     = 10 * time.Second  // by which the offset of polls is tried out
	tries    = 7                 // polls until the best offset is kept: the first comes when it comes, then six around the minute
)

// MetricReader reads one page of CloudWatch metrics. Its errors are for ddbaws.Classify.
type MetricReader interface {
	MetricData(ctx context.Context, r ddbaws.MetricRequest) (ddbaws.MetricPage, error)
}

// MetricsConfig says what to ask CloudWatch for.
type MetricsConfig struct {
	Clock    clock.Clock
	From     MetricReader
	To       Sink
	Rand     func() float64
	Tables   []string
	Snapshot func(table string) (history.TableSnapshot, bool) // for the tables' indexes
	Ops      []string                                         // nil = the usual ones
	Own      []OwnMetric                                      // what applications publish about themselves
	List     MetricLister                                     // nil: what only ListMetrics tells of is left out
}

// Metrics polls CloudWatch once a minute for all series of its tables.
type Metrics struct {
	c      MetricsConfig
	health health
	memory memory

	covered  map[history.SeriesKey]int64 // up to where each series has been read completely, Unix seconds
	tried    map[history.SeriesKey]bool  // series that were answered at all
	told     map[history.SeriesKey]bool  // series that have been handed on
	since    map[history.SeriesKey]int64 // from when on each series has been asked for, Unix seconds
	active   map[history.SeriesKey]bool  // operations seen in use, by target and op
	answered int64                       // end of the newest window that was answered
	newest   int64                       // end of the newest interval with data
	settled  int64
	skew     time.Duration // CloudWatch's clock minus ours, where they differ
	offset   time.Duration // of a poll after the full minute
	freshest time.Duration // how old the newest point was at the best poll of late
	best     time.Duration // offset of that poll
	polls    int
	found    map[signal.Scope][]found
	looked   time.Time // when ListMetrics was last asked
}

// NewMetrics returns a poller that has not begun.
func NewMetrics(c MetricsConfig) *Metrics {
	if c.Ops == nil {
		c.Ops = usualOps
	}
	return &Metrics{
		c: c, health: health{name: "cloudwatch", to: c.To, rand: c.Rand, longest: time.Minute}, memory: memory{},
		covered: map[history.SeriesKey]int64{}, tried: map[history.SeriesKey]bool{}, told: map[history.SeriesKey]bool{}, since: map[history.SeriesKey]int64{}, active: map[history.SeriesKey]bool{},
		offset: beat - 5*time.Second + time.Duration(c.Rand()*float64(5*time.Second)), freshest: time.Hour,
	}
}

// Run polls until ctx ends or the clock stops. It gives DescribeTable a second to say which indexes there are.
func (m *Metrics) Run(ctx context.Context) {
	wait := time.Second
	for m.c.Clock.Sleep(ctx, wait) == nil {
		wait = m.poll(ctx)
		if ctx.Err() != nil {
			return
		}
	}
}

// poll asks for everything once and returns how long to wait for the next time.
func (m *Metrics) poll(ctx context.Context) time.Duration {
	began, skew := m.c.Clock.Now(), m.skew
	to := began.Add(m.skew).Truncate(beat)
	m.look(ctx)
	list := plan(m.wanted())
	var missing string
	for i, b := range m.batches(list, to) {
		if i > 0 && m.c.Clock.Sleep(ctx, time.Second) != nil {
			return 0
		}
		ans, failure := m.ask(ctx, b)
		if ctx.Err() != nil {
			return 0
		}
		m.hand(b, ans, failure, began)
		if failure.Reason != "" {
			return m.health.fails(failure)
		}
		if missing == "" {
			missing = ans.missing(b.list)
		}
	}
	if missing == "" {
		m.health.well()
	} else {
		m.health.limps(ddbaws.Other, missing)
	}
	if m.skew != skew { // the window was another clock's: ask again for the right one
		clear(m.covered)
		clear(m.tried)
		m.settled, m.newest, m.answered = 0, 0, 0
		return time.Second
	}
	return m.nextPoll(began)
}

func (m *Metrics) wanted() wanted {
	return wanted{tables: m.c.Tables, snapshot: m.c.Snapshot, ops: m.c.Ops, own: m.c.Own, found: m.found}
}

// batch is one request: up to 500 series over one window.
type batch struct {
	list     []asked
	from, to time.Time
	last     bool
}

// batches cuts the plan into requests. Series that were never read get the backfill. The others get the last ten minutes, all
// since the last answer, or, where their own last answer was not complete, up to three hours.
func (m *Metrics) batches(list []asked, to time.Time) []batch {
	var fresh, steady []asked
	from, floor := to.Add(-reread), to.Add(-backfill)
	for _, q := range list {
		if !m.tried[q.key] {
			fresh = append(fresh, q)
			continue
		}
		steady = append(steady, q)
		from = earlier(from, later(floor, time.Unix(m.covered[q.key], 0).Add(-reread)))
	}
	from = earlier(from, later(to.Add(-catchUp), time.Unix(m.answered, 0).Add(-reread)))
	var out []batch
	cut := func(list []asked, from time.Time) {
		for len(list) > 0 {
			n := min(len(list), ddbaws.MaxQueries)
			out = append(out, batch{list: list[:n], from: from.UTC(), to: to})
			list = list[n:]
		}
	}
	cut(steady, from)
	cut(fresh, floor)
	if len(out) > 0 {
		out[len(out)-1].last = true
	}
	return out
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// ask reads all pages of a batch. What came before a failure is kept.
func (m *Metrics) ask(ctx context.Context, b batch) (*answer, ddbaws.Failure) {
	ans := newAnswer()
	r := ddbaws.MetricRequest{From: b.from, To: b.to}
	for _, q := range b.list {
		r.Queries = append(r.Queries, q.query)
	}
	for n := 1; ; n++ {
		page, err := m.c.From.MetricData(ctx, r)
		if err != nil {
			return ans, ddbaws.Classify(err)
		}
		m.compareClocks(page.Server)
		ans.add(page)
		if page.Next == "" {
			return ans, ddbaws.Failure{}
		}
		if n == pageCap {
			ans.notes = append(ans.notes, "the answer was cut after 20 pages")
			for id := range ans.status {
				ans.status[id] = "PartialData"
			}
			return ans, ddbaws.Failure{}
		}
		r.Token = page.Next
		if m.c.Clock.Sleep(ctx, time.Second) != nil {
			return ans, ddbaws.Failure{}
		}
	}
}

// compareClocks keeps how far CloudWatch's clock is from ours: with a clock that is an hour wrong, windows would miss all data.
func (m *Metrics) compareClocks(server time.Time) {
	if server.IsZero() {
		return
	}
	d := server.Sub(m.c.Clock.Now())
	switch diff := d - m.skew; {
	case d.Abs() <= skewed:
		m.skew = 0
	case diff.Abs() > skewed:
		m.skew = d.Round(time.Second)
	}
}

// nextPoll returns the wait until the next full minute plus the offset. How long after its end a minute shows is not documented:
// the first polls try offsets around the clock, then the one that saw the newest data is kept, and moved on when it has
// become one that comes just before CloudWatch publishes.
func (m *Metrics) nextPoll(began time.Time) time.Duration {
	began = began.Add(m.skew)
	if m.newest > 0 {
		age := began.Sub(time.Unix(m.newest, 0))
		switch {
		case age <= m.freshest:
			m.freshest, m.best = age, began.Sub(began.Truncate(beat))
		case m.polls >= tries && age > m.freshest+step:
			m.best = (m.best + step) % beat
		}
		m.freshest += time.Second // what was best once need not be for ever
		if m.polls++; m.polls < tries {
			m.offset = (m.offset + step) % beat
		} else {
			m.offset = m.best
		}
	}
	now := m.c.Clock.Now().Add(m.skew)
	wait := now.Truncate(beat).Add(m.offset).Sub(now)
	for wait < beat/2 {
		wait += beat
	}
	return wait
}
