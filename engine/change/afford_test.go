package change_test

import (
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/ddbloop/ddbloop/engine/change"
	"github.com/ddbloop/ddbloop/history"
)

// A maximum that is refused ten times over by retries is raised as far as the policy lets one change cost, and not refused for what
// the retries would cost. A capacity is made smaller only where what is left still carries the demand. Mutants: price what is
// refused, whatever the new maximum; make no raise smaller; make every raise smaller.
func TestRaiseWithinTheCost(t *testing.T) {
	retried := func(times float64) *scene {
		c := refused(history.OnDemand, "cap", 480)
		r := []float64{480 * times, 480 * times, 480 * times}
		return c.polled(map[string][]float64{"write_throttles@orders": r, "write_cap_throttles@orders": r})
	}
	p, err := retried(20).Plan(change.Request{What: "cap.write", Target: "orders"}) // $5 buys 2,222 more writes a second
	if err != nil || p.AfterN != 2722 || p.CostHour == nil || *p.CostHour > 5 || *p.CostHour < 4.9 || !strings.Contains(p.Note, "the policy allows 2722 ($5 an hour)") {
		t.Errorf("%d, $%v an hour, %q, %v", p.AfterN, p.CostHour, p.Note, err)
	}
	if p, err := retried(2).Plan(change.Request{What: "cap.write", Target: "orders"}); err != nil || p.Note != "" || p.AfterN != 2160 {
		t.Errorf("a raise that costs little is made smaller: %d %q, %v", p.AfterN, p.Note, err)
	}
	if p, err := full(7000).Plan(change.Request{What: "table.write", Target: "orders"}); err != nil || p.AfterN != 7792 {
		t.Errorf("%d, %v, want what $5 an hour pays", p.AfterN, err)
	}
	if _, err := full(9000).Plan(change.Request{What: "table.write", Target: "orders"}); err == nil || !strings.Contains(err.Error(), "more than the policy's $5") {
		t.Errorf("a raise below the demand is made: %v", err)
	}
}

// A lower maximum saves what it will refuse of what is served now, not what nobody uses. Mutants: price the difference of the maxima;
// price what is refused.
func TestALowerMaximumSavesWhatIsServed(t *testing.T) {
	for used, units := range map[float64]float64{300: 0, 620: 120} {
		c := refused(history.OnDemand, "cap", 480)
		p, err := c.Plan(change.Request{What: "cap.write", Target: "orders"})
		if err != nil {
			t.Fatal(err)
		}
		first, snap := c.done(p), *c.Seen.Snap
		snap.Throughput.MaxWrite = p.AfterN
		c.Seen.Snap = &snap
		c.polled(map[string][]float64{"consumed_write@orders": {used, used, used, used}, "write_throttles@orders": {0, 0, 0, 0}, "write_cap_throttles@orders": {0, 0, 0, 0}})
		undo, err := c.Plan(change.Request{What: p.What, Target: p.Target, Undo: first})
		usd := -units * 3600 * 0.625e-6
		if err != nil || undo.CostHour == nil || math.Abs(*undo.CostHour-usd) > 0.01 {
			t.Errorf("back from %d to %d while %v/s are served: %v (%s), %v; want %v", p.AfterN, p.BeforeN, used, undo.CostHour, undo.CostNote, err, usd)
		}
	}
}

// CloudWatch gives one name to a partition's limit and to an on-demand ceiling. Which it is shows in the first whole minute of
// refusals. Mutants: decide by the minute in which they began; wait where the whole minute is there.
func TestCeilingWaitsForAWholeMinute(t *testing.T) {
	ramp := func(used, refusals []float64) error {
		c := refused(history.OnDemand, "keyrange", 300)
		_, err := c.polled(map[string][]float64{
			"consumed_write@orders": used, "write_throttles@orders": refusals, "write_keyrange_throttles@orders": refusals,
		}).Plan(change.Request{What: "warm.write", Target: "orders"})
		return err
	}
	var r *change.Refusal
	if err := ramp([]float64{1500, 1500, 2500}, []float64{0, 0, 900}); !errors.As(err, &r) || !r.Later || !strings.Contains(r.Why, "no whole minute of it yet") {
		t.Errorf("in the minute in which it began: %v", err)
	}
	if err := ramp([]float64{1500, 2500, 3900}, []float64{0, 300, 900}); err != nil {
		t.Errorf("at the ceiling: %v", err)
	}
	if err := ramp([]float64{1500, 1500, 1500}, []float64{0, 300, 900}); !errors.As(err, &r) || r.Later {
		t.Errorf("far below the ceiling: %v", err)
	}
}
