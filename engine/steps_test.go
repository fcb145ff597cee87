package engine

import (
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/ddbloop/ddbloop/history"
	"github.com/ddbloop/ddbloop/runbooks"
)

func runOf(w *world) (name, target, current string) {
	w.eng.View(func(s *history.State) {
		if s.Run != nil {
			name, target, current = s.Run.Info.Runbook, s.Run.Info.Target, s.Run.Current
		}
	})
	return name, target, current
}

// hot makes the same table look like one with a hot partition.
var hot = map[string]float64{"consumed_write@orders": 30, "write_throttles@orders": 20, "write_provisioned_throttles@orders": 0, "write_keyrange_throttles@orders": 20, "read_throttles@orders": 0}

func TestSureDiagnosisOpensItsRunbook(t *testing.T) {
	w := inTrouble(t)
	if name, target, _ := runOf(w); name != "underprovisioned-table" || target != "orders" {
		t.Fatalf("%s on %q", name, target)
	}
	w.pass(time.Minute) // nothing was done yet: a better diagnosis brings its own runbook
	w.poll(hot)
	w.pass(2 * time.Second)
	if name, _, _ := runOf(w); name != "hot-partition" {
		t.Errorf("%s, though the diagnosis has turned", name)
	}
	w.must(FinishStep{Step: "limit", Result: "skipped", Reason: "seen on the console"})
	w.pass(time.Minute)
	w.poll(troubledTable)
	w.pass(2 * time.Second)
	if name, _, _ := runOf(w); name != "hot-partition" {
		t.Errorf("%s took the place of a runbook at work", name)
	}
}

// A runbook that a person has opened is theirs. Mutant: compare the reason word for word.
func TestAPersonsRunbookStays(t *testing.T) {
	for _, why := range []string{"", "the pager says so"} {
		w := newWorld(t)
		w.pass(time.Minute)
		w.must(OpenRunbook{Name: "hot-partition", Why: why})
		w.pass(9 * time.Minute)
		w.poll(troubledTable)
		w.pass(2 * time.Second)
		if name, _, _ := runOf(w); name != "hot-partition" {
			t.Errorf("opened with %q: %s took its place", why, name)
		}
	}
}

// The next incident gets its own runbook, whatever the last one left open. Mutant: ask only for results.
func TestNextIncidentOpensItsOwn(t *testing.T) {
	w := inTrouble(t)
	w.must(FinishStep{Step: "limit", Result: "done"})
	w.wantErr(FinishStep{Step: "limit", Result: "done"}, "done already")
	w.eng.Emit(history.IncidentRecovered{Why: "over"})
	w.pass(5 * time.Second)
	w.poll(hot)
	w.pass(2 * time.Second)
	if name, _, _ := runOf(w); name != "hot-partition" {
		t.Errorf("%s is still open in the next incident", name)
	}
	w.must(Close{Reason: "done"})
	w.pass(time.Minute)
	w.poll(troubledTable)
	w.pass(2 * time.Second)
	if name, _, _ := runOf(w); name != "hot-partition" {
		t.Errorf("%s opened by itself after the incident was closed", name)
	}
}

func TestOpenRunbookFillsIn(t *testing.T) {
	w := newWorld(t)
	w.wantErr(OpenRunbook{Name: "nope"}, `no runbook "nope"`)
	side := ""
	open := func(c OpenRunbook) (string, string) {
		w.must(c)
		w.eng.View(func(s *history.State) { side = s.Run.Info.Side })
		_, target, _ := runOf(w)
		return target, side
	}
	if target, _ := open(OpenRunbook{Name: "hot-partition"}); target != "orders" {
		t.Errorf("with nothing known: %q", target)
	}
	w.deaf = true
	w.eng.View(func(s *history.State) {
		s.Assessed.Ranked = []history.Hypothesis{
			{Kind: "hot_partition", Target: "orders", P: 0.7, Reason: "TableReadKeyRangeThroughputExceeded"},
			{Kind: "gsi_backpressure", Target: "orders/by-status", P: 0.2, Reason: "IndexWriteProvisionedThroughputExceeded"},
		}
	})
	if target, side := open(OpenRunbook{Name: "gsi-backpressure"}); target != "orders/by-status" || side != "write" {
		t.Errorf("the runbook's own kind: %q, %s", target, side)
	}
	if target, side := open(OpenRunbook{Name: "layer-check"}); target != "orders" || side != "read" {
		t.Errorf("else the most probable: %q, %s", target, side)
	}
	if _, side := open(OpenRunbook{Name: "hot-partition", Target: "orders"}); side != "read" {
		t.Errorf("the side of a named target: %s", side)
	}
}

