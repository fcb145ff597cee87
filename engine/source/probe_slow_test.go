package source

import (
	"context"
	"testing"
	"time"

	ddbaws "github.com/ddbloop/ddbloop/engine/aws"
	"github.com/ddbloop/ddbloop/history"
)

// desk answers probes by operation, and writes down when each went out.
type desk struct {
	w      *world
	units  float64
	answer func(op string, at time.Duration) error
	calls  map[string][]time.Duration
}

func (d *desk) Read(_ context.Context, r *ddbaws.Read) (ddbaws.Reading, error) {
	at := d.w.Now().Sub(start)
	d.calls[r.Op] = append(d.calls[r.Op], at)
	if err := d.answer(r.Op, at); err != nil {
		return ddbaws.Reading{}, err
	}
	got := ddbaws.Reading{Units: d.units, Pages: 1, Examined: 1, Returned: 1}
	if r.Op == history.OpNoData {
		got.Units = 0
	}
	return got, nil
}

func newDesk(w *world, units float64, answer func(string, time.Duration) error) *desk {
	return &desk{w: w, units: units, answer: answer, calls: map[string][]time.Duration{}}
}

func countIn(list []time.Duration, from, to time.Duration) (n int) {
	for _, at := range list {
		if at >= from && at < to {
			n++
		}
	}
	return n
}

// TestDeniedProbeAsksWithoutData: while a role may not read, one request without data a second goes out for the table, whatever
// the number of denied probes; the probe itself asks now and then, and is itself again when it may.
func TestDeniedProbeAsksWithoutData(t *testing.T) {
	w := newWorld()
	d := newDesk(w, 0.5, func(op string, at time.Duration) error {
		if op != history.OpNoData && at >= 5*time.Second && at < 60*time.Second {
			return denied
		}
		return nil
	})
	ways := NewWays()
	probe := func(name, op string) *Probe {
		return NewProbe(ProbeConfig{Clock: w, From: d, To: w, Name: name, Request: &ddbaws.Read{Op: op, Table: "orders"}, Ways: ways})
	}
	a, b := probe("a", "GetItem"), probe("b", "Query")
	w.run(t, func(ctx context.Context) {
		w.Go(func() { b.Run(ctx) })
		a.Run(ctx)
	}, 90*time.Second)
	for _, op := range []string{"GetItem", "Query"} {
		if before, during, after := countIn(d.calls[op], 0, 5*time.Second), countIn(d.calls[op], 5*time.Second, 60*time.Second), countIn(d.calls[op], 70*time.Second, 80*time.Second); before != 5 || during < 5 || during > 7 || after != 10 {
			t.Errorf("%s: %d, %d, %d", op, before, during, after)
		}
	}
	way := d.calls[history.OpNoData]
	if n := countIn(way, 5*time.Second, 60*time.Second); n < 45 || n > 55 || countIn(way, 0, 5*time.Second)+countIn(way, 71*time.Second, 90*time.Second) != 0 {
		t.Errorf("without data at %v", way)
	}
	states := map[string][]string{}
	for _, c := range of[history.SourceChanged](w) {
		states[c.Name] = append(states[c.Name], c.State)
	}
	if got := states["probe:a"]; len(got) != 2 || got[0] != "denied" || got[1] != "ok" {
		t.Errorf("said %v", states)
	}
	for _, p := range of[history.ProbeAnswered](w) {
		if p.NoData() != (p.Probe == "orders-no-data") || p.Code == "AccessDeniedException" && p.Next != 10*time.Second {
			t.Fatalf("%+v", p)
		}
	}
}

// TestBudget: probes that use more than their table's budget are slowed down to it, say so, and say when it is over.
func TestBudget(t *testing.T) {
	for name, c := range map[string]struct {
		units   float64
		probes  int
		perHour [2]float64
		slowed  bool
	}{
		"small":       {0.5, 1, [2]float64{1790, 1810}, false},
		"at budget":   {5, 1, [2]float64{17_900, 18_100}, false},
		"twice":       {10, 1, [2]float64{17_000, 18_100}, true},
		"a page":      {128, 1, [2]float64{16_500, 18_300}, true},
		"three small": {2.5, 3, [2]float64{17_000, 18_100}, true},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld()
			d := newDesk(w, c.units, func(string, time.Duration) error { return nil })
			budget := NewBudget(0)
			w.run(t, func(ctx context.Context) {
				for i := range c.probes {
					p := NewProbe(ProbeConfig{Clock: w, From: d, To: w, Name: string(rune('a' + i)), Request: &ddbaws.Read{Op: "Query", Table: "orders"}, Budget: budget})
					w.Go(func() { p.Run(ctx) })
				}
			}, time.Hour)
			used := float64(len(d.calls["Query"])) * c.units
			if used < c.perHour[0] || used > c.perHour[1] {
				t.Errorf("%g units in an hour, want %v", used, c.perHour)
			}
			changes := of[history.SourceChanged](w)
			if c.slowed != (len(changes) > 0) || len(changes) > c.probes || c.slowed && (changes[0].State != degraded || changes[0].Reason != overBudget) {
				t.Errorf("said %+v", changes)
			}
		})
	}
}

// TestKeepsOffARefusingTable: a probe that was not asked to stays away from a table that refuses reads, but for a look now and
// then; one that was asked goes on.
func TestKeepsOffARefusingTable(t *testing.T) {
	for name, c := range map[string]struct {
		careful bool
		told    bool // CloudWatch shows it; the probe itself is let through
		during  int
		states  int
	}{
		"careful": {true, false, 12, 2},
		"told":    {true, true, 10, 2},
		"asked":   {false, false, 100, 0},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld()
			trouble := func() bool { at := w.Now().Sub(start); return at >= 20*time.Second && at < 120*time.Second }
			d := newDesk(w, 0.5, func(string, time.Duration) error {
				if trouble() && !c.told {
					return slow
				}
				return nil
			})
			cfg := ProbeConfig{Clock: w, From: d, To: w, Name: "a", Request: &ddbaws.Read{Op: "GetItem", Table: "orders"}}
			if c.careful {
				cfg.Throttling = func() bool { return c.told && trouble() }
			}
			w.run(t, NewProbe(cfg).Run, 3*time.Minute)
			if n := countIn(d.calls["GetItem"], 20*time.Second, 120*time.Second); n < c.during-1 || n > c.during+2 {
				t.Errorf("%d requests in 100 s of trouble, want %d", n, c.during)
			}
			if n := countIn(d.calls["GetItem"], 140*time.Second, 170*time.Second); n != 30 {
				t.Errorf("%d requests in 30 s after it", n)
			}
			if got := of[history.SourceChanged](w); len(got) != c.states || c.states > 0 && got[0].Reason != "throttled" {
				t.Errorf("said %+v", got)
			}
		})
	}
}
