package engine

import (
	"testing"
	"time"

	"github.com/ddbloop/ddbloop/engine/effect"
	"github.com/ddbloop/ddbloop/history"
)

// A size of the metric's minutes is said with the number of its minutes, and not of the samples that a feed gave for the first look.
// Mutant: count the look's.
func TestAVerdictCountsItsOwnSamples(t *testing.T) {
	at := time.Date(2026, 3, 3, 14, 20, 10, 0, time.UTC)
	now := at.Add(8 * time.Minute)
	refused := history.SeriesUpdate{Key: history.SeriesKey{Signal: "write_throttles", Target: "orders"}, Period: 60}
	for i := at.Add(-3 * time.Hour).Truncate(time.Minute); i.Before(now); i = i.Add(time.Minute) {
		v := 0.0
		if i.Before(at) && i.After(at.Add(-2*time.Hour)) {
			v = 300
		}
		refused.Points = append(refused.Points, history.Point{T: i.Unix(), V: v})
	}
	s := history.NewState()
	s.Apply(history.Event{Seq: 1, At: now, Body: history.MetricsPolled{Source: "cloudwatch", Series: []history.SeriesUpdate{refused}}})
	x := &history.Expectation{Signal: "write_throttles", Target: "orders", Direction: "down", By: 0.9, Within: 5 * time.Minute}
	c := &history.Change{Plan: history.ChangePlanned{ID: "E1", What: "lever:x", Target: "orders", Expect: x}, Settled: at, State: history.ChangeInForce}
	j := &judge{look: effect.Look{N: 480}}
	said := j.verdict(s, c, now)
	if len(said) != 1 {
		t.Fatalf("%+v", said)
	}
	if b := said[0].(history.EffectJudged); b.Source != string(effect.FromMinutes) || b.N < 2 || b.N > 8 {
		t.Errorf("%s %s of %d samples: %s", b.Source, b.Word, b.N, b.Reason)
	}
}
