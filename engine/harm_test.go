package engine

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ddbloop/ddbloop/engine/effect"
	"github.com/ddbloop/ddbloop/history"
)

// TestLateHarm: harm that shows first when the verdict is long given revises it, once; a slow minute, and what comes with more
// demand, do not. Mutants: look for a quarter of an hour only; believe one minute; forget demand.
func TestLateHarm(t *testing.T) {
	for _, c := range []struct {
		name string
		then func(c *client, since func() time.Duration)
		late bool
	}{
		{"callers slow after twenty minutes", func(c *client, since func() time.Duration) {
			c.p99 = func() float64 { return map[bool]float64{true: 60, false: 20}[since() > 20*time.Minute] }
		}, true},
		{"a slow minute", func(c *client, since func() time.Duration) {
			c.p99 = func() float64 {
				return map[bool]float64{true: 60, false: 20}[since() > 20*time.Minute && since() < 21*time.Minute+30*time.Second]
			}
		}, false},
		{"slow under half as much demand again", func(c *client, since func() time.Duration) {
			more := func() bool { return since() > 20*time.Minute }
			c.p99 = func() float64 { return map[bool]float64{true: 60, false: 20}[more()] }
			c.calls = func() float64 { return map[bool]float64{true: 150, false: 100}[more()] }
		}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			w, cl := fed(t)
			w.must(raise)
			w.eng.mu.Lock()
			w.eng.state.Change("E1").Plan.Expect.Harm = []history.HarmSignal{{Signal: history.FeedP99, Factor: 2}}
			w.eng.mu.Unlock()
			w.must(w.consent("E1"))
			began := w.clk.Now()
			c.then(cl, func() time.Duration { return w.clk.Now().Sub(began) })
			w.pass(15 * time.Minute)
			if word, _, reason := verdictOf(w, "E1"); word != history.Worked {
				t.Fatalf("before: %s, %s", word, reason)
			}
			w.pass(12 * time.Minute)
			e, n := w.change("E1"), 0
			for _, x := range e.Effects {
				if x.Late {
					n++
				}
			}
			if !c.late {
				if e.Effect.Word != history.Worked || n > 0 {
					t.Errorf("%+v", e.Effect)
				}
				return
			}
			if x := e.Effect; n != 1 || x.Word != history.Worse || !x.Late || x.Took < 22*time.Minute || x.Took > 25*time.Minute || !strings.Contains(x.Reason, "feed_p99 is at 60, above the 40") {
				t.Errorf("%d late, %+v", n, x)
			}
			if e.Proposed == "" {
				t.Error("it was not proposed to take it back")
			}
		})
	}
}

// TestHarmInMinutes: CloudWatch's minutes are late; the newest three complete ones speak, whatever came before.
// Mutants: read the newest wall-clock minute; take the most instead of the least; forget the most of before.
func TestHarmInMinutes(t *testing.T) {
	at := time.Unix(1_700_000_040, 0)
	series := func(v ...float64) *history.Series {
		s := &history.Series{Period: 60}
		for i, x := range v {
			s.Points = append(s.Points, history.Point{T: at.Unix() + int64(i-6)*60, V: x})
		}
		return s
	}
	for _, c := range []struct {
		name string
		v    []float64 // six minutes before, then those since
		want bool
	}{
		{"twice and more", []float64{4, 4, 5, 4, 4, 4, 4, 12, 11, 13}, true},
		{"two minutes only", []float64{4, 4, 5, 4, 4, 4, 4, 4, 12, 11}, false},
		{"as it had been before", []float64{4, 4, 15, 4, 4, 4, 4, 12, 11, 13}, false},
		{"from nothing", []float64{0, 0, 0, 0, 0, 0, 0, 1, 2, 1}, true},
		{"from nothing, now and then", []float64{0, 0, 0, 0, 0, 0, 0, 1, 0, 1}, false},
	} {
		sr := series(c.v...)
		bound, now, ok := harmOfMinutes(sr, 2, at, at.Add(4*time.Minute))
		if !ok || (now > bound) != c.want {
			t.Errorf("%s: %v against %v (%v)", c.name, now, bound, ok)
		}
		if _, _, ok := harmOfMinutes(sr, 2, at, at.Add(2*time.Minute)); ok {
			t.Errorf("%s: two minutes were enough", c.name)
		}
	}
}

// Harm that came to most of the tables which a change cannot reach came by something else. Mutants: one of three is enough; count what
// the change reaches; the same client on another table.
func TestHarmElsewhere(t *testing.T) {
	at := time.Unix(1_700_000_040, 0).UTC()
	for _, c := range []struct {
		name string
		rose map[string]bool // by table#client
		want []string
	}{
		{"on all", map[string]bool{"carts#web": true, "users#app": true, "stock#bot": true}, []string{"carts", "stock", "users"}},
		{"on two of three", map[string]bool{"carts#web": true, "users#app": true, "stock#bot": false}, []string{"carts", "users"}},
		{"on one of three", map[string]bool{"carts#web": true, "users#app": false, "stock#bot": false}, nil},
		{"on the same client's other table alone", map[string]bool{"carts#shop": true}, nil},
		{"on another index of the same table", map[string]bool{"orders/by-day#web": true}, nil},
	} {
		s := history.NewState()
		s.Session.Tables = []string{"carts", "orders", "stock", "users"}
		s.Apply(history.Event{Seq: 1, At: at, Body: history.TableDescribed{Name: "orders", Table: &history.TableSnapshot{Name: "orders", Indexes: []history.IndexSnapshot{{Name: "by-day"}}}}})
		p := history.MetricsPolled{}
		for k, rose := range c.rose {
			goal, op, _ := strings.Cut(k, "#")
			u := history.SeriesUpdate{Key: history.SeriesKey{Signal: history.FeedP99, Target: goal, Op: op}, Period: 1}
			for i := -300; i < 120; i++ {
				v := 20.0
				if rose && i >= 0 {
					v = 80
				}
				u.Points = append(u.Points, history.Point{T: at.Unix() + int64(i), V: v})
			}
			p.Series = append(p.Series, u)
		}
		s.Apply(history.Event{Seq: 2, At: at, Body: p})
		ch := &history.Change{Plan: history.ChangePlanned{ID: "E1", What: "table.write", Target: "orders", Expect: &history.Expectation{Signal: "write_throttles", Target: "orders"}}, Intended: at, Settled: at}
		s.Changes = []*history.Change{ch}
		j := &judge{eye: eye{what: "feed", name: "shop", target: "orders"}}
		got := j.harmElsewhere(s, ch, history.HarmSignal{Signal: history.FeedP99, Factor: 2}, &effect.Input{Now: at.Add(2 * time.Minute)})
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}
