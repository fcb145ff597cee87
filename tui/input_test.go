package tui

import (
	"errors"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode"

	tea "charm.land/bubbletea/v2"
	"pgregory.net/rapid"

	"github.com/ddbloop/ddbloop/engine"
	"github.com/ddbloop/ddbloop/engine/change"
	"github.com/ddbloop/ddbloop/history"
	"github.com/ddbloop/ddbloop/tui/theme"
	"github.com/ddbloop/ddbloop/tui/tuitest"
)

var ours = regexp.MustCompile(`\x1b\[[0-9;]*m`)

func harmless(t *testing.T, s string) {
	t.Helper()
	for _, r := range s {
		if unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp) || r == unicode.ReplacementChar {
			t.Fatalf("%U reaches the terminal in %q", r, s)
		}
	}
}

func approvals(d *desk) (out []engine.Approve) {
	for _, c := range d.loop.Commands() {
		if a, ok := c.(engine.Approve); ok {
			out = append(out, a)
		}
	}
	return out
}

func TestApproval(t *testing.T) {
	const slow, fast = 150 * time.Millisecond, 20 * time.Millisecond
	token := letters("E1-orders")
	wait := func(d *desk, by time.Duration) { d.wall = d.wall.Add(by) }
	cases := []struct {
		name string
		do   func(*desk)
		want int
		seen string
	}{
		{"the whole way", func(d *desk) {
			d.press(slow, "a")
			wait(d, quiet)
			d.press(slow, token...)
			wait(d, settle)
			d.press(0, "enter")
		}, 1, ""},
		{"keys within the quiet are swallowed", func(d *desk) {
			d.press(slow, "a")
			d.press(slow, token...)
			wait(d, settle)
			d.press(0, "enter")
		}, 0, "type E1-orders to approve ▸ _"},
		{"Enter right after the last character", func(d *desk) {
			d.press(slow, "a")
			wait(d, quiet)
			d.press(slow, token...)
			d.press(fast, "enter")
		}, 0, "press it once more"},
		{"a wrong token", func(d *desk) {
			d.press(slow, "a")
			wait(d, quiet)
			d.press(slow, letters("E2-orders")...)
			wait(d, settle)
			d.press(0, "enter")
		}, 0, "that is not E1-orders"},
		{"a pasted token", func(d *desk) {
			d.press(slow, "a")
			wait(d, quiet)
			d.m.Update(tea.PasteMsg{Content: "E1-orders"})
			wait(d, settle)
			d.press(0, "enter")
		}, 0, "type the token first"},
		{"a token in one key event", func(d *desk) {
			d.press(slow, "a")
			wait(d, quiet)
			d.m.Update(tea.KeyPressMsg{Code: tea.KeyExtended, Text: "E1-orders"})
			wait(d, settle)
			d.press(0, "enter")
		}, 0, "type the token first"},
		{"esc leaves it planned", func(d *desk) {
			d.press(slow, "a")
			wait(d, quiet)
			d.press(slow, token...)
			d.press(slow, "esc", "enter")
		}, 0, "E1"},
		{"the plan was dropped meanwhile", func(d *desk) {
			d.press(slow, "a")
			wait(d, quiet)
			d.press(slow, token...)
			d.m.Update(eventsArrived{{Seq: 9999, At: d.now, Body: history.ChangeDropped{ID: "E1", Why: "by bo"}}})
			wait(d, settle)
			d.press(0, "enter")
		}, 0, ""},
		{"while frozen", func(d *desk) { d.press(slow, "space", "a") }, 0, "space shows the present first"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			d := sit(t, tuitest.Planned(true), 120, 40)
			c.do(d)
			got := approvals(d)
			if len(got) != c.want {
				t.Fatalf("approvals %v, want %d", got, c.want)
			}
			if c.want == 1 && got[0] != (engine.Approve{ID: "E1", Hash: "h1", Token: "E1-orders"}) {
				t.Fatalf("got %+v", got[0])
			}
			if !strings.Contains(d.screen(), c.seen) {
				t.Fatalf("%q is not on the screen:\n%s", c.seen, d.screen())
			}
		})
	}
}

