package runbooks

import (
	"slices"
	"time"

	"github.com/ddbloop/ddbloop/runbooks/cond"
)

// maxActs is how many changes one way through a runbook may ask for: who needs a fourth needs another person.
const maxActs = 3

// Lint looks for what parses but would fail someone at night: signals that are not in the catalogue, sums of
// different units, gotos to nowhere, steps that cannot be reached, circles, acts that cannot be undone or
// judged, and a document that nobody has reviewed by today.
func Lint(r *Runbook, catalogue cond.Catalogue, today time.Time) Problems {
	l := &linter{report: report{file: r.File}, r: r, catalogue: catalogue}
	if today.After(r.ReviewBy.AddDate(0, 0, 1)) {
		l.add(1, 0, "the review was due by %s: read it again, then move review_by", r.ReviewBy.Format(time.DateOnly))
	}
	for _, s := range r.Steps {
		l.signals(s)
		l.gotos(s)
		if s.Act != nil {
			l.act(s)
		}
	}
	l.graph()
	return l.sorted()
}

type linter struct {
	report
	r         *Runbook
	catalogue cond.Catalogue
}

func (l *linter) cond(line int, e *cond.Expr, unit string) {
	if e == nil {
		return
	}
	for _, err := range cond.Check(e, l.catalogue, unit) {
		l.add(line, 0, "%q: found %s, expected %s", e.String(), err.Found, err.Want)
	}
}

func (l *linter) signal(line int, name string) {
	if _, ok := cond.Known(name, l.catalogue); !ok {
		l.add(line, 0, "found the signal %q, expected a signal of the catalogue", name)
	}
}

func (l *linter) signals(s *Step) {
	switch {
	case s.Check != nil:
		l.cond(s.Line, s.Check.Pass, "")
	case s.Decide != nil:
		for _, rule := range s.Decide.Rules {
			l.cond(rule.Line, rule.When, "")
		}
	case s.Act != nil:
		l.cond(s.Line, s.Act.Guard, "")
		l.cond(s.Line, s.Act.Change.To, "units/s")
		if x := s.Act.Expect; x != nil {
			if x.Signal.Name != Trouble {
				l.signal(s.Line, x.Signal.Name)
			}
			for _, h := range x.Harm {
				l.signal(s.Line, h.Signal)
			}
		}
	}
}

func (l *linter) gotos(s *Step) {
	for _, to := range l.r.ways(s) {
		if to != End && l.r.Step(to) == nil {
			l.add(s.Line, 0, "%s goes to %q, which is no step, end or escalate", s.ID, to)
		}
	}
}

func (l *linter) act(s *Step) {
	a := s.Act
	if !a.Change.Changes() {
		return
	}
	if a.Expect == nil {
		l.add(s.Line, 0, "%s has no expect: whether it helped could not be told", s.ID)
	}
	if a.OnNoEffect.Goto == "" {
		l.add(s.Line, 0, "%s has no on_no_effect: nobody knows what follows when it does not help", s.ID)
	}
	switch {
	case a.Undo == "":
		l.add(s.Line, 0, "%s has no undo: say how it is taken back", s.ID)
	case a.Undo == "none" && a.Risk != Irreversible:
		l.add(s.Line, 0, "%s has undo: none but the risk %s, expected irreversible", s.ID, a.Risk)
	}
	if a.Risk == Irreversible {
		if a.Approve < 2 {
			l.add(s.Line, 0, "%s is irreversible with the approval of %d, expected approve: 2 or more", s.ID, a.Approve)
		}
		if a.OnNoEffect.Undo {
			l.add(s.Line, 0, "%s is irreversible but on_no_effect wants it undone", s.ID)
		}
	}
}

// ways lists where a step can lead, each once.
func (r *Runbook) ways(s *Step) []string {
	var out []string
	add := func(list ...string) {
		for _, to := range list {
			if to != "" && !slices.Contains(out, to) {
				out = append(out, to)
			}
		}
	}
	switch {
	case s.Check != nil:
		add(r.or(s.Check.OnPass, s.ID), s.Check.OnFail)
		if s.Check.Required != RequiredSuccess && s.Check.OnFail == "" || s.Check.Required == RequiredNo {
			add(r.after(s.ID))
		}
	case s.Decide != nil:
		for _, rule := range s.Decide.Rules {
			add(rule.Goto)
		}
		add(s.Decide.Otherwise.Goto)
	case s.Act != nil:
		good := r.or(s.Act.OnEffect, s.ID)
		if s.Act.Change.Kind == Escalate && s.Act.OnEffect == "" {
			good = End
		}
		add(good, s.Act.OnNoEffect.Goto, s.Act.OnRefused)
	default:
		add(r.after(s.ID))
	}
	return out
}

// graph walks every way from the first step.
func (l *linter) graph() {
	reached := map[string]bool{Escalate: true}
	acts := map[string]int{} // most changes on a way from a step to the end
	const under = -1         // being walked
	var walk func(id string) int
	walk = func(id string) int {
		s := l.r.Step(id)
		if s == nil {
			return 0
		}
		if n, known := acts[id]; known {
			return max(n, 0)
		}
		reached[id], acts[id] = true, under
		most := 0
		for _, to := range l.r.ways(s) {
			if n, known := acts[to]; known && n == under {
				l.add(s.Line, 0, "%s leads back to %s: a runbook must come to an end", id, to)
				continue
			}
			most = max(most, walk(to))
		}
		if s.Act != nil && s.Act.Change.Changes() {
			most++
		}
		acts[id] = most
		return most
	}
	if n := walk(l.r.first()); n > maxActs {
		l.add(1, 0, "one way through asks for %d changes, expected at most %d", n, maxActs)
	}
	for _, s := range l.r.Steps {
		if !reached[s.ID] {
			l.add(s.Line, 0, "%s cannot be reached: no step leads there", s.ID)
		}
	}
}
