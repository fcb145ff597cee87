package fleet

import (
	"context"
	"errors"
	"fmt"
	"math"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	ddbaws "github.com/ddbloop/ddbloop/engine/aws"
	"github.com/ddbloop/ddbloop/engine/clock"
	"github.com/ddbloop/ddbloop/history"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var start = time.Date(2026, 3, 3, 14, 0, 0, 0, time.UTC)

// region is an account of many tables: what CloudWatch would answer, and what was asked.
type region struct {
	clk     *clock.Virtual
	names   []string
	value   func(table, metric, op, index string, at time.Time) (float64, bool)
	recent  map[string][][]ddbaws.Dimension
	fail    error
	status  string
	tables  int // ListTables
	lists   int // ListMetrics
	calls   int // GetMetricData
	metrics int
	asked   map[string]int // by table
}

func newRegion(n int) *region {
	r := &region{clk: clock.NewVirtual(start), status: "Complete", asked: map[string]int{}, recent: map[string][][]ddbaws.Dimension{}}
	for i := range n {
		r.names = append(r.names, fmt.Sprintf("table-%04d", i))
	}
	r.value = func(_, metric, _, _ string, _ time.Time) (float64, bool) { return 4, metric == latency }
	return r
}

func (r *region) ListTables(context.Context) ([]string, error) { r.tables++; return r.names, r.fail }

func (r *region) RecentMetrics(_ context.Context, _, metric string, _ int) ([][]ddbaws.Dimension, int, error) {
	r.lists++
	return r.recent[metric], 1, r.fail
}

func (r *region) MetricData(_ context.Context, q ddbaws.MetricRequest) (ddbaws.MetricPage, error) {
	r.calls++
	r.metrics += len(q.Queries)
	if r.fail != nil {
		return ddbaws.MetricPage{}, r.fail
	}
	var page ddbaws.MetricPage
	for _, m := range q.Queries {
		dim := map[string]string{}
		for _, d := range m.Dimensions {
			dim[d.Name] = d.Value
		}
		r.asked[dim["TableName"]]++
		res := ddbaws.MetricResult{ID: m.ID, Status: r.status}
		for at := q.From; r.value != nil && at.Before(q.To); at = at.Add(m.Period) {
			if v, ok := r.value(dim["TableName"], m.Metric, dim["Operation"], dim["GlobalSecondaryIndexName"], at); ok {
				res.Points = append(res.Points, history.Point{T: at.Unix(), V: v})
			}
		}
		page.Results = append(page.Results, res)
	}
	return page, nil
}

// pass lets the fleet run for a time.
func (r *region) pass(f *Fleet, d time.Duration) View {
	ctx, cancel := context.WithCancel(context.Background())
	r.clk.Go(func() { f.Run(ctx) })
	r.clk.Run(r.clk.Now().Add(d), nil)
	cancel()
	r.clk.Stop()
	return f.View()
}

func (r *region) fleet(ceiling float64) *Fleet {
	return New(Config{Clock: r.clk, From: r, Ceiling: ceiling})
}

func names(rows []Row) (out []string) {
	for _, r := range rows {
		out = append(out, r.Table)
	}
	return out
}

// 2,500 tables: the first picture holds all of them, no refresh makes more than 20 CloudWatch calls, and no hour costs more than
// the ceiling.
//
// Mutants: give the advance on top of the hour's money; forget to spend.
func TestCallsAndMoney(t *testing.T) {
	for _, ceiling := range []float64{0.05, 0.5, 2} {
		r := newRegion(2500)
		r.value = nil
		for i := range 300 {
			r.recent[writeThrottles] = append(r.recent[writeThrottles], []ddbaws.Dimension{{Name: "TableName", Value: r.names[i*8]}})
		}
		most, before, refreshes := 0, 0, 0
		var spent []int
		var first View
		f := New(Config{Clock: r.clk, From: r, Ceiling: ceiling, Told: func(v View) {
			n := r.lists + r.calls - before
			before = r.lists + r.calls
			most = max(most, n)
			if v.Calls != n {
				t.Errorf("says %d calls, made %d", v.Calls, n)
			}
			if refreshes++; refreshes == 1 {
				first = v
			}
			spent = append(spent, r.metrics)
		}})
		v := r.pass(f, 80*time.Minute)
		if most > MaxCalls {
			t.Errorf("at $%g: %d calls in one refresh", ceiling, most)
		}
		for i := range spent {
			if j := i - 59; j > 0 && float64(spent[i]-spent[j-1])*perMetric > ceiling*1.001 {
				t.Fatalf("at $%g: %d metrics in the hour before refresh %d", ceiling, spent[i]-spent[j-1], i)
			}
		}
		if ceiling >= 0.5 && slices.ContainsFunc(first.Rows, func(r Row) bool { return r.State == Unknown }) {
			t.Errorf("at $%g: the first picture lacks tables", ceiling)
		}
		if len(r.asked) < 1500 || ceiling >= 0.5 && len(r.asked) < 2500 {
			t.Errorf("at $%g: %d tables were ever asked for", ceiling, len(r.asked))
		}
		if h := spent[len(spent)-1] - spent[len(spent)-61]; float64(h)*perMetric < 0.7*ceiling {
			t.Errorf("at $%g: an hour cost only $%.3f", ceiling, float64(h)*perMetric)
		}
		if v.Every != time.Minute || v.Round < time.Minute || v.Ceiling != ceiling || r.tables > 9 {
			t.Errorf("at $%g: %+v, %d ListTables", ceiling, View{Every: v.Every, Round: v.Round, Ceiling: v.Ceiling}, r.tables)
		}
	}
}

// What hurts comes first, the index that does is named, and each word says no more than was asked.
func TestOrder(t *testing.T) {
	r := newRegion(40)
	ago := func(at time.Time) time.Duration { return r.clk.Now().Sub(at) }
	r.value = func(table, metric, op, index string, at time.Time) (float64, bool) {
		switch {
		case metric == latency:
			switch {
			case op != "GetItem":
				return 0, false
			case table == "table-0003" && ago(at) < 10*time.Minute:
				return 200, true
			}
			return 25, true
		case table == "table-0007" && metric == writeThrottles && index == "by-status" && ago(at) > 2*time.Minute:
			return 500, true
		case table == "table-0009" && metric == readThrottles && index == "" && ago(at) > 2*time.Minute:
			return 50, true
		case table == "table-0011" && metric == systemErrors && op == "PutItem" && ago(at) > 2*time.Minute:
			return 8, true
		case table == "table-0013" && metric == readThrottles && index == "" && ago(at) > 40*time.Minute:
			return 50, true
		}
		return 0, false
	}
	r.recent[writeThrottles] = [][]ddbaws.Dimension{{{Name: "TableName", Value: "table-0007"}, {Name: "GlobalSecondaryIndexName", Value: "by-status"}}, {{Name: "TableName", Value: "not ours"}}}
	v := r.pass(r.fleet(0), 3*time.Minute+30*time.Second)
	want := []string{"table-0007", "table-0003", "table-0011", "table-0009", "table-0013"}
	if got := names(v.Rows[:5]); !slices.Equal(got, want) {
		t.Fatalf("order %v, want %v", got, want)
	}
	states := []string{Refused, Slow, Failing, Refused, Over}
	says := []string{"write/by-status", "8.0 times", "PutItem", "read", "until 13:2"}
	for i, s := range states {
		if row := v.Rows[i]; row.State != s || !strings.Contains(row.Why, says[i]) {
			t.Errorf("%s is %s (%s), want %s with %q", row.Table, row.State, row.Why, s, says[i])
		}
	}
	if row := v.Rows[0]; row.Hour[30] != 500 || math.Abs(*row.Refused-500) > 1 || *row.Failed != 0 || *row.P99 != 25 {
		t.Errorf("%+v", row)
	}
	for _, row := range v.Rows[5:] {
		if row.State != Quiet || row.Pain != 0 || row.Refused == nil || *row.Refused != 0 {
			t.Fatalf("%+v", row)
		}
	}
}

// Nothing is quiet because nothing answered: a dark CloudWatch, half an answer, an old answer.
//
// Mutants: count a part as asked when some of it was; let answers stand for ever.
func TestDarknessIsUnknown(t *testing.T) {
	dark := errors.New("no route")
	for _, c := range []struct {
		name  string
		spoil func(*region)
		after time.Duration
		row   string
	}{
		{"never answered", func(r *region) { r.fail = dark }, 0, ""},
		{"half answered", func(r *region) { r.status = "PartialData" }, 0, "not asked yet"},
		{"dark since", func(r *region) {
			r.clk.Go(func() { _ = r.clk.Sleep(context.Background(), 10*time.Minute); r.fail = dark })
		}, 20 * time.Minute, "last asked"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newRegion(3)
			c.spoil(r)
			v := r.pass(r.fleet(0), time.Minute+c.after)
			for _, row := range v.Rows {
				if row.State != Unknown || row.Refused != nil || !strings.Contains(row.Why, c.row) {
					t.Errorf("%+v", row)
				}
			}
			if r.fail != nil && (len(v.Trouble) == 0 || !strings.Contains(strings.Join(v.Trouble, " "), "cloudwatch:")) {
				t.Errorf("does not say what is missing: %q", v.Trouble)
			}
		})
	}
}

