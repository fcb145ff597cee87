package history_test

import (
	"encoding/json"
	"math"
	"testing"
	"time"

	"github.com/ddbloop/ddbloop/history"
)

// M6: the meter is the billed formula: metrics asked for, reports, baselines, and the units of probes on on-demand tables only. Mutants: charge the probes of provisioned
// tables; leave the baselines out; show 0 where no price is known.
func TestCost(t *testing.T) {
	on := func(name, mode string) history.TableDescribed {
		return history.TableDescribed{Name: name, Table: &history.TableSnapshot{Name: name, Mode: mode}}
	}
	probe := func(table string) history.ProbeAnswered {
		return history.ProbeAnswered{Probe: table, Table: table, Op: "Query", OK: true, Units: 4000}
	}
	bodies := []history.Body{
		history.SessionStarted{Prices: &history.Prices{Metric: 0.01 / 1000, ReadUnit: 0.125e-6}},
		on("carts", "on_demand"), on("orders", "provisioned"), probe("carts"), probe("orders"),
		history.MetricsPolled{Source: "cloudwatch", Queries: 900},
		history.BaselinesRead{Queries: 60},
		history.ReportsBilled{Reports: 40},
	}
	s := history.NewState()
	for i, b := range bodies {
		s.Apply(history.Event{Seq: uint64(i + 1), Body: b})
	}
	want := 1000*0.01/1000 + 4000*0.125e-6
	if usd, ok := s.Cost(); !ok || math.Abs(usd/want-1) > 0.01 {
		t.Errorf("$%.6f (known %v), want $%.6f", usd, ok, want)
	}
	if _, ok := history.NewState().Cost(); ok {
		t.Error("a price that nobody knows was charged")
	}
}

// A baseline lies beside today: what was at 14:00 yesterday is asked for as 14:00 today, and is no series of today. Mutant: keep yesterday's times.
func TestBaselines(t *testing.T) {
	day := time.Date(2026, 3, 3, 14, 0, 0, 0, time.UTC)
	then := day.Add(-history.Yesterday).Unix()
	key := history.SeriesKey{Signal: "write_throttles", Target: "orders"}
	e := history.Event{Seq: 1, At: day, Body: history.BaselinesRead{Ago: history.Yesterday, From: then, To: then + 3600, Queries: 1, Series: []history.SeriesUpdate{
		{Key: key, Unit: "/s", Period: 300, Zero: true, Points: []history.Point{{T: then + 300, V: 7}}},
	}}}
	raw, err := history.Encode(e)
	if err != nil {
		t.Fatal(err)
	}
	back, err := history.Decode(1, raw)
	if err != nil {
		t.Fatal(err)
	}
	s := history.NewState().Fold(back)
	b := s.Baseline("write_throttles", "orders", "", history.Yesterday)
	for minutes, want := range map[int]float64{0: 0, 5: 7, 55: 0} {
		if v, ok := b.At(day.Add(time.Duration(minutes) * time.Minute).Unix()); !ok || v != want {
			t.Errorf("%d min: %v (known %v), want %v", minutes, v, ok, want)
		}
	}
	if _, ok := b.At(day.Add(time.Hour).Unix()); ok {
		t.Error("what was not asked for is known")
	}
	if s.Baseline("write_throttles", "orders", "", history.LastWeek) != nil || len(s.Series) != 0 {
		t.Error("another day, or the present, knows it too")
	}
	live, _ := json.Marshal(history.NewState().Fold(e))
	if again, _ := json.Marshal(s); string(live) != string(again) {
		t.Error("a replay differs")
	}
}
