package main

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ddbloop/ddbloop/engine/sim/scenarios"
)

// drillAll runs scenarios as the command does and returns one result a line.
func drillAll(t testing.TB, o drillOptions, names ...string) []drillResult {
	t.Helper()
	o.format, o.think, o.jobs = "json", 15*time.Second, 1
	if o.magnitude == "" {
		o.magnitude = "base"
	}
	var b bytes.Buffer
	if err := drill(context.Background(), &b, names, o, false); err != nil && codeOf(err) != exitFailed {
		t.Fatal(err)
	}
	var out []drillResult
	for line := range strings.Lines(b.String()) {
		var r drillResult
		if err := json.Unmarshal([]byte(line), &r); err != nil {
			t.Fatalf("%v in %q", err, line)
		}
		out = append(out, r)
	}
	return out
}

var loopScenarios = []string{"calm", "hot-partition", "underprovisioned-table", "gsi-backpressure"}

func TestEmbeddedScenariosPass(t *testing.T) {
	names, o := loopScenarios, drillOptions{seeds: 1}
	if testing.Short() { // under the race detector one run meets as many goroutines as eight
		names, o = []string{"hot-partition"}, drillOptions{}
	}
	for _, r := range drillAll(t, o, names...) {
		if !r.Passed {
			t.Errorf("%s seed %d: failed %v: %+v", r.Scenario, r.Seed, r.Failed, r)
		}
		if r.Scenario == "calm" && (r.FalseAlarms != 0 || len(r.Changes) != 0 || r.Layer.Verdict != "healthy") {
			t.Errorf("calm was not left alone: %+v", r)
		}
	}
}

// BenchmarkDrill is the whole loop for one scenario: world, polls, probes, diagnosis, runbook, effect.
func BenchmarkDrill(b *testing.B) {
	for _, name := range loopScenarios {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				drillAll(b, drillOptions{}, name)
			}
		})
	}
}

// A cure that would cost more than the built-in policy lets a session spend is still tried: a drill scores what a change does.
// Mutant: keep the ceilings.
func TestACureOfALargeTableIsTried(t *testing.T) {
	raw, err := scenarios.Open("underprovisioned-table")
	if err != nil {
		t.Fatal(err)
	}
	text := strings.NewReplacer("write: 500", "write: 10000", "partitions: 8", "partitions: 40", "rate: 300", "rate: 6000", "{low: 1500, base: 2000, high: 3000}", "30000").Replace(string(raw))
	file := filepath.Join(t.TempDir(), "underprovisioned-table.yaml")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, r := range drillAll(t, drillOptions{try: "table.write"}, file) {
		if len(r.Changes) == 0 || r.Changes[0].Verdict != "worked" {
			t.Errorf("%+v, refused %+v", r.Changes, r.Refused)
		}
	}
}
