package main

import (
	"github.com/ddbloop/ddbloop/engine"
	ddbaws "github.com/ddbloop/ddbloop/engine/aws"
	"github.com/ddbloop/ddbloop/engine/diagnose"
	"github.com/ddbloop/ddbloop/engine/source"
	"github.com/ddbloop/ddbloop/history"
)

// probes builds the team's own probes, and one without data for each table that the team has told none of.
func (y eyes) probes(to loop) (list []engine.Source, err error) {
	budget, ways, probed := source.NewBudget(y.cfg.ProbeUnits), source.NewWays(), map[string]bool{}
	for _, p := range y.cfg.Probes {
		read, err := ddbaws.NewRead(p.Op, p.Table, p.Index, p.Pages, p.Input)
		if err != nil {
			return nil, usage("probe %s: %v", p.Name, err)
		}
		c := source.ProbeConfig{
			Clock: y.clk, From: y.account, To: to, Name: p.Name, Request: read, Every: p.Every, Timeout: p.Timeout, Budget: budget, Ways: ways,
		}
		if !p.Throttled {
			c.Throttling = y.refusing(to, read)
		}
		probed[read.Table] = true
		probe := source.NewProbe(c)
		if y.asked != nil {
			y.asked[p.Name] = probe
		}
		list = append(list, probe)
	}
	for _, table := range y.cfg.Tables {
		if !probed[table] {
			list = append(list, source.NewWayProbe(source.ProbeConfig{Clock: y.clk, From: y.account, To: to}, table))
		}
	}
	return list, nil
}

// refusing says whether what a request reads is refusing reads just now, as far as CloudWatch has said.
func (y eyes) refusing(to loop, r *ddbaws.Read) func() bool {
	target := r.Table
	if r.Index != "" {
		target += "/" + r.Index
	}
	return func() (refused bool) {
		to.View(func(s *history.State) { refused = diagnose.ReadsRefused(s, y.clk.Now(), target) })
		return refused
	}
}
