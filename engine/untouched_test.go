package engine

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/ddbloop/ddbloop/engine/effect"
	"github.com/ddbloop/ddbloop/history"
)

func twoTables(o *Options) { o.Session.Tables = []string{"orders", "carts"} }

// probed are two probes, one of each table, every second: 10 ms, and three times that while a table is slow.
type probed struct {
	w    *world
	slow map[string]func() bool
}

// Run is both probes.
func (p *probed) Run(ctx context.Context) {
	r := rand.New(rand.NewPCG(5, 6))
	for p.w.clk.Sleep(ctx, time.Second) == nil {
		for _, t := range []string{"orders", "carts"} {
			ms := 10 * (0.9 + 0.2*r.Float64())
			if p.slow[t]() {
				ms *= 3
			}
			p.w.eng.Emit(history.ProbeAnswered{Probe: "get-" + t, Table: t, Op: "GetItem", Every: time.Second, OK: true, Total: time.Duration(ms * 1e6)})
		}
	}
}

// A service latency of the whole region that ends by itself just after a change on one of two tables is not that change's doing;
// where it goes on at the other table, it may be. A table that something else was done to is no control.
// Mutants: no controls at all; leave out marks; leave out other changes.
func TestUntouchedTable(t *testing.T) {
	const ends = 2 * time.Second
	for _, c := range []struct {
		name   string
		id     string        // of the change
		carts  time.Duration // until it is over there, since the change
		before func(w *world)
		want   string
		says   string // of the untouched; "" = nothing
	}{
		{"ends in the whole region", "E1", ends, nil, history.Confounded, "; but the untouched carts fell by 6"},
		{"goes on elsewhere", "E1", time.Hour, nil, history.Worked, "; the untouched carts held ("},
		{"elsewhere a deploy ended it", "E1", ends, func(w *world) { w.eng.Emit(history.Marked{Text: "deploy 1.4", Table: "carts"}) }, history.Worked, ""},
		{"elsewhere a change ended it", "E2", ends, func(w *world) {
			w.must(PlanChange{What: "lever:cap", Target: "carts"})
			w.must(w.consent("E1"))
		}, history.Worked, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, twoTables)
			began, over := start.Add(10*time.Minute), map[string]time.Time{}
			slow := func(table string) func() bool {
				return func() bool {
					now := w.clk.Now()
					return now.After(began) && (over[table].IsZero() || now.Before(over[table]))
				}
			}
			p := &probed{w, map[string]func() bool{"orders": slow("orders"), "carts": slow("carts")}}
			w.clk.Go(func() { p.Run(t.Context()) })
			w.pass(15 * time.Minute)
			if c.before != nil {
				c.before(w)
				w.pass(15 * time.Second)
			}
			w.must(PlanChange{What: "lever:spread", Target: "orders"})
			id := c.id
			w.eng.mu.Lock()
			w.eng.state.Change(id).Plan.Expect = &history.Expectation{
				Signal: history.ProbeLatency, Target: "orders", Op: "get-orders", Direction: "down", By: 0.6, Within: time.Minute,
			}
			w.eng.mu.Unlock()
			over["orders"], over["carts"] = w.clk.Now().Add(ends), w.clk.Now().Add(c.carts)
			w.must(w.consent(id))
			w.pass(3 * time.Minute)
			word, _, reason := verdictOf(w, id)
			if word != c.want || !strings.Contains(reason, c.says) || c.says == "" && strings.Contains(reason, "untouched") {
				t.Errorf("%s: %s; want %s with %q", word, reason, c.want, c.says)
			}
			e := w.change(id).Effect
			if e == nil || (e.Against != nil) != (c.says != "") || e.Against != nil && (e.Against.Where != "carts" || e.Against.Net < -1 || e.Against.Net > 0.1) {
				t.Errorf("%+v", e)
			}
		})
	}
}

