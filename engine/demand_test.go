package engine

import (
	"testing"
	"time"

	"github.com/ddbloop/ddbloop/history"
)

// What was offered before a change is counted from the beginning of the trouble, and the minute in which the change came is on
// neither side. Mutants: count the calm; take the broken minute in.
func TestDemandIsTheTroubles(t *testing.T) {
	at := time.Date(2026, 3, 3, 14, 7, 11, 0, time.UTC)
	calls := history.SeriesUpdate{Key: history.SeriesKey{Signal: history.FeedCalls, Target: "orders", Op: "shop"}, Period: 1}
	used := history.SeriesUpdate{Key: history.SeriesKey{Signal: "consumed_write", Target: "orders"}, Period: 60}
	onset := at.Add(-3*time.Minute - 11*time.Second) // 14:04
	level := func(t int64) float64 {
		if t < onset.Unix() {
			return 100
		}
		return 900
	}
	for i := at.Unix() - 900; i < at.Unix()+600; i++ {
		calls.Points = append(calls.Points, history.Point{T: i, V: level(i)})
		if i%60 == 0 {
			v := level(i)
			if i+60 > at.Unix() {
				v = 400
			}
			used.Points = append(used.Points, history.Point{T: i, V: v})
		}
	}
	s := history.NewState()
	s.Apply(history.Event{Seq: 1, At: at, Body: history.MetricsPolled{Source: "cloudwatch", Series: []history.SeriesUpdate{calls, used}}})
	s.Incident.Onset = onset
	c := &history.Change{Plan: history.ChangePlanned{What: "lever:x", Target: "orders", Expect: &history.Expectation{Signal: "write_throttles", Target: "orders"}}, Settled: at}
	for what, v := range map[string]eye{"a feed": {what: "feed", name: "shop", target: "orders"}, "minutes": {}} {
		d := demand(s, c, v, at.Add(10*time.Minute))
		if len(d.Before) < 3 {
			t.Fatalf("%s: %d samples", what, len(d.Before))
		}
		for _, x := range d.Before {
			if x.V != 900 {
				t.Errorf("%s: %v at %s is no demand of the trouble", what, x.V, x.T.UTC().Format(time.TimeOnly))
			}
		}
	}
}

// Of slow requests demand is how many there are: smaller items take fewer units, and are no smaller demand. Mutant: count units.
func TestDemandOfSlowRequests(t *testing.T) {
	at := time.Date(2026, 3, 3, 14, 7, 11, 0, time.UTC)
	used := history.SeriesUpdate{Key: history.SeriesKey{Signal: "consumed_write", Target: "orders"}, Period: 60}
	asked := history.SeriesUpdate{Key: history.SeriesKey{Signal: "requests", Target: "orders", Op: "UpdateItem"}, Period: 60}
	for i := at.Add(-10 * time.Minute).Truncate(time.Minute); i.Before(at.Add(10 * time.Minute)); i = i.Add(time.Minute) {
		units := 4000.0
		if i.After(at) {
			units = 40
		}
		used.Points = append(used.Points, history.Point{T: i.Unix(), V: units})
		asked.Points = append(asked.Points, history.Point{T: i.Unix(), V: 20})
	}
	s := history.NewState()
	s.Apply(history.Event{Seq: 1, At: at, Body: history.MetricsPolled{Source: "cloudwatch", Series: []history.SeriesUpdate{used, asked}}})
	x := &history.Expectation{Signal: "latency_p50", Target: "orders", Op: "UpdateItem"}
	d := demand(s, &history.Change{Plan: history.ChangePlanned{What: "lever:x", Target: "orders", Expect: x}, Settled: at}, eye{}, at.Add(10*time.Minute))
	if len(d.Before) < 5 || len(d.After) < 5 || d.Before[0].V != 20 || d.After[0].V != 20 {
		t.Errorf("%+v", d)
	}
}
