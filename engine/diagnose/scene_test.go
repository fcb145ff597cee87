package diagnose_test

import (
	"math"
	"slices"
	"strings"
	"time"

	"github.com/ddbloop/ddbloop/engine/diagnose"
	"github.com/ddbloop/ddbloop/history"
)

var start = time.Date(2026, 3, 3, 14, 0, 0, 0, time.UTC)

// scene folds hand-made events. Forty minutes of CloudWatch lie behind it; the newest complete one
// closed 90 seconds ago.
type scene struct {
	s   *history.State
	now time.Time
}

const past = 40

// table is a provisioned table with one index.
func table() *history.TableSnapshot {
	return &history.TableSnapshot{
		Name: "orders", ID: "id-1", Status: "ACTIVE", Mode: "provisioned", Throughput: history.Throughput{Read: 1000, Write: 1000},
		Indexes: []history.IndexSnapshot{{Name: "by-status", Status: "ACTIVE", Throughput: history.Throughput{Read: 500, Write: 500}}},
	}
}

// newScene knows the table and nothing else.
func newScene(t *history.TableSnapshot) *scene {
	c := &scene{s: history.NewState(), now: start}
	c.put(history.SessionStarted{
		ID: "s", Mode: "watch", Tables: []string{"orders"}, Region: "us-east-1", Armed: true,
		Clients: []history.Client{{Name: "web", Table: "orders", P99: 100 * time.Millisecond, Success: 0.999}},
	})
	c.put(history.TableDescribed{Name: "orders", Table: t})
	return c
}

func (c *scene) put(bodies ...history.Body) {
	for _, b := range bodies {
		c.s.Apply(history.Event{Seq: c.s.Seq + 1, At: c.now, Body: b})
	}
}

// metrics are the minutes of the signals named signal@target; a short list is padded with its first value
// at the front. Sides that are not named are used little and refuse nothing.
type metrics map[string][]float64

// polled gives the scene its CloudWatch and moves on to 90 s after the last minute closed.
func (c *scene) polled(m metrics) *scene {
	all := metrics{}
	for _, target := range []string{"orders", "orders/by-status"} {
		for _, side := range []string{"read", "write"} {
			all["consumed_"+side+"@"+target] = []float64{10}
			for _, cause := range []string{"", "provisioned_", "keyrange_", "cap_", "account_"} {
				all[side+"_"+cause+"throttles@"+target] = []float64{0}
			}
		}
	}
	for k, v := range m {
		all[k] = v
	}
	names := make([]string, 0, len(all))
	for k := range all {
		names = append(names, k)
	}
	slices.Sort(names)
	end := start.Unix() + past*60
	p := history.MetricsPolled{Source: "cloudwatch", From: start.Unix(), To: end, SettledTo: end}
	for _, k := range names {
		if all[k] == nil {
			continue // not answered
		}
		name, goal, _ := strings.Cut(k, "@")
		goal, op, _ := strings.Cut(goal, "#")
		u := history.SeriesUpdate{Key: history.SeriesKey{Signal: name, Target: goal, Op: op}, Period: 60, Zero: strings.Contains(name, "throttles") || name == "system_errors" || name == "ttl_deletes"}
		for i := range past {
			v := all[k][max(0, i-past+len(all[k]))]
			if v > 0 || !u.Zero && !math.IsNaN(v) { // nothing was published
				u.Points = append(u.Points, history.Point{T: start.Unix() + 60*int64(i), V: v})
			}
		}
		p.Series = append(p.Series, u)
	}
	c.now = time.Unix(end+90, 0).UTC()
	c.put(history.SourceChanged{Name: "cloudwatch", State: "ok"}, p)
	return c
}

// last puts n equal minutes at the end of the past, after zeros.
func last(n int, v float64) []float64 {
	out := make([]float64, past)
	for i := past - n; i < past; i++ {
		out[i] = v
	}
	return out
}

// fed lets n seconds of a feed pass.
func (c *scene) fed(n int, calls, attempts, throttled, failed, p99 float64) *scene {
	for range n {
		c.now = c.now.Add(time.Second)
		c.put(history.FeedScraped{
			Feed: "web", Table: "orders", Seconds: 1, Calls: calls, Attempts: attempts, Failed: failed, P50: 5, P99: p99,
			Errors: map[string]float64{"ProvisionedThroughputExceededException": throttled},
		})
	}
	return c
}

// probed lets n seconds pass with a probe that gets an answer, or the code.
func (c *scene) probed(n int, index, code string, reasons ...history.Reason) *scene {
	for range n {
		c.now = c.now.Add(time.Second)
		c.put(history.ProbeAnswered{
			Probe: "own", Table: "orders", Index: index, Op: "Query", Every: time.Second, OK: code == "", Code: code,
			Total: 4 * time.Millisecond, Reasons: reasons,
		})
	}
	return c
}

// waited lets time pass in silence.
func (c *scene) waited(d time.Duration) *scene {
	c.now = c.now.Add(d)
	return c
}

// assess assesses and folds the result, as the engine does.
func (c *scene) assess() history.Assessed {
	a := diagnose.Assess(c.s, c.now, diagnose.Defaults)
	c.put(a)
	return a
}
