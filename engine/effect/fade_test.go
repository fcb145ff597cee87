package effect

import (
	"strings"
	"testing"
	"time"
)

// TestFading: what was judged to help and is gone again is "helped, then faded"; what never was is unproven. Mutants:
// forget what was said before; look at the first minutes only.
func TestFading(t *testing.T) {
	at := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	minutes := func(from int, v ...float64) []Sample {
		var out []Sample
		for i, x := range v {
			out = append(out, Sample{T: at.Add(time.Duration(from+i) * time.Minute), V: x})
		}
		return out
	}
	var before []Sample
	for i := -170; i < -8; i++ {
		before = append(before, minutes(i, 0)...)
	}
	before = append(before, minutes(-8, 40, 41, 39, 40, 42, 40, 41, 40)...)
	for _, c := range []struct {
		after []float64
		faded bool
	}{
		{[]float64{5, 0, 0, 0, 0, 0, 0}, false},
		{[]float64{5, 0, 0, 0, 38, 41}, false}, // two minutes may be a hiccup
		{[]float64{5, 0, 0, 0, 38, 41, 40}, true},
		{[]float64{5, 0, 0, 0, 8, 9, 8}, false}, // most of the effect is still there
	} {
		got := Confirm(at, before, minutes(0, c.after...), ConfirmOptions{Kind: Count, Seed: 1})
		if got.State != Confirmed || got.Faded != c.faded {
			t.Errorf("%v: %+v, want faded %v", c.after, got, c.faded)
			continue
		}
		for _, said := range []Word{Worked, Helped, ""} {
			in := Input{Expect: Expectation{Signal: "refusals", Kind: Count, By: 0.9}, Applied: at, InForce: at, Now: at.Add(8 * time.Minute), Minutes: &got, Said: said}
			v := Judge(in)
			if want := c.faded && said != ""; v.Faded != want || want && (v.Word != Helped || !strings.HasPrefix(v.Reason, "helped, then faded")) {
				t.Errorf("%v after %q: %+v", c.after, said, v)
			}
			if c.faded && said == "" && v.Word != Open {
				t.Errorf("%v without an earlier verdict: %s", c.after, v.Word)
			}
		}
	}
}
