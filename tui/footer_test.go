package tui

import (
	"strings"
	"testing"
	"time"

	"github.com/ddbloop/ddbloop/history"
	"github.com/ddbloop/ddbloop/tui/theme"
	"github.com/ddbloop/ddbloop/tui/tuitest"
)

// stepAt is the incident with one step of a runbook, and the pointer there.
func stepAt(st history.StepInfo, more ...history.Body) *tuitest.Script {
	st.ID, st.Say = "here", "Do it"
	return tuitest.Incident(true).At(62*time.Minute).Add(
		history.RunbookOpened{Runbook: "hot-partition", Title: "T", Target: "orders", Side: "write", Why: "opened by hand", Steps: []history.StepInfo{st}},
		history.StepEntered{Step: "here"},
	).Add(more...)
}

// lever is a change of that step in force, judged with a word unless that is empty.
func lever(word, class string) []history.Body {
	out := []history.Body{
		history.ChangePlanned{ID: "E1", What: "lever:shed", Target: "orders", Title: "shed", Step: "here", Hash: "h", UndoClass: class},
		history.ChangeApproved{ID: "E1", Hash: "h"},
		history.ChangeIntended{ID: "E1"},
		history.ChangeAnswered{ID: "E1", OK: true},
		history.ChangeSettled{ID: "E1"},
	}
	if word != "" {
		out = append(out, history.EffectJudged{ID: "E1", Stage: history.Verdict, Word: word})
	}
	return out
}

// TestTheFooterSaysWhatToPress: one line says what a person could do now, with the keys that do it, and nothing that cannot be done.
// Mutants: the order of any two cases of next or stepHint; a key of another action; forget that the pane is not focused; offer to undo
// what cannot be taken back; promise a verdict that is there.
func TestTheFooterSaysWhatToPress(t *testing.T) {
	act := history.StepInfo{Type: "act", Change: "lever:shed", Levers: []string{"shed"}}
	recommend := func(verdict, rule string) history.Body {
		return history.Assessed{
			Layer: history.Layer{Verdict: history.LayerThrottled}, Ranked: []history.Hypothesis{{Kind: "hot_partition", Target: "orders", P: 0.94}},
			Disposition: history.Disposition{Verdict: verdict, Rule: rule},
		}
	}
	for _, c := range []struct {
		name  string
		scene *tuitest.Script
		keys  []string
		want  string
	}{
		{"calm", tuitest.Calm(), nil, ""},
		{"a check", stepAt(history.StepInfo{Type: "check"}), nil, "▸ here: evaluates itself · x done · s skip"},
		{"a decision that is weighed", tuitest.Incident(true), []string{"2"}, "▸ relief: ⏎ take shed · d another branch"},
		{"seen from another pane", tuitest.Incident(true), []string{"3"}, "▸ relief: 2 ⏎ take shed · d another branch"},
		{"a decision that is not", stepAt(history.StepInfo{Type: "decide", Choices: []history.Choice{{Goto: "end"}}}), []string{"2"}, "▸ here: d choose a branch"},
		{"a note", stepAt(history.StepInfo{Type: "note"}), []string{"2"}, "▸ here: ⏎ answer · x done"},
		{"an act", stepAt(act), []string{"2"}, "▸ here: ⏎ plan it (nothing is sent yet) · s skip"},
		{"an act while waiting is right", stepAt(act, recommend(history.Retry, "it mends itself")), []string{"2"}, "▸ here: wait, it mends itself · ⏎ plan it all the same"},
		{"an act that waits", stepAt(history.StepInfo{Type: "act", Change: "wait"}, recommend(history.Retry, "it mends itself")), []string{"2"}, "▸ here: ⏎ plan it (nothing is sent yet) · s skip"},
		{"an act that hands over", stepAt(history.StepInfo{Type: "act", Change: "escalate"}), []string{"2"}, "▸ here: ⏎ escalate"},
		{"its change is in force", stepAt(act, lever("", history.UndoReady)...), []string{"2"}, "▸ here: E1 is in force, its verdict comes as its minutes do · u undo"},
		{"its change did nothing", stepAt(act, lever(history.NoEffect, history.UndoReady)...), []string{"2"}, "▸ here: u undo E1: no effect"},
		{"its change did harm", stepAt(act, lever(history.Worse, history.UndoReady)...), []string{"2"}, "▸ here: u undo E1: worse"},
		{"nothing takes it back", stepAt(act, lever(history.Worse, history.UndoImpossible)...), []string{"2"}, "▸ here: E1: worse · s skip"},
		{"what nothing takes back is not judged yet", stepAt(act, lever("", history.UndoImpossible)...), []string{"2"}, "▸ here: E1 is in force, its verdict comes as its minutes do · s skip"},
		{"a plan", tuitest.Planned(true), nil, "▸ a approve E1 (raise orders write capacity) · D drop it"},
		{"a plan in a read-only session", tuitest.Planned(false), nil, "▸ E1 is planned; "},
		{"the strip of an approval", tuitest.Planned(true), []string{"a"}, "▸ type E1-orders and then Enter to send E1 · esc leaves it planned"},
		{"a list", tuitest.Incident(true), []string{"o"}, "▸ j/k choose · ⏎ take it · esc back"},
		{"frozen", tuitest.Planned(true), []string{"space"}, "▸ space shows the present"},
		{"under way", tuitest.Settling(), nil, "▸ E1 is settling: wait for its effect"},
		{"to be handed over", stepAt(act, recommend(history.Escalate, "AWS must mend it")), nil, "▸ e hand over: AWS must mend it"},
		{"handed over", stepAt(act, recommend(history.Escalate, "AWS must mend it"), history.IncidentEscalated{Why: "x"}), []string{"2"}, "▸ here: ⏎ plan it (nothing is sent yet) · s skip"},
		{"over", stepAt(act, history.IncidentRecovered{Why: "healthy"}, history.StepEntered{Step: "end"}), nil, "▸ c close the incident · w write the postmortem"},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := sit(t, c.scene, 160, 40)
			d.press(time.Second, c.keys...)
			got, _ := (&view{m: d.m, g: theme.GlyphsOf(d.m.glyphs)}).next()
			if got != c.want && (c.name != "a plan in a read-only session" || !strings.HasPrefix(got, c.want)) {
				t.Errorf("%q, want %q", got, c.want)
			}
		})
	}
}

