package runbooks

import (
	"strings"
	"testing"

	"github.com/ddbloop/ddbloop/history"
)

func TestRaiseFollowsTheSide(t *testing.T) {
	for _, side := range []string{"write", "read"} {
		x := open(t, "underprovisioned-table", "carts", side)
		x.layer("throttled", "underprovisioned_table")
		for _, s := range []string{side + "_throttles", side + "_provisioned_throttles"} {
			x.minutes(s, "carts", 300, 400, 350, 200, 100, 100, 100, 100)
		}
		x.minutes("consumed_"+side, "carts", 500, 500.1, 500, 500, 500, 500, 500, 500)
		x.minutes(side+"_keyrange_throttles", "carts")
		x.minutes(side+"_account_throttles", "carts")
		if got := x.s.Run.Step("raise").Change; got != "table."+side {
			t.Errorf("the step shows %s", got)
		}
		x.take("raise")
		x.at("raise")
		p := x.plan("E1")
		if p.Kind != "table."+side || p.Target != "carts" || p.To != 1351 || p.Guard != history.Pass || p.Expect.Signal != side+"_throttles" {
			t.Errorf("plan %+v", p)
		}
		if want := "= 1350 units/s"; !strings.HasSuffix(p.ToWhy, want) {
			t.Errorf("says %q, want …%s", p.ToWhy, want)
		}
		x.judge("E1", history.Helped)
		x.take("raise-again")
		x.at("raise-again")
		x.plan("E2")
		x.judge("E2", history.Worked)
		x.minutes(side+"_throttles", "carts")
		x.minutes(side+"_provisioned_throttles", "carts")
		x.take("recovered")
		x.at(End)
	}
}

func TestRaiseIndexLeavesTheTableAlone(t *testing.T) {
	const goal = "shipments/by-depot"
	x := open(t, "gsi-backpressure", goal, "write")
	x.layer("throttled", "gsi_backpressure")
	for _, s := range []string{"write_throttles", "write_provisioned_throttles"} {
		x.minutes(s, goal, 900, 900, 900, 900, 900, 900, 900, 900)
		x.minutes(s, "shipments")
	}
	x.minutes("write_keyrange_throttles", goal)
	x.minutes("consumed_write", goal, 600, 600, 600, 600, 600, 600, 600, 600)
	x.take("raise-index")
	x.at("raise-index")
	p := x.plan("E1")
	if p.Kind != "index.write" || p.Target != goal || p.To != 2250 || p.Expect.Target != goal {
		t.Errorf("plan %+v", p)
	}
	for _, s := range x.r.Steps {
		if s.Act != nil && strings.HasPrefix(s.Act.Change.Kind, "table.") {
			t.Errorf("%s changes the table", s.ID)
		}
	}
}

func TestActsThatCannotBeWorkedOutSayWhy(t *testing.T) {
	onTable := open(t, "gsi-backpressure", "shipments", "write")
	noSide := open(t, "underprovisioned-table", "carts", "")
	blind := open(t, "underprovisioned-table", "carts", "write")
	for _, c := range []struct {
		x          *session
		step, want string
	}{
		{onTable, "raise-index", "raise-index: shipments is no index: open the runbook on one"},
		{noSide, "raise", "raise: the side is not known: open the runbook for read or write"},
		{blind, "raise", "raise: the amount cannot be worked out: consumed_side: no data, side_throttles: no data"},
		{blind, "limit", "limit is not an act of runbook underprovisioned-table"},
		{blind, "nowhere", "nowhere is not an act of runbook underprovisioned-table"},
	} {
		if _, err := c.x.r.Act(c.step, c.x.s, c.x, c.x.now); err == nil || err.Error() != c.want {
			t.Errorf("%s: %v, want %s", c.step, err, c.want)
		}
	}
	blind.minutes("consumed_write", "carts")
	blind.minutes("write_throttles", "carts")
	if _, err := blind.r.Act("raise", blind.s, blind, blind.now); err == nil || !strings.Contains(err.Error(), "makes no sense") {
		t.Errorf("planned a capacity of nothing: %v", err)
	}
}
