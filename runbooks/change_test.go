package runbooks

import (
	"testing"

	"github.com/ddbloop/ddbloop/history"
)

// A change of settings goes to where the runbook stands: its side, its table or its index.
func TestChangesGoToTheirPlace(t *testing.T) {
	for _, c := range []struct{ kind, target, side, want, at, wrong string }{
		{"capacity.side", "orders", "read", "table.read", "orders", ""},
		{"capacity.side", "orders/by-day", "write", "index.write", "orders/by-day", ""},
		{"table.side", "orders/by-day", "write", "table.write", "orders", ""},
		{"index.write", "orders", "write", "index.write", "", "orders is no index: open the runbook on one"},
		{"cap.side", "orders/by-day", "write", "cap.write", "orders/by-day", ""},
		{"cap.side", "orders", "", "cap.side", "", "the side is not known: open the runbook for read or write"},
		{"warm.side", "orders/by-day", "read", "warm.read", "orders", ""},
		{"mode.on_demand", "orders/by-day", "read", "mode.on_demand", "orders", ""},
		{"autoscaling.max", "orders/by-day", "write", "autoscaling.max", "orders/by-day", ""},
		{"index.delete_backfilling", "orders/by-day", "", "index.delete_backfilling", "orders/by-day", ""},
	} {
		p := ActPlan{Kind: Change{Kind: c.kind}.on(c.target, c.side), Target: c.target}
		err := p.place(history.RunbookOpened{Target: c.target, Side: c.side})
		switch {
		case p.Kind != c.want:
			t.Errorf("%s on %s for %ss is %s, want %s", c.kind, c.target, c.side, p.Kind, c.want)
		case c.wrong == "" && (err != nil || p.Target != c.at):
			t.Errorf("%s on %s goes to %s, %v, want %s", c.kind, c.target, p.Target, err, c.at)
		case c.wrong != "" && (err == nil || err.Error() != c.wrong):
			t.Errorf("%s on %s: %v, want %s", c.kind, c.target, err, c.wrong)
		}
	}
}