// TestTheLastLineNamesLiveKeys: the keys in the last line are those that do something now; while text is typed there are none.
// Mutants: leave out the question why not; draw them under a prompt.
func TestTheLastLineNamesLiveKeys(t *testing.T) {
	for _, c := range []struct {
		name    string
		scene   *tuitest.Script
		keys    []string
		has, no []string
	}{
		{"calm", tuitest.Calm(), nil, []string{"? help", "tab pane", "n note", "q quit"}, []string{"a approve", "u undo", "p plan", "e escalate"}},
		{"an incident", tuitest.Incident(true), nil, []string{"o open runbook", "e escalate"}, []string{"a approve", "u undo"}},
		{"a plan", tuitest.Planned(true), nil, []string{"a approve"}, []string{"u undo"}},
		{"a plan in a read-only session", tuitest.Planned(false), nil, []string{"? help"}, []string{"a approve"}},
		{"a change in force", tuitest.Judged(), nil, []string{"u undo"}, []string{"a approve"}},
		{"a prompt", tuitest.Judged(), []string{"n"}, nil, []string{"? help", "u undo"}},
		{"a list", tuitest.Incident(true), []string{"o"}, nil, []string{"? help", "n note"}},
		{"the strip", tuitest.Planned(true), []string{"a"}, nil, []string{"? help", "n note"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := sit(t, c.scene, 200, 40)
			d.press(time.Second, c.keys...)
			lines := strings.Split(strings.TrimRight(d.screen(), "\n"), "\n")
			last := lines[len(lines)-1]
			for _, want := range c.has {
				if !strings.Contains(last, want) {
					t.Errorf("no %q in %q", want, last)
				}
			}
			for _, not := range c.no {
				if strings.Contains(last, not) {
					t.Errorf("%q in %q", not, last)
				}
			}
		})
	}
}
