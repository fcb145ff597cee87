package tui

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ddbloop/ddbloop/engine"
	"github.com/ddbloop/ddbloop/history"
	"github.com/ddbloop/ddbloop/tui/tuitest"
)

// atVariant is the incident with a runbook whose act lets a probe ask as a variant; it stands there.
func atVariant(more ...history.Body) *tuitest.Script {
	return tuitest.Incident(true).At(62*time.Minute).Add(
		history.RunbookOpened{Runbook: "slow-query", Title: "A query that could ask otherwise", Target: "orders/by-status", Why: "opened by hand", Steps: []history.StepInfo{
			{ID: "by-key", Type: "act", Say: "Ask by the key", Change: "query.variant", Variant: "books/by-customer.json", Probe: "get-order"},
		}},
		history.StepEntered{Step: "by-key"},
	).Add(more...)
}

// TestAnActOpensTheLab: an act with a variant opens the lab with its file filled in, once; while a lab runs it starts nothing, and
// once the lab on that file has ended it is planned. Mutants: send PlanStep without a lab; leave the prompt empty; take any lab.
func TestAnActOpensTheLab(t *testing.T) {
	started := func(b string) history.LabStarted {
		return history.LabStarted{ID: "L1", Table: "orders", Probe: "get-order", A: history.LabVariant{Name: "get-order"}, B: history.LabVariant{Name: filepath.Base(b), File: b}}
	}
	over := history.LabFinished{ID: "L1", Result: history.LabResult{Verdict: history.LabWinner, Winner: "b"}}
	start := engine.StartLab{Probe: "get-order", File: "books/by-customer.json"}
	for _, c := range []struct {
		name  string
		since []history.Body
		hint  string
		keys  []string
		shows string
		want  engine.Command // nil = none
	}{
		{"no lab yet", nil, "measure it", []string{"2", "enter"}, "file of variant B: get-order books/by-customer.json_", nil},
		{"no lab yet, entered", nil, "", []string{"2", "enter", "enter"}, "", start},
		{"by p", nil, "", []string{"p", "enter"}, "", start},
		{"left", nil, "", []string{"2", "enter", "esc"}, "", nil},
		{"a lab that runs", []history.Body{started("books/by-customer.json")}, "", []string{"2", "enter"}, "L1 runs", nil},
		{"its lab", []history.Body{started("books/by-customer.json"), over}, "plan it", []string{"2", "enter"}, "", engine.PlanStep{Step: "by-key"}},
		{"a lab of that name elsewhere", []history.Body{started("by-customer.json"), over}, "measure it", []string{"2", "enter", "enter"}, "", start},
		{"another lab", []history.Body{started("other.json"), over}, "measure it", []string{"2", "enter", "enter"}, "", start},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := sit(t, atVariant(c.since...), 120, 40)
			if !strings.Contains(d.screen(), c.hint) {
				t.Errorf("no %q:\n%s", c.hint, d.screen())
			}
			d.press(time.Second, c.keys...)
			if !strings.Contains(d.screen(), c.shows) {
				t.Errorf("no %q:\n%s", c.shows, d.screen())
			}
			got := d.loop.Commands()
			if c.want == nil && len(got) != 0 || c.want != nil && (len(got) != 1 || got[0] != c.want) {
				t.Errorf("got %#v, want %#v", got, c.want)
			}
		})
	}
}

// TestAVariantWithoutAProbe says what is missing, and asks for nothing.
func TestAVariantWithoutAProbe(t *testing.T) {
	s := atVariant()
	kept := s.Events[:0]
	for _, e := range s.Events {
		if _, ok := e.Body.(history.ProbeAnswered); !ok {
			kept = append(kept, e)
		}
	}
	s.Events = kept
	d := sit(t, s, 120, 40)
	d.press(time.Second, "2", "enter")
	if !strings.Contains(d.screen(), "no probe of your own") || d.m.prompt != nil || len(d.loop.Commands()) != 0 {
		t.Error(d.screen())
	}
}
