package world

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/ddbloop/ddbloop/engine/sim/scenario"
)

func refusedWith(t *testing.T, err error, code, text string) {
	t.Helper()
	var e *Error
	if !errors.As(err, &e) || e.Code != code || !strings.Contains(e.Message, text) {
		t.Errorf("got %v, want %s with %q", err, code, text)
	}
}

func write(units float64) TableUpdate {
	return TableUpdate{Table: "orders", Provisioned: &Throughput{4000, units}}
}

func TestUpdateTableHoldsTheOldLimitsUntilItHasSettled(t *testing.T) {
	w := build(t, small(func(sc *scenario.Scenario) { sc.Tables[0].Throughput.Write = 500 }))
	w.Advance(10 * time.Minute)
	if err := w.Update(write(3000), "ana"); err != nil {
		t.Fatal(err)
	}
	if v, _ := w.Describe("orders"); v.Status != Updating || v.Provisioned.Write != 500 {
		t.Errorf("right after: %+v", v)
	}
	refusedWith(t, w.Update(write(3500), "ben"), "ResourceInUseException", "being updated")
	w.Advance(11*time.Minute + 29*time.Second)
	if refusedNow(w) == 0 {
		t.Error("the new limit holds before the table is ACTIVE")
	}
	w.Advance(11*time.Minute + 31*time.Second)
	v, _ := w.Describe("orders")
	if v.Status != Active || v.Provisioned.Write != 3000 || !v.Provisioned.LastIncrease.Equal(w.Start().Add(690*time.Second)) || refusedNow(w) > 0 {
		t.Errorf("after settling: %+v, %.0f refused", v, refusedNow(w))
	}
	if c := w.Changes(); len(c) != 1 || c[0].By != "ana" || c[0].At != 10*time.Minute {
		t.Errorf("changes: %+v", c)
	}
}

func TestUpdateTableRefusals(t *testing.T) {
	onDemand := func(sc *scenario.Scenario) {
		sc.Tables[0].Mode, sc.Tables[0].Throughput = OnDemand, scenario.Throughput{MaxWrite: 2000}
	}
	for _, c := range []struct {
		name       string
		edit       func(*scenario.Scenario)
		u          TableUpdate
		code, text string
	}{
		{"unknown table", nil, TableUpdate{Table: "nope"}, "ResourceNotFoundException", "nope"},
		{"unknown index", nil, TableUpdate{Table: "orders", Indexes: []IndexUpdate{{Name: "x"}}}, "ResourceNotFoundException", "x"},
		{"nothing", nil, TableUpdate{Table: "orders"}, "ValidationException", "At least one"},
		{"no-op", nil, write(4000), "ValidationException", "will not change"},
		{"same mode", nil, TableUpdate{Table: "orders", Mode: Provisioned}, "ValidationException", "change nothing"},
		{"zero", nil, write(0), "ValidationException", "at least 1"},
		{"table quota", nil, write(40001), "LimitExceededException", "per-table"},
		{"account quota", func(sc *scenario.Scenario) { sc.Quotas.AccountWrite = 5000 }, write(6000), "LimitExceededException", "account"},
		{"cap while provisioned", nil, TableUpdate{Table: "orders", Max: &Throughput{Write: 5}}, "ValidationException", "PAY_PER_REQUEST"},
		{"capacity on demand", onDemand, write(10), "ValidationException", "PAY_PER_REQUEST"},
		{"same cap", onDemand, TableUpdate{Table: "orders", Max: &Throughput{Write: 2000}}, "ValidationException", "will not change"},
		{"provisioned without numbers", onDemand, TableUpdate{Table: "orders", Mode: Provisioned}, "ValidationException", "must both"},
		{"warm lowered", nil, TableUpdate{Table: "orders", Warm: &Throughput{Write: 10}}, "ValidationException", "cannot be lowered"},
		{"warm unchanged", nil, TableUpdate{Table: "orders", Warm: &Throughput{Write: 4000}}, "ValidationException", "will not change"},
	} {
		t.Run(c.name, func(t *testing.T) { refusedWith(t, build(t, small(c.edit)).Update(c.u, "test"), c.code, c.text) })
	}
}

