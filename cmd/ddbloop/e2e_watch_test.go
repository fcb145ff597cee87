//go:build e2e

package main

import (
	"encoding/json"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/ddbloop/ddbloop/history"
)

// TestCheckWithoutCloudWatch is one measurement with one eye shut: unknown, with the reason, and nothing made up.
func TestCheckWithoutCloudWatch(t *testing.T) {
	d, dir := startDynalite(t), t.TempDir()
	teamFile(t, dir, oneProbe)
	r := command(t, d.env(dir), "check", "orders", "--format", "json")
	var got checkResult
	if err := json.Unmarshal([]byte(r.stdout), &got); err != nil || r.code != 3 || r.stderr != "" {
		t.Fatalf("%v: %+v", err, r)
	}
	if got.Layer.Verdict != history.LayerUnknown || got.Layer.Why == "" || got.Exit != 3 {
		t.Errorf("layer %+v, exit %d", got.Layer, got.Exit)
	}
	for name, state := range map[string]string{"cloudwatch": "down", "describe": "ok", "probe:read-one": "ok"} {
		found := false
		for _, s := range got.Sources {
			if s.Name == name {
				found = true
				if s.State != state || (s.Error == "") != (state == "ok") || (s.Age == nil) != (state == "down") {
					t.Errorf("%s: %+v, want %s", name, s, state)
				}
			}
		}
		if !found {
			t.Errorf("no source %s in %+v", name, got.Sources)
		}
	}
	probed := false
	for _, s := range got.Signals {
		switch {
		case strings.HasPrefix(s.Name, "probe_"):
			probed = probed || s.Value != nil
		case s.Value != nil && s.Unit == "": // limits and flags come from DescribeTable
		case s.State == "missing" && s.Value != nil:
			t.Errorf("a value that nobody measured: %+v", s)
		}
	}
	if !probed {
		t.Error("the probe's answers are missing")
	}
}

// answers counts the probe's answers by outcome.
func answers(events []history.Event) (good, bad int) {
	for _, e := range events {
		if p, ok := e.Body.(history.ProbeAnswered); ok {
			if p.OK {
				good++
			} else {
				bad++
			}
		}
	}
	return good, bad
}

// TestChangeAndUndo raises a capacity on a server that takes its time, follows it until it is in force, and takes it back; all with
// CloudWatch unreachable, without a runbook, by keys.
func TestChangeAndUndo(t *testing.T) {
	d, dir := startDynalite(t), t.TempDir()
	teamFile(t, dir, oneProbe)
	x := sit(t, 120, 40, dir, d.env(dir), "watch", "orders", "--allow-changes")
	x.sees("orders", "ARMED", "UNKNOWN", "cloudwatch", "probe read-one")
	until(t, "two probes", func() bool { _, ev := session(t, dir); good, _ := answers(ev); return good >= 2 })

	x.press("+")
	x.sees("change (")
	x.types("write 20")
	x.press("Enter")
	x.sees("a approve E1")
	x.approve("orders", func() bool { s, _ := session(t, dir); return s.Change("E1").State != history.ChangePlan })
	x.sees("UPDATING")
	x.sees("E1 in force: 20 units/s")
	if got := d.writes(); got != 20 {
		t.Fatalf("the table has %d", got)
	}

	x.press("4", "u")
	x.sees("a approve E2")
	x.approve("orders", func() bool { s, _ := session(t, dir); return s.Change("E2").State != history.ChangePlan })
	x.sees("E2 in force: 10 units/s")
	if got := d.writes(); got != 10 {
		t.Fatalf("the table has %d", got)
	}
	x.leaves()

	s, events := session(t, dir)
	if n := kinds(events); n["change.intended"] != 2 || n["change.answered"] != 2 || n["change.settled"] != 2 {
		t.Errorf("two approvals are two requests: %v", n)
	}
	if e1 := s.Change("E1"); e1.UndoneBy != "E2" {
		t.Errorf("E1 %+v", e1)
	}
	if s.Assessed.Layer.Verdict != history.LayerUnknown || s.Assessed.Layer.Why == "" {
		t.Errorf("layer %+v without CloudWatch", s.Assessed.Layer)
	}
	updating := false
	for _, e := range events {
		if b, ok := e.Body.(history.TableDescribed); ok && b.Table != nil && b.Table.Status == "UPDATING" {
			updating = true
		}
	}
	if !updating {
		t.Error("UPDATING was never seen")
	}
	for _, want := range []string{"E1", "E2", "10 units/s", "20 units/s"} {
		if !strings.Contains(draft(t, dir), want) {
			t.Errorf("a postmortem without %q", want)
		}
	}
}

// TestServerComesAndGoes kills the database mid-watch: nothing ends, ages grow and are named; then it is back, and so is the watch.
func TestServerComesAndGoes(t *testing.T) {
	d, dir := startDynalite(t), t.TempDir()
	teamFile(t, dir, oneProbe)
	x := sit(t, 120, 40, dir, d.env(dir), "watch", "orders")
	x.sees("read-only", "UNKNOWN")
	until(t, "a good probe", func() bool { _, ev := session(t, dir); good, _ := answers(ev); return good > 0 })

	d.stop()
	until(t, "failing probes and a describe that is down", func() bool {
		s, ev := session(t, dir)
		_, bad := answers(ev)
		return bad >= 3 && s.Sources["describe"] != nil && s.Sources["describe"].State != "ok"
	})
	s, _ := session(t, dir)
	if age := time.Since(s.Sources["describe"].LastOK); s.Sources["describe"].LastOK.IsZero() || age < time.Second {
		t.Errorf("describe was last well %s ago", age)
	}
	if s.Assessed.Layer.Verdict == history.LayerHealthy {
		t.Errorf("healthy without an eye open: %+v", s.Assessed.Layer)
	}
	x.sees("orders", "CLIENT", "cannot connect")
	var first, later int
	until(t, "an age beside describe's failure", func() bool { first = shownAge(x); return first > 0 })
	until(t, "that age grows", func() bool { later = shownAge(x); return later > first })
	before, _ := answers(events(t, dir))
	d.start()
	until(t, "good probes again", func() bool { good, _ := answers(events(t, dir)); return good >= before+3 })
	until(t, "describe well again", func() bool { s, _ := session(t, dir); return s.Sources["describe"].State == "ok" })
	x.leaves()
}

func events(t *testing.T, dir string) []history.Event {
	_, ev := session(t, dir)
	return ev
}

// describeDown is what the header says of DescribeTable while it cannot be had.
var describeDown = regexp.MustCompile(`describe (\d+)s . down`)

func shownAge(x *terminal) int {
	m := describeDown.FindStringSubmatch(x.screen())
	if m == nil {
		return 0
	}
	n, _ := strconv.Atoi(m[1])
	return n
}

// TestUnknownTable is told apart from an AWS that cannot be reached: a name that is not there is a mistake, said in one line.
func TestUnknownTable(t *testing.T) {
	d, dir := startDynalite(t), t.TempDir()
	for _, name := range []string{"check", "watch"} {
		r := command(t, d.env(dir), name, "oders")
		if r.code != exitUnusable || strings.Count(r.stderr, "\n") != 1 || !strings.Contains(r.stderr, "no table oders in eu-west-1: check") || r.stdout != "" {
			t.Errorf("%s: %+v", name, r)
		}
	}
}
