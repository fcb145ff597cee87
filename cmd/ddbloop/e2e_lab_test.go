//go:build e2e

package main

import (
	"context"
	"encoding/json"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/ddbloop/ddbloop/history"
)

// labFiles writes variants of a read into dir: both variants of the demo, and the two consistencies of one item of dynalite's table.
func labFiles(t *testing.T, dir string) {
	t.Helper()
	pair, err := demoBench()
	if err != nil {
		t.Fatal(err)
	}
	filter, _ := pair.A.Input()
	key, _ := pair.B.Input()
	for name, raw := range map[string]string{
		"filter.json": string(filter), "key.json": string(key),
		"strong.json":   `{"TableName":"orders","Key":{"pk":{"S":"order#1"}},"ConsistentRead":true}`,
		"eventual.json": `{"TableName":"orders","Key":{"pk":{"S":"order#1"}}}`,
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(raw), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// watched stands between a lab and its database and counts requests by operation.
type watched struct {
	mu   sync.Mutex
	seen map[string]int
	env  []string
}

// startWatched serves the demo's world by a sim, behind a proxy that counts.
func startWatched(t *testing.T) *watched {
	t.Helper()
	file := filepath.Join(t.TempDir(), "lab-demo.yaml")
	if err := os.WriteFile(file, []byte(labWorld), 0o600); err != nil {
		t.Fatal(err)
	}
	w := &watched{seen: map[string]int{}}
	for _, v := range startSim(t, file) {
		if at, ok := strings.CutPrefix(v, "AWS_ENDPOINT_URL_DYNAMODB="); ok {
			to, err := url.Parse(at)
			if err != nil {
				t.Fatal(err)
			}
			next := httputil.NewSingleHostReverseProxy(to) // Host stays as it was signed
			next.ErrorLog = log.New(io.Discard, "", 0)     // a call that was broken off
			s := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
				_, op, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
				w.mu.Lock()
				w.seen[op]++
				w.mu.Unlock()
				next.ServeHTTP(rw, r)
			}))
			t.Cleanup(s.Close)
			v = "AWS_ENDPOINT_URL_DYNAMODB=" + s.URL
		}
		w.env = append(w.env, v)
	}
	return w
}

// saw is how often an operation was asked for.
func (w *watched) saw(op string) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.seen[op]
}

func labJSON(t *testing.T, r ran, code int) labReport {
	t.Helper()
	var got labReport
	if err := json.Unmarshal([]byte(r.stdout), &got); err != nil || r.code != code {
		t.Fatalf("%v, want exit code %d: %+v", err, code, r)
	}
	return got
}

// TestLabOverSockets: a lab against a server measures both variants to the end, sends reads and nothing else, and what it exports is a
// variant again. Mutant: export A whoever has won.
func TestLabOverSockets(t *testing.T) {
	w, dir := startWatched(t), t.TempDir()
	labFiles(t, dir)
	in := func(name string) string { return filepath.Join(dir, name) }
	bounds := []string{"--rounds", "30", "--every", "20ms", "--units", "5000", "--seed", "1", "--format", "json"}
	r := command(t, home(dir, w.env...), append([]string{"lab", "--a", in("filter.json"), "--b", in("key.json"), "--export", in("winner.json")}, bounds...)...)
	got := labJSON(t, r, exitOK)
	if l := got.Result; got.Table != "orders" || got.Region != "us-east-1" || got.A.Name != "filter.json" || got.B.Name != "key.json" ||
		l.Pairs != 30 || l.Ended != "" || l.Winner != "b" || l.Units.Word != history.LabFewer || l.Answer != history.AnswerSame || r.stderr != "" {
		t.Errorf("%+v: %q", got, r.stderr)
	}
	if w.saw("Query") < 62 || w.saw("DescribeTable") != 1 || len(w.seen) != 2 {
		t.Errorf("31 pairs are at least 62 queries, and one look at the keys: %v", w.seen)
	}
	if strings.Contains(r.stdout, "customer-5") || strings.Contains(r.stdout, "status-1") {
		t.Errorf("the report holds a value: %s", r.stdout)
	}

	r = command(t, home(dir, w.env...), append([]string{"lab", "--a", in("winner.json"), "--b", in("filter.json")}, bounds...)...)
	if got = labJSON(t, r, exitOK); got.Result.Winner != "a" || got.Result.Answer != history.AnswerSame || got.A.Index != "" {
		t.Errorf("the winner of the first lab against its loser: %+v", got)
	}
	r = command(t, home(dir, w.env...), "lab", "--a", in("winner.json"), "--b", in("key.json"))
	if r.code != exitUnusable || !strings.Contains(r.stderr, "the same request") {
		t.Errorf("the winner is B: %+v", r)
	}
}

