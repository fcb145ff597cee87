package postmortem_test

import (
	"strings"
	"testing"
	"time"

	"github.com/ddbloop/ddbloop/history"
	"github.com/ddbloop/ddbloop/history/postmortem"
)

// The look-alike, what decides, and what moved first are those of the cause that was held to the end.
func TestWhatMovedAndWhatDecides(t *testing.T) {
	at := time.Date(2026, 3, 3, 14, 5, 0, 0, time.UTC)
	believed := func(layer, kind, rival, moved string) history.Assessed {
		return history.Assessed{
			Layer: history.Layer{Verdict: layer}, Onset: at, Ranked: []history.Hypothesis{{Kind: kind, Target: "orders", P: 0.9, Rival: rival, Decider: "the throttle events of " + rival}},
			Moved: []history.Moved{{At: at, Grain: time.Minute, Text: moved}},
		}
	}
	var events []history.Event
	for i, b := range []history.Body{
		history.SessionStarted{ID: "s", Tables: []string{"orders"}},
		believed("throttled", "underprovisioned_table", "scale_in", "too early"),
		history.IncidentDetected{Why: "refused", Onset: at},
		believed("throttled", "hot_partition", "on_demand_ramp", "requests | tripled"),
		believed("healthy", "calm", "", ""),
	} {
		events = append(events, history.Event{Seq: uint64(i + 1), At: at.Add(time.Duration(i) * time.Minute), Body: b})
	}
	var b strings.Builder
	if err := postmortem.Write(&b, events, ""); err != nil {
		t.Fatal(err)
	}
	text := b.String()
	for _, want := range []string{"It could be taken for on_demand_ramp. What decides: the throttle events of on_demand_ramp.", "- 14:05:00 UTC, known to 1m", "tripled"} {
		if !strings.Contains(strings.ReplaceAll(text, "`", ""), want) {
			t.Errorf("%q is missing in\n%s", want, text)
		}
	}
	if strings.Contains(text, "too early") || strings.Contains(text, "scale_in") {
		t.Error("an earlier belief is taken for the last")
	}
}

// Neither an eye that looked well nor one that had nothing to ask is a gap in the data; one that was down is, until it is well again.
// Mutant: list each state that differs from the last.
func TestAnIdleEyeIsNoGap(t *testing.T) {
	at := time.Date(2026, 3, 3, 14, 5, 0, 0, time.UTC)
	var events []history.Event
	for i, state := range []string{"idle", "ok", "idle", "ok", "down", "ok", "idle"} {
		events = append(events, history.Event{Seq: uint64(i + 1), At: at.Add(time.Duration(i) * time.Minute), Body: history.SourceChanged{Name: "insights", State: state, Every: time.Minute}})
	}
	var b strings.Builder
	if err := postmortem.Write(&b, events, ""); err != nil {
		t.Fatal(err)
	}
	_, gaps, _ := strings.Cut(b.String(), "## Data gaps")
	gaps, _, _ = strings.Cut(gaps, "\n## ")
	if strings.Contains(gaps, "idle") || strings.Count(gaps, "insights") != 2 || !strings.Contains(gaps, "down") {
		t.Errorf("%s", gaps)
	}
}
