package source

import (
	"sync"
	"time"
)

// Budget is what all probes together may use of each table: read units per second, measured from what AWS says that each used.
// A table's allowance is a bucket that holds ten seconds; a probe that has overdrawn it makes the next one wait.
type Budget struct {
	perSecond float64

	mu     sync.Mutex
	tables map[string]*allowance
}

type allowance struct {
	left float64
	at   time.Time
}

// UnitsPerSecond is the budget of a table unless the team says otherwise.
const UnitsPerSecond = 5

// budgetHolds is how many seconds of a budget can be saved up.
const budgetHolds = 10

// NewBudget returns a budget of so many read units per second and table; 0 = UnitsPerSecond.
func NewBudget(perSecond float64) *Budget {
	if perSecond <= 0 {
		perSecond = UnitsPerSecond
	}
	return &Budget{perSecond: perSecond, tables: map[string]*allowance{}}
}

// wait is how long until the table's allowance is no longer overdrawn, and whether half of it is there again.
func (b *Budget) wait(table string, now time.Time) (wait time.Duration, roomy bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	left := b.of(table, now).left
	if left < 0 {
		wait = time.Duration(-left / b.perSecond * float64(time.Second))
	}
	return wait, left >= b.perSecond*budgetHolds/2
}

// spend takes what a probe has used.
func (b *Budget) spend(table string, units float64, now time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.of(table, now).left -= units
}

// of brings a table's allowance up to now.
func (b *Budget) of(table string, now time.Time) *allowance {
	a := b.tables[table]
	if a == nil {
		a = &allowance{left: b.perSecond * budgetHolds, at: now}
		b.tables[table] = a
	}
	if gone := now.Sub(a.at).Seconds(); gone > 0 {
		a.left, a.at = min(b.perSecond*budgetHolds, a.left+gone*b.perSecond), now
	}
	return a
}

// Ways says which probe without data goes out for each table: one is enough, however many others are denied.
type Ways struct {
	mu     sync.Mutex
	holder map[string]*Probe
}

// NewWays returns an empty register.
func NewWays() *Ways { return &Ways{holder: map[string]*Probe{}} }

// take reports whether p is the one to ask without data for its table.
func (w *Ways) take(table string, p *Probe) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.holder[table] == nil {
		w.holder[table] = p
	}
	return w.holder[table] == p
}

// leave gives the place of p to the next who wants it.
func (w *Ways) leave(table string, p *Probe) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.holder[table] == p {
		delete(w.holder, table)
	}
}
