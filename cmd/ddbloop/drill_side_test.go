package main

import (
	"testing"

	"github.com/ddbloop/ddbloop/engine/sim/scenario"
	"github.com/ddbloop/ddbloop/history"
)

// A change that names its side is planned on that side, and only one on that side is it. Mutants: plan it on the side in trouble; match any.
func TestSideOfATriedChange(t *testing.T) {
	c := scenario.Change{Kind: "autoscaling.max", Table: "orders", Side: "read"}
	if p := planOf(c); p.Side != "read" || p.Target != "orders" || p.What != "autoscaling.max" {
		t.Errorf("%+v", p)
	}
	made := &history.Change{Plan: history.ChangePlanned{What: "autoscaling.max", Target: "orders", Side: "write", BeforeN: 1, AfterN: 2}}
	r := &drillRun{}
	if r.matches(c, made) {
		t.Error("a raise for writes counts as one for reads")
	}
	c.Side = ""
	if !r.matches(c, made) {
		t.Error("a raise whose side the truth leaves open does not count")
	}
}
