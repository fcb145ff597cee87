package engine

import (
	"fmt"
	"testing"
	"time"

	"github.com/ddbloop/ddbloop/history"
)

// BenchmarkTick is one look at a State of 500 series with three hours of minutes, a feed, a probe and a
// change that is being judged: it comes once a second.
func BenchmarkTick(b *testing.B) {
	w := newWorld(b)
	w.pass(10 * time.Minute)
	end := w.clk.Now().Unix() / 60 * 60
	p := history.MetricsPolled{Source: "cloudwatch", From: end - 3*3600, SettledTo: end}
	for i := range 500 {
		op := ""
		name := []string{"consumed_write", "write_throttles", "latency_p50", "requests", "system_errors"}[i%5]
		if i >= 5 {
			op = fmt.Sprintf("Op%d", i/5)
		}
		u := history.SeriesUpdate{Key: history.SeriesKey{Signal: name, Target: "orders", Op: op}, Period: 60, Zero: i%5 == 1}
		for m := range int64(180) {
			u.Points = append(u.Points, history.Point{T: end - 60*(180-m), V: float64(20 + m%7)})
		}
		p.Series = append(p.Series, u)
	}
	w.eng.Emit(p)
	for i := range 1800 {
		at := w.clk.Now().Add(time.Duration(i-1800) * time.Second)
		w.eng.state.Apply(history.Event{Seq: uint64(i), At: at, Body: history.FeedScraped{
			Feed: "web", Table: "orders", Seconds: 1, Calls: 100,
			Attempts: 140, P50: 5, P99: 20, Errors: map[string]float64{"ThrottlingException": float64(38 + i%5)},
		}})
		w.eng.state.Apply(history.Event{Seq: uint64(i), At: at, Body: history.ProbeAnswered{Probe: "own", Table: "orders", Every: time.Second, OK: true, Total: 4e6}})
	}
	must(b, w.do(PlanChange{What: "lever:cap", Target: "orders"}))
	must(b, w.do(w.consent("E1")))
	w.pass(time.Second)
	b.ReportAllocs()
	for b.Loop() {
		w.eng.Tick()
	}
}