// While nothing answers the fleet asks ever more rarely, and as soon as something does it is quick again.
func TestOutage(t *testing.T) {
	r := newRegion(3)
	f := r.fleet(0)
	r.clk.Go(func() {
		_ = r.clk.Sleep(context.Background(), 5*time.Minute)
		r.fail = errors.New("no route")
		_ = r.clk.Sleep(context.Background(), 2*time.Hour)
		if r.calls > 45 {
			t.Errorf("%d calls in two hours of an outage", r.calls)
		}
		r.fail, r.names = nil, append(r.names, "new")
	})
	if v := r.pass(f, 2*time.Hour+20*time.Minute); len(v.Rows) != 4 || v.Rows[0].State != Quiet || len(v.Trouble) != 0 {
		t.Errorf("after it: %+v %q", v.Rows, v.Trouble)
	}
}

// 2,500 tables fit into a quarter of the memory that a fleet may take (256 MiB), though every operation of each is in use.
func TestMemory(t *testing.T) {
	r := newRegion(2500)
	r.value = func(_, metric, _, _ string, _ time.Time) (float64, bool) { return 40, metric == latency }
	f := r.fleet(50)
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	r.pass(f, 12*time.Minute)
	runtime.GC()
	runtime.ReadMemStats(&after)
	if used := int64(after.HeapAlloc) - int64(before.HeapAlloc); used > 64<<20 {
		t.Errorf("%d MiB are held", used>>20)
	}
	runtime.KeepAlive(f)
}

// BenchmarkRefresh is one refresh of 2,500 tables of which 50 are throttled: what it costs of a CPU, the answers made by a fake.
func BenchmarkRefresh(b *testing.B) {
	r := newRegion(2500)
	r.value = func(table, metric, op, _ string, _ time.Time) (float64, bool) {
		return 40, metric == latency && op == "GetItem" || metric == writeThrottles && strings.HasSuffix(table, "17")
	}
	f := r.fleet(100)
	b.ReportAllocs()
	for b.Loop() {
		r.clk.Go(func() { f.Refresh(context.Background()) })
		r.clk.Run(r.clk.Now().Add(Every), nil)
		if f.View().Calls > MaxCalls {
			b.Fatal("too many calls")
		}
	}
	r.clk.Stop()
}
