package effect

import (
	"strings"
	"testing"
)

// What a change of trouble that is seconds old is held against is that trouble, not the calm before it. Mutants: take "worse" and
// "same" from the calm; credit an end that came seconds later; tell of any rise; credit no trouble under half a minute.
func TestBriefTrouble(t *testing.T) {
	noise := 0.1
	latency := func(lasted, late int, after float64) (l Look) {
		level := func(s int) float64 {
			switch {
			case s < -lasted:
				return 5
			case s < late:
				return 40
			}
			return after
		}
		return FirstLook(t0, series(1, -1800, 0, noise, level), series(2, 0, 120, noise, level), Options{By: 0.8})
	}
	for _, c := range []struct {
		name         string
		lasted, late int
		after        float64
		want         State
	}{
		{"it goes on, and the change did nothing", 20, 0, 40, Same},
		{"too young for its level to be known, it goes on", 10, 0, 40, TooEarly},
		{"it grows a little by itself", 20, 0, 45, Same},
		{"it becomes four times as bad", 20, 0, 160, Worse},
		{"it ends with the change", 20, 0, 5, Better},
		{"it ends two seconds later", 20, 2, 5, TooEarly},
		{"it ends with the change, too young to tell", 10, 0, 5, TooEarly},
	} {
		if l := latency(c.lasted, c.late, c.after); l.State != c.want || l.State == Better && !l.Proven {
			t.Errorf("%s: %+v, want %s", c.name, l, c.want)
		} else if l.State == TooEarly && !strings.Contains(l.Why, "the trouble had lasted only") {
			t.Errorf("%s: %q does not say why nothing is said", c.name, l.Why)
		}
	}
	if noise = 0.02; latency(33, 0, 46).State == Worse {
		t.Error("a sixth more of trouble that is half a minute old is called worse")
	}
	refused := func(s int) float64 { // a share has no noise while nothing is refused
		switch {
		case s < -33:
			return 0
		case s < 0:
			return 0.70
		}
		return 0.72
	}
	if l := FirstLook(t0, series(1, -600, 0, 0.004, refused), series(2, 0, 120, 0.004, refused), Options{Kind: Share, By: 0.9}); l.State != Same || l.Size.Before < 0.6 {
		t.Errorf("refusals that began half a minute before the change go on: %+v", l)
	}
}