func TestRedrawKeepsWhatIsTyped(t *testing.T) {
	d := sit(t, tuitest.Planned(true), 80, 24)
	d.press(time.Second, "a", "E")
	_, cmd := d.m.Update(key("ctrl+l"))
	if cmd == nil || d.m.ask == nil || d.m.ask.typed != "E" {
		t.Fatal("the strip was touched, or nothing is painted anew")
	}
	d.press(time.Second, "esc", "n", "x", "ctrl+l")
	if d.m.prompt == nil || d.m.prompt.text != "x" {
		t.Fatal("the note was touched")
	}
}

// TestPasteGoesOnlyWhereTextIsAsked: into a note as one harmless line, nowhere else.
func TestPasteGoesOnlyWhereTextIsAsked(t *testing.T) {
	d := sit(t, tuitest.Incident(true), 80, 24)
	d.m.Update(tea.PasteMsg{Content: "q"})
	d.press(time.Second, "n")
	d.m.Update(tea.PasteMsg{Content: "two\nlines\x1b[2J"})
	d.press(time.Second, "enter")
	if got := d.loop.Commands(); len(got) != 1 || got[0] != (engine.Note{Text: `two lines\x1b[2J`}) {
		t.Fatalf("got %#v", got)
	}
}

func TestReadOnlySaysWhy(t *testing.T) {
	d := sit(t, tuitest.Planned(false), 80, 24)
	d.press(time.Second, "a")
	if d.m.ask != nil || !strings.Contains(d.screen(), "start with --allow-changes") {
		t.Fatal(d.screen())
	}
}

// TestNoApprovalWithoutItsSequence types at random, with the keys of an approval likely. An approval may only
// leave when, since the strip opened, exactly the token was typed key by key and a late enough Enter came.
func TestNoApprovalWithoutItsSequence(t *testing.T) {
	script := tuitest.Planned(true)
	pool := append(letters("E1-ordersE1-ordersajkqzZgfd?ynxspuwoce1234DG"), "a", "a", "enter", "enter", "enter", "esc", "space", "tab", "backspace", "left", "up", "PASTE", "TOKEN", "TOKEN")
	rapid.Check(t, func(rt *rapid.T) {
		d := sit(t, script, 80, 24)
		typed, last := "", time.Time{}
		for range rapid.IntRange(1, 60).Draw(rt, "n") {
			k := rapid.SampledFrom(pool).Draw(rt, "key")
			pause := rapid.SampledFrom([]time.Duration{0, 50 * time.Millisecond, 290 * time.Millisecond, 310 * time.Millisecond, 450 * time.Millisecond}).Draw(rt, "pause")
			was, asked := len(approvals(d)), d.m.ask != nil
			keys := []string{k}
			switch k {
			case "PASTE":
				d.wall = d.wall.Add(pause)
				d.m.Update(tea.PasteMsg{Content: "E1-orders"})
				continue
			case "TOKEN":
				keys = letters("E1-orders")
			}
			for _, one := range keys {
				before := ""
				if d.m.ask != nil {
					before = d.m.ask.typed
				}
				d.press(pause, one)
				if len(approvals(d)) > was {
					if one != "enter" || !asked || before != "E1-orders" || typed != "E1-orders" || d.wall.Sub(last) < settle {
						rt.Fatalf("approved by %q with %q on the strip, typed %q, %v after the last character", one, before, typed, d.wall.Sub(last))
					}
					was++
				}
				switch {
				case d.m.ask == nil:
					typed = ""
				case d.m.ask.typed != before && len(one) == 1:
					typed, last = typed+one, d.wall
				case d.m.ask.typed != before:
					typed, last = d.m.ask.typed, d.wall
				}
				if d.quit {
					return
				}
			}
		}
	})
}

// undone adds two more changes to the judged one: E2, and E3, which took E2 back.
func undone() *tuitest.Script {
	s := tuitest.Judged().At(70 * time.Minute)
	for _, p := range []history.ChangePlanned{{ID: "E2", Target: "orders", UndoClass: history.UndoReady}, {ID: "E3", Target: "orders", UndoOf: "E2", UndoClass: history.UndoReady}} {
		s.Add(p, history.ChangeApproved{ID: p.ID}, history.ChangeIntended{ID: p.ID}, history.ChangeAnswered{ID: p.ID, OK: true}, history.ChangeSettled{ID: p.ID})
	}
	return s
}