func TestDecisionsAgainstTheDataNeedAReason(t *testing.T) {
	w := inTrouble(t)
	w.must(OpenRunbook{Name: "hot-partition"})
	w.wantErr(Decide{Step: "route", Goto: "cap-key"}, "has not been weighed for route yet")
	w.eng.Emit(history.DecisionOffered{Step: "route", Favoured: "cap-key"})
	w.wantErr(Decide{Step: "route", Goto: "let-it-split"}, `the data favours "cap-key"`)
	w.wantErr(Decide{Step: "route", Goto: "let-it-split", Reason: "  "}, "needs a reason")
	w.wantErr(Decide{Step: "route", Goto: "nowhere"}, "has no branch")
	w.wantErr(Decide{Step: "limit", Goto: "x"}, "no decision")
	w.must(Decide{Step: "route", Goto: "let-it-split", Reason: "the burst is ending"})
	w.wantErr(Decide{Step: "route", Goto: "let-it-split", Reason: "a key pressed twice"}, "taken already")
	var st history.Step
	w.eng.View(func(s *history.State) { st = *s.Run.Step("route") })
	if st.Result != "let-it-split" || len(w.texts("against the data: the burst is ending")) != 1 {
		t.Errorf("%+v", st)
	}
	w.wantErr(FinishStep{Step: "limit", Result: "skipped"}, "skipping a step needs a reason")
	w.wantErr(FinishStep{Step: "limit", Result: "whatever"}, "done or skipped")
	w.wantErr(FinishStep{Step: "nope", Result: "done"}, "no step")
	w.wantErr(Note{Text: " "}, "empty")
	w.must(Note{Text: "paged Ben", About: "who"})
}

func TestActsOfARunbook(t *testing.T) {
	w := inTrouble(t)
	w.wantErr(PlanStep{Step: "nope"}, `no step "nope"`)
	w.must(OpenRunbook{Name: "hot-partition", Target: "orders", Side: "write"})
	w.pass(time.Second)
	w.wantRefused(PlanStep{Step: "cap-key"}, "limit is fail, not pass") // it is the table that refuses
	if len(w.texts("lever:limit_key on orders refused")) != 1 {
		t.Errorf("a failing guard let it pass: %q", w.texts("lever"))
	}
	w.pass(time.Minute)
	w.poll(hot)
	w.pass(2 * time.Second)
	w.must(PlanStep{Step: "cap-key"})
	p := w.change("E1").Plan
	if p.What != "lever:cap" || p.Step != "cap-key" || p.Expect == nil || p.Expect.Signal != "write_keyrange_throttles" {
		t.Errorf("%+v", p)
	}
	w.must(PlanStep{Step: "limit-caller"}) // a lever that this team does not have
	if len(w.texts("no lever of the kind limit_client, stop_job")) != 1 {
		t.Error("a lever that is not there was not refused")
	}
	w.must(PlanStep{Step: "escalate"})
	w.eng.View(func(s *history.State) {
		if s.Incident.Escalated.IsZero() {
			t.Error("not escalated")
		}
	})
	w.wantSent()
}

// What a change without a runbook is held to is part of what is approved. Mutant: hash before it is set.
func TestDefaultExpectationIsApproved(t *testing.T) {
	w := inTrouble(t)
	w.must(raise)
	w.must(PlanChange{What: "lever:cap", Target: "orders"})
	for _, id := range []string{"E1", "E2"} {
		if p := w.change(id).Plan; p.Expect == nil || p.Expect.Signal != "write_throttles" || p.Expect.Target != "orders" {
			t.Errorf("%+v", p)
		}
	}
	first := w.change("E1").Plan.Hash
	w.must(PlanChange{What: "table.write", Target: "orders", To: 150})
	if w.change("E3").Plan.Hash == first {
		t.Error("two plans have one hash")
	}
}

