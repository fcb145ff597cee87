package tui

import (
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/ddbloop/ddbloop/history"
	"github.com/ddbloop/ddbloop/tui/tuitest"
)

// hand is what a person, a paste or a dying line can do while a plan waits.
type hand struct {
	r     *rand.Rand
	token string
}

// next is one key with the time since the one before it: mostly towards an approval, so that some come about.
func (h *hand) next(entered int) (tea.KeyPressMsg, time.Duration) {
	gap := time.Duration(h.r.IntN(900)) * time.Millisecond
	switch n := h.r.IntN(100); {
	case n < 70 && entered < len(h.token):
		return letter(h.token[entered : entered+1]), gap
	case n < 86:
		return tea.KeyPressMsg{Code: tea.KeyEnter}, gap
	case n < 89:
		return tea.KeyPressMsg{Code: tea.KeyBackspace}, gap
	case n < 91:
		return letter(h.token), gap // a burst, as a paste without brackets comes
	case n < 93:
		return tea.KeyPressMsg{Code: 'u', Mod: tea.ModCtrl}, gap
	case n < 94:
		return tea.KeyPressMsg{Code: tea.KeyEscape}, gap
	}
	return letter(string(rune('a' + h.r.IntN(26)))), gap
}

func letter(s string) tea.KeyPressMsg { return tea.KeyPressMsg{Code: []rune(s)[0], Text: s} }

// entitled decides from the keys alone, without the strip's own state, whether they approve: a quiet start, the token letter by
// letter, an Enter of its own after a pause.
func entitled(token string, keys []tea.KeyPressMsg, gaps []time.Duration) bool {
	typed, listening, pause := "", false, time.Duration(0)
	for i, k := range keys {
		pause += gaps[i]
		quietNow := pause >= quiet
		name := k.String()
		if !listening && !quietNow {
			pause = 0
			continue
		}
		listening = true
		switch {
		case name == "enter":
			if i == len(keys)-1 {
				return typed == token && token != "" && pause >= settle
			}
			if typed != "" && pause >= settle && typed != token {
				typed = ""
			}
			continue
		case name == "backspace":
			typed = typed[:max(0, len(typed)-1)]
		case name == "ctrl+u":
			typed = ""
		case len(k.Text) == 1:
			if len(typed) < len(token)+16 {
				typed += k.Text
			}
		case k.Text != "":
			continue
		}
		pause = 0
	}
	return false
}

// TestMillionHands: in a million random sequences of keys, bursts, pastes and resizes, nothing is approved without the strip being
// armed, the token typed in full and an Enter of its own, in this order; and whoever does that is understood. V2.
// Mutants: count a burst as typing; let Enter count at once; compare a prefix only.
func TestMillionHands(t *testing.T) {
	n := 1_000_000
	if raceEnabled {
		n = 20_000
	}
	r := rand.New(rand.NewPCG(5, 2026))
	d := sit(t, tuitest.Planned(true), 80, 24)
	plan := d.m.planned().Plan
	sends := 0
	for range n {
		plan.Token = []string{"ord", "or/by", "tbl"}[r.IntN(3)]
		if r.IntN(20) > 0 { // else nobody armed it
			d.m.ask = askFor(&history.Change{Plan: plan}, d.wall)
		}
		h := hand{r: r, token: plan.Token}
		var keys []tea.KeyPressMsg
		var gaps []time.Duration
		for range 4 + r.IntN(10) {
			a := d.m.ask
			if a == nil {
				break
			}
			switch r.IntN(40) {
			case 0:
				d.m.Update(tea.PasteMsg{Content: plan.Token + "\n"})
				continue
			case 1:
				d.m.Update(tea.WindowSizeMsg{Width: 20 + r.IntN(200), Height: 5 + r.IntN(60)})
				continue
			}
			k, gap := h.next(len(a.typed))
			d.wall = d.wall.Add(gap)
			keys, gaps = append(keys, k), append(gaps, gap)
			cmd := d.m.askKey(k)
			if want := k.String() == "enter" && entitled(a.token, keys, gaps); (cmd != nil) != want {
				t.Fatalf("%q with gaps %v: sent %v, want %v (typed %q, note %q)", said(keys), gaps, cmd != nil, want, a.typed, a.note)
			}
			if cmd != nil {
				sends++
			}
		}
		d.m.ask = nil
	}
	if sends < n/2000 {
		t.Errorf("only %d of %d hands approved: the test says little", sends, n)
	}
	t.Logf("%d sequences, %d approvals", n, sends)
}

func said(keys []tea.KeyPressMsg) string {
	var b strings.Builder
	for _, k := range keys {
		b.WriteString(k.String() + " ")
	}
	return b.String()
}
