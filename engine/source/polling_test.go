package source

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	ddbaws "github.com/ddbloop/ddbloop/engine/aws"
	"github.com/ddbloop/ddbloop/engine/price"
	"github.com/ddbloop/ddbloop/engine/signal"
	"github.com/ddbloop/ddbloop/history"
)

// M4: whatever order pages, repeats and statuses come in, what was received is kept, the last status counts, and what is absent is said.
// Mutants: keep the first page of an id; let a later page replace the points of an earlier; read an absent id as complete.
func TestPagesInAnyOrder(t *testing.T) {
	scripts := uint64(5000)
	if testing.Short() {
		scripts = 300
	}
	for seed := range scripts {
		rng := rand.New(rand.NewPCG(seed, 1))
		var list []asked
		for i := range 1 + rng.IntN(5) {
			list = append(list, asked{query: ddbaws.MetricQuery{ID: fmt.Sprintf("q%d", i)}})
		}
		sent, status := map[string]map[int64]float64{}, map[string]string{}
		ans := newAnswer()
		for range 1 + rng.IntN(6) {
			var page ddbaws.MetricPage
			for range rng.IntN(2 * len(list)) {
				id := list[rng.IntN(len(list))].query.ID
				res := ddbaws.MetricResult{ID: id, Status: []string{"Complete", "PartialData", "InternalError", "Forbidden"}[rng.IntN(4)]}
				if sent[id] == nil {
					sent[id] = map[int64]float64{}
				}
				for range rng.IntN(5) {
					p := history.Point{T: 60 * int64(rng.IntN(10)), V: float64(rng.IntN(100))}
					res.Points = append(res.Points, p)
					sent[id][p.T] = p.V
				}
				status[id] = res.Status
				page.Results = append(page.Results, res)
			}
			ans.add(page)
		}
		missing := ans.missing(list)
		for _, q := range list {
			id := q.query.ID
			if !maps.Equal(ans.points[id], sent[id]) {
				t.Fatalf("seed %d: %s has %v, sent was %v", seed, id, ans.points[id], sent[id])
			}
			if ans.complete(id) != (status[id] == "Complete") {
				t.Fatalf("seed %d: %s is complete: %v, its last status %q", seed, id, ans.complete(id), status[id])
			}
			word := status[id]
			if word == "" {
				word = "absent"
			}
			if word != "Complete" && !strings.Contains(missing, word) {
				t.Fatalf("seed %d: %q does not say %s", seed, missing, word)
			}
		}
	}
}

// late is a CloudWatch in which each minute of one metric shows at its own time and grows until it is ten minutes old.
type late struct {
	w    *world
	rng  *rand.Rand
	plan map[int64]lateness
}

type lateness struct {
	first, final time.Duration // after the end of the minute
	value        float64
}

func (l *late) MetricData(_ context.Context, r ddbaws.MetricRequest) (ddbaws.MetricPage, error) {
	now := l.w.Now()
	page := ddbaws.MetricPage{Server: now}
	for _, q := range r.Queries {
		res := ddbaws.MetricResult{ID: q.ID, Status: "Complete"}
		for m := r.From; q.Metric == "Orders" && m.Before(r.To); m = m.Add(time.Minute) {
			p, ok := l.plan[m.Unix()]
			if !ok {
				p.first = time.Minute + time.Duration(l.rng.Int64N(int64(8*time.Minute)))
				p.final = p.first + time.Duration(l.rng.Int64N(int64(10*time.Minute-p.first)))
				p.value = float64(1 + l.rng.IntN(1000))
				l.plan[m.Unix()] = p
			}
			switch age := now.Sub(m.Add(time.Minute)); {
			case age >= p.final:
				res.Points = append(res.Points, history.Point{T: m.Unix(), V: p.value})
			case age >= p.first:
				res.Points = append(res.Points, history.Point{T: m.Unix(), V: p.value / 2})
			}
		}
		page.Results = append(page.Results, res)
	}
	return page, nil
}

// M5: ten minutes after a minute's end its value is the truth, however late and in however many steps it came. Mutants: read back five minutes
// only; keep the first value of a point.
func TestLateValuesBecomeTheTruth(t *testing.T) {
	own := OwnMetric{Target: "orders", Signal: signal.Signal{Name: "own_orders", Source: signal.Own, Metric: "Orders", Namespace: "Shop", Stat: "Sum", Period: time.Minute}}
	schedules := uint64(1000)
	if testing.Short() {
		schedules = 50
	}
	for seed := range schedules {
		w := newWorld()
		l := &late{w: w, rng: rand.New(rand.NewPCG(seed, 2)), plan: map[int64]lateness{}}
		m := NewMetrics(MetricsConfig{Clock: w, From: l, To: w, Rand: l.rng.Float64, Own: []OwnMetric{own}})
		w.run(t, m.Run, 16*time.Minute)
		sr := w.state().Get("own_orders", "orders", "")
		for minute := -10; minute < 3; minute++ {
			at := start.Add(time.Duration(minute) * time.Minute).Unix()
			if v, ok := sr.At(at); !ok || v != l.plan[at].value {
				t.Fatalf("seed %d, minute %d: %v (known %v), the truth is %+v", seed, minute, v, ok, l.plan[at])
			}
		}
	}
}

