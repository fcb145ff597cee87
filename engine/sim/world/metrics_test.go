package world

import (
	"testing"
	"time"

	"github.com/ddbloop/ddbloop/engine/sim/scenario"
)

func ask(w *World, name, stat string, asked time.Time, dims ...string) []Point {
	d := map[string]string{}
	for i := 0; i+1 < len(dims); i += 2 {
		d[dims[i]] = dims[i+1]
	}
	return w.Metrics(Query{Namespace: Namespace, Name: name, Dims: d, Stat: stat, Period: time.Minute, From: w.Start().Add(-time.Hour), To: asked, AskedAt: asked})
}

func TestAMinuteIsPublishedOneToTwoMinutesAfterItClosed(t *testing.T) {
	w := build(t, small(nil))
	w.Advance(20 * time.Minute)
	for m := range 12 {
		from := w.Start().Add(time.Duration(m) * time.Minute)
		seen := func(after time.Duration) float64 {
			for _, p := range ask(w, "ConsumedWriteCapacityUnits", "Sum", from.Add(time.Minute+after), "TableName", "orders") {
				if p.At.Equal(from) {
					return p.Value
				}
			}
			return 0
		}
		full := seen(10 * time.Minute)
		if seen(59*time.Second) != 0 {
			t.Errorf("minute %d shows before it can", m)
		}
		if first := seen(2 * time.Minute); first < 0.69*full || first > full {
			t.Errorf("minute %d shows %.0f of %.0f after two minutes", m, first, full)
		}
		if full < 55000 || seen(5*time.Minute) != full {
			t.Errorf("minute %d is not complete after five minutes: %.0f of %.0f", m, seen(5*time.Minute), full)
		}
	}
}

func TestFiveMinuteSettingsComeFiveToTenMinutesLate(t *testing.T) {
	w := build(t, small(nil))
	w.Advance(time.Hour)
	at := func(after time.Duration) int {
		return len(ask(w, "ProvisionedWriteCapacityUnits", "Maximum", w.Start().Add(after), "TableName", "orders"))
	}
	if at(9*time.Minute+59*time.Second) != 0 || at(15*time.Minute) == 0 || at(time.Hour) < 9 {
		t.Errorf("points: %d, %d, %d", at(10*time.Minute-time.Second), at(15*time.Minute), at(time.Hour))
	}
	if p := ask(w, "ProvisionedWriteCapacityUnits", "Average", w.Start().Add(time.Hour), "TableName", "orders"); p[0].Value != 4000 {
		t.Errorf("average %v", p[0])
	}
}

func TestErrorMetricsPublishNothingForZeroAndConsumedPublishesZeros(t *testing.T) {
	w := build(t, small(func(sc *scenario.Scenario) { sc.Traffic[0].Demand.Rate = 0 }))
	w.Advance(30 * time.Minute)
	end := w.Start().Add(30 * time.Minute)
	if p := ask(w, "WriteThrottleEvents", "Sum", end, "TableName", "orders"); p != nil {
		t.Errorf("throttles of a quiet table: %v", p)
	}
	if p := ask(w, "ConsumedWriteCapacityUnits", "Sum", end, "TableName", "orders"); len(p) < 25 || p[0].Value != 0 {
		t.Errorf("use of an idle table: %v", p)
	}
	if n := ask(w, "ConsumedWriteCapacityUnits", "SampleCount", end, "TableName", "orders"); n[0].Value != 60 {
		t.Errorf("samples of an idle table: %v", n[0])
	}
}

func TestAMissingOrWrongDimensionIsAnEmptySeries(t *testing.T) {
	w := build(t, small(nil))
	w.Advance(30 * time.Minute)
	end := w.Start().Add(30 * time.Minute)
	for _, dims := range [][]string{{"TableName", "orders"}, {"TableName", "orders", "Operation", "GetItem"}, {"Operation", "PutItem"}, nil} {
		if p := ask(w, "SuccessfulRequestLatency", "Average", end, dims...); len(p) != 0 {
			t.Errorf("%v: %v", dims, p)
		}
	}
	if p := ask(w, "SuccessfulRequestLatency", "SampleCount", end, "TableName", "orders", "Operation", "PutItem"); len(p) < 25 || p[0].Value < 55000 {
		t.Errorf("with both dimensions: %v", p)
	}
}

func TestLatencyStatisticsAreInOrder(t *testing.T) {
	w := build(t, small(nil))
	w.Advance(30 * time.Minute)
	last := 0.0
	for _, stat := range []string{"Minimum", "p10", "p50", "p99", "p99.9", "Maximum"} {
		p := ask(w, "SuccessfulRequestLatency", stat, w.Start().Add(30*time.Minute), "TableName", "orders", "Operation", "PutItem")
		if len(p) == 0 || p[3].Value <= last || p[3].Unit != "Milliseconds" {
			t.Fatalf("%s: %v after %v", stat, p, last)
		}
		last = p[3].Value
	}
	if p := ask(w, "SuccessfulRequestLatency", "p50", w.Start().Add(30*time.Minute), "TableName", "orders", "Operation", "PutItem"); p[0].Value < 2 || p[0].Value > 9 {
		t.Errorf("a put takes %v ms", p[0].Value)
	}
}

func TestPeriodsAddUp(t *testing.T) {
	w := build(t, small(nil))
	w.Advance(time.Hour)
	q := Query{
		Namespace: Namespace, Name: "ConsumedWriteCapacityUnits", Dims: map[string]string{"TableName": "orders"}, Stat: "Sum",
		Period: time.Minute, From: w.Start(), To: w.Start().Add(10 * time.Minute), AskedAt: w.Start().Add(time.Hour),
	}
	ones := 0.0
	for _, p := range w.Metrics(q) {
		ones += p.Value
	}
	q.Period = 5 * time.Minute
	fives := w.Metrics(q)
	if len(fives) != 2 || fives[0].Value+fives[1].Value != ones {
		t.Errorf("%v add up to something else than %v", fives, ones)
	}
}

func TestListMetricsShowsASeriesWithinFifteenMinutes(t *testing.T) {
	w := build(t, small(nil))
	w.Advance(time.Hour)
	at := func(after time.Duration) int {
		return len(w.ListMetrics("", Namespace, "ConsumedWriteCapacityUnits", w.Start().Add(after)))
	}
	if at(time.Minute) != 0 || at(17*time.Minute) != 2 { // the plain one and the one by Source
		t.Errorf("listed: %d, %d", at(time.Minute), at(17*time.Minute))
	}
}
