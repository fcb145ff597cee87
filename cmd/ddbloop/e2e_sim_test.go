//go:build e2e

package main

import (
	"bufio"
	"context"
	"encoding/json"
	"os/exec"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/ddbloop/ddbloop/history"
)

// startSim serves a scenario and returns the environment that its exports make, once it says ready.
func startSim(t *testing.T, args ...string) []string {
	t.Helper()
	cmd := exec.Command(binary, append([]string{"sim", "--listen", "127.0.0.1:0"}, args...)...)
	cmd.Env = home(t.TempDir())
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		if err := cmd.Wait(); err != nil {
			t.Errorf("sim was told to end: %v", err)
		}
	})
	var env []string
	for lines := bufio.NewScanner(out); lines.Scan(); {
		if lines.Text() == "ready" {
			return env
		}
		rest, ok := strings.CutPrefix(lines.Text(), "export ")
		if !ok {
			t.Fatalf("%q is no export", lines.Text())
		}
		env = append(env, strings.Fields(rest)...)
	}
	t.Fatal("sim ended before it was ready")
	return nil
}

// TestSimOverSockets is the embedded AWS as any other client meets it: its exports are enough to reach the same verdict.
func TestSimOverSockets(t *testing.T) {
	env := startSim(t, "hot-partition", "--from", "12m")
	dir := t.TempDir()
	if got := len(env); got < 5 || !slices.ContainsFunc(env, func(v string) bool { return strings.HasPrefix(v, "AWS_ENDPOINT_URL_DYNAMODB=http://127.0.0.1:") }) {
		t.Fatalf("exports %v", env)
	}
	var last ran
	until(t, "check finds the throttling", func() bool {
		last = command(t, home(dir, env...), "check", "orders", "--format", "json", "--wait", "4s")
		var got checkResult
		if err := json.Unmarshal([]byte(last.stdout), &got); err != nil {
			t.Fatalf("%v: %+v", err, last)
		}
		return got.Layer.Verdict == history.LayerThrottled && last.code == 2
	})
	x := sit(t, 120, 40, dir, home(dir, env...), "watch", "orders")
	x.sees("read-only", "THROTTLED", "endpoint 127.0.0.1")
	x.leaves()
}

// TestWatchPlain streams lines into a pipe until it is told to stop, and that is no failure.
func TestWatchPlain(t *testing.T) {
	d, dir := startDynalite(t), t.TempDir()
	teamFile(t, dir, oneProbe)
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, binary, "watch", "orders", "--plain")
	cmd.Env = d.env(dir)
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	began, want := time.Now(), []string{"orders", "unknown", "cloudwatch"}
	for lines := bufio.NewScanner(out); len(want) > 0 && lines.Scan(); {
		if strings.ContainsRune(lines.Text(), '\x1b') {
			t.Errorf("an escape sequence in %q", lines.Text())
		}
		want = slices.DeleteFunc(want, func(w string) bool { return strings.Contains(strings.ToLower(lines.Text()), w) })
	}
	if len(want) > 0 {
		t.Errorf("no line within %s with %q", time.Since(began).Round(time.Second), want)
	}
	_ = cmd.Process.Signal(syscall.SIGTERM)
	if err := cmd.Wait(); err != nil {
		t.Errorf("told to end: %v", err)
	}
}
