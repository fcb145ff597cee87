package fleet

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/ddbloop/ddbloop/history"
)

// States of a table, the worst first.
const (
	Refused    = "refused"     // requests are throttled now
	Failing    = "failing"     // requests fail with HTTP 500 now
	Slow       = "slow"        // an operation takes more than twice its usual time
	Over       = "over"        // it was refused or failed within the hour
	Unknown    = "unknown"     // not asked, or too long ago
	NoRefusals = "no refusals" // that much is known; latencies and errors were not asked for
	Quiet      = "quiet"
)

// Row is one table. What is nil was not asked, or too long ago.
type Row struct {
	Table   string
	State   string
	Why     string
	Pain    float64
	Refused *float64  // events a minute, over the newest five minutes, indexes included
	Failed  *float64  // HTTP 500 answers a minute, likewise
	Op      string    // the operation that is slowest against its usual, or has most requests' latency
	P99     *float64  // its newest p99, ms
	Usual   *float64  // the median of its p99s of the hour before, ms
	Asked   time.Time // refusals; zero = never
	Detail  time.Time // latencies and errors; zero = never
	Hour    []float64 // refusals in each minute of the last hour, oldest first; nil = not known
}

// View is a fleet as it is known at one time, worst first.
type View struct {
	At      time.Time // of the last refresh
	Rows    []Row
	Listed  time.Time     // zero: ListTables has never answered
	Every   time.Duration // between two refreshes
	Round   time.Duration // until the refusals of all tables were asked once
	Calls   int           // CloudWatch calls of the last refresh
	USDHour float64       // so far, by the hour
	Ceiling float64       // USD an hour
	Trouble []string      // what could not be asked, with the IAM action that it needs
}

// Pain explains the order.
const Pain = "pain = refused events a minute + 10 × failed requests a minute (newest 5 min) + 60 for each doubling of a p99 beyond twice its usual; " +
	"then tables that hurt within the hour, the unknown, the quiet"

const (
	newest    = 5 * time.Minute
	failWeigh = 10
	slowWeigh = 60
	slowFrom  = 2.0  // times the usual
	slowFloor = 20.0 // ms: below, twice as much hurts nobody
)

// View returns what is known now.
func (f *Fleet) View() View {
	f.mu.Lock()
	defer f.mu.Unlock()
	now := f.c.Clock.Now()
	v := View{At: f.at, Listed: f.listed, Every: Every, Calls: f.calls, Ceiling: f.c.Ceiling, Rows: make([]Row, 0, len(f.order))}
	v.Round = f.round()
	for _, name := range f.order {
		v.Rows = append(v.Rows, f.tables[name].row(now.Add(f.skew), now, patience(v.Round)))
	}
	if h := max(f.at.Sub(f.began), time.Hour).Hours(); h > 0 {
		v.USDHour = f.spent / h
	}
	for _, action := range slices.Sorted(maps.Keys(f.trouble)) {
		v.Trouble = append(v.Trouble, action+": "+f.trouble[action].Text)
	}
	slices.SortStableFunc(v.Rows, worse)
	return v
}

// round is how long the refusals of all tables take to be asked for once.
func (f *Fleet) round() time.Duration {
	core := 0
	for _, t := range f.tables {
		core += 2 + 2*len(t.indexes)
	}
	return f.budget.round(core)
}

// patience is how old an answer may be and still be called the present: nothing is quiet because nobody could be asked.
func patience(round time.Duration) time.Duration { return min(quarter, 2*round+3*Every) }

// States lists them, the worst first.
var States = []string{Refused, Failing, Slow, Over, Unknown, NoRefusals, Quiet}

// worse orders by pain, then by what is known, then by name.
func worse(a, b Row) int {
	switch {
	case a.Pain != b.Pain && (a.Pain > b.Pain || math.IsNaN(b.Pain)):
		return -1
	case a.Pain != b.Pain:
		return 1
	case a.State != b.State:
		return slices.Index(States, a.State) - slices.Index(States, b.State)
	}
	return strings.Compare(a.Table, b.Table)
}

// hurt reports whether the table was refused or failed when last asked.
func (t *table) hurt(now time.Time) bool {
	r := t.row(now, now, quarter)
	return r.Pain > 0 || r.State == Over
}

// row works a table out. now is CloudWatch's time, ours is what Asked is counted in.
func (t *table) row(now, ours time.Time, patience time.Duration) Row {
	r := Row{Table: t.name, Asked: t.asked, Detail: t.detail}
	core, detail := ours.Sub(t.asked) <= patience, ours.Sub(t.detail) <= quarter
	refused := rate(t.refused, now)
	failed := rate(t.failed, now)
	if core {
		r.Refused, r.Hour = &refused, t.hour(now)
	}
	if detail {
		r.Failed = &failed
		t.slowest(&r, now)
	}
	factor := 0.0
	if r.P99 != nil && r.Usual != nil && *r.P99 >= slowFloor && *r.Usual > 0 {
		factor = *r.P99 / *r.Usual
	}
	if r.Refused != nil {
		r.Pain += refused
	}
	if r.Failed != nil {
		r.Pain += failWeigh * failed
	}
	if factor > slowFrom {
		r.Pain += slowWeigh * math.Log2(factor/slowFrom*2)
	}
	t.judge(&r, now, ours, factor)
	return r
}

