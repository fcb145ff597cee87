package source

import (
	"context"
	"slices"
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
	slowGrid = 5 * time.Minute   // settings and quotas
	rereadOf = 3                 // times reread: what values on the slow grid take to converge
	jitter   = 5 * time.Second   // at most, so that not every ddbloop of an account asks at once
)

// MetricReader reads one page of CloudWatch metrics. Its errors are for ddbaws.Classify.
type MetricReader interface {
	MetricData(ctx context.Context, r ddbaws.MetricRequest) (ddbaws.MetricPage, error)
}

// MetricsConfig says what to ask CloudWatch for.
type MetricsConfig struct {
	Clock     clock.Clock
	From      MetricReader
	To        Sink
	Rand      func() float64
	Tables    []string
	Snapshot  func(table string) (history.TableSnapshot, bool) // for the tables' indexes
	Ops       []string                                         // nil = the usual ones
	Own       []OwnMetric                                      // what applications publish about themselves
	List      MetricLister                                     // nil: what only ListMetrics tells of is left out
	Baselines bool                                             // ask once how it was yesterday and a week ago
	Budget    float64                                          // USD an hour that polls may cost; 0 = BudgetPerHour
}

// Metrics polls CloudWatch once a minute for all series of its tables.
type Metrics struct {
	c      MetricsConfig
	health health
	memory memory

	covered   map[history.SeriesKey]int64 // up to where each series has been read completely, Unix seconds
	tried     map[history.SeriesKey]bool  // series that were answered at all
	told      map[history.SeriesKey]bool  // series that have been handed on
	since     map[history.SeriesKey]int64 // from when on each series has been asked for, Unix seconds
	active    map[history.SeriesKey]bool  // operations seen in use, by target and op
	answered  int64                       // end of the newest window that was answered
	newest    int64                       // end of the newest interval with data
	settled   int64
	skew      time.Duration // CloudWatch's clock minus ours, where they differ
	jitter    time.Duration
	minutes   *lags // of the grid of a minute, in steps of ten seconds
	fives     *lags // of the grid of five minutes, in polls
	rounds    int
	status    map[history.SeriesKey]string    // of series that were not answered in full
	asked     map[history.SeriesKey]time.Time // CloudWatch's time of the last ask
	plan      []asked                         // of the present poll
	resting   int                             // series that the budget leaves out
	stretch   int                             // minutes between two polls
	found     map[signal.Scope][]found
	looked    time.Time              // when ListMetrics was last asked
	backDone  map[time.Duration]bool // baselines that have come
	backTries int
}

// NewMetrics returns a poller that has not begun.
func NewMetrics(c MetricsConfig) *Metrics {
	if c.Ops == nil {
		c.Ops = usualOps
	}
	if c.Budget <= 0 {
		c.Budget = BudgetPerHour
	}
	return &Metrics{
		c: c, health: health{name: "cloudwatch", to: c.To, rand: c.Rand, longest: time.Minute}, memory: memory{},
		covered: map[history.SeriesKey]int64{}, tried: map[history.SeriesKey]bool{}, told: map[history.SeriesKey]bool{}, since: map[history.SeriesKey]int64{}, active: map[history.SeriesKey]bool{},
		backDone: map[time.Duration]bool{}, status: map[history.SeriesKey]string{}, asked: map[history.SeriesKey]time.Time{},
		minutes: newLags(beat, step), fives: newLags(slowGrid, beat), jitter: time.Duration(c.Rand() * float64(jitter)), stretch: 1,
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

// poll asks for everything that is due and returns how long to wait for the next time.
func (m *Metrics) poll(ctx context.Context) time.Duration {
	began, skew := m.c.Clock.Now(), m.skew
	now := began.Add(m.skew)
	to := now.Truncate(beat)
	m.look(ctx)
	m.plan = m.afford(plan(m.wanted()))
	var missing string
	list := m.due(m.plan, now)
	for i, b := range m.batches(list, to) {
		if i > 0 && m.c.Clock.Sleep(ctx, time.Second) != nil {
			return 0
		}
		ans, failure := m.ask(ctx, b)
		if ctx.Err() != nil {
			return 0
		}
		m.hand(b, ans, failure, now)
		if failure.Reason != "" {
			return m.health.fails(failure)
		}
		if missing == "" {
			missing = ans.missing(b.list)
		}
	}
	m.minutes.ask(now)
	if slices.ContainsFunc(list, asked.slow) {
		m.fives.ask(now)
	}
	if missing == "" {
		m.health.well()
	} else {
		m.health.limps(ddbaws.Other, missing)
	}
	if m.skew != skew { // the window was another clock's: ask again for the right one
		clear(m.covered)
		clear(m.tried)
		clear(m.asked)
		m.settled, m.newest, m.answered = 0, 0, 0
		return time.Second
	}
	m.lookBack(ctx, now)
	return m.nextPoll()
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
		back := reread
		if q.slow() {
			back = rereadOf * reread
		}
		from = earlier(from, to.Add(-back))
		from = earlier(from, later(floor, time.Unix(m.covered[q.key], 0).Add(-back)))
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
		ans.pages = n
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

// due picks what a poll at a moment of CloudWatch's clock asks for. The grid of a minute is always due; the other one when its time in the
// five minutes has come, at the polls until that is learnt, and for what was not answered in full. What is asked for more seldom than its grid has its own time.
func (m *Metrics) due(list []asked, now time.Time) []asked {
	minutes, place := m.rounds, int(now.Sub(now.Truncate(slowGrid))/beat)
	turn := !m.fives.learnt() || place == m.fives.next(place, minutes/5)
	var out []asked
	for _, q := range list {
		last, before := m.asked[q.key]
		switch {
		case !before || !m.tried[q.key] || m.status[q.key] != "" && m.status[q.key] != "Forbidden":
		case q.signal.Every > q.signal.Period:
			if now.Sub(last) < q.signal.Every-beat/2 {
				continue
			}
		case q.slow():
			if !turn && !m.mayBeThere(q, now) && now.Sub(last) < slowGrid+beat {
				continue
			}
		}
		out = append(out, q)
	}
	return out
}

// mayBeThere reports whether a series on the slow grid that verdicts wait for may have its next point by now, or nearly: it is then asked for at each
// poll until the point comes. Begun a poll too soon, it notices when points come sooner than they used to. A series whose points are overdue, or that never had one, waits for its turn.
func (m *Metrics) mayBeThere(q asked, now time.Time) bool {
	if q.signal.Optional || q.signal.Every > 0 {
		return false
	}
	newest := int64(0)
	for t := range m.memory[q.key] {
		newest = max(newest, t)
	}
	age := now.Sub(time.Unix(newest+2*q.period(), 0))
	return newest > 0 && age >= m.fives.earliest()-beat && age < 3*slowGrid
}

// nextPoll returns the wait until the next full minute plus the offset. How long after its end a minute shows is not documented, and
// asking sooner is in vain: the first polls try places around the minute, then the one that sees values soonest is kept.
func (m *Metrics) nextPoll() time.Duration {
	m.rounds++
	last := int(beat/step) - 1
	offset := time.Duration(m.minutes.next(last, m.rounds))*step + m.jitter
	now := m.c.Clock.Now().Add(m.skew)
	wait := now.Truncate(beat).Add(offset).Sub(now)
	for wait < beat/2 {
		wait += beat
	}
	return wait + time.Duration(m.stretch-1)*beat
}
