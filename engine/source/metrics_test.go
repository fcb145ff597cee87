package source

import (
	"context"
	"math"
	"strconv"
	"strings"
	"testing"
	"time"

	ddbaws "github.com/ddbloop/ddbloop/engine/aws"
	"github.com/ddbloop/ddbloop/history"
)

func num(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }

// cloud answers GetMetricData from a truth: a value for every metric and minute that has one. A minute shows lag after its end.
type cloud struct {
	w      *world
	truth  func(q ddbaws.MetricQuery, minute time.Duration) (float64, bool)
	lag    time.Duration
	skew   time.Duration // of its clock
	fail   func(at time.Duration) error
	status func(q ddbaws.MetricQuery, at time.Duration) string
	calls  []time.Duration
	asked  []ddbaws.MetricRequest
}

func (c *cloud) MetricData(_ context.Context, r ddbaws.MetricRequest) (ddbaws.MetricPage, error) {
	at := c.w.Now().Sub(start)
	c.calls, c.asked = append(c.calls, at), append(c.asked, r)
	if c.fail != nil {
		if err := c.fail(at); err != nil {
			return ddbaws.MetricPage{}, err
		}
	}
	now := c.w.Now().Add(c.skew)
	page := ddbaws.MetricPage{Server: now}
	for _, q := range r.Queries {
		res := ddbaws.MetricResult{ID: q.ID, Status: "Complete"}
		if c.status != nil {
			res.Status = c.status(q, at)
		}
		for m := r.To.Add(-time.Minute); !m.Before(r.From) && res.Status != "Forbidden"; m = m.Add(-time.Minute) {
			if v, ok := c.truth(q, m.Sub(start)); ok && !m.Add(time.Minute+c.lag).After(now) {
				res.Points = append(res.Points, history.Point{T: m.Unix(), V: v})
			}
		}
		page.Results = append(page.Results, res)
	}
	return page, nil
}

// traffic has 600 read units a minute on the table and 60 requests of GetItem, and throttles in minutes 20 to 29.
func traffic(q ddbaws.MetricQuery, minute time.Duration) (float64, bool) {
	switch q.Metric {
	case "ConsumedReadCapacityUnits", "SuccessfulRequestLatency", "ReadThrottleEvents":
	default:
		return 0, false
	}
	dims := ""
	for _, d := range q.Dimensions {
		dims += d.Value + " "
	}
	switch {
	case q.Metric == "ConsumedReadCapacityUnits" && dims == "orders ":
		return 600, true
	case q.Metric == "SuccessfulRequestLatency" && dims == "orders GetItem ":
		return 60, true
	case q.Metric == "ReadThrottleEvents" && dims == "orders " && minute >= 20*time.Minute && minute < 30*time.Minute:
		return 120, true
	}
	return 0, false
}

func polling(w *world, c *cloud) *Metrics {
	c.w = w
	if c.truth == nil {
		c.truth = traffic
	}
	snap := history.TableSnapshot{Name: "orders", Indexes: []history.IndexSnapshot{{Name: "by-status"}}}
	return NewMetrics(MetricsConfig{
		Clock: w, From: c, To: w, Rand: half, Tables: []string{"orders"},
		Snapshot: func(string) (history.TableSnapshot, bool) { return snap, true },
	})
}

