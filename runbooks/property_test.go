package runbooks

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/ddbloop/ddbloop/history"
)

var ids = []string{"s0", "s1", "s2", "s3", "s4", "s5"}

// anyRunbook draws a document with every kind of step and goto, circles and gotos to nowhere included.
func anyRunbook(rt *rapid.T) *Runbook {
	var b strings.Builder
	b.WriteString("---\nrunbook: x\nversion: 1\ntitle: T\nowner: o\nreview_by: 2027-01-01\nkinds: [k]\n---\n")
	to := rapid.SampledFrom(append([]string{End, Escalate, "nowhere"}, ids...))
	when := rapid.SampledFrom([]string{"write_throttles > 0 for 2 of 3 min", "layer == throttled", "missing(write_throttles)", "not layer == unknown"})
	for _, id := range ids[:rapid.IntRange(1, len(ids)).Draw(rt, "steps")] {
		switch rapid.SampledFrom([]string{"check", "decide", "act", "note"}).Draw(rt, "type") {
		case "check":
			fmt.Fprintf(&b, "\n```yaml check id=%s\nask: a\npass: %s\nrequired: %s\non_fail: %s\n```\n", id, when.Draw(rt, "pass"),
				rapid.SampledFrom([]string{RequiredNo, RequiredYes, RequiredSuccess}).Draw(rt, "required"), to.Draw(rt, "fail"))
		case "decide":
			fmt.Fprintf(&b, "\n```yaml decide id=%s\nrules: [{when: '%s', goto: %s, because: b}]\notherwise: {goto: %s, because: c}\n```\n",
				id, when.Draw(rt, "when"), to.Draw(rt, "then"), to.Draw(rt, "else"))
		case "act":
			fmt.Fprintf(&b, "\n```yaml act id=%s\nsay: a\nchange: {lever: other}\nrisk: limited\non_effect: %s\non_refused: %s\non_no_effect: {undo: %v, goto: %s}\n```\n",
				id, to.Draw(rt, "good"), to.Draw(rt, "refused"), rapid.Bool().Draw(rt, "undo"), to.Draw(rt, "bad"))
		default:
			fmt.Fprintf(&b, "\n```yaml note id=%s\nask: a\nto: causes\n```\n", id)
		}
	}
	r, err := Parse("x.md", []byte(b.String()))
	if err != nil {
		rt.Fatal(err, b.String())
	}
	return r
}

var (
	effects = []string{history.Worked, history.Helped, history.NoEffect, history.Worse, history.Unproven, history.Confounded, "other"}
	results = []string{"done", "skipped", "s1", "nowhere", End}
)

// news draws something that may happen to a session, sensible or not.
func news(rt *rapid.T, n int) history.Body {
	step := rapid.SampledFrom(append([]string{Escalate, "", End}, ids...)).Draw(rt, "about")
	id := fmt.Sprintf("E%d", rapid.IntRange(1, 3).Draw(rt, "change"))
	switch rapid.IntRange(0, 9).Draw(rt, "news") {
	case 0:
		return history.DecisionTaken{Step: step, Choice: rapid.SampledFrom(results).Draw(rt, "choice")}
	case 1:
		return history.StepFinished{Step: step, Result: rapid.SampledFrom(results).Draw(rt, "result")}
	case 2:
		return history.ChangePlanned{ID: fmt.Sprintf("E%d", n), Step: step, Expect: &history.Expectation{Within: time.Minute}}
	case 3:
		return history.ChangePlanned{ID: fmt.Sprintf("E%d", n), Step: step, UndoOf: id}
	case 4:
		return history.ChangeSettled{ID: id}
	case 5:
		return history.EffectJudged{ID: id, Stage: history.Verdict, Word: rapid.SampledFrom(effects).Draw(rt, "effect")}
	case 6:
		return history.ChangeRefused{Step: step}
	case 7:
		return history.ChangeAnswered{ID: id, Unsure: rapid.Bool().Draw(rt, "unsure")}
	case 8:
		return history.StepEntered{Step: step}
	}
	return history.Assessed{Layer: history.Layer{Verdict: rapid.SampledFrom([]string{"", "throttled", "healthy"}).Draw(rt, "layer")}}
}

