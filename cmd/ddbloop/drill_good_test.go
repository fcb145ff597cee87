package main

import (
	"testing"
	"time"

	"github.com/ddbloop/ddbloop/history"
)

// A tried change is followed for a quarter of an hour: what fades after ten minutes did not work. Mutant: six minutes.
func TestJudgedForGood(t *testing.T) {
	at := time.Date(2026, 3, 3, 14, 0, 0, 0, time.UTC)
	c := &history.Change{Settled: at, Effect: &history.EffectJudged{Word: history.Worked}}
	for after, want := range map[time.Duration]bool{7 * time.Minute: false, 15 * time.Minute: false, 16 * time.Minute: true} {
		if judgedForGood(c, at.Add(after)) != want {
			t.Errorf("after %s: %t", after, !want)
		}
	}
	if c.Effect.Word = history.Worse; judgedForGood(c, at.Add(time.Hour)) {
		t.Error("harm stands before it is taken back")
	}
}
