package tui

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"

	"github.com/ddbloop/ddbloop/history"
	"github.com/ddbloop/ddbloop/tui/theme"
	"github.com/ddbloop/ddbloop/tui/tuitest"
)

// TestScreens are the screens as people see them, without colours: what cannot be read here needs colour.
func TestScreens(t *testing.T) {
	scenes := []struct {
		name string
		make func() *tuitest.Script
		do   func(*desk)
	}{
		{"calm", tuitest.Calm, nil},
		{"usual", tuitest.Usual, nil},
		{"incident", func() *tuitest.Script { return tuitest.Incident(true) }, func(d *desk) { d.press(time.Second, "2") }},
		{"approval", func() *tuitest.Script { return tuitest.Planned(true) }, func(d *desk) { d.press(time.Second, "a", "E", "1", "-") }},
		{"why", func() *tuitest.Script { return tuitest.Incident(true) }, func(d *desk) { d.press(time.Second, "v") }},
		{"judged", tuitest.Judged, func(d *desk) { d.press(time.Second, "4") }},
		{"frozen", func() *tuitest.Script { return tuitest.Incident(false) }, func(d *desk) {
			d.press(time.Second, "space", "3", "left", "left", "left")
			d.now = d.now.Add(45 * time.Second)
			d.m.Update(clockTicked{})
		}},
		{"lab", tuitest.Lab, func(d *desk) { d.press(time.Second, "4") }},
		{"stale", tuitest.Stale, nil},
		{"fresh", tuitest.Fresh, nil},
	}
	for _, sc := range scenes {
		for _, size := range [][2]int{{80, 24}, {120, 40}, {200, 60}, {40, 10}} {
			name := fmt.Sprintf("%s-%dx%d", sc.name, size[0], size[1])
			t.Run(name, func(t *testing.T) {
				d := sit(t, sc.make(), size[0], size[1])
				if sc.do != nil {
					sc.do(d)
				}
				golden(t, name, d.screen())
			})
		}
	}
	t.Run("ascii", func(t *testing.T) {
		d := sit(t, tuitest.Planned(true), 120, 40)
		d.press(time.Second, "g", "g", "left")
		golden(t, "ascii-120x40", d.screen())
	})
	t.Run("low", func(t *testing.T) {
		golden(t, "rows-100x30", sit(t, tuitest.Incident(true), 100, 30).screen())
	})
	t.Run("help", func(t *testing.T) {
		d := sit(t, tuitest.Incident(false), 160, 40)
		d.press(time.Second, "?")
		golden(t, "help-160x40", d.screen())
	})
}

func TestASCIIIsASCII(t *testing.T) {
	d := sit(t, tuitest.Judged(), 200, 60)
	d.m.glyphs = theme.ASCII
	for _, r := range d.screen() {
		if r > 0x7e {
			t.Fatalf("%q on an ASCII screen", r)
		}
	}
}

// TestSweep holds at every size: exactly h lines, none wider than w, and the table's name on the first.
func TestSweep(t *testing.T) {
	step := 1
	if testing.Short() || raceEnabled {
		step = 7
	}
	d := sit(t, tuitest.Planned(true), 80, 24)
	d.press(time.Second, "a")
	for w := 40; w <= 220; w += step {
		for h := 10; h <= 70; h += step {
			checkSize(t, d, w, h)
		}
	}
	for _, size := range [][2]int{{0, 0}, {1, 1}, {20, 5}, {39, 30}, {200, 9}} {
		d.m.w, d.m.h, d.m.stale = size[0], size[1], true
		if size[0] > 1 && !strings.Contains(strings.Join(strings.Fields(d.screen()), " "), "too small") {
			t.Errorf("%v: %q", size, d.screen())
		}
	}
}