func TestMetricsPollAndSettle(t *testing.T) {
	w, c := newWorld(), &cloud{lag: 90 * time.Second}
	w.run(t, polling(w, c).Run, time.Hour)
	if n := len(c.calls); n > 61 {
		t.Fatalf("%d calls in an hour: more than one a minute", n)
	}
	wide := func(r ddbaws.MetricRequest) time.Duration { return r.To.Sub(r.From) }
	if first, second := wide(c.asked[0]), wide(c.asked[1]); first != backfill || second != rereadOf*reread {
		t.Fatalf("windows %s, and %s with what is on the slow grid", first, second)
	}
	usual := 0
	for _, r := range c.asked {
		if wide(r) == reread+beat {
			usual++
		}
	}
	if usual < 40 {
		t.Fatalf("%d of %d polls ask for the last ten minutes only", usual, len(c.asked))
	}
	s := w.state()
	if v, ok := s.Get("consumed_read", "orders", "").At(start.Add(-2 * time.Hour).Unix()); !ok || v != 10 {
		t.Fatalf("600 units in a minute are %v per second (%v)", v, ok)
	}
	if v, ok := s.Get("latency_avg", "orders", "GetItem").At(start.Unix()); !ok || v != 60 {
		t.Fatalf("a latency is not a rate: %v %v", v, ok)
	}
	throttles := s.Get("read_throttles", "orders", "")
	for minute, want := range map[int]float64{0: 0, 19: 0, 20: 2, 29: 2, 30: 0, 50: 0} {
		if v, ok := throttles.At(start.Add(time.Duration(minute) * time.Minute).Unix()); !ok || v != want {
			t.Errorf("throttles in minute %d: %v (known %v), want %v", minute, v, ok, want)
		}
	}
	for _, b := range of[history.MetricsPolled](w) {
		if time.Unix(b.To, 0).Sub(time.Unix(b.SettledTo, 0)) < 2*time.Minute {
			t.Fatalf("settled up to %d of a window to %d: too soon", b.SettledTo, b.To)
		}
	}
	if s.Get("throttled_requests", "orders", "Scan") != nil || s.Get("system_errors", "orders", "GetItem") == nil {
		t.Fatal("zeros are known of the operations in use, and of those only")
	}
	if s.Get("read_throttles", "orders/by-status", "") == nil {
		t.Fatal("the index is not watched")
	}
	var points int
	for _, b := range of[history.MetricsPolled](w)[5:] {
		for _, u := range b.Series {
			points += len(u.Points)
		}
	}
	if most := 6 * 60; points > most {
		t.Fatalf("%d points in 55 minutes: more than changed (%d)", points, most)
	}
}

// TestMetricsFindTheFreshOffset: whatever the lag, polls come to show the newest minute soon after it is published.
func TestMetricsFindTheFreshOffset(t *testing.T) {
	for _, lag := range []time.Duration{62 * time.Second, 80 * time.Second, 119 * time.Second} {
		w, c := newWorld(), &cloud{lag: lag}
		m := polling(w, c)
		w.run(t, m.Run, 30*time.Minute)
		last := c.calls[len(c.calls)-1]
		age := last - time.Unix(m.newest, 0).Sub(start)
		if late := age - lag; late < 0 || late > step+time.Second {
			t.Errorf("lag %s: the newest point was %s old", lag, age)
		}
	}
}

// TestMetricsNeverInventZeros: a CloudWatch that fails, answers with nothing, in part, or late, is no calm table.
func TestMetricsNeverInventZeros(t *testing.T) {
	bad := func(at time.Duration) bool { return at > 15*time.Minute && at < 45*time.Minute }
	word := func(s string) func(ddbaws.MetricQuery, time.Duration) string {
		return func(q ddbaws.MetricQuery, at time.Duration) string {
			if bad(at) && q.Metric == "ReadThrottleEvents" {
				return s
			}
			return "Complete"
		}
	}
	for name, c := range map[string]struct {
		cloud  *cloud
		state  string
		reason string
	}{
		"down":     {&cloud{fail: func(at time.Duration) error { return when(bad(at), noDNS) }}, "down", "dns"},
		"denied":   {&cloud{fail: func(at time.Duration) error { return when(bad(at), denied) }}, "denied", "denied"},
		"expired":  {&cloud{fail: func(at time.Duration) error { return when(bad(at), expired) }}, "expired", "expired"},
		"partial":  {&cloud{status: word("PartialData")}, "degraded", "error"},
		"internal": {&cloud{status: word("InternalError")}, "degraded", "error"},
		"hidden":   {&cloud{status: word("Forbidden")}, "degraded", "error"},
		"empty": {&cloud{truth: func(q ddbaws.MetricQuery, m time.Duration) (float64, bool) {
			if m > 14*time.Minute {
				return 0, false
			}
			return traffic(q, m)
		}}, "ok", ""},
		"late": {&cloud{lag: 40 * time.Minute}, "ok", ""},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld()
			w.run(t, polling(w, c.cloud).Run, 40*time.Minute)
			s := w.state()
			for m := 16; m < 40; m++ {
				if v, ok := s.Get("read_throttles", "orders", "").At(start.Add(time.Duration(m) * time.Minute).Unix()); ok && v == 0 && m >= 17 {
					t.Fatalf("minute %d is said to be calm", m)
				}
			}
			if src := s.Sources["cloudwatch"]; src.State != c.state || src.Reason != c.reason {
				t.Fatalf("%+v, want %s (%s)", src, c.state, c.reason)
			}
		})
	}
}

