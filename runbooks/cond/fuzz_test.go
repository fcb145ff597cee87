package cond

import (
	"errors"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/ddbloop/ddbloop/history"
)

// Whatever is typed is either refused with a place inside it, or means the same when it is written back.
func FuzzCondition(f *testing.F) {
	for _, src := range []string{
		"write_throttles > 0 for 2 of 5 min and not layer == unknown", "(a + b) * 3 >= max(10 ms, base(c, 1 h))",
		"missing(x@any_index#op-1) or age(x) > 4 min", "limit == pass", "slope(x) < 0", "-1 < 2%", "a-b - c > 1_000units/s",
	} {
		f.Add(src)
	}
	w := newWorld()
	w.put(key("write_throttles", "orders", ""), 60, time.Minute, 1, 2, 3)
	f.Fuzz(func(t *testing.T, src string) {
		e, err := Condition(src, words())
		if err != nil {
			var bad *Error
			if !errors.As(err, &bad) || bad.Pos < 0 || bad.Pos > len(src) || bad.Found == "" || bad.Want == "" {
				t.Fatalf("%q: %#v", src, err)
			}
			return
		}
		again, err := Condition(e.String(), words())
		if err != nil || again.String() != e.String() {
			t.Fatalf("%q became %q: %v", src, e, err)
		}
		Check(e, w, "")
		truth, why := w.env().Why(e)
		if other := w.env().Truth(again); other != truth {
			t.Fatalf("%q is %v, written back %v", src, truth, other)
		}
		if why == "" {
			t.Fatalf("%q gives no reason", src)
		}
	})
}

// Negation mirrors, and what holds for n+1 minutes holds for n.
func TestLawsHoldOnRandomSeries(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		w := newWorld()
		values := rapid.SliceOfN(rapid.SampledFrom([]float64{0, 1, 2, 50, gap}), 0, 30).Draw(rt, "values")
		ago := time.Duration(rapid.IntRange(0, 6).Draw(rt, "ago")) * time.Minute
		sr := w.put(key("write_throttles", "orders", ""), 60, ago, values...)
		if rapid.Bool().Draw(rt, "rare") {
			rare(sr, time.Duration(rapid.IntRange(0, 6).Draw(rt, "settled"))*time.Minute)
		}
		v := w.env()
		base := must(t, "write_throttles > 1/s")
		if v.Truth(must(t, "not write_throttles > 1/s")) != v.Truth(base).Not() {
			rt.Fatal("not is not a mirror")
		}
		if v.Truth(must(t, "write_throttles <= 1/s")) != v.Truth(base).Not() {
			rt.Fatal("<= is not the mirror of >")
		}
		last := True
		for n := 1; n <= 10; n++ {
			e, err := wrap(base, n, 10, "w")
			if err != nil {
				rt.Fatal(err)
			}
			is := v.Truth(e)
			if is > last {
				rt.Fatalf("%d of 10 is %v, %d of 10 was %v", n, is, n-1, last)
			}
			last = is
		}
	})
}

func TestBeliefsBeforeAnyEventAreUnknown(t *testing.T) {
	v := &Env{State: history.NewState(), Sig: newWorld(), Target: "orders", Now: noon}
	asks(t, v, "layer == unknown for 5 min", True, "layer is unknown in 5 of 5 min")
}
