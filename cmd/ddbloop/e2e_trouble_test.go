//go:build e2e

package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/ddbloop/ddbloop/history"
)

// soon is how long a probe's trouble may take to become a verdict.
const soon = 10 * time.Second

// TestTroubleSeenByTheProbe: with CloudWatch unreachable, what the probe sees is a verdict within ten seconds, however the server
// fails; without trouble the verdict is unknown, with what does answer.
func TestTroubleSeenByTheProbe(t *testing.T) {
	for name, c := range map[string]struct {
		config string // "" = the team has told nothing: the probe without data
		hurt   func(*dynalite)
		mend   func(*dynalite)
		layers []string // a stalled server's connections are made: it is slow, unless only kept ones were tried so far
		why    string
	}{
		"killed":           {oneProbe, (*dynalite).stop, func(*dynalite) {}, []string{history.LayerClient}, "reached DynamoDB"},
		"stalled":          {oneProbe, pause, resume, []string{history.LayerSlow, history.LayerClient}, "none of the last"},
		"killed, no data":  {"", (*dynalite).stop, func(*dynalite) {}, []string{history.LayerClient}, "reached DynamoDB"},
		"stalled, no data": {"", pause, resume, []string{history.LayerSlow}, "answered in time"},
	} {
		t.Run(name, func(t *testing.T) {
			d, dir := startDynalite(t), t.TempDir()
			teamFile(t, dir, c.config)
			stop := stream(t, d.env(dir))
			defer stop()
			until(t, "good probes", func() bool { good, _ := answers(events(t, dir)); return good >= 4 })
			until(t, "a verdict", func() bool { s, _ := session(t, dir); return s.Assessed.Layer.Why != "" })
			s, _ := session(t, dir)
			if l := s.Assessed.Layer; l.Verdict != history.LayerUnknown || !strings.Contains(l.Why, "CloudWatch") {
				t.Fatalf("without trouble: %+v", l)
			}
			until(t, "what does answer", func() bool {
				s, _ := session(t, dir)
				return strings.Contains(s.Assessed.Layer.Why, "that proves no health")
			})
			c.hurt(d)
			defer c.mend(d)
			at := time.Now()
			until(t, "a verdict", func() bool { s, _ := session(t, dir); return slices.Contains(c.layers, s.Assessed.Layer.Verdict) })
			took := time.Since(at)
			t.Logf("%s: the verdict after %s", name, took.Round(100*time.Millisecond))
			if took > soon {
				t.Errorf("the verdict took %s", took)
			}
			s, _ = session(t, dir)
			if why := s.Assessed.Layer.Why; !strings.Contains(why, c.why) || !strings.Contains(why, "orders") {
				t.Errorf("the verdict says %q", why)
			}
		})
	}
}

// pause leaves the server's sockets open and answers nothing.
func pause(d *dynalite)  { _ = d.cmd.Process.Signal(syscall.SIGSTOP) }
func resume(d *dynalite) { _ = d.cmd.Process.Signal(syscall.SIGCONT) }

// stream watches without a screen until it is stopped.
func stream(t *testing.T, env []string, more ...string) (stop func()) {
	t.Helper()
	cmd := exec.Command(binary, append([]string{"watch", "orders", "--plain"}, more...)...)
	cmd.Env, cmd.Stderr = env, os.Stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return sync.OnceFunc(func() {
		_ = cmd.Process.Signal(os.Interrupt)
		_ = cmd.Wait()
	})
}

// TestProbesOnARealServer: every kind of probe is understood by a server that we did not write, and says what it used.
func TestProbesOnARealServer(t *testing.T) {
	d, dir := startDynalite(t), t.TempDir()
	query := write(t, "by-key.json", `{"TableName": "orders", "KeyConditionExpression": "pk = :p", "ExpressionAttributeValues": {":p": {"S": "order#1"}}}`)
	teamFile(t, dir, oneProbe+"  - {name: some, table: orders, input: {Limit: 3}, pages: 2}\n")
	r := command(t, d.env(dir), "check", "orders", "--format", "json", "--probe", query)
	var got checkResult
	if err := json.Unmarshal([]byte(r.stdout), &got); err != nil {
		t.Fatalf("%v: %+v", err, r)
	}
	for _, probe := range []string{"read-one", "some", "by-key"} {
		found := false
		for _, s := range got.Signals {
			if s.Name == "probe_units" && strings.HasSuffix(s.Target, probe) {
				found = s.Value != nil && *s.Value > 0
			}
		}
		if !found {
			t.Errorf("probe %s used nothing: %+v", probe, got.Signals)
		}
	}
}

// TestTheWayIsTimed: over a real socket the request without data opens a connection each time.
func TestTheWayIsTimed(t *testing.T) {
	d, dir := startDynalite(t), t.TempDir()
	stop := stream(t, d.env(dir))
	defer stop()
	until(t, "four answers", func() bool { good, _ := answers(events(t, dir)); return good >= 4 })
	for _, e := range events(t, dir) {
		if p, ok := e.Body.(history.ProbeAnswered); ok && (!p.NoData() || p.Probe != "orders-no-data" || p.Reused || p.Connect <= 0 || p.Wait <= 0 || p.Units != 0) {
			t.Fatalf("%+v", p)
		}
	}
}