func when(yes bool, err error) error {
	if yes {
		return err
	}
	return nil
}

// TestMetricsAfterAnOutage: three hours later every minute is there, within a minute, and calls stayed rare.
func TestMetricsAfterAnOutage(t *testing.T) {
	const from, to = 10 * time.Minute, 190 * time.Minute
	w, c := newWorld(), &cloud{lag: time.Minute, fail: func(at time.Duration) error { return when(at > from && at < to, broken) }}
	w.run(t, polling(w, c).Run, 195*time.Minute)
	for m := from + 3*time.Minute; m < to; m += time.Minute {
		if n := within(c.calls, m, m+time.Minute); n > 2 {
			t.Fatalf("%d calls in minute %s", n, m)
		}
	}
	s := w.state()
	used, throttles := s.Get("consumed_read", "orders", ""), s.Get("read_throttles", "orders", "")
	for m := -170; m < 185; m++ {
		at := start.Add(time.Duration(m) * time.Minute).Unix()
		if v, ok := used.At(at); !ok || v != 10 {
			t.Fatalf("minute %d: %v %v", m, v, ok)
		}
		if v, ok := throttles.At(at); !ok || (v > 0) != (m >= 20 && m < 30) {
			t.Fatalf("throttles in minute %d: %v %v", m, v, ok)
		}
	}
}

// TestMetricsWithAWrongClock: an hour either way, windows follow CloudWatch's clock from the second poll on.
func TestMetricsWithAWrongClock(t *testing.T) {
	for _, skew := range []time.Duration{time.Hour, -time.Hour} {
		w, c := newWorld(), &cloud{lag: time.Minute, skew: skew}
		w.run(t, polling(w, c).Run, 5*time.Minute)
		if len(c.calls) < 2 || c.calls[1]-c.calls[0] > 3*time.Second {
			t.Fatalf("asked again only at %v", c.calls)
		}
		want := start.Add(skew + time.Minute)
		if last := w.state().Get("consumed_read", "orders", ""); last == nil || last.Points[len(last.Points)-1].T < want.Unix() {
			t.Fatalf("skew %s: the newest point is not of CloudWatch's last minutes", skew)
		}
	}
}

func TestBilled(t *testing.T) {
	list := plan(wanted{tables: []string{"orders"}, snapshot: func(string) (history.TableSnapshot, bool) { return history.TableSnapshot{}, false }, ops: []string{"GetItem"}})
	// 12 of the table and its causes (two of them with two statistics), two provisioned, latency with its four statistics, throttled,
	// failed and injected requests, three of the table (one with two statistics), one of the account with eight quotas and three uses.
	if n := billed(list); n != 12+2+1+3+3+1+8+3 || len(list) != n+2+3+1 {
		t.Fatalf("%d series are billed as %d metrics", len(list), n)
	}
}

func TestBatches(t *testing.T) {
	w := newWorld()
	var tables []string
	for i := range 30 {
		tables = append(tables, "t"+strconv.Itoa(i))
	}
	c := &cloud{w: w, truth: func(ddbaws.MetricQuery, time.Duration) (float64, bool) { return math.Pi, true }}
	m := NewMetrics(MetricsConfig{
		Clock: w, From: c, To: w, Rand: half, Tables: tables,
		Snapshot: func(string) (history.TableSnapshot, bool) { return history.TableSnapshot{}, false }, Budget: 10,
	})
	w.run(t, m.Run, 100*time.Second)
	series := len(plan(wanted{tables: tables, snapshot: m.c.Snapshot, ops: usualOps}))
	per := (series + 499) / 500
	if len(c.calls) != 2*per {
		t.Fatalf("%d calls for %d series twice, want %d", len(c.calls), series, 2*per)
	}
	for i, at := range c.calls {
		if n := len(c.asked[i].Queries); n > 500 || i > 0 && at-c.calls[i-1] < time.Second {
			t.Fatalf("call %d asks for %d series at %s", i, n, at)
		}
	}
	for _, b := range of[history.MetricsPolled](w) {
		points := 0
		for _, u := range b.Series {
			points += len(u.Points)
		}
		if points > perEvent || strings.TrimSpace(b.Partial) != "" {
			t.Fatalf("an event of %d points, partial %q", points, b.Partial)
		}
	}
}
