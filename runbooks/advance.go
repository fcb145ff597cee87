package runbooks

import (
	"strings"
	"time"

	"github.com/ddbloop/ddbloop/history"
	"github.com/ddbloop/ddbloop/runbooks/cond"
)

// Advance returns the events that the open runbook owes at now: verdicts that changed, the pointer's moves,
// and the branch that the data favour where it stands. Folding them and asking again gives nothing. It
// always ends: no step is entered twice in one call, and a document that leads in a circle stays where it is.
func (r *Runbook) Advance(s *history.State, sig cond.Signals, now time.Time) []history.Body {
	if s == nil || s.Run == nil || s.Run.Info.Runbook != r.Name {
		return nil
	}
	w := &walk{r: r, s: s, env: r.env(s, sig, now)}
	w.checks()
	w.move()
	w.offer()
	return w.out
}

// env returns what the conditions are evaluated in.
func (r *Runbook) env(s *history.State, sig cond.Signals, now time.Time) *cond.Env {
	v := &cond.Env{State: s, Sig: sig, Target: s.Run.Info.Target, Side: s.Run.Info.Side, Now: now}
	for _, st := range r.Steps {
		if st.Act == nil {
			continue
		}
		if c := changeOf(s, st.ID); c != nil && c.Effect != nil {
			v.SetStep(st.ID, strings.ReplaceAll(c.Effect.Word, " ", "_"))
		}
	}
	return v
}

type walk struct {
	r       *Runbook
	s       *history.State
	env     *cond.Env
	out     []history.Body
	verdict map[string]string
	at      string // the pointer
}

var verdicts = map[cond.Truth]string{cond.True: history.Pass, cond.False: history.Fail, cond.NoData: history.NoVerdict}

// checks evaluates every check, above before below, wherever the pointer is.
func (w *walk) checks() {
	w.verdict = map[string]string{}
	for _, st := range w.r.Steps {
		was := w.s.Run.Step(st.ID)
		if st.Check == nil || was == nil {
			continue
		}
		is := verdicts[w.env.Truth(st.Check.Pass)]
		if is != was.Verdict {
			_, why := w.env.Why(st.Check.Pass)
			w.out = append(w.out, history.CheckEvaluated{Step: st.ID, Verdict: is, Why: why})
		}
		w.verdict[st.ID] = is
		w.env.SetStep(st.ID, is)
	}
}

// move follows the steps that let the pointer pass.
func (w *walk) move() {
	w.at = w.s.Run.Current
	seen := map[string]bool{w.at: true}
	var moves []history.Body
	at, next, why := w.at, w.r.first(), "opened"
	for ok := w.at == ""; ; {
		if at != "" {
			next, why, ok = w.leave(w.r.Step(at))
		}
		if !ok || next != End && w.r.Step(next) == nil {
			break
		}
		if seen[next] {
			return // a circle: staying put is the one answer that stays the same
		}
		seen[next], at = true, next
		moves = append(moves, history.StepEntered{Step: at, Why: why})
	}
	w.at, w.out = at, append(w.out, moves...)
}

func (r *Runbook) first() string {
	if len(r.Steps) == 0 {
		return End
	}
	return r.Steps[0].ID
}

// after returns the next step of the document. Nobody slips into escalating: that takes a goto.
func (r *Runbook) after(id string) string {
	found := false
	for _, s := range r.Steps {
		if found && s.ID != Escalate {
			return s.ID
		}
		found = found || s.ID == id
	}
	return End
}

func (r *Runbook) or(target, id string) string {
	if target != "" {
		return target
	}
	return r.after(id)
}

// leave says where the pointer goes from a step, and why, when the step lets it pass.
func (w *walk) leave(st *Step) (next, why string, ok bool) {
	if st == nil {
		return "", "", false
	}
	result := ""
	if was := w.s.Run.Step(st.ID); was != nil {
		result = was.Result
	}
	switch {
	case st.Check != nil:
		return w.leaveCheck(st, result)
	case st.Decide != nil:
		switch result {
		case "":
			return "", "", false
		case "done", "skipped":
			return st.Decide.Otherwise.Goto, st.ID + " " + result, true
		}
		return result, "decided", true
	case st.Act != nil:
		return w.leaveAct(st, result)
	}
	return w.r.after(st.ID), "", true
}

func (w *walk) leaveCheck(st *Step, result string) (next, why string, ok bool) {
	c, v := st.Check, w.verdict[st.ID]
	pass := result != "" || c.Required == RequiredNo
	switch v {
	case history.Pass:
		next, pass = w.r.or(c.OnPass, st.ID), true
	case history.Fail:
		next, pass = w.r.or(c.OnFail, st.ID), pass || c.Required == RequiredYes || c.OnFail != ""
	default:
		v, next = history.NoVerdict, w.r.after(st.ID)
	}
	return next, st.ID + " " + v, pass
}

// offer says which branch the data favour at the decision where the pointer stands.
func (w *walk) offer() {
	st := w.r.Step(w.at)
	if st == nil || st.Decide == nil {
		return
	}
	was := w.s.Run.Step(st.ID)
	if was == nil || was.Result != "" {
		return
	}
	if to, because := w.favoured(st.Decide); to != was.Favoured {
		w.out = append(w.out, history.DecisionOffered{Step: st.ID, Favoured: to, Because: because})
	}
}

// favoured is the first rule that is true. A rule without data is never followed, but it is named.
func (w *walk) favoured(d *Decide) (to, because string) {
	blind := ""
	for _, rule := range d.Rules {
		truth, why := w.env.Why(rule.When)
		switch truth {
		case cond.True:
			return rule.Goto, rule.Because + " (" + why + ")"
		case cond.NoData:
			if blind == "" {
				blind = " (no data on a rule above: " + why + ")"
			}
		}
	}
	return d.Otherwise.Goto, d.Otherwise.Because + blind
}
