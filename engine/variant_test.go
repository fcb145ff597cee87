package engine

import (
	"cmp"
	"context"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ddbloop/ddbloop/history"
	"github.com/ddbloop/ddbloop/runbooks"
)

// variantBook is a runbook whose one act lets a probe ask as a variant.
const variantBook = `---
runbook: slow-query
version: 1
title: A query that could ask otherwise
owner: team
review_by: 2027-12-31
kinds: [slow_query]
---

` + "```yaml act id=by-key\nsay: Ask by the key\nchange: {variant: by-key.json, probe: open-orders}\nrisk: reversible\nundo: The probe asks as before\n" +
	"expect: {signal: trouble, within: 9m}\non_effect: end\non_no_effect: {undo: true, goto: escalate}\non_refused: escalate\n```\n"

// readyBench has a result at hand for each file.
type readyBench struct{ results map[string]history.LabResult }

func (b readyBench) Open(probe, file string) (OpenLab, error) {
	s := history.LabStarted{Table: "orders", Probe: probe, A: history.LabVariant{Name: probe, Index: "by-status"}, B: history.LabVariant{Name: filepath.Base(file), File: file}}
	return OpenLab{Started: s, Ask: func(bool) {}, Run: func(context.Context, func() string, func(history.LabResult)) history.LabResult {
		return b.results[file]
	}}, nil
}

// TestAnActAsksForItsVariant: the act of a runbook that names a variant plans nothing before a lab has measured that very file last, on
// the runbook's table; then what the lab says decides, and is what the change is held to. Mutants: plan on the runbook's own target;
// take whatever lab there is, or one of a file of that name, or beside another probe; hold a winner that only uses less to a time.
func TestAnActAsksForItsVariant(t *testing.T) {
	book, err := runbooks.Parse("books/slow-query.md", []byte(variantBook))
	if err != nil {
		t.Fatal(err)
	}
	faster := history.LabResult{Verdict: history.LabWinner, Winner: "b", Latency: history.LabDifference{Word: history.LabFaster, Change: -0.4}}
	fewer := history.LabResult{Verdict: history.LabWinner, Winner: "b", Latency: history.LabDifference{Word: history.LabUnproven}, Units: history.LabDifference{Word: history.LabFewer}}
	for _, c := range []struct {
		name   string
		labs   []string // files measured before, in turn
		probe  string   // beside which; "" = the act's
		result history.LabResult
		fails  string // error
		refuse string // refusal
		by     float64
	}{
		{name: "no lab", fails: "no lab has measured books/by-key.json beside open-orders of orders"},
		{name: "another file", labs: []string{"one.json"}, fails: "measure it first"},
		{name: "another file since", labs: []string{"books/by-key.json", "one.json"}, fails: "measure it first"},
		{name: "a file of that name elsewhere", labs: []string{"others/by-key.json"}, result: faster, fails: "measure it first"},
		{name: "beside another probe", labs: []string{"books/by-key.json"}, probe: "late-orders", result: faster, fails: "measure it first"},
		{name: "won by time", labs: []string{"one.json", "books/by-key.json"}, result: faster, by: 0.4},
		{name: "won by units", labs: []string{"books/by-key.json"}, result: fewer},
		{name: "lost", labs: []string{"books/by-key.json"}, result: history.LabResult{Verdict: history.LabUnproven}, refuse: "is not better"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, func(o *Options) {
				o.Library, o.Bench = []*runbooks.Runbook{book}, readyBench{map[string]history.LabResult{"books/by-key.json": c.result}}
			})
			w.pass(5 * time.Second)
			w.must(OpenRunbook{Name: "slow-query", Target: "orders"})
			w.pass(2 * time.Second)
			for _, file := range c.labs {
				w.must(StartLab{Probe: cmp.Or(c.probe, "open-orders"), File: file})
				w.pass(time.Second)
			}
			if c.fails != "" {
				w.wantErr(PlanStep{Step: "by-key"}, c.fails)
			} else {
				w.must(PlanStep{Step: "by-key"})
			}
			w.pass(time.Second)
			w.eng.View(func(s *history.State) {
				why := ""
				for _, r := range s.Refused {
					why += r.Why
				}
				if (why != "") != (c.refuse != "") || !strings.Contains(why, c.refuse) {
					t.Errorf("refused %q, want %q", why, c.refuse)
				}
				planned := c.fails == "" && c.refuse == ""
				if (len(s.Changes) == 1) != planned {
					t.Fatalf("%d changes", len(s.Changes))
				}
				if !planned {
					return
				}
				p := s.Changes[0].Plan
				if p.What != "query.variant" || p.Target != "orders/by-status" || p.Step != "by-key" || p.After != "by-key.json" {
					t.Errorf("%+v", p)
				}
				if x := p.Expect; (x == nil) != (c.by == 0) || x != nil && (x.By != c.by || x.Within != 9*time.Minute || x.Signal != history.ProbeLatency) {
					t.Errorf("held to %+v, want %g", x, c.by)
				}
			})
		})
	}
}
