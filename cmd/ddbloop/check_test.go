package main

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/ddbloop/ddbloop/engine/signal"
)

// TestCheckContract holds check's JSON against its contract: every field there, every signal of the catalogue, and what nobody
// knows null and never 0.
func TestCheckContract(t *testing.T) {
	with := func(name, fault string) string {
		return scenarioText(t, name, "events:\n", "events:\n  - {at: 0s, fault: "+fault+"}\n")
	}
	for _, c := range []struct {
		name, scenario string
		from           time.Duration
		table          string
		code           int
		layer          string
		known          []string          // signals with a value
		unknown        []string          // without one
		sources        map[string]string // states
	}{
		{
			"an incident", scenarioText(t, "underprovisioned-table"), 12 * time.Minute, "carts", exitCritical, "throttled",
			[]string{"consumed_write", "write_throttles", "write_limit", "write_utilisation", "write_throttle_share"},
			[]string{"feed_calls"},
			map[string]string{"cloudwatch": "ok", "describe": "ok"},
		},
		{
			"calm", scenarioText(t, "calm"), time.Minute, "orders", exitOK, "healthy",
			[]string{"consumed_write", "write_limit"},
			nil,
			map[string]string{"cloudwatch": "ok", "describe": "ok"},
		},
		{
			"CloudWatch dark", with("underprovisioned-table", "{service: cloudwatch, error_rate: 1}"), 12 * time.Minute, "carts", exitUnknown, "unknown",
			[]string{"write_limit"},
			[]string{"consumed_write", "write_throttles", "write_utilisation", "system_errors"},
			map[string]string{"cloudwatch": "down", "describe": "ok"},
		},
		{
			"credentials expired", with("underprovisioned-table", "{access: expired, where: here}"), 12 * time.Minute, "carts", exitUnknown, "unknown",
			nil,
			[]string{"write_limit", "consumed_write"},
			map[string]string{"cloudwatch": "expired", "describe": "expired"},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			served(t, c.scenario, c.from)
			out, code := typed(t, "check", c.table, "--format", "json", "--wait", "6s")
			var r map[string]any
			if err := json.Unmarshal([]byte(out), &r); err != nil || strings.Count(out, "\n") != 1 {
				t.Fatalf("%v: %s", err, out)
			}
			if code != c.code || r["exit"] != float64(c.code) || r["table"] != c.table {
				t.Errorf("exit %d and %v of %v, want %d", code, r["exit"], r["table"], c.code)
			}
			if _, err := time.Parse(time.RFC3339Nano, r["at"].(string)); err != nil {
				t.Error(err)
			}
			fields(t, "the object", r, "table at layer diagnosis disposition signals sources exit")
			layer := r["layer"].(map[string]any)
			fields(t, "layer", layer, "verdict why")
			fields(t, "disposition", r["disposition"].(map[string]any), "verdict rule")
			if layer["verdict"] != c.layer || layer["why"] == "" {
				t.Errorf("layer %v", layer)
			}
			for _, d := range r["diagnosis"].([]any) {
				d := d.(map[string]any)
				delete(d, "decider") // beyond the contract, where two kinds cannot be told apart
				delete(d, "rival")
				fields(t, "diagnosis", d, "kind target p for against")
				if d["for"] == nil || d["against"] == nil {
					t.Errorf("a list that is null: %v", d)
				}
			}
			signalsHold(t, r["signals"].([]any), c.known, c.unknown)
			state := map[string]any{}
			for _, s := range r["sources"].([]any) {
				s := s.(map[string]any)
				fields(t, "source", s, "name state age error")
				state[s["name"].(string)] = s["state"]
				if s["state"] != "ok" && s["error"] == "" {
					t.Errorf("no reason: %v", s)
				}
			}
			for name, want := range c.sources {
				if state[name] != want {
					t.Errorf("%s is %v, want %s", name, state[name], want)
				}
			}
			if text, again := typed(t, "check", c.table, "--wait", "6s"); again != c.code || !strings.Contains(text, c.table+"  "+c.layer+": ") {
				t.Errorf("as text, exit %d:\n%s", again, text)
			}
		})
	}
}

