package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestRoleWithoutDataRights: a role that may read no item still sees within seconds that the way to DynamoDB is shut, by the
// request without data that goes out in place of the denied probe; and a team that has told no probe at all has the same eye.
func TestRoleWithoutDataRights(t *testing.T) {
	raw, err := os.ReadFile("../../engine/sim/scenarios/dns-failure.yaml")
	if err != nil {
		t.Fatal(err)
	}
	const here = "here:\n"
	if !strings.Contains(string(raw), here) || !strings.Contains(string(raw), "feed: 1s") {
		t.Fatal("the scenario has changed: this test edits it")
	}
	for name, more := range map[string]string{
		"denied": `  deny: ["dynamodb:GetItem"]` + "\n",
		"none":   "  probes: []\n",
	} {
		t.Run(name, func(t *testing.T) {
			text := strings.Replace(string(raw), here, here+more, 1)
			text = strings.Replace(text, "    feed: 1s\n", "", 1) // no other eye sees seconds
			file := filepath.Join(t.TempDir(), "dns-failure.yaml")
			if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			r := drillAll(t, drillOptions{}, file)[0]
			if !r.Passed || r.Diagnosis.Kind != "dns_failure" || r.FalseAlarms != 0 {
				t.Fatalf("%+v", r)
			}
			begins, err := time.ParseDuration(r.Begins)
			if err != nil {
				t.Fatal(err)
			}
			if at, err := time.ParseDuration(r.DetectedAt); err != nil || at-begins > 12*time.Second {
				t.Errorf("detected at %s, %v", r.DetectedAt, err)
			}
		})
	}
}
