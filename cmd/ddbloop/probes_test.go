package main

import (
	"context"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/ddbloop/ddbloop/engine"
	"github.com/ddbloop/ddbloop/engine/sim/scenario"
	"github.com/ddbloop/ddbloop/history"
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

// TestProbesOfTheTeam: every way to write a probe down comes to the request that was meant.
func TestProbesOfTheTeam(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "one-order.json")
	if err := os.WriteFile(file, []byte(`{"TableName": "orders", "Key": {"pk": {"S": "a"}}}`), 0o600); err != nil {
		t.Fatal(err)
	}
	config := filepath.Join(dir, "config.yaml")
	if err := os.WriteFile(config, []byte(`probe_units: 20
probes:
  - {name: written, table: orders, operation: GetItem, input: {Key: {pk: {S: 2026-01-02}, sk: {N: "7"}}}}
  - {name: filed, input: one-order.json, every: 5s, probe_throttled: true}
  - {name: listed, table: orders, pages: 4, timeout: 1s, input: {KeyConditionExpression: "pk = :p", ExpressionAttributeValues: {":p": {S: x}}, ScanIndexForward: false}}
  - {name: selected, input: {Statement: "SELECT * FROM \"orders\".\"by-status\" WHERE s = ?", Parameters: [{S: open}]}}
  - {name: elsewhere, table: users, operation: Scan, input: {Limit: 10}}
`), 0o600); err != nil {
		t.Fatal(err)
	}
	tm, err := readTeam(config)
	if err != nil {
		t.Fatal(err)
	}
	c, err := tm.config([]string{"orders"}, []string{file})
	if err != nil {
		t.Fatal(err)
	}
	want := []struct {
		name, op, index, input string
		pages                  int
		every                  time.Duration
		throttled              bool
	}{
		{"written", "GetItem", "", `{"Key":{"pk":{"S":"2026-01-02"},"sk":{"N":"7"}}}`, 0, time.Second, false},
		{"filed", "GetItem", "", "one", 0, 5 * time.Second, true},
		{"listed", "Query", "", `"ScanIndexForward":false`, 4, time.Second, false},
		{"selected", "ExecuteStatement", "by-status", `"Parameters":[{"S":"open"}]`, 0, time.Second, false},
		{"one-order", "GetItem", "", `{"S": "a"}`, 0, time.Second, false},
	}
	if len(c.Probes) != len(want) || c.ProbeUnits != 20 {
		t.Fatalf("%+v", c)
	}
	for i, w := range want {
		p := c.Probes[i]
		if p.Name != w.name || p.Table != "orders" || p.Op != w.op || p.Index != w.index || p.Pages != w.pages || p.Every != w.every || p.Throttled != w.throttled {
			t.Errorf("%s: %+v", w.name, p)
		}
		if w.input != "one" && !strings.Contains(string(p.Input), w.input) {
			t.Errorf("%s: %s", w.name, p.Input)
		}
	}
}

// TestEveryKindOfProbeIsAnswered by the embedded AWS, with what it used and returned.
func TestEveryKindOfProbeIsAnswered(t *testing.T) {
	raw, err := os.ReadFile("../../engine/sim/scenarios/calm.yaml")
	if err != nil {
		t.Fatal(err)
	}
	text := string(raw) + "here:\n  probes:\n"
	ops := []string{"GetItem", "Query", "Scan"}
	for _, op := range ops {
		text += "    - {table: orders, operation: " + op + "}\n"
	}
	sc, err := scenario.Parse("calm.yaml", []byte(strings.Replace(text, "duration: 40m", "duration: 1m", 1)), scenario.Options{})
	if err != nil {
		t.Fatal(err)
	}
	e, err := openEmbedded(sc)
	if err != nil {
		t.Fatal(err)
	}
	ops = append(ops, "ExecuteStatement") // of which scenarios know nothing
	e.cfg.Probes = append(e.cfg.Probes, engine.ProbeConfig{Name: "orders-4", Table: "orders", Input: []byte(`{"Statement": "SELECT * FROM orders", "Limit": 5}`)})
	eng, err := e.engine(engineOptions{id: "probes", mode: "drill", journal: forgetful{}})
	if err != nil {
		t.Fatal(err)
	}
	e.clk.Go(func() {
		if err := e.start(context.Background(), eng); err != nil {
			t.Error(err)
		}
	})
	e.clk.Run(sc.Start.Add(10*time.Second-time.Millisecond), nil)
	defer e.clk.Stop()
	eng.View(func(s *history.State) {
		for i, op := range ops {
			p := s.Probes["orders-"+strconv.Itoa(i+1)]
			if p == nil || !p.Last.OK || p.Last.Op != op || p.Last.Units <= 0 || p.Last.Returned < 1 || p.Last.Wait <= 0 {
				t.Errorf("%s: %+v", op, p)
			}
		}
	})
}