// The same in CloudWatch's minutes, for refusals that nobody's eye sees in seconds. Mutant: hold minutes against seconds only.
func TestUntouchedInMinutes(t *testing.T) {
	for _, everywhere := range []bool{true, false} {
		w := newWorld(t, twoTables)
		from, over := w.clk.Now(), time.Time{}
		poll := func() { // two minutes late, as CloudWatch is
			end := w.clk.Now().Add(-2*time.Minute).Unix() / 60 * 60
			m := history.MetricsPolled{Source: "cloudwatch", From: from.Unix(), SettledTo: end}
			for _, name := range []string{"write_throttles", "write_provisioned_throttles", "consumed_write", "read_throttles"} {
				for _, table := range []string{"orders", "carts"} {
					u := history.SeriesUpdate{Key: history.SeriesKey{Signal: name, Target: table}, Period: 60, Zero: strings.Contains(name, "throttles")}
					for at := from.Unix(); at < end; at += 60 {
						refused := over.IsZero() || table == "carts" && !everywhere || time.Unix(at, 0).Before(over)
						switch {
						case name == "consumed_write":
							u.Points = append(u.Points, history.Point{T: at, V: 99})
						case refused && name != "read_throttles":
							u.Points = append(u.Points, history.Point{T: at, V: 20})
						}
					}
					m.Series = append(m.Series, u)
				}
			}
			w.eng.Emit(m)
		}
		for range 40 {
			w.pass(time.Minute)
			poll()
		}
		w.pass(2 * time.Second)
		w.must(raise)
		over = w.clk.Now()
		w.must(w.consent("E1"))
		for range 9 {
			w.pass(time.Minute)
			poll()
		}
		w.pass(2 * time.Second)
		word, _, reason := verdictOf(w, "E1")
		want, says := history.Worked, "the untouched carts held (0.0 %)"
		if everywhere {
			want, says = history.Confounded, "the untouched carts fell by 100 %"
		}
		if word != want || !strings.Contains(reason, says) {
			t.Errorf("everywhere %v: %s, %s", everywhere, word, reason)
		}
	}
}

// TestTouched: what was done to a table in the time that is compared makes it no control. Mutants: leave any of the four out; take
// the changed target itself; forget what has left and is not in force yet; look at all of the session.
func TestTouched(t *testing.T) {
	at := start.Add(time.Hour)
	base := func() (*history.State, *history.Change) {
		s := history.NewState()
		s.Session.Tables = []string{"orders", "carts"}
		c := &history.Change{Settled: at, Intended: at, State: history.ChangeInForce, Plan: history.ChangePlanned{
			ID: "E1", What: "table.write", Target: "orders", Expect: &history.Expectation{Signal: "write_throttles", Target: "orders"},
		}}
		s.Changes = []*history.Change{c}
		return s, c
	}
	other := func(what, state string, intended, settled time.Time) func(*history.State, *history.Change) {
		return func(s *history.State, _ *history.Change) {
			s.Changes = append(s.Changes, &history.Change{State: state, Intended: intended, Settled: settled, Plan: history.ChangePlanned{What: what, Target: "carts"}})
		}
	}
	in, long := at.Add(-time.Minute), at.Add(-30*time.Minute)
	for _, c := range []struct {
		name   string
		target string
		do     func(*history.State, *history.Change)
		want   bool
	}{
		{"nothing was done", "carts", nil, false},
		{"the changed table", "orders", nil, true},
		{"the changed table, of the other side", "orders", func(_ *history.State, c *history.Change) { c.Plan.What = "table.read" }, true},
		{"an index of the changed table", "orders/a", nil, true},
		{"another index than the changed one", "orders/b", func(_ *history.State, c *history.Change) {
			c.Plan.What, c.Plan.Target, c.Plan.Expect.Target = "index.write", "orders/a", "orders/a"
		}, false},
		{"a lever on callers that have no table", "carts", func(_ *history.State, c *history.Change) { c.Plan.What, c.Plan.Target = "lever:stop", "web" }, true},
		{"a change there", "carts", other("table.write", history.ChangeInForce, in, in), true},
		{"a change there of the other side", "carts", other("table.read", history.ChangeInForce, in, in), false},
		{"a change there long ago", "carts", other("table.write", history.ChangeInForce, long, long), false},
		{"one on its way", "carts", other("table.write", history.ChangeSentOK, long, time.Time{}), true},
		{"one that failed", "carts", other("table.write", history.ChangeFailed, in, time.Time{}), false},
		{"one later", "carts", other("table.write", history.ChangeInForce, at.Add(9*time.Minute), at.Add(9*time.Minute)), false},
		{"a mark there", "carts", func(s *history.State, _ *history.Change) { s.Marks = []history.Marked{{At: in, Table: "carts"}} }, true},
		{"a mark of all", "carts", func(s *history.State, _ *history.Change) { s.Marks = []history.Marked{{At: in}} }, false},
		{"auto scaling there", "carts", func(s *history.State, _ *history.Change) {
			s.ScalingActs = []history.ScalingActed{{At: in, Target: "carts/x", Status: "Successful"}}
		}, true},
		{"auto scaling that did nothing", "carts", func(s *history.State, _ *history.Change) {
			s.ScalingActs = []history.ScalingActed{{At: in, Target: "carts", Held: "AlreadyAtMaxCapacity"}}
		}, false},
		{"another hand's call", "carts", func(s *history.State, _ *history.Change) {
			s.Calls = []history.CallRecorded{{At: in, Target: "carts", Call: "UpdateTable"}}
		}, true},
		{"another hand's look", "carts", func(s *history.State, _ *history.Change) {
			s.Calls = []history.CallRecorded{{At: in, Target: "carts", Call: "DescribeTable"}}
		}, false},
	} {
		s, change := base()
		if c.do != nil {
			c.do(s, change)
		}
		if got := touched(s, change, c.target, at.Add(-5*time.Minute), at.Add(5*time.Minute)); got != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
	}
}

