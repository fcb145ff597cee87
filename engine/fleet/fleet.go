// Package fleet looks at every table of a Region for as little money as it can: which of them hurt, worst first. It keeps no
// journal; what it shows of a table is what CloudWatch said of it, with the time it was asked.
package fleet

import (
	"context"
	"sync"
	"time"

	ddbaws "github.com/ddbloop/ddbloop/engine/aws"
	"github.com/ddbloop/ddbloop/engine/clock"
)

// Reader reads what a fleet is made of; its errors are for ddbaws.Classify.
type Reader interface {
	ListTables(ctx context.Context) ([]string, error)
	RecentMetrics(ctx context.Context, namespace, metric string, pages int) (sets [][]ddbaws.Dimension, calls int, err error)
	MetricData(ctx context.Context, r ddbaws.MetricRequest) (ddbaws.MetricPage, error)
}

// Config is what a Fleet is built from.
type Config struct {
	Clock   clock.Clock
	From    Reader
	Ceiling float64 // USD an hour that CloudWatch may cost
	// Told is called after every refresh, with what is known then; nil when View is asked instead.
	Told func(View)
}

// The pace.
const (
	// Every is the time between two refreshes: CloudWatch's finest period for tables.
	Every = time.Minute
	// MaxCalls is the most CloudWatch calls of one refresh.
	MaxCalls = 20
	// DefaultCeiling is what CloudWatch may cost an hour unless told otherwise, USD.
	DefaultCeiling = 0.50

	relist  = 10 * time.Minute       // between two ListTables
	apart   = 200 * time.Millisecond // between two calls
	window  = time.Hour              // that a series is asked for
	skewed  = 30 * time.Second       // our clock and CloudWatch's may differ by this much
	sparse  = 2                      // pages of 500 that one ListMetrics may take
	retries = 4                      // longest wait after failures, in refreshes
)

// Fleet asks, and keeps what was answered.
type Fleet struct {
	c      Config
	budget budget

	mu       sync.Mutex
	tables   map[string]*table
	order    []string // names as ListTables gave them
	listed   time.Time
	skew     time.Duration
	spent    float64 // USD so far
	calls    int     // CloudWatch calls of the last refresh
	began    time.Time
	at       time.Time                 // end of the last refresh
	trouble  map[string]ddbaws.Failure // by the IAM action that was tried
	failures int                       // refreshes in a row that CloudWatch answered nothing of
}

// New returns a fleet that has not asked anything.
func New(c Config) *Fleet {
	if c.Ceiling <= 0 {
		c.Ceiling = DefaultCeiling
	}
	return &Fleet{c: c, budget: newBudget(c.Ceiling), tables: map[string]*table{}, trouble: map[string]ddbaws.Failure{}, began: c.Clock.Now()}
}

// Run refreshes until ctx ends or the clock stops.
func (f *Fleet) Run(ctx context.Context) {
	for {
		began := f.c.Clock.Now()
		f.Refresh(ctx)
		if ctx.Err() != nil {
			return
		}
		if f.c.Told != nil {
			f.c.Told(f.View())
		}
		if f.c.Clock.Sleep(ctx, began.Add(f.pace()).Sub(f.c.Clock.Now())) != nil {
			return
		}
	}
}

// pace is from one refresh to the next: longer while nothing answers.
func (f *Fleet) pace() time.Duration {
	f.mu.Lock()
	defer f.mu.Unlock()
	return Every * time.Duration(min(retries, 1<<min(f.failures, 4)))
}

// Refresh asks once for what is due: the list of tables, which of them were refused or failed of late, and as many series as the
// budget has room for.
func (f *Fleet) Refresh(ctx context.Context) {
	now := f.c.Clock.Now()
	f.list(ctx, now)
	f.mu.Lock()
	f.calls = 0
	f.mu.Unlock()
	f.recent(ctx, now)
	f.ask(ctx, f.due(now), now)
	f.mu.Lock()
	defer f.mu.Unlock()
	f.at = f.c.Clock.Now()
}

// failed keeps why a call did not succeed, under the IAM action that it needs; a success clears it.
func (f *Fleet) failed(action string, err error) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if err == nil {
		delete(f.trouble, action)
		return false
	}
	f.trouble[action] = ddbaws.Classify(err)
	return true
}

// list reads the tables' names; those that are gone are forgotten.
func (f *Fleet) list(ctx context.Context, now time.Time) {
	if !f.listed.IsZero() && now.Sub(f.listed) < relist {
		return
	}
	names, err := f.c.From.ListTables(ctx)
	if f.failed("dynamodb:ListTables", err) || ctx.Err() != nil {
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	there := make(map[string]*table, len(names))
	for _, n := range names {
		if there[n] = f.tables[n]; there[n] == nil {
			there[n] = &table{name: n}
		}
	}
	f.tables, f.order, f.listed = there, names, now
}

// pay counts one CloudWatch call and what it costs.
func (f *Fleet) pay(usd float64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.calls++
	f.spent += usd
}

// left is how many calls this refresh may still make.
func (f *Fleet) left() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return MaxCalls - f.calls
}
