package engine

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ddbloop/ddbloop/history"
)

// TestAutopilotOnLeversThatCompete: of several levers that would do, one at a time is on. One that harms or does nothing is taken back
// before the next, is not pulled again, and its like of the same word gives way to the runbook's next step; after two in vain
// it is handed over, whatever levers are left. Mutants: leave one that harms, or does nothing, in force.
func TestAutopilotOnLeversThatCompete(t *testing.T) {
	for _, c := range []struct {
		name  string
		words map[string]string // what becomes of a lever, "" = it works
		sent  []string
		ends  bool // handed over
	}{
		{"the first works", nil, []string{"lever cap true"}, false},
		{"the first harms", map[string]string{"cap": history.Worse}, []string{"lever cap true", "lever cap false", "lever spread true"}, false},
		{"the first does nothing", map[string]string{"cap": history.NoEffect}, []string{"lever cap true", "lever cap false", "lever spread true"}, false},
		{
			"two in vain: a person looks before the third",
			map[string]string{"cap": history.Worse, "spread": history.NoEffect},
			[]string{"lever cap true", "lever cap false", "lever spread true", "lever spread false"},
			true,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, func(o *Options) {
				o.Session.Levers = []history.Lever{
					{Name: "deploy", Title: "roll back", Does: "roll_back"},
					{Name: "slow", Title: "slow the job", Does: "limit_client"},
					{Name: "cap", Title: "cap the hot tenant", Does: "limit_key"},
					{Name: "cap-two", Title: "cap the next", Does: "limit_key"},
					{Name: "spread", Title: "spread the key", Does: "spread_keys"},
				}
			})
			w.pass(10 * time.Minute)
			w.poll(hot)
			w.pass(2 * time.Second)
			metrics := maps.Clone(hot)
			pilot := piloted(w, metrics)
			judged := map[string]bool{}
			for range 10 * 6 {
				w.pass(10 * time.Second)
				var words []history.Body
				w.eng.View(func(s *history.State) {
					on := 0
					for _, ch := range s.Changes {
						if ch.State != history.ChangeInForce || ch.Plan.UndoOf != "" {
							continue
						}
						on++
						if name := strings.TrimPrefix(ch.Plan.What, "lever:"); !judged[ch.Plan.ID] {
							judged[ch.Plan.ID] = true
							word := c.words[name]
							if word == "" {
								word = history.Worked
								maps.Copy(metrics, calmTable)
								metrics["write_keyrange_throttles@orders"] = 0
							}
							words = append(words, history.EffectJudged{ID: ch.Plan.ID, Stage: history.Verdict, Word: word, Reason: "as the test says"})
						}
					}
					if on > 1 {
						t.Errorf("%d levers are on at once", on)
					}
				})
				w.eng.Emit(words...)
			}
			if !slices.Equal(w.sent, c.sent) || pilot.Ended() != c.ends || (w.count(is[history.IncidentEscalated]) == 1) != c.ends {
				t.Errorf("sent %q, ended %t; want %q, %t; %q", w.sent, pilot.Ended(), c.sent, c.ends, w.texts("escalated"))
			}
		})
	}
}