// M6: what a session asks for costs what the budget allows: optional signals rest first, then polls come more seldom; and the meter shows what was
// asked for. Mutants: count statistics one by one; let the others rest and the optional ones go on.
func TestBudgetOfPolls(t *testing.T) {
	each, _ := price.Of("us-east-1", price.MetricData)
	var tables []string
	for i := range 4 {
		tables = append(tables, fmt.Sprintf("t%02d", i))
	}
	bare := func(string) (history.TableSnapshot, bool) { return history.TableSnapshot{}, false }
	all := plan(wanted{tables: tables, snapshot: bare, ops: usualOps})
	usual := slices.DeleteFunc(slices.Clone(all), func(q asked) bool { return q.signal.Optional })
	full, need := hourly(all)*each.USD, hourly(usual)*each.USD
	for _, c := range []struct {
		budget   float64
		optional bool
		stretch  int
	}{{1.2 * full, true, 1}, {(full + need) / 2, false, 1}, {need / 2.5, false, 3}} {
		w := newWorld()
		cl := &cloud{w: w, truth: func(ddbaws.MetricQuery, time.Duration) (float64, bool) { return 0, false }}
		m := NewMetrics(MetricsConfig{
			Clock: w, From: cl, To: w, Rand: half, Tables: tables, Budget: c.budget,
			Snapshot: bare,
		})
		w.run(t, m.Run, 30*time.Minute)
		asked, optional := 0.0, 0
		for _, r := range cl.asked {
			metrics := map[string]int{}
			for _, q := range r.Queries {
				metrics[billOf(q)]++
				if q.Metric == "AccountMaxReads" {
					optional++
				}
			}
			for _, stats := range metrics {
				asked += float64((stats + 4) / 5)
			}
		}
		s := w.state()
		if off := float64(s.Queries)/asked - 1; off > 0.01 || off < -0.01 {
			t.Errorf("$%.2f: the meter says %d metrics, asked for were %.0f", c.budget, s.Queries, asked)
		}
		if spent := 2 * asked * each.USD; spent > c.budget*1.1 { // the first polls learn, and ask for all
			t.Errorf("$%.2f: an hour costs $%.2f", c.budget, spent)
		}
		if got := optional > 0; got != c.optional || (s.Resting == 0) != c.optional || m.stretch != c.stretch {
			t.Errorf("$%.2f: optional signals asked %d times, %d rest, a poll each %d min", c.budget, optional, s.Resting, m.stretch)
		}
		for i, r := range cl.asked {
			if i > 0 && cl.calls[i]-cl.calls[i-1] < time.Second || len(r.Queries) > ddbaws.MaxQueries {
				t.Fatalf("call %d at %s asks for %d series", i, cl.calls[i], len(r.Queries))
			}
		}
	}
}

// M2: an outage of three hours, from the start or under way, of whatever kind, ends nothing: at most two calls a minute, the right word, and data within
// a minute of its end. Mutants: wait up to five minutes; give up after a hundred failures.
func TestOutageOfThreeHours(t *testing.T) {
	for name, c := range map[string]struct {
		err   error
		state string
		word  ddbaws.Reason
	}{
		"no such name": {noDNS, "down", ddbaws.DNS}, "reset": {broken, "down", ddbaws.Reset}, "black hole or a body that drips": {context.DeadlineExceeded, "down", ddbaws.Timeout},
		"HTTP 503": {api("ServiceUnavailable"), "down", ddbaws.Other}, "throttled": {api("Throttling"), "down", ddbaws.Throttled}, "signed out": {expired, "expired", ddbaws.Expired},
	} {
		for _, from := range []time.Duration{0, 5 * time.Minute} {
			if from > 0 && c.word != ddbaws.Reset {
				continue // how it failed makes no difference to what was there before
			}
			to := from + 3*time.Hour
			w, cl := newWorld(), &cloud{lag: time.Minute, fail: func(at time.Duration) error { return when(at >= from && at < to, c.err) }}
			m := polling(w, cl)
			m.c.Rand = rand.New(rand.NewPCG(1, 1)).Float64
			w.run(t, m.Run, to+2*time.Minute)
			if c.word != ddbaws.Expired { // who signs in again is noticed within ten seconds
				for at := from + time.Minute; at < to; at += time.Minute {
					if n := within(cl.calls, at, at+time.Minute); n > 2 {
						t.Fatalf("%s: %d calls in minute %s", name, n, at)
					}
				}
			}
			seen := slices.ContainsFunc(of[history.SourceChanged](w), func(s history.SourceChanged) bool { return s.State == c.state && s.Reason == string(c.word) })
			if !seen {
				t.Errorf("%s: no word of %s (%s) in %+v", name, c.state, c.word, of[history.SourceChanged](w))
			}
			for _, e := range w.events {
				if b, ok := e.Body.(history.MetricsPolled); ok && e.At.Sub(start) >= to {
					if late := e.At.Sub(start) - to; late > time.Minute || len(b.Series) == 0 {
						t.Errorf("%s: %d series, %s after the end", name, len(b.Series), late)
					}
					break
				}
			}
			if st := w.state().Sources["cloudwatch"].State; st != "ok" {
				t.Errorf("%s: %s after the end", name, st)
			}
		}
	}
}

// M7: a clock of CloudWatch's that jumps by an hour under way is followed from the second poll on. Mutant: take the windows from our own clock.
func TestAClockThatJumps(t *testing.T) {
	w, c := newWorld(), &cloud{lag: time.Minute}
	c.fail = func(at time.Duration) error {
		if c.skew = 0; at >= 20*time.Minute && at < 40*time.Minute {
			c.skew = time.Hour
		}
		return nil
	}
	w.run(t, polling(w, c).Run, time.Hour)
	wrong := 0
	for i, r := range c.asked {
		skew := time.Duration(0)
		if at := c.calls[i]; at >= 20*time.Minute && at < 40*time.Minute {
			skew = time.Hour
		}
		if off := start.Add(c.calls[i] + skew).Sub(r.To); off < 0 || off > time.Minute {
			wrong++
		}
	}
	if wrong != 2 { // the first poll after each jump, which tells of it
		t.Errorf("%d of %d windows were another clock's, expected the first after each jump", wrong, len(c.asked))
	}
}
