package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// clean takes the machine's own settings away, so that a case holds exactly what it names.
func clean(t *testing.T) {
	t.Helper()
	for _, v := range os.Environ() {
		name, _, _ := strings.Cut(v, "=")
		if strings.HasPrefix(name, "AWS_") || strings.HasPrefix(name, "XDG_") {
			t.Setenv(name, "")
			_ = os.Unsetenv(name)
		}
	}
	home := t.TempDir()
	t.Setenv("HOME", home)
	t.Setenv("AWS_EC2_METADATA_DISABLED", "true")
	t.Setenv("AWS_CONFIG_FILE", filepath.Join(home, "none"))
	t.Setenv("AWS_SHARED_CREDENTIALS_FILE", filepath.Join(home, "none"))
}

func write(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestBadInput: what cannot be used ends with 64 (a drill: 2) and one line that says what, where and what to do about it.
func TestBadInput(t *testing.T) {
	keys := func(t *testing.T) {
		t.Setenv("AWS_ACCESS_KEY_ID", "x")
		t.Setenv("AWS_SECRET_ACCESS_KEY", "x")
		t.Setenv("AWS_REGION", "eu-west-1")
		t.Setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
	}
	pipe := filepath.Join(t.TempDir(), "pipe.yaml")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	plainFile := write(t, "file", "")
	get := write(t, "get.json", `{"TableName": "orders", "Key": {"pk": {"S": "a"}}}`)
	for _, c := range []struct {
		name string
		args []string
		env  func(*testing.T)
		want []string
	}{
		{"a command that is none", []string{"wacth"}, nil, []string{`"wacth"`, "--help"}},
		{"a flag that is none", []string{"demo", "--sped", "2"}, nil, []string{"--sped", "--help"}},
		{"no table", []string{"watch"}, nil, []string{"at least 1", "--help"}},
		{"no time to wait", []string{"check", "orders", "--wait", "0s"}, nil, []string{"--wait", "12s"}},
		{"no table name", []string{"check", "a b"}, nil, []string{`"a b"`, "3 to 255"}},
		{"no region", []string{"check", "orders"}, func(t *testing.T) { keys(t); _ = os.Unsetenv("AWS_REGION") }, []string{"Region", "--region"}},
		{"no credentials", []string{"check", "orders"}, func(t *testing.T) { t.Setenv("AWS_REGION", "eu-west-1") }, []string{"credentials"}},
		{"a Region that cannot be", []string{"check", "orders", "--region", "eu west\x1b"}, keys, []string{`"eu west\x1b"`, "eu-west-1", "--region"}},
		{"an endpoint that is no address", []string{"check", "orders"}, func(t *testing.T) { keys(t); t.Setenv("AWS_ENDPOINT_URL", "localhost:8000") }, []string{"AWS_ENDPOINT_URL", `"localhost:8000"`, "http://"}},
		{"no such profile", []string{"check", "orders", "--profile", "nope"}, nil, []string{"nope", "~/.aws/config"}},
		{"no such scenario", []string{"demo", "nope"}, nil, []string{`"nope"`, "demo --list"}},
		{"a broken scenario", []string{"sim", write(t, "s.yaml", "scenario: [\n")}, nil, []string{"s.yaml:"}},
		{"a scenario of nothing", []string{"drill", write(t, "e.yaml", "")}, nil, []string{"e.yaml"}},
		{"a made-up scenario without a seed", []string{"drill", "random:calm"}, nil, []string{`"random:calm"`, "random:hot_partition:17"}},
		{"a made-up scenario of no kind", []string{"drill", "random:gremlins:1"}, nil, []string{"gremlins", "hot_partition"}},
		{"a drill that ends nowhere", []string{"drill", "calm", "--until", "dawn"}, nil, []string{"--until", "decision"}},
		{"nothing to try", []string{"drill", "calm", "--try", "all"}, nil, []string{"--try all", "calm names no change"}},
		{"no scenario file", []string{"drill", "./nowhere.yaml"}, nil, []string{"nowhere.yaml", "no such file"}},
		{"a broken runbook", []string{"drill", "hot-partition", "--runbook", write(t, "r.md", "# no front matter\n")}, nil, []string{"r.md:"}},
		{"no runbook", []string{"drill", "hot-partition", "--runbook", "nowhere.md"}, nil, []string{"nowhere.md", "no such file"}},
		{"a broken configuration", []string{"check", "orders", "--config", write(t, "c.yaml", "probs: []\n")}, keys, []string{"c.yaml", "probs"}},
		{"a probe that writes", []string{"check", "orders", "--config", write(t, "w.yaml", "probes: [{name: w, table: orders, operation: PutItem, input: {Item: {}}}]")}, keys, []string{"probe w", "PutItem", "only reads"}},
		{"a probe of the whole table", []string{"check", "orders", "--probe", write(t, "scan.json", `{"FilterExpression": "a = b"}`)}, keys, []string{"scan.json", "whole table", "Limit"}},
		{"a statement that writes", []string{"watch", "orders", "--probe", write(t, "d.json", `{"Statement": "DELETE FROM orders WHERE pk = 'a'"}`)}, keys, []string{"d.json", "only a SELECT"}},
		{"a probe of another table", []string{"watch", "orders", "users", "--probe", write(t, "o.json", `{"TableName": "other", "Key": {"pk": {"S": "a"}}}`)}, keys, []string{"o.json", "not watched"}},
		{"no file of a probe", []string{"check", "orders", "--config", write(t, "f.yaml", "probes: [{name: f, table: orders, input: nowhere.json}]")}, keys, []string{"probe f", "nowhere.json", "no such file"}},
		{"a probe on itself", []string{"check", "orders", "--config", write(t, "u.yaml", "probe_units: -1")}, keys, []string{"probe_units", "5"}},
		{"a broken runbook of the team", []string{"watch", "orders", "--config", write(t, "t.yaml", "runbooks: nowhere\n")}, keys, []string{"nowhere", "no such"}},
		{"a speed of nothing", []string{"demo", "--speed", "0"}, nil, []string{"--speed", "1000"}},
		{"a speed that is no number", []string{"demo", "--speed", "NaN"}, nil, []string{"--speed", "NaN"}},
		{"a world at no speed", []string{"sim", "calm", "--speed", "NaN"}, nil, []string{"--speed", "NaN"}},
		{"a recording of nothing", []string{"sim", "record"}, nil, []string{"1 arg", "sim record --help"}},
		{"no policy of that name", []string{"policy", "lint", "a", "b"}, nil, []string{"at most 1", "policy lint --help"}},
		{"a file without end", []string{"check", "orders", "--config", "/dev/zero"}, keys, []string{"/dev/zero", "64 MiB"}},
		{"a pipe for a policy", []string{"policy", "lint", pipe}, nil, []string{pipe, "is no regular file"}},
		{"a pipe for a configuration", []string{"check", "orders", "--config", pipe}, keys, []string{pipe, "is no regular file"}},
		{"a pipe for a runbook", []string{"runbooks", "lint", pipe}, nil, []string{pipe, "is no regular file"}},
		{"a pipe for a scenario", []string{"drill", pipe}, nil, []string{pipe, "is no regular file"}},
		{"a pipe for results", []string{"drill", "--results", pipe}, nil, []string{"--results", pipe, "is no regular file"}},
		{"a pipe for a variant", []string{"lab", "--a", pipe, "--b", get}, nil, []string{"--a", pipe, "is no regular file"}},
		{"a pipe for a request", []string{"check", "orders", "--config", write(t, "pipe.yaml", "probes: [{name: f, table: orders, input: "+pipe+"}]")}, keys, []string{"probe f", pipe, "is no regular file"}},
		{"a configuration of two documents", []string{"check", "orders", "--config", write(t, "two.yaml", "actor: ana\n---\nactor: bo\n")}, keys, []string{"two.yaml", "line 2", "one document"}},
		{"a configuration with a broken second document", []string{"check", "orders", "--config", write(t, "half.yaml", "actor: ana\n---\nbogus: [")}, keys, []string{"half.yaml", "line 3"}},
		{"a JUnit file to nowhere", []string{"drill", "calm", "--jobs", "1", "--junit", "/nowhere/x.xml"}, nil, []string{"--junit /nowhere/x.xml", "no such file"}},
		{"a summary in a folder's place", []string{"drill", "calm", "--jobs", "1", "--summary", os.TempDir()}, nil, []string{"--summary", "is a folder"}},
		{"a calibration to a pipe", []string{"drill", "calm", "--jobs", "1", "--calibration", pipe}, nil, []string{"--calibration", "is no regular file"}},
		{"a client that steers the terminal", []string{"check", "orders", "--config", write(t, "n.yaml", "clients:\n- {name: \"a\\u202eb\\u001b[2J\", table: orders}")}, keys, []string{"n.yaml", "line 2", `a\u202eb`}},
		{"a probe of a hidden name", []string{"check", "orders", "--config", write(t, "n.yaml", "probes:\n- {name: \"a\\u200b\", table: orders, input: {}}")}, keys, []string{"n.yaml", "line 2", "name"}},
		{"a lever of a hidden name", []string{"check", "orders", "--config", write(t, "n.yaml", "levers:\n- {name: \"a\\u0085\", does: other, command: [x]}")}, keys, []string{"n.yaml", "line 2", "name"}},
		{"a signal of a hidden name", []string{"check", "orders", "--config", write(t, "n.yaml", "signals:\n- {name: \"abc\\u202e\", table: orders, namespace: A, metric: B, stat: Sum}")}, keys, []string{"n.yaml", "line 2", "name"}},
		{"an operation that is none", []string{"check", "orders", "--config", write(t, "n.yaml", "clients:\n- name: a\n  table: orders\n  operation: Bogus")}, keys, []string{"n.yaml", "line 4", `"Bogus"`, "GetItem"}},
		{"an objective that is no number", []string{"check", "orders", "--config", write(t, "n.yaml", "clients: [{name: c, table: orders, success: .nan}]")}, keys, []string{"n.yaml", "success"}},
		{"a budget that is no number", []string{"check", "orders", "--config", write(t, "g.yaml", "cloudwatch_budget: .nan")}, keys, []string{"g.yaml", "cloudwatch_budget"}},
		{"a configuration of the wrong shape", []string{"check", "orders", "--config", write(t, "h.yaml", "clients: none")}, keys, []string{"h.yaml", "line 1: !!str `none` cannot stand here"}},
		{"a request that is no JSON", []string{"lab", "--a", get, "--b", write(t, "half.json", "{")}, nil, []string{"half.json", "JSON object", "EOF"}},
		{"no runbook to lint", []string{"runbooks", "lint", "nowhere.md"}, nil, []string{"nowhere.md", "no such file"}},
		{"a time before the start", []string{"demo", "--from", "-1s"}, nil, []string{"--from", "-1s"}},
		{"a world on the network", []string{"sim", "calm", "--listen", "0.0.0.0:0"}, nil, []string{"loopback", "127.0.0.1"}},
		{"no HOME", []string{"demo"}, func(t *testing.T) { t.Setenv("HOME", "") }, []string{"HOME", "--sessions"}},
		{"a state folder that cannot be", []string{"demo"}, func(t *testing.T) { t.Setenv("XDG_STATE_HOME", plainFile) }, []string{plainFile, "--sessions"}},
		{"a state folder that cannot be written", []string{"demo", "--sessions", "/proc/ddbloop"}, nil, []string{"/proc/ddbloop", "--sessions"}},
		{"no terminal", []string{"demo", "--sessions", filepath.Join(t.TempDir(), "s")}, nil, []string{"--plain"}},
		{"no session", []string{"postmortem", "--sessions", t.TempDir()}, nil, []string{"no session", "ddbloop demo"}},
		{"a fleet of one", []string{"fleet", "orders"}, nil, []string{"orders"}},
		{"a fleet for nothing", []string{"fleet", "--cost-ceiling", "0"}, nil, []string{"--cost-ceiling", "USD"}},
		{"a fleet in a format that is none", []string{"fleet", "--format", "yaml"}, nil, []string{"--format", "yaml"}},
		{"a fleet on no terminal", []string{"fleet"}, keys, []string{"--plain", "--format"}},
		{"a fleet with a broken configuration", []string{"fleet", "--plain", "--config", write(t, "b.yaml", "nope: 1\n")}, keys, []string{"b.yaml", "nope"}},
		{"a doctor in a format that is none", []string{"doctor", "--format", "xml"}, nil, []string{"--format", "xml"}},
		{"a doctor for no table", []string{"doctor", "a b"}, nil, []string{`"a b"`, "3 to 255"}},
		{"a mark of nothing", []string{"mark", " "}, nil, []string{"text"}},
		{"a mark that is a log", []string{"mark", strings.Repeat("ä", markMost+1)}, nil, []string{"1000 characters", "1001"}},
		{"a mark at no time", []string{"mark", "x", "--at", "yesterday"}, nil, []string{"--at", "yesterday", "RFC 3339"}},
		{"a mark of the future", []string{"mark", "x", "--at", "2999-01-01T00:00:00Z"}, nil, []string{"--at", "ahead"}},
		{"a mark on no table", []string{"mark", "x", "--table", "a b"}, nil, []string{"--table", `"a b"`}},
		{"a mark with no place", []string{"mark", "x"}, func(t *testing.T) { t.Setenv("XDG_STATE_HOME", plainFile) }, []string{plainFile, "marks.jsonl"}},
		{"a session of another name", []string{"postmortem", "../x", "--sessions", t.TempDir()}, nil, []string{`"../x"`}},
		{"a lab of nothing", []string{"lab"}, nil, []string{"--a FILE", "--demo"}},
		{"a lab of one", []string{"lab", "--a", get}, nil, []string{"--b FILE"}},
		{"a variant twice over", []string{"lab", "--a", get, "--a-statement", "SELECT 1"}, nil, []string{"--a FILE", "one of them"}},
		{"a lab of the same", []string{"lab", "--a", get, "--b", get}, nil, []string{"the same request"}},
		{"a lab of two tables", []string{"lab", "--a", get, "--b-statement", "SELECT * FROM users"}, nil, []string{"orders", "users", "one table"}},
		{"a lab that writes", []string{"lab", "--a", get, "--b", write(t, "put.json", `{"TableName": "orders", "Item": {}}`)}, nil, []string{"B (put.json)"}},
		{"a lab that reads everything", []string{"lab", "--a", get, "--b", write(t, "all.json", `{"TableName": "orders", "FilterExpression": "a = b"}`)}, nil, []string{"B (all.json)", "whole table", "Limit"}},
		{"no file of a variant", []string{"lab", "--a", "nowhere.json", "--b", get}, nil, []string{"--a", "nowhere.json", "no such file"}},
		{"a lab without end", []string{"lab", "--demo", "--rounds", "0"}, nil, []string{"--rounds", "100000"}},
		{"a lab without a budget", []string{"lab", "--demo", "--units", "NaN"}, nil, []string{"--units", "40000"}},
		{"a lab to nowhere", []string{"lab", "--demo", "--export", "/nowhere/w.json"}, nil, []string{"--export", "/nowhere"}},
		{"a demo with variants", []string{"lab", "--demo", "--a", get}, nil, []string{"--demo", "leave out"}},
		{"a lab without a Region", []string{"lab", "--a", get, "--b-statement", "SELECT * FROM orders"}, nil, []string{"Region", "--region"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			clean(t)
			if c.env != nil {
				c.env(t)
			}
			var out bytes.Buffer
			cmd := root()
			cmd.SetArgs(c.args)
			cmd.SetOut(&out)
			cmd.SetErr(&out)
			err := cmd.ExecuteContext(context.Background())
			want := exitUnusable
			if c.args[0] == "drill" {
				want = exitDrill
			}
			if err == nil || codeOf(err) != want || out.Len() > 0 {
				t.Fatalf("error %v, code %d, printed %q", err, codeOf(err), out.String())
			}
			line := oneLine(err)
			if strings.ContainsAny(err.Error(), "\n\r\x1b") || len(line) > 300 {
				t.Errorf("not one line: %q", err)
			}
			for _, w := range c.want {
				if !strings.Contains(line, w) {
					t.Errorf("%q does not say %q", line, w)
				}
			}
		})
	}
}
