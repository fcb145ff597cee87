package effect

import (
	"strings"
	"testing"
	"time"
)

// The minutes neither: with fewer than two of the trouble before the change there is nothing to compare with. Mutant: fall back on the calm.
func TestMinutesOfBriefTrouble(t *testing.T) {
	at := t0.Add(28 * time.Second)
	var before, after []Sample
	for i := range 180 {
		before = append(before, Sample{T: t0.Add(time.Duration(i-180) * time.Minute), V: 0.01 * float64(i%7), W: 1})
		after = append(after, Sample{T: t0.Add(time.Duration(i+1) * time.Minute), V: 5900, W: 1})
	}
	opts := ConfirmOptions{Kind: Count, Direction: Down, Since: t0}
	if c := Confirm(at, before, after[:10], opts); c.State != NoHistory || !strings.Contains(c.Why, "had lasted only 28s") {
		t.Errorf("%+v", c)
	}
	opts.Since = time.Time{}
	if c := Confirm(at, before, after[:10], opts); c.State != Contrary {
		t.Errorf("in the calm: %+v", c)
	}
}

// A lever's fall in demand is told from a later one by the first whole minute. Mutant: look at the minutes after it as well.
func TestTimingByTheMinute(t *testing.T) {
	minutes := func(from int, v ...float64) (out []Sample) {
		for i, x := range v {
			out = append(out, Sample{T: t0.Add(time.Duration(from+i) * time.Minute), V: x, W: 1})
		}
		return out
	}
	in := Input{Lever: "limit_client", InForce: t0.Add(-49 * time.Second), Demand: Demand{Before: minutes(-6, 1500, 1500, 1500, 1500, 1500)}}
	in.Demand.After = minutes(0, 1500, 250, 250, 250, 250)
	if d := judgeDemand(in, 0); !d.confounded {
		t.Errorf("demand fell two minutes after the lever: %+v", d)
	}
	in.Demand.After = minutes(0, 250, 250, 250, 250, 250)
	if d := judgeDemand(in, 0); d.confounded || !strings.Contains(d.words, "with the lever") {
		t.Errorf("demand fell with the lever: %+v", d)
	}
}
