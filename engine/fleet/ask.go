package fleet

import (
	"context"
	"slices"
	"strconv"
	"time"

	ddbaws "github.com/ddbloop/ddbloop/engine/aws"
	"github.com/ddbloop/ddbloop/history"
)

const namespace = "AWS/DynamoDB"

// operations are those whose latency and errors are asked for; of the ones that nobody used for an hour, only now and then.
var operations = []string{"GetItem", "Query", "Scan", "PutItem", "UpdateItem", "DeleteItem", "BatchGetItem", "BatchWriteItem", "TransactWriteItems"}

const (
	quarter   = 15 * time.Minute // how long an answer counts, and between two times that unused operations are asked for
	latencyOn = 5 * time.Minute  // grid of latencies: a percentile of fewer requests says little
)

// Metric names.
const (
	readThrottles  = "ReadThrottleEvents"
	writeThrottles = "WriteThrottleEvents"
	systemErrors   = "SystemErrors"
	latency        = "SuccessfulRequestLatency"
)

// table is what is known of one table.
type table struct {
	name    string
	asked   time.Time // its refusals were last answered whole
	detail  time.Time // its latencies and errors, and its indexes' refusals, were
	wide    time.Time // and of all operations
	recent  time.Time // ListMetrics last named it
	indexes []string  // those that were refused of late
	used    []string  // operations with requests within the hour

	refused map[string][]history.Point // by "read", "write" and either with /index: events a minute
	failed  map[string][]history.Point // by operation: HTTP 500 answers a minute
	slow    map[string][]history.Point // by operation: p99, ms
}

// series is one metric that is asked for of a table.
type series struct {
	into  string // refused | failed | slow
	key   string
	query ddbaws.MetricQuery
}

func (t *table) query(metric, stat string, period time.Duration, dims ...string) ddbaws.MetricQuery {
	q := ddbaws.MetricQuery{Namespace: namespace, Metric: metric, Stat: stat, Period: period, Dimensions: []ddbaws.Dimension{{Name: "TableName", Value: t.name}}}
	for i := 0; i+1 < len(dims); i += 2 {
		q.Dimensions = append(q.Dimensions, ddbaws.Dimension{Name: dims[i], Value: dims[i+1]})
	}
	return q
}

// core are the refusals of a table and of its indexes that ListMetrics named: two series, mostly.
func (t *table) core() (out []series) {
	add := func(side, metric string, dims ...string) {
		key := side
		if len(dims) > 0 {
			key += "/" + dims[1]
		}
		out = append(out, series{"refused", key, t.query(metric, "Sum", time.Minute, dims...)})
	}
	add("read", readThrottles)
	add("write", writeThrottles)
	for _, i := range t.indexes {
		add("read", readThrottles, "GlobalSecondaryIndexName", i)
		add("write", writeThrottles, "GlobalSecondaryIndexName", i)
	}
	return out
}

// details are the latencies and errors of a table's operations.
func (t *table) details(now time.Time) (out []series) {
	ops := t.used
	if now.Sub(t.wide) >= quarter {
		ops = operations
	}
	for _, op := range ops {
		out = append(out,
			series{"slow", op, t.query(latency, "p99", latencyOn, "Operation", op)},
			series{"failed", op, t.query(systemErrors, "Sum", time.Minute, "Operation", op)})
	}
	return out
}

// recent asks ListMetrics which tables were refused or failed within three hours: metrics that count such things are published
// only when they are not zero. It costs next to nothing, but a series that is new takes up to 15 minutes to be listed.
func (f *Fleet) recent(ctx context.Context, now time.Time) {
	for _, metric := range [3]string{writeThrottles, readThrottles, systemErrors} {
		sets, calls, err := f.c.From.RecentMetrics(ctx, namespace, metric, sparse)
		for range calls {
			f.pay(perRequest)
		}
		if ctx.Err() != nil || f.failed("cloudwatch:ListMetrics", err) {
			return
		}
		f.mu.Lock()
		for _, dims := range sets {
			f.named(dims, now)
		}
		f.mu.Unlock()
	}
}

func (f *Fleet) named(dims []ddbaws.Dimension, now time.Time) {
	var t *table
	index := ""
	for _, d := range dims {
		switch d.Name {
		case "TableName":
			t = f.tables[d.Value]
		case "GlobalSecondaryIndexName":
			index = d.Value
		}
	}
	if t == nil {
		return
	}
	t.recent = now
	if index != "" && !slices.Contains(t.indexes, index) {
		t.indexes = append(t.indexes, index)
	}
}

// part is what is asked of a table at once: its answer counts when all of it was answered.
type part struct {
	t      *table
	detail bool
	list   []series
}

