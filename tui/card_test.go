package tui

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/ddbloop/ddbloop/history"
	"github.com/ddbloop/ddbloop/tui/tuitest"
)

// longCard is a plan with more to say than most screens have room for.
func longCard() *tuitest.Script {
	s := tuitest.Planned(true)
	for i, e := range s.Events {
		if p, ok := e.Body.(history.ChangePlanned); ok {
			p.UndoText = "lower to 2,000 WCU (4 decreases left today, the next one an hour after the last)"
			p.Blast = "table orders only; by-status keeps its own capacity, and its writers go on as they are"
			p.CostNote = "2,000 write units at $0.00065 an hour each, us-east-1, compared on 2026-03-01"
			p.Reason, p.UndoAfter = "the sale ends at 18:00 and nobody can shed checkout before", 20*time.Minute
			s.Events[i].Body = p
		}
	}
	return s
}

// squeezed is a text without blanks and line breaks, as wrapping leaves it anywhere.
func squeezed(s string) string {
	return strings.Join(strings.FieldsFunc(s, func(r rune) bool { return strings.ContainsRune(" \n│╭╮╰╯─▸·…", r) }), "")
}

// rightOf cuts off what stands left of a pane's title, so that no other pane's text comes between two of its lines.
func rightOf(screen, title string) string {
	var out strings.Builder
	lines := strings.Split(screen, "\n")
	from := 0
	for _, l := range lines {
		if left, _, ok := strings.Cut(l, title); ok {
			from = max(0, len([]rune(left))-3)
		}
	}
	for _, l := range lines {
		r := []rune(l)
		out.WriteString(string(r[min(len(r), from):]) + "\n")
	}
	return out.String()
}

// decisive is what nobody may approve without having had it before their eyes.
var decisive = []string{
	"2,000 WCU → 4,000 WCU", "+$3.10/h", "lower to 2,000 WCU", "an hour after the last)", "table orders only", "go on as they are", "taken back 20m", "of this approval",
}

// TestTheCardShowsWhatIsApproved: at every size with room for four panes, waiting and armed, the card has all that an approval is
// decided on, its token, and a word for what is folded. On smaller screens the strip stays and the rest scrolls past it.
// Mutants: cut the decisive rows at two lines; put the timer last; let the strip scroll.
func TestTheCardShowsWhatIsApproved(t *testing.T) {
	for _, size := range [][2]int{{80, 24}, {72, 24}, {100, 24}, {100, 30}, {120, 40}, {140, 34}, {160, 46}, {200, 60}} {
		d := sit(t, longCard(), size[0], size[1])
		see := func(state, token string) {
			t.Helper()
			got := d.screen()
			pane := rightOf(got, "4 Effects")
			for _, want := range append([]string{token}, decisive...) {
				if !strings.Contains(squeezed(pane), squeezed(want)) {
					t.Fatalf("%v, %s: %q is not seen\n%s", size, state, want, got)
				}
			}
			if !strings.Contains(got, "before") && !strings.Contains(got, "more line") {
				t.Fatalf("%v, %s: what is folded is not said\n%s", size, state, got)
			}
		}
		see("waiting", "(type E1-orders)")
		d.press(time.Second, "a")
		see("armed", "type E1-orders to approve")
	}
	for _, size := range [][2]int{{40, 10}, {60, 18}, {50, 14}} {
		d := sit(t, longCard(), size[0], size[1])
		d.press(time.Second, "a", "E", "1")
		seen, warned := "", false
		for range 30 {
			got := d.screen()
			if !strings.Contains(got, "approve ▸ E1_") {
				t.Fatalf("%v: the strip has gone\n%s", size, got)
			}
			warned = warned || strings.Contains(got, "to approve below")
			for _, l := range strings.Split(got, "\n") {
				if !strings.Contains(seen, l) {
					seen += l + "\n"
				}
			}
			d.press(time.Second, "down")
		}
		if !warned {
			t.Errorf("%v: nothing says that what is approved is longer than the screen", size)
		}
		for _, want := range decisive {
			for _, word := range strings.Fields(want) {
				if !strings.Contains(seen, word) {
					t.Errorf("%v: %q never comes by\n%s", size, word, seen)
				}
			}
		}
	}
}

// A card that is read with pgdn goes as far as it has rows, and back at once; the next card begins at its top.
func TestACardScrolls(t *testing.T) {
	d := sit(t, longCard(), 80, 24)
	d.press(time.Second, "4", "pgdown", "pgdown", "pgdown", "pgdown")
	if got := d.screen(); !strings.Contains(got, "before") || !strings.Contains(got, "above (pgup)") && !strings.Contains(got, "above") {
		t.Fatal(got)
	}
	at := d.m.scroll[paneEffects]
	if d.press(time.Second, "pgup"); at == 0 || d.m.scroll[paneEffects] >= at {
		t.Errorf("at %d, then %d", at, d.m.scroll[paneEffects])
	}
	if d.press(time.Second, "j"); d.m.scroll[paneEffects] != 0 {
		t.Error(fmt.Sprint("another card begins at row ", d.m.scroll[paneEffects]))
	}
}

// TestTheCardSaysThatItWasCapped: a plan for less than was asked says so, and why, where it is approved. Mutant: leave it to the timeline.
func TestTheCardSaysThatItWasCapped(t *testing.T) {
	s := tuitest.Planned(true)
	for i, e := range s.Events {
		if p, ok := e.Body.(history.ChangePlanned); ok {
			p.Note = "9000 asked; the policy allows 4000 (2 × the present 2000)"
			s.Events[i].Body = p
		}
	}
	for _, size := range [][2]int{{80, 24}, {100, 30}, {120, 40}, {200, 60}} {
		got := sit(t, s, size[0], size[1]).screen()
		if pane := squeezed(rightOf(got, "4 Effects")); !strings.Contains(pane, squeezed("9000 asked; the policy allows")) || !strings.Contains(pane, "×thepresent2000)") {
			t.Errorf("%v:\n%s", size, got)
		}
	}
	if got := sit(t, s, 200, 60).screen(); !strings.Contains(got, "2,000 WCU → 4,000 WCU; 9000 asked; the policy allows 4000") {
		t.Errorf("the timeline does not say it:\n%s", got)
	}
}
