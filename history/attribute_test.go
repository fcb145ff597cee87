package history_test

import (
	"strings"
	"testing"
	"time"

	"github.com/ddbloop/ddbloop/history"
)

// story builds a journal minute by minute from the onset at 0.
type story struct{ s *history.State }

func (x story) at(minute float64, bodies ...history.Body) {
	for _, b := range bodies {
		x.s.Apply(history.Event{Seq: x.s.Seq + 1, At: dawn.Add(time.Duration(minute * float64(time.Minute))), Body: b})
	}
}

var dawn = time.Date(2026, 5, 1, 6, 0, 0, 0, time.UTC)

// change is sent at a minute, in force one later, and judged after that.
func (x story) change(id string, minute float64, word, source string) {
	x.at(minute, history.ChangePlanned{ID: id, What: "table.write", Target: "orders", Title: "raise"}, history.ChangeApproved{ID: id}, history.ChangeIntended{ID: id})
	x.at(minute+1, history.ChangeAnswered{ID: id, OK: true}, history.ChangeSettled{ID: id})
	if word != "" {
		x.at(minute+3, history.EffectJudged{ID: id, Stage: history.Verdict, Word: word, Source: source, Reason: "it " + word})
	}
}

func (x story) layer(minute float64, verdict, do string) {
	x.at(minute, history.Assessed{Layer: history.Layer{Verdict: verdict}, Disposition: history.Disposition{Verdict: do}})
}

// TestAttribute: what ended the incident, with what confidence, and what was in vain. Mutants: credit the newest change
// whatever its verdict; forget what was taken back; leave out "by itself".
func TestAttribute(t *testing.T) {
	const sure = "confirmed by the metric"
	for _, c := range []struct {
		name  string
		tell  func(x story)
		ended string
		by    string
		least float64
		vain  []string
	}{
		{"one change that worked", func(x story) { x.change("E1", 4, history.Worked, sure) }, history.EndedByChange, "E1", 0.9, nil},
		{"one in vain, the next worked", func(x story) {
			x.change("E1", 2, history.NoEffect, "first look")
			x.change("E2", 6, history.Worked, sure)
		}, history.EndedByChange, "E2", 0.9, []string{"E1"}},
		{"one helped, a later one did the rest", func(x story) {
			x.change("E1", 2, history.Helped, sure)
			x.change("E2", 6, history.Worked, sure)
		}, history.EndedByChange, "E2", 0.8, nil},
		{"nothing was done", func(story) {}, history.EndedItself, "", 0.99, nil},
		{"what was tried did nothing", func(x story) { x.change("E1", 2, history.NoEffect, sure) }, history.EndedItself, "", 0.9, []string{"E1"}},
		{"a change that made it worse", func(x story) { x.change("E1", 2, history.Worse, "first look") }, history.EndedItself, "", 0.9, []string{"E1"}},
		{"nobody can tell a change from the rest", func(x story) { x.change("E1", 8, history.Confounded, sure) }, history.EndedUnclear, "", 0.4, nil},
		{"a deploy beside a change that nobody can tell from it", func(x story) {
			x.change("E1", 8, history.Confounded, sure)
			x.at(9, history.Marked{Text: "deploy 7", At: dawn.Add(9 * time.Minute)})
		}, history.EndedUnclear, "", 0.4, nil},
		{"auto scaling had caught up", func(x story) {
			x.at(9, history.ScalingActed{ID: "a", Target: "orders", Side: "write", At: dawn.Add(8 * time.Minute), Status: "Successful", Text: "set to 900"})
		}, history.EndedByOther, "auto scaling on orders", 0.6, nil},
		{"it helped, then faded", func(x story) {
			x.change("E1", 2, history.Worked, sure)
			x.at(8, history.EffectJudged{ID: "E1", Stage: history.Verdict, Word: history.Helped, Faded: true, Reason: "helped, then faded"})
		}, history.EndedItself, "", 0.6, []string{"E1"}},
		{"it worked, and did other harm later", func(x story) {
			x.change("E1", 4, history.Worked, sure)
			x.at(30, history.EffectJudged{ID: "E1", Stage: history.Verdict, Word: history.Worse, Late: true, Reason: "callers are slow"})
		}, history.EndedByChange, "E1", 0.9, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			x := story{history.NewState()}
			x.layer(0.5, history.LayerThrottled, history.Optimize)
			x.at(1, history.IncidentDetected{Onset: dawn})
			c.tell(x)
			if _, ok := history.Attribute(x.s); ok {
				t.Fatal("attributed before it was over")
			}
			x.layer(11, history.LayerHealthy, history.Optimize)
			x.at(16, history.IncidentRecovered{Why: "healthy"})
			a, ok := history.Attribute(x.s)
			if !ok || a.Ended != c.ended || a.By != c.by || a.Confidence < c.least {
				t.Errorf("%+v", a)
			}
			var vain []string
			for _, v := range a.Vain {
				vain = append(vain, v.ID)
				if v.Took < 2*time.Minute {
					t.Errorf("%s took %s", v.ID, v.Took)
				}
			}
			if strings.Join(vain, ",") != strings.Join(c.vain, ",") {
				t.Errorf("in vain %v, want %v", vain, c.vain)
			}
			sum := a.Confidence
			if a.Ended == history.EndedUnclear {
				sum = 0 // then it is among the rivals
			}
			for _, r := range a.Rivals {
				sum += r.P
			}
			if sum > 1.03 {
				t.Errorf("the shares add up to %.2f", sum)
			}
		})
	}
}

// A change that was taken back long before the end did not bring it about.
func TestTakenBackIsNotWhatEndedIt(t *testing.T) {
	x := story{history.NewState()}
	x.layer(0.5, history.LayerThrottled, history.Optimize)
	x.at(1, history.IncidentDetected{Onset: dawn})
	x.change("E1", 2, history.Helped, "first look")
	x.at(6, history.ChangePlanned{ID: "E2", UndoOf: "E1"}, history.ChangeSettled{ID: "E2"})
	x.layer(21, history.LayerHealthy, history.Optimize)
	x.at(26, history.IncidentRecovered{})
	if a, _ := history.Attribute(x.s); a.Ended != history.EndedItself {
		t.Errorf("%+v", a)
	}
	x.at(30, history.IncidentAttributed{Ended: history.EndedItself, Confidence: 0.6, Why: "w"})
	if x.s.Attributed == nil || !strings.Contains(x.s.Timeline[len(x.s.Timeline)-1].Text, "by itself (60 %") {
		t.Errorf("%+v", x.s.Attributed)
	}
	if x.at(40, history.IncidentDetected{Onset: dawn.Add(40 * time.Minute)}); x.s.Attributed != nil {
		t.Error("a new incident has the old one's answer")
	}
}
