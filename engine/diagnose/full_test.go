package diagnose_test

import (
	"testing"

	"github.com/ddbloop/ddbloop/engine/diagnose"
	"github.com/ddbloop/ddbloop/history"
)

// ballot is an on-demand table that is warm for 6,000 writes a second, refusing for a reason that fits one partition as well as its own
// ceiling; CloudWatch's minutes show 4,600 of the served ones, and the caller's feed the given number.
func ballot(served float64) *scene {
	snap := table()
	snap.Mode, snap.Throughput = "on_demand", history.Throughput{WarmWrite: 6000}
	m := refused(metrics{}, "orders", "write", "keyrange", 2000, 4600)
	m["requests@orders#PutItem"] = []float64{4600}
	c := newScene(snap)
	c.s.Session.Clients[0].Op = "PutItem"
	return c.polled(m).fed(10, served, 7900, 7900-served, 0, 20)
}

// Whether a table is at its ceiling is read from what its callers count, for CloudWatch's newest minutes lack a part of it. Mutants:
// fullness from CloudWatch alone; from attempts instead of what was served; a plan that reads the side without its callers.
func TestCeilingOrOnePartition(t *testing.T) {
	for served, kind := range map[float64]string{5900: diagnose.OnDemandRamp, 2500: diagnose.HotPartition} {
		c := ballot(served)
		if top := c.assess().Ranked[0]; top.Kind != kind {
			t.Errorf("%v served of 6000: %+v", served, top)
		}
		if p := diagnose.PressureOn(c.s, c.now, diagnose.Defaults, "orders", "write"); p.Served < served-1 || p.Served > 6000 {
			t.Errorf("a plan sees %v served, the caller counts %v", p.Served, served)
		}
	}
}

// "Retry" for a limit of its own kind waits for CloudWatch to name the limit: an account's quota looks the same from outside. Mutant:
// say it as soon as the belief has stood for three minutes.
func TestRetryWaitsForTheReason(t *testing.T) {
	for name, c := range map[string]struct {
		m    metrics
		want string
	}{
		"no refusals published yet": {metrics{"consumed_write@orders": {3000, 5900, 5900, 5900}, "requests@orders#PutItem": {3000, 5900, 5900, 5900}}, ""},
		"one partition's or its own": {func() metrics {
			m := refused(metrics{}, "orders", "write", "keyrange", 2000, 5900)
			m["requests@orders#PutItem"] = []float64{5900}
			return m
		}(), history.Retry},
	} {
		snap := table()
		snap.Mode, snap.Throughput = "on_demand", history.Throughput{WarmWrite: 6000}
		s := newScene(snap)
		s.s.Session.Clients[0].Op = "PutItem"
		s.polled(c.m).fed(10, 5900, 7900, 2000, 0, 20).assess()
		a := s.waited(diagnose.Defaults.SureFor-diagnose.Defaults.ProbeFresh).fed(10, 5900, 7900, 2000, 0, 20).assess()
		if a.Disposition.Verdict != c.want || a.Ranked[0].Kind != diagnose.OnDemandRamp {
			t.Errorf("%s: %+v %+v", name, a.Disposition, a.Ranked[0])
		}
	}
}

// Before CloudWatch names the cause, what a writer is refused is suspected of a write limit. Mutant: let a feed hint at both sides.
func TestAWritersRefusalsAreWrites(t *testing.T) {
	for op, reason := range map[string]string{"PutItem": "TableWriteKeyRangeThroughputExceeded", "GetItem": "TableReadKeyRangeThroughputExceeded"} {
		c := newScene(table()).polled(nil)
		c.s.Session.Clients[0].Op = op
		if top := c.fed(5, 100, 150, 50, 0, 20).assess().Ranked[0]; top.Kind != diagnose.HotPartition || top.Reason != reason {
			t.Errorf("%s: %+v", op, top)
		}
	}
}

// The newest minute of a cause may be published before that of all refusals: its rate is that of its own minutes. Mutant: divide by
// the minutes of the whole.
func TestCausesComeApart(t *testing.T) {
	m := refused(metrics{}, "orders", "write", "cap", 200, 500)
	m["write_throttles@orders"], m["write_cap_throttles@orders"] = last(1, 200), last(2, 200)
	c := newScene(table()).polled(m)
	if p := diagnose.PressureOn(c.s, c.now, diagnose.Defaults, "orders", "write"); p.Cap < 199 || p.Cap > 201 {
		t.Errorf("%v/s refused for the maximum, want 200", p.Cap)
	}
}
