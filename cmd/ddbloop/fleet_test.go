package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/ddbloop/ddbloop/engine/fleet"
)

// manyTables is a Region of n tables of which the fourth is refused half of its writes from the first minute on.
func manyTables(n int, here string) string {
	var b strings.Builder
	b.WriteString("scenario: many\ntitle: many tables\nseed: 7\nstart: 2026-03-03T14:00:00Z\nhistory: 1h\nduration: 40m\nregion: eu-west-1\naccount: \"123456789012\"\n" + here + "tables:\n")
	for i := range n {
		fmt.Fprintf(&b, "  - {name: t-%03d, mode: provisioned, read: 400, write: 400, key: {partition: pk, distinct: 2000}, items: 20000, item_bytes: 900}\n", i)
	}
	b.WriteString("traffic:\n")
	for i := range n {
		fmt.Fprintf(&b, "  - {name: w-%03d, table: t-%03[1]d, operation: PutItem, rate: 50, sdk: {attempts: 4, base: 25ms, timeout: 1s}, slo: {p99: 60ms, success: 0.999}, feed: 1s}\n", i)
	}
	b.WriteString("events:\n  - {at: 1m, set: {traffic.w-003.rate: 800}}\ntruth: {kind: underprovisioned_table, target: t-003, layer: throttled, begins: 1m, disposition: optimize, cures: [table.write]}\n")
	return b.String()
}

// On a Region of many tables the one that hurts is first, in one object a line; with CloudWatch dark nothing is quiet.
func TestFleetOnARegion(t *testing.T) {
	for _, c := range []struct {
		name, here string
		state      string
		others     string
		code       int
	}{
		{"seen", "", fleet.Refused, fleet.Quiet, exitCritical},
		{"ListMetrics denied", "here: {deny: [\"cloudwatch:ListMetrics\"]}\n", fleet.Refused, fleet.Quiet, exitCritical},
		{"CloudWatch denied", "here: {deny: [\"cloudwatch:GetMetricData\", \"cloudwatch:ListMetrics\"]}\n", fleet.Unknown, fleet.Unknown, exitUnknown},
	} {
		t.Run(c.name, func(t *testing.T) {
			served(t, manyTables(30, c.here), 10*time.Minute)
			out, code := typed(t, "fleet", "--format", "json")
			lines := strings.Split(strings.TrimSpace(out), "\n")
			if code != c.code || len(lines) != 30 {
				t.Fatalf("exit %d, %d lines", code, len(lines))
			}
			for i, l := range lines {
				var row map[string]any
				if err := json.Unmarshal([]byte(l), &row); err != nil {
					t.Fatal(err)
				}
				want := c.others
				if i == 0 {
					want = c.state
				}
				if row["state"] != want || row["rank"] != float64(i+1) || i == 0 && c.state == fleet.Refused && row["table"] != "t-003" {
					t.Fatalf("%d: %s", i, l)
				}
				for _, k := range []string{"pain", "throttled_per_minute", "http_500_per_minute", "p99_ms", "asked", "age"} {
					if v, there := row[k]; !there || (v == nil) != (want == fleet.Unknown) {
						t.Fatalf("%s is %v in %s", k, v, l)
					}
				}
			}
			text, code := typed(t, "fleet", "--format", "text")
			if code != c.code || strings.Count(text, "\n") < 32 || (c.here != "") != strings.Contains(text, "missing  cloudwatch:ListMetrics") {
				t.Errorf("exit %d:\n%s", code, text)
			}
		})
	}
}

func TestFleetWithoutAList(t *testing.T) {
	served(t, manyTables(4, "here: {deny: [\"dynamodb:ListTables\"]}\n"), time.Minute)
	if out, code := typed(t, "fleet", "--format", "json"); code != exitUnknown || out != "" {
		t.Errorf("exit %d, printed %q", code, out)
	}
}
