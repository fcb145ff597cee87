package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	ddbaws "github.com/ddbloop/ddbloop/engine/aws"
)

// examined runs the doctor and returns its findings.
func examined(t *testing.T, want int, args ...string) []finding {
	t.Helper()
	out, code := typed(t, append([]string{"doctor", "--format", "json"}, args...)...)
	if code != want {
		t.Errorf("exit %d, want %d:\n%s", code, want, out)
	}
	var list []finding
	for l := range strings.Lines(out) {
		var f finding
		if err := json.Unmarshal([]byte(l), &f); err != nil {
			t.Fatal(err, l)
		}
		list = append(list, f)
	}
	return list
}

// says reports whether a finding of that state has all the words.
func says(list []finding, check, state string, words ...string) bool {
	for _, f := range list {
		ok := f.Check == check && f.State == state
		for _, w := range words {
			ok = ok && strings.Contains(f.Text, w)
		}
		if ok {
			return true
		}
	}
	return false
}

// Every permission is tried by itself, and what is missing is called by the name of its IAM action.
//
// Mutant: take a denial for an answer.
func TestDoctorNamesWhatIsMissing(t *testing.T) {
	all := examinedWith(t, exitOK, "")
	for _, p := range ddbaws.Permissions {
		if !says(all, "permission", fine, p.Action) {
			t.Errorf("%s was not tried: %+v", p.Action, all)
		}
		list := examinedWith(t, exitFailed, "  deny: [\""+p.Action+"\"]\n")
		if !says(list, "permission", lacking, p.Action) {
			t.Errorf("%s is not said to be missing: %+v", p.Action, list)
		}
		missing := 0
		for _, f := range list {
			if f.State == lacking {
				missing++
			}
		}
		if missing != 1 {
			t.Errorf("without %s, %d permissions are missing", p.Action, missing)
		}
	}
}

func examinedWith(t *testing.T, want int, deny string) (list []finding) {
	t.Run("deny "+strings.TrimSpace(deny), func(t *testing.T) {
		text := scenarioText(t, "calm")
		if deny != "" {
			text += "\nhere:\n" + deny
		}
		served(t, text, time.Minute)
		list = examined(t, want, "--sessions", filepath.Join(t.TempDir(), "s"), "orders")
	})
	return list
}

func TestDoctorFindsWhatIsWrong(t *testing.T) {
	calm := scenarioText(t, "calm")
	with := func(fault string) string {
		return scenarioText(t, "calm", "events:\n", "events:\n  - {at: 0s, fault: "+fault+"}\n")
	}
	for _, c := range []struct {
		name, scenario string
		prepare        func(t *testing.T) []string
		check, state   string
		words          []string
	}{
		{"expired credentials", with("{access: expired, where: here}"), nil, "credentials", problem, []string{"does not take them"}},
		{"a clock that is wrong", with("{skew: 3m30s}"), nil, "clock", problem, []string{"3m", "behind"}},
		{"an endpoint that is down", calm, func(t *testing.T) []string { t.Setenv("AWS_ENDPOINT_URL_DYNAMODB", "http://127.0.0.1:1"); return nil }, "endpoint", problem, []string{"connect"}},
		{"a proxy that is none", calm, func(t *testing.T) []string { t.Setenv("HTTPS_PROXY", "://x"); return nil }, "network", problem, []string{"HTTPS_PROXY"}},
		{"a configuration that is wrong", calm, func(t *testing.T) []string {
			return []string{"--config", write(t, "c.yaml", "levers: [{name: a, does: magic, command: [x]}]")}
		}, "config", problem, []string{"c.yaml", "magic"}},
		{"a folder of everybody's", calm, func(t *testing.T) []string {
			dir := filepath.Join(t.TempDir(), "s")
			if err := os.Mkdir(dir, 0o700); err != nil {
				t.Fatal(err)
			}
			if err := os.Chmod(dir, 0o777); err != nil {
				t.Fatal(err)
			}
			return []string{"--sessions", dir}
		}, "journal", problem, []string{"written by others"}},
		{"a probe that is denied", calm + "\nhere: {deny: [\"dynamodb:Query\"]}\n", func(t *testing.T) []string {
			return []string{"orders", "--probe", write(t, "q.json", `{"TableName":"orders","KeyConditionExpression":"tenant = :t","ExpressionAttributeValues":{":t":{"S":"tenant-1"}}}`)}
		}, "probe", lacking, []string{"dynamodb:Query"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			served(t, c.scenario, time.Minute)
			args := []string{"--sessions", filepath.Join(t.TempDir(), "s")}
			if c.prepare != nil {
				args = append(args, c.prepare(t)...)
			}
			if list := examined(t, exitFailed, args...); !says(list, c.check, c.state, c.words...) {
				t.Errorf("not said: %s %s %q in %+v", c.check, c.state, c.words, list)
			}
		})
	}
}

// The doctor leaves no trace: nothing is made, not even the folder that it looks at.
func TestDoctorWritesNothing(t *testing.T) {
	served(t, scenarioText(t, "calm"), time.Minute)
	dir := t.TempDir()
	t.Setenv("XDG_STATE_HOME", filepath.Join(dir, "state"))
	examined(t, exitOK)
	if left, err := os.ReadDir(dir); err != nil || len(left) != 0 {
		t.Errorf("left %v, %v", left, err)
	}
}

func TestDoctorWithoutCredentials(t *testing.T) {
	clean(t)
	t.Setenv("AWS_REGION", "eu-west-1")
	if list := examined(t, exitFailed); !says(list, "credentials", problem, "no AWS credentials") {
		t.Errorf("%+v", list)
	}
	clean(t)
	if list := examined(t, exitFailed); !says(list, "credentials", problem, "no AWS Region") {
		t.Errorf("%+v", list)
	}
}