func checkSize(t *testing.T, d *desk, w, h int) {
	t.Helper()
	d.m.w, d.m.h, d.m.stale = w, h, true
	lines := strings.Split(d.screen(), "\n")
	if len(lines) != h {
		t.Fatalf("%d×%d: %d lines", w, h, len(lines))
	}
	for i, l := range lines {
		if n := ansi.StringWidth(l); n > w {
			t.Fatalf("%d×%d: line %d is %d wide: %q", w, h, i, n, l)
		}
	}
	for _, want := range []string{"orders", "0032", "eu-west-1", "[ARMED]", "LIVE"} {
		if !strings.Contains(lines[0], want) {
			t.Fatalf("%d×%d: %q is not on the first line %q", w, h, want, lines[0])
		}
	}
	if !strings.Contains(lines[1], "THROTTLED") || !strings.Contains(lines[1], "hot_partition") {
		t.Fatalf("%d×%d: no verdict on %q", w, h, lines[1])
	}
	if !strings.Contains(strings.Join(lines, "\n"), "type E1-orders to approve") {
		t.Fatalf("%d×%d: the strip that asks for the token is not seen:\n%s", w, h, strings.Join(lines, "\n"))
	}
}

// TestHostileText: whatever a journal holds, the frame holds our own colour sequences and visible text only.
func TestHostileText(t *testing.T) {
	evil := "\x1b]52;c;cm0gLXJm\x07\x1b[2J\u202egnp.exe\u2066\x9b31m\r\n\tA\u0301\u0301\u0301世界👍🏽\xff\x00"
	s := &tuitest.Script{}
	s.Add(history.SessionStarted{ID: "x", Tables: []string{evil}, Account: evil, Region: evil, Endpoints: map[string]string{"dynamodb": evil}},
		history.TableDescribed{Name: evil, Table: &history.TableSnapshot{Name: evil, Mode: evil}},
		history.MetricsPolled{Source: "cloudwatch", From: 1, To: 2, Series: []history.SeriesUpdate{{
			Key: tuitest.Key("latency_p99", evil, evil), Period: 60, Unit: "ms",
			Points: []history.Point{{T: tuitest.Start.Unix(), V: 5}},
		}}},
		history.SourceChanged{Name: "probe:" + evil, State: evil, Reason: evil, Text: evil},
		history.Assessed{Layer: history.Layer{Verdict: evil, Why: evil}, Onset: tuitest.Start, Moved: []history.Moved{{At: tuitest.Start, Text: evil}}, Ranked: []history.Hypothesis{{Kind: evil, Target: evil, P: 1, For: []string{evil}, Against: []string{evil}, Reason: evil, Rival: evil, Decider: evil}}, Disposition: history.Disposition{Verdict: evil, Rule: evil}},
		history.RunbookOpened{Runbook: evil, Steps: []history.StepInfo{{ID: evil, Type: "decide", Say: evil, Choices: []history.Choice{{Goto: evil, Because: evil}}}}},
		history.StepEntered{Step: evil}, history.DecisionOffered{Step: evil, Favoured: evil, Because: evil},
		history.ChangePlanned{ID: evil, Title: evil, Before: evil, After: evil, UndoText: evil, Blast: evil, CostNote: evil, Token: evil, Step: evil},
		history.LabStarted{ID: evil, Table: evil, A: history.LabVariant{Name: evil, Shape: evil}, B: history.LabVariant{Name: evil, Shape: evil}},
		history.LabFinished{ID: evil, Result: history.LabResult{
			Pairs: 1, Verdict: evil, Why: evil, Ended: evil, Edges: []float64{-1},
			A: history.LabSide{Bins: []int{1 << 62, -5, 3}}, B: history.LabSide{Bins: []int{7, 1}},
		}},
		history.ChangeRefused{What: evil, Target: evil, Why: evil}, history.Noted{Text: evil}, history.JournalHurt{Text: evil})
	for _, size := range [][2]int{{80, 24}, {120, 40}, {200, 60}, {40, 10}} {
		d := sit(t, s, size[0], size[1])
		d.m.Update(commandDone{what: evil, err: fmt.Errorf("%s", evil)})
		for _, p := range []string{"1", "2", "3", "4", "v"} {
			d.press(time.Second, p)
			_, cmd := d.m.Update(key("y"))
			if cmd != nil && strings.ContainsAny(d.m.copied, "\x1b\x07\r\n\u009b\u202e") {
				t.Fatalf("copied text is not plain: %q", d.m.copied)
			}
			v := d.m.View()
			harmless(t, v.WindowTitle)
			for _, l := range strings.Split(v.Content, "\n") {
				harmless(t, ours.ReplaceAllString(l, ""))
				if n := ansi.StringWidth(l); n > size[0] {
					t.Fatalf("line of %d cells in %d: %q", n, size[0], l)
				}
			}
		}
	}
}
