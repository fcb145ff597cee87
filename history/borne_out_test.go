package history_test

import (
	"slices"
	"testing"
	"time"

	"github.com/ddbloop/ddbloop/history"
)

// That the metric bears a word out is on the timeline, and once; the word is as old as it was. Mutants: say a word only when it is
// another; say each revision.
func TestAWordThatIsBorneOut(t *testing.T) {
	at := time.Date(2026, 3, 3, 14, 0, 0, 0, time.UTC)
	s := history.NewState()
	for i, b := range []history.Body{
		history.ChangePlanned{ID: "E1", What: "lever:cap", Target: "orders"},
		history.EffectJudged{ID: "E1", Stage: history.Verdict, Word: history.Worked, Source: "first look", Reason: "a feed"},
		history.EffectJudged{ID: "E1", Stage: history.Verdict, Word: history.Worked, Source: "confirmed by the metric", Reason: "minutes"},
		history.EffectJudged{ID: "E1", Stage: history.Verdict, Word: history.Worked, Source: "confirmed by the metric", Reason: "more minutes"},
	} {
		s.Apply(history.Event{Seq: s.Seq + 1, At: at.Add(time.Duration(i) * time.Minute), Body: b})
	}
	var said []string
	for _, e := range s.Timeline {
		said = append(said, e.Text)
	}
	if want := []string{"E1 verdict: worked — a feed", "E1 verdict: worked — minutes"}; !slices.Equal(said[len(said)-2:], want) {
		t.Errorf("%q, want it to end with %q", said, want)
	}
	if c := s.Change("E1"); !c.JudgedAt.Equal(at.Add(time.Minute)) {
		t.Errorf("said at %s", c.JudgedAt)
	}
}
