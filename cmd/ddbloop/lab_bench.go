package main

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/ddbloop/ddbloop/engine"
	"github.com/ddbloop/ddbloop/engine/lab"
	"github.com/ddbloop/ddbloop/history"
)

// bench opens labs on the probes of a session.
type bench struct {
	eyes func() eyes // of a session that may be still being built
	to   loop
}

// Open implements engine.Bench.
func (b bench) Open(probe, file string) (engine.OpenLab, error) {
	y := b.eyes()
	p, err := pickProbe(y.cfg.Probes, probe)
	if err != nil {
		return engine.OpenLab{}, err
	}
	raw, err := teamInput{file: file}.read("")
	if err != nil {
		return engine.OpenLab{}, err
	}
	pages := max(1, p.Pages) // as the probe asks: its readers get no more
	pair, err := lab.NewBench(
		lab.Variant{Name: p.Name, Op: p.Op, Table: p.Table, Index: p.Index, Pages: pages, Input: p.Input},
		lab.Variant{Name: filepath.Base(file), Pages: pages, Input: raw},
	)
	if err != nil {
		return engine.OpenLab{}, err
	}
	c := lab.Config{Clock: y.clk, From: y.account, Chance: y.chance, Bench: pair, Region: y.cfg.Region, Secret: y.secret}
	b.to.View(func(s *history.State) {
		if t := s.Tables[p.Table]; t != nil && t.Snap != nil {
			c.Keys = lab.KeysOf(*t.Snap)
		}
	})
	started := pair.Started(c.Limits)
	started.Probe, started.B.File = p.Name, filepath.Clean(file)
	return engine.OpenLab{Started: started, Run: func(ctx context.Context, stopped func() string, say func(history.LabResult)) history.LabResult {
		c.Stopped, c.Say = stopped, say
		return lab.Run(ctx, c)
	}, Ask: func(b bool) {
		read := pair.B
		if !b {
			read = nil
		}
		if probe := y.asked[p.Name]; probe != nil {
			probe.Ask(read)
		}
	}}, nil
}

// pickProbe finds a probe by its name; "" is the only one.
func pickProbe(list []engine.ProbeConfig, name string) (engine.ProbeConfig, error) {
	var names []string
	for _, p := range list {
		if p.Name == name || name == "" && len(list) == 1 {
			return p, nil
		}
		names = append(names, p.Name)
	}
	switch {
	case len(names) == 0:
		return engine.ProbeConfig{}, fmt.Errorf("no probe to compare with: add one to the configuration, or ddbloop lab --a FILE --b FILE")
	case name == "":
		return engine.ProbeConfig{}, fmt.Errorf("which probe? type its name before the file: %s", strings.Join(names, ", "))
	}
	return engine.ProbeConfig{}, fmt.Errorf("there is no probe %q: %s", name, strings.Join(names, ", "))
}