// TestLabOnDynalite is a lab against a server that we did not write: half the units are the same answer without a promise of order.
func TestLabOnDynalite(t *testing.T) {
	d, dir := startDynalite(t), t.TempDir()
	labFiles(t, dir)
	r := command(t, d.env(dir), "lab", "--a", filepath.Join(dir, "strong.json"), "--b", filepath.Join(dir, "eventual.json"),
		"--rounds", "20", "--every", "10ms", "--units", "1000", "--format", "json", "--export", filepath.Join(dir, "winner.json"))
	l := labJSON(t, r, exitOK).Result
	if l.Pairs != 20 || l.A.Units != 1 || l.B.Units != 0.5 || l.Units.Word != history.LabFewer || l.Answer != history.AnswerSame {
		t.Errorf("%+v", l)
	}
}

// endless is a lab that nobody waits for.
func endless(dir string, more ...string) []string {
	return append([]string{
		"lab", "--a", filepath.Join(dir, "filter.json"), "--b", filepath.Join(dir, "key.json"), "--rounds", "100000", "--every", "20ms", "--units", "5000",
	}, more...)
}

// TestLabIsBrokenOff: Ctrl-C ends a lab at once, with what it has found, with the code that shells give it, and with the terminal as it
// was; the call under way is no failure. Mutants: count that call; exit 1 where nothing can be exported.
func TestLabIsBrokenOff(t *testing.T) {
	w, dir := startWatched(t), t.TempDir()
	labFiles(t, dir)
	x := sit(t, 160, 40, dir, home(dir, w.env...), endless(dir)...)
	until(t, "forty queries", func() bool { return w.saw("Query") >= 40 })
	x.press("C-c")
	x.gone(exitInterrupted)
	if !x.has("lab on orders", "ended early: interrupted", "p50", "B against A", "answers: same in") {
		t.Error("not all of what was found")
	}

	for _, c := range []struct {
		name, want string
		after      int // queries
		more       []string
	}{
		{"no winner yet", "nothing is exported", 4, []string{"--every", "1s"}},
		{"a winner", "", 60, nil},
		{"json", "", 60, []string{"--format", "json"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			file, before := filepath.Join(t.TempDir(), "winner.json"), w.saw("Query")
			ctx, cancel := context.WithTimeout(context.Background(), patience)
			defer cancel()
			var stdout, stderr strings.Builder
			cmd := exec.CommandContext(ctx, binary, endless(dir, append(c.more, "--export", file)...)...)
			cmd.Env, cmd.Stdout, cmd.Stderr = home(dir, w.env...), &stdout, &stderr
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			until(t, "queries", func() bool { return w.saw("Query") >= before+c.after })
			_ = cmd.Process.Signal(syscall.SIGINT)
			_ = cmd.Wait()
			out := stdout.String()
			if code := cmd.ProcessState.ExitCode(); code != exitInterrupted || !strings.Contains(out, "interrupted") {
				t.Errorf("exit code %d: %s%s", code, out, stderr.String())
			}
			if !strings.Contains(stderr.String(), c.want) || c.want == "" && stderr.String() != "" {
				t.Errorf("stderr %q, want %q", stderr.String(), c.want)
			}
			if _, err := os.Stat(file); (err == nil) != (c.want == "") {
				t.Errorf("the exported file: %v", err)
			}
			if c.name != "json" {
				return
			}
			l := labJSON(t, ran{exitInterrupted, out, ""}, exitInterrupted).Result
			if l.Ended != "interrupted" || l.Failed || l.Lost != 0 || l.Pairs < 20 || l.Pairs >= l.Rounds || l.Winner != "b" {
				t.Errorf("%+v", l)
			}
		})
	}
}
