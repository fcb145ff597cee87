//go:build e2e

package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/ddbloop/ddbloop/history"
)

// TestDemoByKeys plays a whole incident on the keyboard: verdict seen, runbook followed, lever applied, effect judged,
// postmortem written, terminal restored. What the screen says must be what the journal says.
func TestDemoByKeys(t *testing.T) {
	dir := t.TempDir()
	x := sit(t, 120, 40, dir, home(dir), "demo", "hot-partition", "--speed", "20")
	x.sees("THROTTLED", "hot_partition on orders", "Runbook hot-partition")
	x.press("2")
	x.sees("favoured", "take cap-key")
	x.press("Enter")
	x.sees("plan it")
	x.press("Enter")
	x.sees("a approve E1")
	if _, events := session(t, dir); kinds(events)["change.intended"] != 0 {
		t.Fatal("a plan alone has sent something")
	}
	x.approve("orders", func() bool { s, _ := session(t, dir); return s.Change("E1").State != history.ChangePlan })
	x.sees("E1 in force: on")
	x.sees("WORKED", "HEALTHY")
	x.press("w")
	until(t, "postmortem in the journal", func() bool { _, ev := session(t, dir); return kinds(ev)["postmortem.written"] > 0 })
	x.leaves()

	s, events := session(t, dir)
	n := kinds(events)
	if n["change.approved"] != 1 || n["change.intended"] != 1 || n["change.answered"] != 1 || n["change.settled"] != 1 {
		t.Errorf("one approval is one request: %v", n)
	}
	if e := s.Change("E1").Effect; e == nil || e.Word != history.Worked {
		t.Errorf("effect %+v", e)
	}
	written, err := filepath.Glob(filepath.Join(dir, "state/ddbloop/sessions/*/*.md"))
	if err != nil || len(written) != 1 {
		t.Fatalf("postmortems %v, %v", written, err)
	}
	raw, err := os.ReadFile(written[0])
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"hot_partition", "E1", "limit-hot-tenant", "worked"} {
		if !strings.Contains(string(raw), want) || !strings.Contains(draft(t, dir), want) {
			t.Errorf("a postmortem without %q", want)
		}
	}
}

// colour is any SGR sequence that sets one.
var colour = regexp.MustCompile(`\x1b\[([0-9;]*;)?(3[0-8]|4[0-8]|9[0-7]|10[0-7])[;m]`)

// TestSmallWithoutColour is the screen of a plain SSH line: 80×24 and NO_COLOR. Identity, verdict and the way out are there.
func TestSmallWithoutColour(t *testing.T) {
	dir := t.TempDir()
	x := sit(t, 80, 24, dir, home(dir, "NO_COLOR=1"), "demo", "hot-partition", "--speed", "20")
	x.sees("orders", "THROTTLED", "hot_partition")
	x.press("?")
	x.sees("keys", "go to the charts")
	x.press("Escape")
	until(t, "help closed", func() bool { return !x.has("go to the charts") })
	if raw, _ := x.tmux("capture-pane", "-p", "-e"); colour.MatchString(raw) {
		t.Errorf("a colour in spite of NO_COLOR: %q", colour.FindString(raw))
	}
	x.leaves()
}

// TestTinyTerminal is 20×5: one line says so, and it can still be left.
func TestTinyTerminal(t *testing.T) {
	dir := t.TempDir()
	x := sit(t, 20, 5, dir, home(dir), "demo")
	x.sees("too small", "needs 40×10")
	x.press("q")
	x.sees("exit code 0")
}

// TestDumbTerminal prints lines where the cursor cannot be moved, as with --plain.
func TestDumbTerminal(t *testing.T) {
	for _, c := range []struct {
		name string
		env  []string
		args []string
	}{
		{"TERM=dumb", []string{"TERM=dumb"}, nil},
		{"plain", nil, []string{"--plain"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			x := sit(t, 120, 40, dir, home(dir, c.env...), append([]string{"demo", "hot-partition", "--speed", "20"}, c.args...)...)
			x.sees("throttled", "hot_partition")
			if raw, _ := x.tmux("capture-pane", "-p", "-e"); strings.Contains(raw, "\x1b") {
				t.Errorf("an escape sequence in %q", raw)
			}
			x.press("C-c")
			x.gone(0)
		})
	}
}
