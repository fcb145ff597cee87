package main

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/ddbloop/ddbloop/engine"
	"github.com/ddbloop/ddbloop/engine/change"
	"github.com/ddbloop/ddbloop/engine/sim/scenario"
	"github.com/ddbloop/ddbloop/history"
)

// TestProbeAsksAsTheWinner: the winner of a lab becomes the probe's request by a change that is planned, approved, judged from the
// probe's own series and undone like any other, without a request to AWS. Mutant: let the effect look at A's index only.
func TestProbeAsksAsTheWinner(t *testing.T) {
	sc, err := scenario.Parse("lab-demo.yaml", []byte(labWorld+"here:\n  probes: []\n"), scenario.Options{})
	if err != nil {
		t.Fatal(err)
	}
	e, err := openEmbedded(sc)
	if err != nil {
		t.Fatal(err)
	}
	pair, err := demoBench()
	if err != nil {
		t.Fatal(err)
	}
	a, _ := pair.A.Input()
	b, _ := pair.B.Input()
	file := filepath.Join(t.TempDir(), "by-customer.json")
	if err := os.WriteFile(file, b, 0o600); err != nil {
		t.Fatal(err)
	}
	e.cfg.ProbeUnits = 100
	e.cfg.Probes = append(e.cfg.Probes, engine.ProbeConfig{Name: "open-orders", Table: "orders", Index: "by-status", Op: "Query", Pages: 4, Every: time.Second, Input: a})
	eng, err := e.engine(engineOptions{id: "lab", mode: "drill", journal: forgetful{}})
	if err != nil {
		t.Fatal(err)
	}
	ctx := context.Background()
	do := func(c engine.Command) {
		e.clk.Go(func() {
			if err := eng.Do(ctx, c); err != nil {
				t.Errorf("%+v: %v", c, err)
			}
		})
	}
	e.clk.Go(func() {
		if err := e.start(ctx, eng); err != nil {
			t.Error(err)
		}
	})
	at := sc.Start
	wait := func(d time.Duration) { at = at.Add(d); e.clk.Run(at, nil) }
	defer e.clk.Stop()
	planned := func() (p history.ChangePlanned, c *history.Change) {
		eng.View(func(s *history.State) {
			if n := len(s.Changes); n > 0 {
				c = s.Changes[n-1]
				p = c.Plan
			} else {
				t.Fatalf("no plan: refused %+v", s.Refused)
			}
		})
		return p, c
	}
	index := func() (i string) {
		eng.View(func(s *history.State) { i = s.Probes["open-orders"].Last.Index })
		return i
	}
	wait(5*time.Minute + 10*time.Second)
	do(engine.StartLab{File: file})
	wait(3 * time.Minute)
	eng.View(func(s *history.State) {
		if change.Measured(s, "orders", "open-orders", file) == nil || change.Measured(s, "orders", "open-orders", "/elsewhere/by-customer.json") != nil {
			t.Errorf("measured %+v", s.Labs[0].Info.B) // mutant: keep the file's base name only
		}
	})
	do(engine.PlanChange{What: change.QueryVariant, Target: "orders/by-status"})
	wait(time.Second)
	p, _ := planned()
	if p.Lab != "L1" || p.TableID != "" || p.Before != "open-orders" || p.After != "by-customer.json" || p.Expect == nil || p.Expect.Op != "open-orders" || index() != "by-status" {
		t.Fatalf("%+v", p)
	}
	do(engine.Approve{ID: p.ID, Hash: p.Hash, Token: p.Token})
	wait(6 * time.Minute)
	_, c := planned()
	if c.State != history.ChangeInForce || index() != "" {
		t.Fatalf("%s, the probe asks index %q", c.State, index())
	}
	if c.Look == nil || c.Look.Word != "better" {
		t.Errorf("first look %+v, effect %+v", c.Look, c.Effect)
	}
	do(engine.Undo{ID: p.ID})
	wait(time.Second)
	u, _ := planned()
	do(engine.Approve{ID: u.ID, Hash: u.Hash, Token: u.Token})
	wait(10 * time.Second)
	if index() != "by-status" {
		t.Errorf("undone, the probe asks index %q", index())
	}
}
