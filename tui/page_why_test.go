package tui

import (
	"strings"
	"testing"
	"time"

	"github.com/ddbloop/ddbloop/history"
	"github.com/ddbloop/ddbloop/tui/tuitest"
)

// v opens the reasoning, scrolls as far as it has lines and no further, and closes; y copies it; what an approval is decided on is
// never under it. Mutants: keep the page when a change is armed; let j run past the end.
func TestTheReasoning(t *testing.T) {
	d := sit(t, tuitest.Planned(true), 80, 24)
	d.press(time.Second, "v")
	if got := d.screen(); !strings.Contains(got, "p 0.94 hot_partition on orders") || !strings.Contains(got, "more lines below") {
		t.Fatal(got)
	}
	d.press(time.Second, "pgdown", "pgdown", "pgdown", "k")
	if got := d.screen(); !strings.Contains(got, "above, 1 below") {
		t.Fatalf("a step up from the end does not show at once:\n%s", got)
	}
	d.press(time.Second, "y")
	if !strings.Contains(d.m.copied, "like under_provisioned (p 0.05); decides KeyRange against") {
		t.Errorf("copied %q", d.m.copied)
	}
	d.press(time.Second, "a")
	if got := d.screen(); !strings.Contains(got, "type E1-orders to approve") || strings.Contains(got, "why this verdict") {
		t.Fatalf("armed under a page:\n%s", got)
	}
	d.press(time.Second, "esc", "?", "v", "v")
	if got := d.screen(); strings.Contains(got, "why this verdict") || !strings.Contains(got, "1 Metrics") {
		t.Fatal(got)
	}
}

// The page follows while it is open: numbers and ranking are the present ones. Mutant: keep the rows of the opening.
func TestTheReasoningFollows(t *testing.T) {
	d := sit(t, tuitest.Incident(true), 120, 40)
	d.press(time.Second, "v")
	d.m.Update(eventsArrived{{Seq: 9999, At: d.now, Body: history.Assessed{
		Layer:  history.Layer{Verdict: history.LayerThrottled, Why: "still"},
		Ranked: []history.Hypothesis{{Kind: "scan_storm", Target: "orders", P: 0.7}, {Kind: "hot_partition", Target: "orders", P: 0.3}},
	}}})
	if got := d.screen(); !strings.Contains(got, "ranked   0.70 scan_storm, 0.30 hot_partition") {
		t.Fatal(got)
	}
}

// What acts is never done under the page: it closes first. Mutant: leave one of them out of uncover.
func TestNothingActsUnderThePage(t *testing.T) {
	for key, scene := range map[string]*tuitest.Script{
		"x": tuitest.Incident(true), "s": tuitest.Incident(true), "D": tuitest.Planned(true), "!": tuitest.Incident(true), "t": tuitest.Judged(),
		"e": tuitest.Incident(true), "c": tuitest.Incident(true), "u": tuitest.Judged(), "p": stepAt(history.StepInfo{Type: "act", Change: "lever:shed", Levers: []string{"shed"}}),
	} {
		d := sit(t, scene, 120, 40)
		d.press(time.Second, "v", key)
		if got := d.screen(); strings.Contains(got, "why this verdict") || d.m.prompt == nil && len(d.loop.Commands()) == 0 {
			t.Errorf("%s under the page, or it does nothing:\n%s", key, got)
		}
	}
}