func TestDecreasesAreFourAtOnceAndThenOneAnHour(t *testing.T) {
	w := build(t, small(func(sc *scenario.Scenario) { sc.Start = time.Date(2026, 3, 3, 1, 0, 0, 0, time.UTC); sc.Traffic = nil }))
	at, done := time.Duration(0), 0
	lower := func() error {
		err := w.Update(write(3900-float64(done)), "test")
		if err == nil {
			done++
			at += 2 * time.Minute
			w.Advance(at)
		}
		return err
	}
	for range 4 {
		if err := lower(); err != nil {
			t.Fatal(err)
		}
	}
	refusedWith(t, lower(), "LimitExceededException", "Number of decreases today: 4")
	at += time.Hour
	w.Advance(at)
	if err := lower(); err != nil {
		t.Errorf("an hour later: %v", err)
	}
	if v, _ := w.Describe("orders"); v.Provisioned.DecreasesToday != 5 {
		t.Errorf("decreases today: %d", v.Provisioned.DecreasesToday)
	}
}

func TestModeSwitchesAreFourIn24Hours(t *testing.T) {
	w := build(t, small(func(sc *scenario.Scenario) { sc.Traffic = nil }))
	at := time.Duration(0)
	must := func(u TableUpdate) {
		t.Helper()
		if err := w.Update(u, "test"); err != nil {
			t.Fatal(err)
		}
		at += 2 * time.Minute
		w.Advance(at)
	}
	back := write(4000)
	back.Mode = Provisioned
	for range 4 {
		must(TableUpdate{Table: "orders", Mode: OnDemand})
		if v, _ := w.Describe("orders"); v.Mode != OnDemand || v.Warm != (Throughput{12000, 4000}) || v.Provisioned.Throughput != (Throughput{}) {
			t.Fatalf("on demand: %+v", v)
		}
		must(back)
	}
	refusedWith(t, w.Update(TableUpdate{Table: "orders", Mode: OnDemand}, "test"), "LimitExceededException", "4 times")
}

func TestWarmThroughputIsRaisedWhileTheTableStaysActive(t *testing.T) {
	w := build(t, small(nil))
	before := len(w.tables[0].resources[0].parts.parts)
	if err := w.Update(TableUpdate{Table: "orders", Warm: &Throughput{Write: 20000}}, "test"); err != nil {
		t.Fatal(err)
	}
	if v, _ := w.Describe("orders"); v.Status != Active || v.WarmStatus != Updating || v.Warm.Write != 4000 {
		t.Errorf("at once: %+v", v)
	}
	w.Advance(2 * time.Minute)
	if v, _ := w.Describe("orders"); v.WarmStatus != Active || v.Warm.Write != 20000 {
		t.Errorf("later: %+v", v)
	}
	if after := len(w.tables[0].resources[0].parts.parts); after != 22 || before != 6 {
		t.Errorf("%d partitions, were %d", after, before)
	}
}

func TestWhatIsNotModelledIsRefused(t *testing.T) {
	for text, edit := range map[string]func(*scenario.Scenario){
		"traffic checkout: ExecuteTransaction": func(sc *scenario.Scenario) { sc.Traffic[0].Operation = "ExecuteTransaction" },
		"event at 1m0s: ExecuteTransaction": func(sc *scenario.Scenario) {
			sc.Events = []scenario.Event{{At: time.Minute, Sets: setting("operation", "ExecuteTransaction")}}
		},
	} {
		if _, err := New(small(edit), 1); err == nil || !strings.Contains(err.Error(), text) || !strings.Contains(err.Error(), "is not modelled yet") {
			t.Errorf("want an error with %q, got %v", text, err)
		}
	}
}
