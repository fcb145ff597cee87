package engine

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ddbloop/ddbloop/history"
)

// What another hand or auto scaling did to the table and side that a change is judged on may be what it is credited with, be it told by
// CloudTrail or seen in the settings. Mutants: leave out each of the three; take the other side's; take a policy's own act, which a
// change of that policy set off, from either list.
func TestForeignActs(t *testing.T) {
	s := history.NewState()
	s.Session.Tables = []string{"orders", "carts"}
	at := start
	s.Moved = []history.SettingMoved{
		{At: at, Target: "orders", Setting: "write", Text: "orders write: 1 → 2"},
		{At: at, Target: "orders", Setting: "read", Text: "orders read: 1 → 2"},
		{At: at, Target: "carts", Setting: "write", Text: "carts write: 1 → 2"},
		{At: at, Target: "orders", Setting: "max_write", Text: "orders max write: 1 → 2"},
		{At: at, Target: "orders", Setting: "mode", Text: "orders mode"},
	}
	s.Calls = []history.CallRecorded{
		{At: at.Add(-5 * time.Minute), By: "terraform", Call: "UpdateTable", Target: "orders"},
		{At: at.Add(-time.Second), By: "the policy", Call: "UpdateTable", Target: "orders"},
		{At: at, By: "x", Call: "DescribeTable", Target: "orders"},
		{At: at, By: "y", Call: "UpdateTable", Target: "orders", Error: "AccessDenied"},
	}
	s.ScalingActs = []history.ScalingActed{
		{Target: "orders", Side: "write", At: at, Status: "Successful"},
		{Target: "orders", Side: "read", At: at, Status: "Successful"},
		{Target: "orders", Side: "write", At: at, Status: "Successful", Held: "AlreadyAtMaxCapacity"},
	}
	of := func(what, side string) string {
		c := &history.Change{Plan: history.ChangePlanned{What: what, Target: "orders", Side: side, Expect: &history.Expectation{Signal: "write_throttles", Target: "orders"}}, Settled: at.Add(time.Minute)}
		var out []string
		for _, a := range others(s, c) {
			out = append(out, a.What)
		}
		slices.Sort(out)
		return strings.Join(out, "; ")
	}
	moved := "another hand's change (orders max write: 1 → 2); another hand's change (orders mode); another hand's change (orders write: 1 → 2)"
	if got, want := of("lever:x", ""), "UpdateTable by terraform; UpdateTable by the policy; "+moved+"; auto scaling's act on orders"; got != want {
		t.Errorf("%s\nwant %s", got, want)
	}
	if got, want := of("autoscaling.max", "write"), "UpdateTable by terraform; "+moved; got != want {
		t.Errorf("%s\nwant %s", got, want)
	}
}