// due picks what this refresh asks for, as far as calls and money go: for half of it the refusals of tables that hurt, then of those
// never asked; for half of what is left, what else is to know of those that hurt; then the other tables, the longest unasked
// first, and last their details.
func (f *Fleet) due(now time.Time) []part {
	f.mu.Lock()
	defer f.mu.Unlock()
	room := min(f.budget.room(now), (MaxCalls-f.calls)*ddbaws.MaxQueries)
	var out []part
	taken := map[*table][2]bool{}
	take := func(t *table, detail bool) bool {
		k, which, list := taken[t], 0, []series(nil)
		if detail {
			which, list = 1, t.details(now)
		} else {
			list = t.core()
		}
		if k[which] || len(list) == 0 {
			return true
		}
		if len(list) > room {
			return false
		}
		room -= len(list)
		k[which] = true
		taken[t], out = k, append(out, part{t, detail, list})
		return true
	}
	all := make([]*table, 0, len(f.order))
	for _, n := range f.order {
		all = append(all, f.tables[n])
	}
	hurting := map[*table]bool{}
	for _, t := range all {
		hurting[t] = t.recent.Equal(now) || t.hurt(now)
	}
	each := func(detail bool, keep int, wanted func(*table) bool) {
		for _, t := range all {
			if wanted(t) && (room < keep || !take(t, detail)) {
				return
			}
		}
	}
	hurts := func(t *table) bool { return hurting[t] }
	any := func(*table) bool { return true }
	byAsked := func(a, b *table) int { return a.asked.Compare(b.asked) }
	byDetail := func(a, b *table) int { return a.detail.Compare(b.detail) }
	slices.SortStableFunc(all, byAsked)
	each(false, room/2, hurts) // many that hurt must not keep the others unasked
	each(false, 0, func(t *table) bool { return t.asked.IsZero() })
	slices.SortStableFunc(all, byDetail)
	each(true, room/2, hurts)
	slices.SortStableFunc(all, byAsked)
	each(false, 0, any)
	slices.SortStableFunc(all, byDetail)
	each(true, 0, any)
	return out
}

// ask reads the series, 500 a call. What was answered is kept, whatever comes after.
func (f *Fleet) ask(ctx context.Context, list []part, now time.Time) {
	good := len(list) == 0
	to := now.Add(f.skew).Truncate(time.Minute)
	for _, batch := range pack(list) {
		r := ddbaws.MetricRequest{From: to.Add(-window), To: to}
		for _, p := range batch {
			for _, s := range p.list {
				q := s.query
				q.ID = id(len(r.Queries))
				r.Queries = append(r.Queries, q)
			}
		}
		got := map[string]*answer{}
		for f.left() > 0 {
			if f.c.Clock.Sleep(ctx, apart) != nil {
				return
			}
			page, err := f.c.From.MetricData(ctx, r)
			f.pay(perMetric * float64(len(r.Queries)))
			f.mu.Lock()
			f.budget.spend(float64(len(r.Queries)))
			f.mu.Unlock()
			if ctx.Err() != nil {
				return
			}
			if f.failed("cloudwatch:GetMetricData", err) {
				f.answered(good)
				return
			}
			good = true
			f.compareClocks(page.Server)
			gather(got, page)
			if r.Token = page.Next; r.Token == "" {
				break
			}
		}
		f.keep(batch, got, now)
	}
	f.answered(good)
}

func id(n int) string { return "m" + strconv.Itoa(n) }

// pack fills calls with whole parts.
func pack(list []part) (batches [][]part) {
	used := ddbaws.MaxQueries
	for _, p := range list {
		if used += len(p.list); used > ddbaws.MaxQueries {
			batches, used = append(batches, nil), len(p.list)
		}
		batches[len(batches)-1] = append(batches[len(batches)-1], p)
	}
	return batches
}

// answered counts the refreshes in a row of which CloudWatch answered nothing.
func (f *Fleet) answered(good bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.failures++; good {
		f.failures = 0
	}
}

func (f *Fleet) compareClocks(server time.Time) {
	if server.IsZero() {
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.skew = server.Sub(f.c.Clock.Now()); f.skew.Abs() <= skewed {
		f.skew = 0
	}
}

// answer is what came of one series, over all pages.
type answer struct {
	points map[int64]float64
	status string
}

func gather(got map[string]*answer, page ddbaws.MetricPage) {
	for _, r := range page.Results {
		a := got[r.ID]
		if a == nil {
			a = &answer{points: map[int64]float64{}}
			got[r.ID] = a
		}
		a.status = r.Status
		for _, p := range r.Points {
			a.points[p.T] = p.V
		}
	}
}

// keep takes what was answered. A part counts as asked only when all of it was: half of an answer proves no quiet.
func (f *Fleet) keep(batch []part, got map[string]*answer, now time.Time) {
	f.mu.Lock()
	defer f.mu.Unlock()
	n := 0
	for _, p := range batch {
		whole := true
		for _, s := range p.list {
			a := got[id(n)]
			n++
			if a == nil || a.status != "Complete" {
				whole = false
				continue
			}
			p.t.put(s.into, s.key, a.points)
		}
		switch {
		case !whole:
		case !p.detail:
			p.t.asked = now
		default:
			p.t.detail = now
			if len(p.list) == 2*len(operations) {
				p.t.wide = now
			}
			p.t.inUse()
		}
	}
}

func (t *table) put(into, key string, points map[int64]float64) {
	m := map[string]*map[string][]history.Point{"refused": &t.refused, "failed": &t.failed, "slow": &t.slow}[into]
	if *m == nil {
		*m = map[string][]history.Point{}
	}
	if len(points) == 0 {
		delete(*m, key)
		return
	}
	list := make([]history.Point, 0, len(points))
	for at, v := range points {
		list = append(list, history.Point{T: at, V: v})
	}
	slices.SortFunc(list, func(a, b history.Point) int { return int(a.T - b.T) })
	(*m)[key] = list
}

// inUse keeps the operations that somebody used within the hour.
func (t *table) inUse() {
	t.used = t.used[:0]
	for _, op := range operations {
		if len(t.slow[op])+len(t.failed[op]) > 0 {
			t.used = append(t.used, op)
		}
	}
}