// What one client sees of two tables is coupled by the client. Another one's feed of another table is a control; a probe is none for a
// feed.
// Mutants: take the same client's; take every sort of eye.
func TestEyesElsewhere(t *testing.T) {
	s := history.NewState()
	s.Session.Tables = []string{"orders", "carts"}
	for _, k := range []history.SeriesKey{
		{Signal: history.FeedAttempts, Target: "orders", Op: "web"},
		{Signal: history.FeedAttempts, Target: "carts", Op: "web"},
		{Signal: history.FeedAttempts, Target: "carts", Op: "jobs"},
		{Signal: history.FeedAttempts, Target: "mails", Op: "post"},
		{Signal: history.ProbeThrottled, Target: "carts", Op: "own"},
	} {
		s.Series[k.String()] = &history.Series{Key: k, Period: 1}
	}
	got := eyesElsewhere(s, eye{what: "feed", name: "web", target: "orders", signal: "feed_throttle_share", kind: effect.Share})
	if len(got) != 1 || got[0].key != (history.SeriesKey{Signal: "feed_throttle_share", Target: "carts", Op: "jobs"}) {
		t.Errorf("%+v", got)
	}
}

// The same operation elsewhere is the nearest, any is nearer than none; but no caller is held against itself. Mutants: the same
// operation or none; every one always; the same caller.
func TestMetricsElsewhere(t *testing.T) {
	for _, c := range []struct {
		signal, op string
		there      []string // operations of carts; mails is not watched
		want       string
	}{
		{"latency_p50", "GetItem", []string{"GetItem", "PutItem"}, "GetItem"},
		{"latency_p50", "GetItem", []string{"PutItem", "Query"}, "PutItem Query"},
		{"write_throttles", "", []string{""}, ""},
		{"client_latency_p50", "web", []string{"web", "jobs"}, "jobs"},
	} {
		s := history.NewState()
		s.Session.Tables = []string{"orders", "carts"}
		for _, at := range []string{"carts", "mails"} {
			for _, op := range c.there {
				k := history.SeriesKey{Signal: c.signal, Target: at, Op: op}
				s.Series[k.String()] = &history.Series{Key: k, Period: 60}
			}
		}
		var got []string
		for _, k := range metricsElsewhere(s, &history.Expectation{Signal: c.signal, Target: "orders", Op: c.op}) {
			if k.key.Target != "carts" {
				t.Errorf("%s: %s", c.signal, k.key)
			}
			got = append(got, k.key.Op)
		}
		if n := len(got); n == 0 || strings.Join(got, " ") != c.want {
			t.Errorf("%s#%s: %q, want %q", c.signal, c.op, got, c.want)
		}
	}
}

// However many tables a session watches, a few are looked at, and those in the same trouble first. Mutant: no bound.
func TestFewUntouched(t *testing.T) {
	w := newWorld(t, func(o *Options) {
		for i := range 200 {
			o.Session.Tables = append(o.Session.Tables, fmt.Sprintf("t%03d", i))
		}
	})
	w.pass(2 * time.Second)
	at := w.clk.Now()
	w.eng.View(func(s *history.State) {
		p := history.MetricsPolled{From: at.Unix() - 7200, SettledTo: at.Unix()}
		for i, table := range s.Session.Tables {
			u := history.SeriesUpdate{Key: history.SeriesKey{Signal: "latency_p50", Target: table, Op: "GetItem"}, Period: 60}
			for m := range int64(120) {
				v := 10.0
				if m > 112 && (i == 0 || i == 150) {
					v = 40
				}
				u.Points = append(u.Points, history.Point{T: at.Unix() - 60*(120-m), V: v})
			}
			p.Series = append(p.Series, u)
		}
		s.Apply(history.Event{Seq: s.Seq + 1, At: at, Body: p})
		changed := history.Change{Settled: at, Plan: history.ChangePlanned{
			ID: "E1", What: "table.read", Target: "orders", Expect: &history.Expectation{Signal: "latency_p50", Target: "orders", Op: "GetItem", Direction: "down", By: 0.5},
		}}
		m := effect.Move{From: at.Add(-8 * time.Minute), To: at, Since: at, Until: at.Add(5 * time.Minute)}
		got := choose(s, &changed, m, metricsElsewhere(s, changed.Plan.Expect))
		if len(got) != mostUntouched || got[0].key.Target != "t149" || !got[0].troubled || got[1].troubled {
			t.Errorf("%d: %+v", len(got), got)
		}
	})
}