// judge says in a word how the table is, and why.
func (t *table) judge(r *Row, now, ours time.Time, factor float64) {
	failed, refused := zero(r.Failed), zero(r.Refused)
	switch {
	case failed > 0 && failWeigh*failed >= refused:
		r.State, r.Why = Failing, fmt.Sprintf("%s requests a minute fail with HTTP 500: %s", short(failed), keysOf(t.failed, now))
	case refused > 0:
		r.State, r.Why = Refused, fmt.Sprintf("%s events a minute are throttled: %s", short(refused), keysOf(t.refused, now))
	case factor > slowFrom:
		r.State, r.Why = Slow, fmt.Sprintf("%s p99 %.0f ms, %.1f times its usual", r.Op, *r.P99, factor)
	case r.Refused == nil:
		r.State, r.Why = Unknown, "not asked yet"
		if !t.asked.IsZero() {
			r.Why = "last asked " + ours.Sub(t.asked).Truncate(time.Second).String() + " ago"
			if last := lastOf(t.refused); last > 0 {
				r.Why += "; it was throttled then"
			}
		}
	case lastOf(t.refused) > 0 || r.Failed != nil && lastOf(t.failed) > 0:
		r.State = Over
		at := max(lastOf(t.refused), lastOf(t.failed))
		r.Why = "throttled or failing until " + time.Unix(at+60, 0).UTC().Format("15:04") + "Z"
	case r.Failed != nil:
		r.State, r.Why = Quiet, "nothing throttled or failed for an hour"
	default:
		r.State, r.Why = NoRefusals, "nothing throttled for an hour; latencies and errors not asked of late"
	}
}

func zero(v *float64) float64 {
	if v == nil {
		return 0
	}
	return *v
}

// rate is the sum of the newest five minutes that can be known, a minute: what is not published after two minutes was zero.
func rate(m map[string][]history.Point, now time.Time) float64 {
	to := now.Add(-2 * time.Minute).Truncate(time.Minute)
	from := to.Add(-newest).Unix()
	sum := 0.0
	for _, list := range m {
		for _, p := range list {
			if p.T >= from {
				sum += p.V
			}
		}
	}
	return sum / newest.Minutes()
}

// keysOf names what counts in the newest minutes, the most first.
func keysOf(m map[string][]history.Point, now time.Time) string {
	by := map[string]float64{}
	for k, list := range m {
		if v := rate(map[string][]history.Point{k: list}, now); v > 0 {
			by[k] = v
		}
	}
	keys := slices.SortedFunc(maps.Keys(by), func(a, b string) int {
		if by[a] != by[b] {
			return int(math.Copysign(1, by[b]-by[a]))
		}
		return strings.Compare(a, b)
	})
	return strings.Join(keys, ", ")
}

// lastOf is the newest minute with something in it, Unix seconds; 0 = none.
func lastOf(m map[string][]history.Point) (at int64) {
	for _, list := range m {
		for _, p := range list {
			if p.V > 0 {
				at = max(at, p.T)
			}
		}
	}
	return at
}

// hour is the refusals of each of the last 60 minutes.
func (t *table) hour(now time.Time) []float64 {
	if len(t.refused) == 0 {
		return nil
	}
	from := now.Truncate(time.Minute).Add(-window).Unix()
	out := make([]float64, 60)
	for _, list := range t.refused {
		for _, p := range list {
			if i := (p.T - from) / 60; i >= 0 && i < 60 {
				out[i] += p.V
			}
		}
	}
	return out
}

// slowest fills in the operation whose newest p99 is largest against its usual.
func (t *table) slowest(r *Row, now time.Time) {
	most := -1.0
	for _, op := range operations {
		list := t.slow[op]
		if len(list) == 0 || now.Unix()-list[len(list)-1].T > int64(quarter/time.Second) {
			continue
		}
		last, usual := list[len(list)-1].V, 0.0
		if before := list[:len(list)-1]; len(before) >= 3 {
			v := make([]float64, len(before))
			for i, p := range before {
				v[i] = p.V
			}
			slices.Sort(v)
			usual = v[len(v)/2]
		}
		factor := 0.0
		if usual > 0 {
			factor = last / usual
		}
		if factor > most {
			most = factor
			r.Op, r.P99, r.Usual = op, &last, nil
			if usual > 0 {
				r.Usual = &usual
			}
		}
	}
}

// short writes a rate without digits that say nothing.
func short(v float64) string {
	if v >= 10 {
		return fmt.Sprintf("%.0f", v)
	}
	return fmt.Sprintf("%.1f", v)
}
