package engine

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/ddbloop/ddbloop/engine/change"
	"github.com/ddbloop/ddbloop/engine/effect"
	"github.com/ddbloop/ddbloop/history"
	"github.com/ddbloop/ddbloop/runbooks"
)

// risenTo is a State an hour and a half into a session on the table orders, whose trouble began a quarter of an hour ago: each
// signal@target#op was at 10 until then, and is at the value named since; signals of a feed or a probe every second of the last minute,
// all others by the minute.
func risenTo(layer, kind string, signals map[string]float64) *history.State {
	s := history.NewState()
	s.Now = start.Add(90 * time.Minute)
	s.Session.Tables = []string{"orders"}
	s.Tables["orders"] = &history.Table{Snap: &history.TableSnapshot{Name: "orders", Indexes: []history.IndexSnapshot{{Name: "by-status"}}}}
	onset := s.Now.Add(-15 * time.Minute)
	s.Incident.Detected, s.Incident.Onset = onset.Add(time.Minute), onset
	s.Assessed.Layer.Verdict = layer
	if kind != "" {
		s.Assessed.Ranked = []history.Hypothesis{{Kind: kind, Target: "orders", P: 0.9}}
	}
	for k, v := range signals {
		name, rest, _ := strings.Cut(k, "@")
		target, op, _ := strings.Cut(rest, "#")
		key := history.SeriesKey{Signal: name, Target: target, Op: op}
		sr := &history.Series{Key: key, Period: 60}
		if strings.HasPrefix(name, "feed_") || strings.HasPrefix(name, "probe_") {
			sr.Period = 1
		}
		for at := start; at.Before(s.Now); at = at.Add(time.Minute) {
			level := 10.0
			if !at.Before(onset) {
				level = v
			}
			sr.Merge([]history.Point{{T: at.Unix(), V: level}})
		}
		for i := range int64(60) {
			if sr.Period == 1 {
				sr.Merge([]history.Point{{T: s.Now.Unix() - 60 + i, V: v}})
			}
		}
		s.Series[key.String()] = sr
	}
	return s
}

// held is an expectation in one line.
func held(x *history.Expectation) string {
	if x == nil {
		return "nothing"
	}
	out := x.Signal + "@" + x.Target
	if x.Op != "" {
		out += "#" + x.Op
	}
	return fmt.Sprintf("%s %s %.0f%% in %s", out, x.Direction, 100*x.By, x.Within)
}

