package source

import (
	"context"
	"reflect"
	"sync"
	"time"

	ddbaws "github.com/ddbloop/ddbloop/engine/aws"
	"github.com/ddbloop/ddbloop/engine/clock"
	"github.com/ddbloop/ddbloop/history"
)

// hurryFor is how long a ring keeps DescribeTable quick: a change may take seconds until the table says UPDATING.
const hurryFor = time.Minute

// Describer reads a table's settings. Its errors are for ddbaws.Classify.
type Describer interface {
	DescribeTable(ctx context.Context, table string) (history.TableSnapshot, error)
}

// DescribeConfig says what to watch.
type DescribeConfig struct {
	Clock  clock.Clock
	From   Describer
	To     Sink
	Rand   func() float64 // [0, 1), for the waits after failures
	Tables []string
	Every  time.Duration // 0 = 5 s
	Busy   time.Duration // while something moves; 0 = 1 s
}

// Describe watches the settings of tables.
type Describe struct {
	c      DescribeConfig
	health health
	bell   *clock.Bell
	tables []*watched

	mu     sync.Mutex
	rung   bool
	latest map[string]history.TableSnapshot
	quick  time.Time // until when a ring keeps us quick
}

type watched struct {
	name     string
	due      time.Time
	failures int
	failure  ddbaws.Failure
}

// NewDescribe returns a watcher that has not begun.
func NewDescribe(c DescribeConfig) *Describe {
	if c.Every == 0 {
		c.Every = 5 * time.Second
	}
	if c.Busy == 0 {
		c.Busy = time.Second
	}
	d := &Describe{c: c, bell: clock.NewBell(), latest: map[string]history.TableSnapshot{}}
	d.health = health{name: "describe", to: c.To, rand: c.Rand, longest: time.Minute}
	for _, name := range c.Tables {
		d.tables = append(d.tables, &watched{name: name})
	}
	return d
}

// Hurry has every table read at once, and each second for the next minute: a change has been sent.
func (d *Describe) Hurry() {
	d.mu.Lock()
	d.rung = true
	d.mu.Unlock()
	d.bell.Ring()
}

// Snapshot returns what a table's settings were when last read.
func (d *Describe) Snapshot(table string) (history.TableSnapshot, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	s, ok := d.latest[table]
	return s, ok
}

// Run watches until ctx ends or the clock stops.
func (d *Describe) Run(ctx context.Context) {
	for {
		d.answerBell()
		d.round(ctx)
		if d.c.Clock.Wait(ctx, d.untilDue(), d.bell) != nil {
			return
		}
	}
}

func (d *Describe) answerBell() {
	d.mu.Lock()
	defer d.mu.Unlock()
	if !d.rung {
		return
	}
	d.rung = false
	now := d.c.Clock.Now()
	d.quick = now.Add(hurryFor)
	for _, t := range d.tables {
		t.due = now
	}
}

// round reads every table that is due. A failure that would meet the next table too ends it.
func (d *Describe) round(ctx context.Context) {
	tried := false
	for _, t := range d.tables {
		if d.c.Clock.Now().Before(t.due) {
			continue
		}
		tried = true
		began := d.c.Clock.Now()
		snap, err := d.c.From.DescribeTable(ctx, t.name)
		if ctx.Err() != nil {
			return
		}
		if err == nil {
			d.described(t, snap, began)
			continue
		}
		if t.failure = ddbaws.Classify(err); t.failure.Everywhere() {
			wait := d.health.fails(t.failure)
			for _, other := range d.tables {
				other.due = d.c.Clock.Now().Add(wait)
			}
			return
		}
		t.failures++
		t.due = d.c.Clock.Now().Add(d.health.backoff(t.failures))
	}
	if tried {
		d.report()
	}
}

func (d *Describe) described(t *watched, snap history.TableSnapshot, began time.Time) {
	now := d.c.Clock.Now()
	t.failures, t.failure = 0, ddbaws.Failure{}
	body := history.TableDescribed{Name: t.name, Took: now.Sub(began)}
	d.mu.Lock()
	old, had := d.latest[t.name]
	d.latest[t.name] = snap
	d.mu.Unlock()
	if !had || !reflect.DeepEqual(old, snap) {
		body.Table = &snap
	}
	d.c.To.Emit(body)
	t.due = now.Add(d.c.Every)
	if moving(snap) || now.Before(d.quick) {
		t.due = now.Add(d.c.Busy)
	}
}

// report sums up the tables after a round in which the endpoint answered.
func (d *Describe) report() {
	bad, text := 0, ""
	var reason ddbaws.Reason
	for _, t := range d.tables {
		if t.failure.Reason != "" {
			bad, reason = bad+1, t.failure.Reason
			text = t.name + ": " + t.failure.Text
		}
	}
	switch bad {
	case 0:
		d.health.well()
	case len(d.tables):
		d.health.failures = 0
		d.health.say(history.SourceChanged{State: stateOf(reason), Reason: string(reason), Text: text})
	default:
		d.health.limps(reason, text)
	}
}

func (d *Describe) untilDue() time.Duration {
	wait := d.c.Every
	now := d.c.Clock.Now()
	for i, t := range d.tables {
		if left := t.due.Sub(now); i == 0 || left < wait {
			wait = left
		}
	}
	return max(0, wait)
}

// moving reports whether a table or one of its indexes is on its way to other settings.
func moving(s history.TableSnapshot) bool {
	if s.Status != "" && s.Status != "ACTIVE" {
		return true
	}
	for _, i := range s.Indexes {
		if i.Status != "" && i.Status != "ACTIVE" {
			return true
		}
	}
	return false
}