// Mutant: undo an undo.
func TestKeysLeadToCommands(t *testing.T) {
	cases := []struct {
		name  string
		scene *tuitest.Script
		keys  []string
		want  engine.Command
	}{
		{"favoured branch", tuitest.Incident(true), []string{"2", "enter"}, engine.Decide{Step: "relief", Goto: "shed"}},
		{"another branch needs a reason", tuitest.Incident(true), []string{"d", "j", "enter", "n", "o", "enter"}, engine.Decide{Step: "relief", Goto: "raise", Reason: "no"}},
		{"note", tuitest.Incident(true), []string{"n", "h", "i", "space", "q", "enter"}, engine.Note{Text: "hi q"}},
		{"skip", tuitest.Incident(true), []string{"s", "b", "enter"}, engine.FinishStep{Step: "relief", Result: "skipped", Reason: "b"}},
		{"done", tuitest.Incident(true), []string{"x"}, engine.FinishStep{Step: "relief", Result: "done"}},
		{"open", tuitest.Calm(), []string{"o", "j", "enter"}, engine.OpenRunbook{Name: "expired"}},
		{"escalate", tuitest.Incident(true), []string{"e", "x", "enter"}, engine.Hand{Why: "x"}},
		{"close", tuitest.Judged(), []string{"c", "x", "enter"}, engine.Close{Reason: "x"}},
		{"write", tuitest.Calm(), []string{"w"}, engine.WritePostmortem{}},
		{"undo", tuitest.Judged(), []string{"u"}, engine.Undo{ID: "E1"}},
		{"undo of what is left in force", undone(), []string{"u"}, engine.Undo{ID: "E1"}},
		{
			"capacity", tuitest.Judged(), append([]string{"+"}, append(letters("orders/by-status write 20"), "enter")...),
			engine.PlanChange{What: "index.write", Target: "orders/by-status", To: 20},
		},
		{
			"a capacity that is none, put right", tuitest.Judged(), append([]string{"+"}, append(letters("write 0"), "enter", "backspace", "9", "enter")...),
			engine.PlanChange{What: "table.write", Target: "orders", To: 9},
		},
		{
			"a change of a kind", tuitest.Judged(), append([]string{"+"}, append(letters("autoscaling.max orders write 900 undo 20m because a sale"), "enter")...),
			engine.PlanChange{What: "autoscaling.max", Target: "orders", Side: "write", To: 900, UndoAfter: 20 * time.Minute, Reason: "a sale"},
		},
		{"a maximum removed", tuitest.Judged(), append([]string{"+"}, append(letters("cap.write none"), "enter")...), engine.PlanChange{What: "cap.write", Target: "orders", To: -1}},
		{"a mode", tuitest.Judged(), append([]string{"+"}, append(letters("mode.on_demand"), "enter")...), engine.PlanChange{What: "mode.on_demand", Target: "orders"}},
		{"timer", tuitest.Judged(), append([]string{"t"}, append(letters("20m"), "enter")...), engine.Timer{ID: "E1", After: 20 * time.Minute}},
		{"keep", tuitest.Judged(), append([]string{"t"}, append(letters("keep"), "enter")...), engine.Keep{ID: "E1"}},
		{"hold", tuitest.Judged(), append([]string{"!"}, append(letters("stop"), "enter")...), engine.Hold{Why: "stop"}},
		{"lab", tuitest.Incident(false), append([]string{"L"}, append(letters("b.json"), "enter")...), engine.StartLab{File: "b.json"}},
		{
			"lab beside a named probe", tuitest.Incident(false), append([]string{"L"}, append(letters("get-order my file.json"), "enter")...),
			engine.StartLab{Probe: "get-order", File: "my file.json"},
		},
		{"end of a lab", tuitest.Lab(), []string{"L"}, engine.StopLab{}},
		{"drop", tuitest.Planned(true), []string{"D", "x", "enter"}, engine.Drop{ID: "E1", Why: "x"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			d := sit(t, c.scene, 100, 30)
			d.press(time.Second, c.keys...)
			if got := d.loop.Commands(); len(got) != 1 || got[0] != c.want {
				t.Fatalf("got %#v, want %#v", got, c.want)
			}
		})
	}
}

func TestAFailedCommandSaysWhy(t *testing.T) {
	d := sit(t, tuitest.Incident(true), 80, 24)
	d.loop.Err = errors.New("journal is read-only: check the disk")
	d.press(time.Second, "w")
	if !strings.Contains(d.screen(), "check the disk") {
		t.Fatal(d.screen())
	}
}