// Whatever a runbook looks like and whatever happens: no panic, an end, and nothing new without news.
func TestAdvanceIsTotalAndIdempotent(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		x := &session{t: t, r: anyRunbook(rt), s: history.NewState(), now: noon}
		x.put(x.r.Opened("orders", "write", "p"))
		for i := range rapid.IntRange(0, 12).Draw(rt, "events") {
			x.put(news(rt, i))
			x.now = x.now.Add(time.Duration(rapid.IntRange(0, 400).Draw(rt, "seconds")) * time.Second)
			if rapid.Bool().Draw(rt, "measured") {
				x.minutes("write_throttles", "orders", 0, float64(rapid.IntRange(0, 1).Draw(rt, "refused")), 1)
			}
			out := x.r.Advance(x.s, x, x.now)
			if len(out) > 3*len(x.r.Steps) {
				rt.Fatalf("%d events of %d steps", len(out), len(x.r.Steps))
			}
			x.put(out...)
			if again := x.r.Advance(x.s, x, x.now); len(again) > 0 {
				rt.Fatalf("says more without news: %+v after %+v", again, out)
			}
			x.r.UndoDue(x.s)
			for _, st := range append(x.r.Steps, &Step{ID: "nowhere"}) {
				_, _ = x.r.Act(st.ID, x.s, x, x.now)
			}
		}
	})
}

// Whoever follows what a library runbook favours comes to an end: the last step, or the wait for recovery.
func TestTheFavouredWayEnds(t *testing.T) {
	for name, r := range lib(t) {
		t.Run(name, func(t *testing.T) {
			rapid.Check(t, func(rt *rapid.T) {
				x := &session{t: t, r: r, s: history.NewState(), now: noon}
				x.put(r.Opened("orders/by-status", "write", "p"))
				for n := range 40 {
					for _, s := range []string{"throttles", "keyrange_throttles", "provisioned_throttles", "account_throttles"} {
						v := float64(rapid.IntRange(0, 1).Draw(rt, s))
						x.minutes("write_"+s, "orders/by-status", v, v, v, v, v)
						x.minutes("write_"+s, "orders", v, v, v, v, v)
					}
					x.put(x.r.Advance(x.s, x, x.now)...)
					at := x.s.Run.Current
					if at == End || at == "recovered" { // where everything that helped leads: it waits for ten good minutes
						return
					}
					x.follow(rt, at, n)
				}
				if st := r.Step(x.s.Run.Current); st.Check == nil || st.Check.Required != RequiredSuccess {
					rt.Fatalf("stuck at %s", x.s.Run.Current)
				}
			})
		})
	}
}

// follow does what the product recommends at the pointer, with a drawn outcome.
func (x *session) follow(rt *rapid.T, at string, n int) {
	x.now = x.now.Add(time.Minute)
	st := x.r.Step(at)
	switch {
	case st.Decide != nil:
		x.put(history.DecisionTaken{Step: at, Choice: x.s.Run.Step(at).Favoured})
	case st.Act != nil && !st.Act.Change.Changes():
		x.put(history.StepFinished{Step: at, Result: "done"})
	case st.Act != nil && x.r.UndoDue(x.s) != "":
		id := fmt.Sprintf("U%d", n)
		x.put(history.ChangePlanned{ID: id, UndoOf: x.r.UndoDue(x.s)}, history.ChangeSettled{ID: id})
	case st.Act != nil && changeOf(x.s, at) == nil:
		if rapid.Bool().Draw(rt, "refused") {
			x.put(history.ChangeRefused{Step: at})
			return
		}
		id := fmt.Sprintf("E%d", n)
		x.put(history.ChangePlanned{ID: id, Step: at}, history.ChangeSettled{ID: id})
		x.put(history.EffectJudged{ID: id, Stage: history.Verdict, Word: rapid.SampledFrom(effects[:6]).Draw(rt, "effect")})
	}
}
