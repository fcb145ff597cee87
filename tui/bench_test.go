package tui

import (
	"fmt"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/ddbloop/ddbloop/history"
	"github.com/ddbloop/ddbloop/tui/tuitest"
)

// BenchmarkView200x60 draws 36 charts anew for each round; the budget is 5 ms.
func BenchmarkView200x60(b *testing.B) {
	s := tuitest.Incident(true)
	for i := range 40 {
		var pts []history.Point
		for k := range 60 {
			pts = append(pts, history.Point{T: tuitest.Start.Add(time.Duration(k) * time.Minute).Unix(), V: float64((i*7+k*13)%100) + 1})
		}
		s.Add(history.MetricsPolled{Source: "cloudwatch", From: tuitest.Start.Unix(), Series: []history.SeriesUpdate{
			{Key: tuitest.Key("latency_p99", "orders", fmt.Sprintf("Op%02d", i)), Unit: "ms", Period: 60, Points: pts},
		}})
	}
	d := sit(b, s, 200, 60)
	d.m.Update(key("f"))
	shown, _ := d.m.shown(true)
	if cols, _, rows := grid(200, 53, len(shown)); cols*rows < 36 {
		b.Fatalf("%d × %d charts", cols, rows)
	}
	b.ReportAllocs()
	for b.Loop() {
		d.now = d.now.Add(time.Second) // ages grow: nothing may be taken from the last frame
		d.m.Update(clockTicked{})
		d.m.View()
	}
}

// BenchmarkKey is what one key costs when nothing else has changed.
func BenchmarkKey(b *testing.B) {
	d := sit(b, tuitest.Incident(true), 200, 60)
	b.ReportAllocs()
	for b.Loop() {
		d.m.Update(key("j"))
		d.m.View()
	}
}

func TestAnUnchangedScreenIsNotDrawnAgain(t *testing.T) {
	d := sit(t, tuitest.Calm(), 120, 40)
	d.m.View()
	d.m.canvas.Reset(1, 1) // would show if it were drawn
	d.m.Update(feedReady{})
	d.m.Update(tea.FocusMsg{})
	if got := d.m.View().Content; len(got) < 1000 {
		t.Fatal("lost the frame")
	}
	if d.m.stale {
		t.Fatal("a message that changes nothing made a new frame")
	}
}
