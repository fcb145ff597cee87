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
	if got := d.screen(); !strings.Contains(got, "94% hot_partition on orders") || !strings.Contains(got, "more lines below") {
		t.Fatal(got)
	}
	d.press(time.Second, "pgdown", "pgdown", "pgdown", "k")
	if got := d.screen(); !strings.Contains(got, "above, 1 below") {
		t.Fatalf("a step up from the end does not show at once:\n%s", got)
	}
	d.press(time.Second, "y")
	if !strings.Contains(d.m.copied, "like under_provisioned (5%); decides KeyRange against") {
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
	if got := d.screen(); !strings.Contains(got, "ranked   70% scan_storm, 30% hot_partition") {
		t.Fatal(got)
	}
}