func TestIncidentClocks(t *testing.T) {
	w := newWorld(t)
	w.pass(20 * time.Second)
	if len(w.texts("incident:")) != 0 {
		t.Error("not knowing yet was called an incident")
	}
	w.pass(10*time.Minute - 20*time.Second)
	w.poll(troubledTable)
	w.pass(2 * time.Second)
	in := incidentOf(w)
	if !in.Onset.Equal(start.Add(5*time.Minute)) || in.Detected.Sub(start.Add(10*time.Minute)) > 2*time.Second {
		t.Fatalf("%+v, want the onset five minutes before", in)
	}
	for i := range 16 {
		w.pass(time.Minute)
		w.poll(calmTable)
		if in = incidentOf(w); !in.Recovered.IsZero() && i < 10 {
			t.Fatalf("recovered after %d calm minutes", i)
		}
	}
	if in.Recovered.IsZero() {
		t.Fatalf("not recovered: %q", w.texts("layer"))
	}
	w.poll(troubledTable)
	w.pass(2 * time.Second)
	if in = incidentOf(w); !in.Recovered.IsZero() || in.Detected.Before(start.Add(20*time.Minute)) {
		t.Errorf("a second trouble is no second incident: %+v", in)
	}
	if n := len(w.texts("incident:")); n != 2 {
		t.Errorf("%d incidents", n)
	}
}

func incidentOf(w *world) (in history.Incident) {
	w.eng.View(func(s *history.State) { in = s.Incident })
	return in
}

// An assessment that says the same is not written each second.
func TestAssessmentsAreWrittenWhenTheyChange(t *testing.T) {
	w := newWorld(t)
	w.pass(10 * time.Minute)
	slow := func(v float64) {
		end := w.clk.Now().Unix() / 60 * 60
		p := history.MetricsPolled{Source: "cloudwatch", From: end - 3600, SettledTo: end}
		for name, v := range map[string]float64{"latency_p50#Query": v, "requests#Query": 10, "consumed_write": 30, "write_throttles": 0, "read_throttles": 0} {
			name, op, _ := strings.Cut(name, "#")
			u := history.SeriesUpdate{Key: history.SeriesKey{Signal: name, Target: "orders", Op: op}, Period: 60}
			for i := int64(1); i <= 60; i++ {
				if u.Points = append(u.Points, history.Point{T: end - 60*i, V: v}); name == "latency_p50" && i > 3 {
					u.Points[i-1].V = 4
				}
			}
			p.Series = append(p.Series, u)
		}
		w.eng.Emit(p)
	}
	slow(60)
	w.pass(2 * time.Second)
	n := 0
	w.atAppend = func(e history.Event) {
		if a, ok := e.Body.(history.Assessed); ok && a.Layer.Verdict == history.LayerSlow {
			n++
		}
	}
	w.pass(time.Minute)
	if n < 1 || n > 5 {
		t.Errorf("%d assessments in a minute of the same trouble", n)
	}
}

func TestPostmortem(t *testing.T) {
	dir := ""
	var fail error
	w := newWorld(t, func(o *Options) {
		o.Postmortem = func(d string) (string, error) { dir = d; return "/x/postmortem.md", fail }
	})
	w.must(WritePostmortem{Dir: "/x"})
	if dir != "/x" || len(w.texts("postmortem written to /x/postmortem.md")) != 1 {
		t.Errorf("%q, %q", dir, w.texts("postmortem"))
	}
	fail = os.ErrPermission
	if err := w.do(WritePostmortem{}); !errors.Is(err, os.ErrPermission) {
		t.Error(err)
	}
}

func TestRunbooksAreListedByFit(t *testing.T) {
	w := inTrouble(t)
	list := w.eng.Runbooks()
	library, err := runbooks.Library()
	if err != nil || len(list) != len(library) || list[0].Name != "underprovisioned-table" || list[0].Fits < 0.8 {
		t.Errorf("%+v, %v", list, err)
	}
}
