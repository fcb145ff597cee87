package engine

import (
	"testing"

	"github.com/ddbloop/ddbloop/history"
)

// TestReaches: overlapping changes are told apart where one cannot move what the other is judged on. Mutants: ignore the
// side; let every lever be harmless.
func TestReaches(t *testing.T) {
	s := history.NewState()
	s.Session.Tables = []string{"orders", "carts"}
	change := func(what, target, side string) *history.Change {
		return &history.Change{Plan: history.ChangePlanned{What: what, Target: target, Side: side}}
	}
	judged := func(signal, target string) *history.Change {
		c := change("table.write", target, "write")
		c.Plan.Expect = &history.Expectation{Signal: signal, Target: target}
		return c
	}
	for _, c := range []struct {
		other  *history.Change
		judged *history.Change
		want   bool
	}{
		{change("table.write", "orders", ""), judged("write_throttles", "orders"), true},
		{change("table.read", "orders", ""), judged("write_throttles", "orders"), false},
		{change("autoscaling.max", "orders", "read"), judged("write_throttles", "orders"), false},
		{change("mode.on_demand", "orders", ""), judged("write_throttles", "orders"), true},
		{change("table.write", "carts", ""), judged("write_throttles", "orders"), false},
		{change("index.write", "orders/a", ""), judged("write_throttles", "orders"), true},
		{change("index.write", "orders/a", ""), judged("write_throttles", "orders/b"), false},
		{change("table.write", "orders", ""), judged("write_throttles", "orders/b"), true},
		{change("table.read", "orders", ""), judged("latency_p50", "orders"), true},
		{change("insights", "orders", ""), judged("write_throttles", "orders"), false},
		{change("lever:stop", "carts", ""), judged("write_throttles", "orders"), false},
		{change("lever:stop", "client", ""), judged("write_throttles", "orders"), true},
		{change("lever:stop", "orders/a", ""), judged("write_throttles", "orders"), true},
		{change("table.write", "carts", ""), judged("iterator_age", ""), true},
	} {
		if got := reaches(s, c.other, c.judged); got != c.want {
			t.Errorf("%s on %s reaches %s of %s: %v", c.other.Plan.What, c.other.Plan.Target, c.judged.Plan.Expect.Signal, c.judged.Plan.Expect.Target, got)
		}
	}
}