// fields are exactly those of the contract.
func fields(t *testing.T, what string, m map[string]any, names string) {
	t.Helper()
	for _, n := range strings.Fields(names) {
		if _, ok := m[n]; !ok {
			t.Errorf("%s has no %s: %v", what, n, m)
		}
	}
	if len(m) != len(strings.Fields(names)) {
		t.Errorf("%s has more than %s: %v", what, names, m)
	}
}

func signalsHold(t *testing.T, list []any, known, unknown []string) {
	t.Helper()
	seen, valued := map[string]bool{}, map[string]bool{}
	for _, s := range list {
		s := s.(map[string]any)
		fields(t, "signal", s, "name target value unit at age state")
		name := s["name"].(string)
		seen[name] = true
		if s["value"] != nil {
			valued[name] = true
		}
		if missing := s["state"] == "missing"; missing != (s["value"] == nil) || missing != (s["at"] == nil) || missing != (s["age"] == nil) {
			t.Errorf("neither known nor missing: %v", s)
		}
		if s["age"] != nil {
			if d, err := time.ParseDuration(s["age"].(string)); err != nil || d < 0 {
				t.Errorf("age %v", s)
			}
		}
	}
	for _, s := range signal.All {
		if !seen[s.Name] {
			t.Errorf("%s of the catalogue is not listed", s.Name)
		}
	}
	for _, n := range known {
		if !valued[n] {
			t.Errorf("%s has no value", n)
		}
	}
	for _, n := range unknown {
		if valued[n] {
			t.Errorf("%s has a value that nobody measured", n)
		}
	}
}

func TestCheckOfNoTable(t *testing.T) {
	served(t, scenarioText(t, "calm"), time.Minute)
	if out, code := typed(t, "check", "nowhere", "--format", "json"); code != exitUnusable || out != "" {
		t.Errorf("exit %d, printed %q", code, out)
	}
}

// An alarm names the table, the metric and the time; what is no alarm of a table is one line that says so.
func TestStartFromAnAlarm(t *testing.T) {
	text := scenarioText(t, "underprovisioned-table") + `
alarms:
  - {name: carts-writes, metric: WriteThrottleEvents, dimensions: {TableName: carts}, stat: Sum, over: 0, period: 60s, datapoints: 1, of: 1, missing: notBreaching}
  - {name: odd-metric, metric: NoSuchMetric, dimensions: {TableName: carts}, stat: Sum, over: 0, period: 60s, datapoints: 1, of: 1, missing: notBreaching}
  - {name: account-wide, metric: UserErrors, dimensions: {}, stat: Sum, over: 0, period: 60s, datapoints: 1, of: 1, missing: notBreaching}
`
	served(t, text, 15*time.Minute)
	out, code := typed(t, "check", "--alarm", "carts-writes")
	if code != exitCritical || !strings.HasPrefix(out, "alarm carts-writes (WriteThrottleEvents of carts) is ALARM since ") || !strings.Contains(out, "carts  throttled: ") {
		t.Errorf("exit %d:\n%s", code, out)
	}
	from, err := start(t.Context(), nil, "carts-writes", accountOptions{})
	if err != nil || from.line() != "write_throttles@carts" || from.window(time.Now()) < time.Minute || len(from.tables) != 1 {
		t.Errorf("%v: %q, %s, %v", err, from.line(), from.window(time.Now()), from.tables)
	}
	for name, says := range map[string]string{"odd-metric": "does not read", "account-wide": "of no DynamoDB table", "nowhere": "there is no alarm"} {
		_, err := start(t.Context(), nil, name, accountOptions{})
		if err == nil || codeOf(err) != exitUnusable || !strings.Contains(oneLine(err), says) || !strings.Contains(oneLine(err), name) {
			t.Errorf("%s: %v", name, err)
		}
	}
	t.Setenv("AWS_ENDPOINT_URL_CLOUDWATCH", "http://127.0.0.1:1")
	if _, err := start(t.Context(), nil, "carts-writes", accountOptions{}); codeOf(err) != exitUnknown || !strings.Contains(oneLine(err), "cloudwatch:DescribeAlarms") {
		t.Errorf("without CloudWatch: %v", err)
	}
}
