package effect

import (
	"strings"
	"testing"
	"time"
)

// A sentence names the signal that its numbers are of, and the size of what faded is that of the time before. Mutants: name the
// metric for what the eye saw; take the size over all samples; say nothing of minutes that cannot tell; date
// what came minutes later to the first one.
func TestSentences(t *testing.T) {
	level := func(s int) float64 {
		if s >= 0 && s < 180 {
			return 0.01
		}
		return 0.66
	}
	look := FirstLook(t0, series(1, -900, 0, 0.05, level), series(2, 0, 300, 0.05, level), Options{Kind: Share, By: 0.9})
	in := Input{
		Expect: Expectation{Signal: "write_throttles", Kind: Count, Unit: "/s", By: 0.9}, Eye: Expectation{Signal: "feed_throttle_share", Kind: Share},
		InForce: t0, Now: t0.Add(5 * time.Minute), Look: look, Said: Worked, Minutes: &Confirmation{State: Confirmed},
	}
	v := Judge(in)
	if !v.Faded || v.Of.Signal != "feed_throttle_share" || !strings.Contains(v.Reason, "`feed_throttle_share` fell from 66 % to 1.0 %") &&
		!strings.Contains(v.Reason, "feed_throttle_share fell from 66 % to 1.0 %") {
		t.Errorf("%+v", v)
	}
	in.Minutes, in.Look, in.Said = &Confirmation{State: NoHistory, Why: "it had lasted only 1 minutes"}, Look{}, ""
	if v := Judge(in); v.Word != Open || v.Reason != in.Minutes.Why {
		t.Errorf("%+v", v)
	}
	late := func(s int) float64 {
		if s < 200 {
			return 40
		}
		return 5
	}
	if l := FirstLook(t0, series(1, -900, 0, 0.1, late), series(2, 0, 600, 0.1, late), Options{By: 0.8}); l.State == Better || !strings.Contains(l.Why, "it moved 3m20s after the change") {
		t.Errorf("it ended minutes later: %+v", l)
	}
}