func TestFreezeKeepsCollecting(t *testing.T) {
	d := sit(t, tuitest.Incident(true), 120, 40)
	d.press(time.Second, "space")
	before := d.screen()
	more := tuitest.Planned(true).Events[len(tuitest.Incident(true).Events):]
	d.m.Update(eventsArrived(more))
	d.now = d.now.Add(47 * time.Second)
	d.m.Update(clockTicked{})
	if got := d.screen(); !strings.Contains(got, "FROZEN @14:32:00Z live is 49s ahead") || strings.Contains(got, "E1") {
		t.Fatalf("before:\n%s\nafter:\n%s", before, got)
	}
	d.press(time.Second, "space")
	if got := d.screen(); !strings.Contains(got, "E1 waits for approval") || strings.Contains(got, "FROZEN") || len(d.m.held) != 0 {
		t.Fatal(got)
	}
}

func TestQuitAsksWhileAChangeIsInFlight(t *testing.T) {
	d := sit(t, tuitest.Settling(), 80, 24)
	if d.press(time.Second, "q"); d.quit || !strings.Contains(d.screen(), "q again leaves") {
		t.Fatal(d.screen())
	}
	if d.press(time.Second, "j", "q"); d.quit {
		t.Fatal("another key did not take the question back")
	}
	if d.press(time.Second, "q"); !d.quit {
		t.Fatal("q twice did not leave")
	}
}

// An open list takes the present ranking; what the cursor stands on is what Enter opens, wherever it has moved.
// Mutants: keep the old rows; keep the cursor's place in place of its item.
func TestAnOpenListFollows(t *testing.T) {
	d := sit(t, tuitest.Calm(), 120, 40)
	d.press(time.Second, "o", "j") // on expired, the second
	d.m.Update(runbooksListed{{Name: "expired", Title: "Credentials ran out", Fits: 0.8}, {Name: "hot-partition", Title: "One key takes too much", Fits: 0.11}})
	got := d.screen()
	if first, second := strings.Index(got, "▸ expired"), strings.Index(got, "  hot-partition"); first < 0 || second < first || !strings.Contains(got, "fits 80%") {
		t.Fatal(got)
	}
	d.press(time.Second, "enter")
	if list := d.loop.Commands(); len(list) != 1 || list[0] != (engine.OpenRunbook{Name: "expired"}) {
		t.Fatalf("%+v", list)
	}
	d.press(time.Second, "o", "j")
	d.m.Update(runbooksListed{{Name: "expired", Title: "Credentials ran out"}})
	d.press(time.Second, "enter")
	if list := d.loop.Commands(); len(list) != 2 || list[1] != (engine.OpenRunbook{Name: "expired"}) {
		t.Fatalf("%+v", list)
	}
	d.press(time.Second, "o")
	d.m.Update(runbooksListed{})
	if d.m.choose != nil {
		t.Fatal("a list without rows is open")
	}
}

// A list of branches follows what the data favours.
func TestAnOpenListOfBranchesFollows(t *testing.T) {
	d := sit(t, tuitest.Incident(true), 120, 40)
	d.press(time.Second, "d", "j")
	d.m.Update(eventsArrived{{Seq: 9999, At: d.now, Body: history.DecisionOffered{Step: "relief", Favoured: "wait", Because: "it mends itself"}}})
	c := d.m.choose
	if c == nil || c.rows[c.at].name != "raise" || c.rows[2].note != "favoured" || c.rows[0].note != "" {
		t.Fatalf("%+v", c)
	}
}

// TestARefusalIsNotDone: a plan that is refused says so and why, though an older one waits to be approved.
// Mutants: say done; offer the older plan beside it.
func TestARefusalIsNotDone(t *testing.T) {
	d := sit(t, tuitest.Planned(true), 120, 40)
	d.loop.Err = &change.Refusal{Why: "orders is provisioned: it has no on-demand maximum"}
	d.press(time.Second, append(append([]string{"+"}, letters("cap.write 300")...), "enter")...)
	v := &view{m: d.m, g: theme.GlyphsOf(d.m.glyphs)}
	if got, tok := v.message(); got != "plan the change refused: orders is provisioned: it has no on-demand maximum" || tok != theme.Warn {
		t.Errorf("the status line says %q", got)
	}
	if lines := strings.Split(strings.TrimRight(d.screen(), "\n"), "\n"); strings.Contains(lines[len(lines)-2], "approve E1") {
		t.Errorf("the older plan is offered: %q", lines[len(lines)-2])
	}
}