// TestWhatALeverIsHeldTo: to the signal in which the diagnosed kind hurts, nearest to its cause first, where it is in trouble at all;
// most of the way back to its usual level. Else to the refusals. Mutants: look at the callers before the server; take the first
// signal whether it is in trouble or not; ask for all of the way; take the least risen of several operations.
func TestWhatALeverIsHeldTo(t *testing.T) {
	for _, c := range []struct {
		name, layer, kind string
		target            string // "" = orders
		signals           map[string]float64
		want              string
	}{
		{"nothing is in trouble", "slow", "filter_drift", "", nil, "read_throttles@orders down 90% in 5m0s"},
		{"a filter", "slow", "filter_drift", "", map[string]float64{"latency_p50@orders#Query": 40, "feed_p50@orders#web": 100}, "latency_p50@orders#Query down 60% in 5m0s"},
		{"the worst operation", "slow", "filter_drift", "", map[string]float64{"latency_p50@orders#Query": 20, "latency_p50@orders#Scan": 50}, "latency_p50@orders#Scan down 64% in 5m0s"},
		{"a rise of a fifth is none", "slow", "filter_drift", "", map[string]float64{"latency_p50@orders#Query": 12, "feed_p50@orders#web": 20}, "feed_p50@orders#web down 40% in 5m0s"},
		{"the average where there is no median", "slow", "large_items", "", map[string]float64{"latency_avg@orders#PutItem": 20}, "latency_avg@orders#PutItem down 40% in 5m0s"},
		{"pages: the callers first", "slow", "pagination_blowup", "", map[string]float64{"latency_p50@orders#Query": 40, "feed_p50@orders#web": 20}, "feed_p50@orders#web down 40% in 5m0s"},
		{"the callers of an index", "client", "client_latency", "", map[string]float64{"feed_p99@orders/by-status#web": 20}, "feed_p99@orders/by-status#web down 40% in 5m0s"},
		{"our own probe", "slow", "client_latency", "", map[string]float64{"probe_latency@orders#read": 40}, "probe_latency@orders#read down 60% in 5m0s"},
		{"callers that are no table", "client", "client_latency", "web", map[string]float64{"feed_p50@orders#web": 20}, "feed_p50@orders#web down 40% in 5m0s"},
		{"a consumer has longer", "healthy", "stream_lag", "", map[string]float64{"iterator_age@#fold": 90}, "iterator_age@#fold down 71% in 10m0s"},
		{"a replica", "healthy", "replica_lag", "", map[string]float64{"replication_latency@orders#eu-west-1": 40}, "replication_latency@orders#eu-west-1 down 60% in 10m0s"},
		{"conflicts", "throttled", "transaction_conflicts", "", map[string]float64{"transaction_conflicts@orders": 20, "feed_failure_share@orders#web": 20}, "transaction_conflicts@orders down 40% in 5m0s"},
		{"no kind, but slow", "tail", "", "", map[string]float64{"latency_p50@orders#Query": 40}, "latency_p50@orders#Query down 60% in 5m0s"},
		{"no kind, and refused", "throttled", "hot_partition", "", map[string]float64{"latency_p50@orders#Query": 40}, "write_throttles@orders down 90% in 5m0s"},
	} {
		target := c.target
		if target == "" {
			target = "orders"
		}
		if got := held(expectation(risenTo(c.layer, c.kind, c.signals), change.Request{What: "lever:stop", Target: target})); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

// TestWhatAnyOtherChangeIsHeldTo: what moves a limit is held to that limit's refusals, whatever hurts; what a runbook says counts,
// and its trouble keeps its own time and harm. Mutants: let a capacity look for pain; drop a runbook's harm; shorten what needs longer.
func TestWhatAnyOtherChangeIsHeldTo(t *testing.T) {
	harm := []history.HarmSignal{{Signal: "feed_p99", Factor: 2}}
	slow := map[string]float64{"latency_p50@orders#Query": 40, "iterator_age@#fold": 90}
	for _, c := range []struct {
		name string
		kind string
		r    change.Request
		want string
		harm bool
	}{
		{"a capacity", "filter_drift", change.Request{What: "table.read", Target: "orders"}, "read_throttles@orders down 90% in 5m0s", false},
		{"an index", "filter_drift", change.Request{What: "index.write", Target: "orders/by-status"}, "write_throttles@orders/by-status down 90% in 5m0s", false},
		{"a build", "filter_drift", change.Request{What: "index.delete_backfilling", Target: "orders/by-status"}, "write_throttles@orders/by-status down 90% in 5m0s", false},
		{"scaling of a side", "filter_drift", change.Request{What: "autoscaling.max", Target: "orders", Side: "read"}, "read_throttles@orders down 90% in 5m0s", false},
		{"a mode, of a kind that reads", "filter_drift", change.Request{What: "mode.on_demand", Target: "orders"}, "read_throttles@orders down 90% in 5m0s", false},
		{"a mode, of a kind that writes", "ttl_storm", change.Request{What: "mode.on_demand", Target: "orders"}, "write_throttles@orders down 90% in 5m0s", false},
		{"what only looks", "filter_drift", change.Request{What: "insights", Target: "orders"}, "nothing", false},
		{"a variant without a lab", "filter_drift", change.Request{What: change.QueryVariant, Target: "orders"}, "nothing", false},
		{"what a runbook says", "filter_drift", change.Request{What: "lever:stop", Target: "orders", Expect: &history.Expectation{
			Signal: "consumed_read", Target: "orders", Direction: "down", By: 0.5, Within: time.Minute, Harm: harm,
		}}, "consumed_read@orders down 50% in 1m0s", true},
		{"a runbook's trouble", "filter_drift", change.Request{What: "lever:stop", Target: "orders", Expect: &history.Expectation{
			Signal: runbooks.Trouble, Within: 20 * time.Minute, Harm: harm,
		}}, "latency_p50@orders#Query down 60% in 20m0s", true},
		{"a trouble that needs longer than the runbook gives", "stream_lag", change.Request{What: "lever:stop", Target: "orders", Expect: &history.Expectation{
			Signal: runbooks.Trouble, Within: 2 * time.Minute,
		}}, "iterator_age@#fold down 71% in 10m0s", false},
		{"the trouble of what only looks", "filter_drift", change.Request{What: "insights", Target: "orders", Expect: &history.Expectation{Signal: runbooks.Trouble}}, "nothing", false},
	} {
		x := expectation(risenTo("slow", c.kind, slow), c.r)
		if got := held(x); got != c.want || x != nil && (len(x.Harm) > 0) != c.harm {
			t.Errorf("%s: %s, want %s; %+v", c.name, got, c.want, x)
		}
	}
}

// TestRefusedAt: a lever on callers is held to the table that refuses most of late. Mutants: the first table; refusals of hours ago.
func TestRefusedAt(t *testing.T) {
	s := risenTo("throttled", "", nil)
	s.Session.Tables = []string{"orders", "carts", "users"}
	put := func(signal, table string, ago time.Duration, v float64) {
		key := history.SeriesKey{Signal: signal, Target: table}
		sr := &history.Series{Key: key, Period: 60}
		sr.Merge([]history.Point{{T: s.Now.Add(-ago).Unix(), V: v}})
		s.Series[key.String()] = sr
	}
	put("write_throttles", "orders", 5*time.Minute, 10)
	put("write_throttles", "carts", 5*time.Minute, 8)
	put("read_throttles", "carts", 5*time.Minute, 8)
	put("write_throttles", "users", time.Hour, 900)
	for target, want := range map[string]string{"orders": "orders", "orders/by-status": "orders/by-status", "web": "carts", "eu-west-1": "carts"} {
		if got := refusedAt(s, target); got != want {
			t.Errorf("%s: %s, want %s", target, got, want)
		}
	}
}

// TestRisen: a level is usual only when it was there before the trouble, and what never was has none to go back to. Mutants: take the
// usual level from the trouble; make do with fewer points; forget that the incident is over; let the calm before the trouble into what
// it has come to.
func TestRisen(t *testing.T) {
	k := history.SeriesKey{Signal: "latency_p50", Target: "orders", Op: "Query"}
	for _, c := range []struct {
		name   string
		change func(s *history.State)
		usual  float64
		known  bool
	}{
		{"in an incident", func(*history.State) {}, 10, true},
		{"a trouble of an hour", func(s *history.State) { s.Incident.Onset = start.Add(30 * time.Minute) }, 10, true},
		{"a trouble since the ninth minute", func(s *history.State) { s.Incident.Onset = start.Add(9 * time.Minute) }, 10, false},
		{"over: the last quarter of an hour is new", func(s *history.State) { s.Incident.Onset, s.Incident.Recovered = start, s.Now }, 10, true},
		{"nothing is known", func(s *history.State) { s.Series = map[string]*history.Series{} }, 0, false},
	} {
		s := risenTo("slow", "", map[string]float64{"latency_p50@orders#Query": 40})
		c.change(s)
		now, usual, ok := risen(s, k, s.Now)
		if ok != c.known || usual != c.usual || c.known && now != 40 {
			t.Errorf("%s: %g against %g, %t", c.name, now, usual, ok)
		}
	}
	s := risenTo("slow", "", map[string]float64{"latency_p50@orders#Query": 40})
	s.Incident.Onset = s.Now.Add(-2 * time.Minute) // three of the five newest minutes were calm
	sr := s.Series[k.String()]
	for i := range sr.Points {
		if p := &sr.Points[i]; p.T < s.Incident.Onset.Unix() {
			p.V = 10
		}
	}
	if now, usual, ok := risen(s, k, s.Now); now != 40 || usual != 10 || !ok {
		t.Errorf("a trouble of two minutes: %g against %g, %t", now, usual, ok)
	}
	k = history.SeriesKey{Signal: "feed_p50", Target: "orders", Op: "web"}
	s = risenTo("client", "", map[string]float64{"feed_p50@orders#web": 10})
	s.Incident.Onset = s.Now.Add(-time.Second)
	s.Series[k.String()].Merge([]history.Point{{T: s.Incident.Onset.Unix(), V: 40}})
	if now, usual, ok := risen(s, k, s.Now); now != 40 || usual != 10 || !ok {
		t.Errorf("a trouble of one second: %g against %g, %t", now, usual, ok)
	}
}

// TestKindOf: times are compared by ratio, shares by difference. Mutant: take a share for a count.
func TestKindOf(t *testing.T) {
	s := history.NewState()
	for name, want := range map[string]effect.Kind{
		"latency_p50": effect.Latency, "iterator_age": effect.Latency, "feed_failure_share": effect.Share, "write_throttles": effect.Count,
	} {
		if got := kindOf(s, name); got != want {
			t.Errorf("%s is %v, want %v", name, got, want)
		}
	}
}
