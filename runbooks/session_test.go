package runbooks

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ddbloop/ddbloop/history"
)

// session is a State under a test's hand: a clock, and events folded as they come.
type session struct {
	t   testing.TB
	r   *Runbook
	s   *history.State
	now time.Time
}

var noon = time.Date(2026, 3, 3, 12, 0, 0, 0, time.UTC)

// Unit and Series make the session the runbook's signals; no test splits a signal by operation.
func (x *session) Unit(name string) (string, bool) { return catalogue().Unit(name) }

func (x *session) Series(name, target, op string) *history.Series { return x.s.Get(name, target, op) }

func open(t testing.TB, name, target, side string) *session {
	x := &session{t: t, r: lib(t)[name], s: history.NewState(), now: noon}
	x.put(x.r.Opened(target, side, "test"))
	return x
}

// put folds events at the session's now.
func (x *session) put(bodies ...history.Body) {
	for _, b := range bodies {
		x.s.Apply(history.Event{Seq: x.s.Seq + 1, At: x.now, Body: b})
	}
}

// minutes sets a rare signal's newest minutes, settled to a minute ago.
func (x *session) minutes(signal, target string, values ...float64) {
	k := history.SeriesKey{Signal: signal, Target: target}
	end := x.now.Unix()/60*60 - 60
	sr := &history.Series{Key: k, Period: 60, Zero: true, SettledTo: end}
	for i, v := range values {
		if v > 0 {
			sr.Merge([]history.Point{{T: end - 60*int64(len(values)-i), V: v}})
		}
	}
	x.s.Series[k.String()] = sr
}

// advance lets the runbook speak, folds what it says and checks that it has nothing to add.
func (x *session) advance() []history.Body {
	x.t.Helper()
	out := x.r.Advance(x.s, x, x.now)
	x.put(out...)
	if again := x.r.Advance(x.s, x, x.now); len(again) > 0 {
		x.t.Fatalf("says more without news: %+v", again)
	}
	return out
}

// at advances and compares where the pointer stands.
func (x *session) at(step string) {
	x.t.Helper()
	x.advance()
	if x.s.Run.Current != step {
		x.t.Fatalf("at %q, want %q; verdicts %s", x.s.Run.Current, step, x.verdicts())
	}
}

func (x *session) verdicts() string {
	var out []string
	for _, s := range x.s.Run.Steps {
		if s.Verdict != "" || s.Result != "" {
			out = append(out, s.ID+"="+s.Verdict+s.Result)
		}
	}
	return strings.Join(out, " ")
}

// take takes the favoured branch, which must be the wanted one.
func (x *session) take(want string) {
	x.t.Helper()
	x.advance()
	st := x.s.Run.Step(x.s.Run.Current)
	if st == nil || st.Type != "decide" || st.Favoured != want {
		x.t.Fatalf("at %+v, want a decision that favours %s", st, want)
	}
	x.put(history.DecisionTaken{Step: st.ID, Choice: st.Favoured, Because: st.Because})
}

// plan plans the act at the pointer and puts it in force.
func (x *session) plan(id string) ActPlan {
	x.t.Helper()
	p, err := x.r.Act(x.s.Run.Current, x.s, x, x.now)
	if err != nil {
		x.t.Fatal(err)
	}
	x.put(
		history.ChangePlanned{ID: id, What: p.Kind, Target: p.Target, AfterN: p.To, Step: p.Step, Expect: p.Expect, UndoClass: history.UndoReady},
		history.ChangeApproved{ID: id}, history.ChangeIntended{ID: id}, history.ChangeAnswered{ID: id, OK: true}, history.ChangeSettled{ID: id})
	return p
}

func (x *session) judge(id, word string) {
	x.put(history.EffectJudged{ID: id, Stage: history.Verdict, Word: word})
}

func (x *session) layer(verdict, kind string) {
	x.put(history.Assessed{Layer: history.Layer{Verdict: verdict}, Ranked: []history.Hypothesis{{Kind: kind, P: 0.9}}})
}

func kindsOf(bodies []history.Body) []string {
	var out []string
	for _, b := range bodies {
		if k := b.Kind(); !slices.Contains(out, k) {
			out = append(out, k)
		}
	}
	return out
}
