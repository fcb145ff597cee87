// Package runbooks is the runbook document: parsed, linted, evaluated and walked. Nothing in it does
// anything to the world; it says which events follow from a State, and what an act amounts to now.
package runbooks

import (
	"strings"
	"time"

	"github.com/ddbloop/ddbloop/history"
	"github.com/ddbloop/ddbloop/runbooks/cond"
)

// Places that a goto can name besides steps. Every runbook has an act "escalate", its own or a given one.
const (
	End      = "end" // State.Run.Current when the runbook has been walked through
	Escalate = "escalate"
)

// How much a check's verdict matters to the way on.
const (
	RequiredNo      = "no"      // go on, whatever it says
	RequiredYes     = "yes"     // go on once it is pass or fail
	RequiredSuccess = "success" // go on once it is pass
)

// Risks of an act.
const (
	Reversible   = "reversible"
	Limited      = "limited" // can be undone within a quota or a time
	Irreversible = "irreversible"
)

// Kinds of a Change that are no request to AWS, besides Escalate.
const (
	kindLever   = "lever"
	kindVariant = "query.variant"
	Wait        = "wait"
)

// Runbook is one parsed document.
type Runbook struct {
	Name     string
	Version  int
	Title    string
	Owner    string
	ReviewBy time.Time // the day after which it is no longer to be trusted unread
	Kinds    []string  // incident kinds it is for
	File     string
	Hash     string // SHA-256 of the file, hex
	Source   string
	Steps    []*Step
}

// Step is one typed block. Exactly one of Check, Decide, Act and Note is set.
type Step struct {
	ID      string
	Type    string // check | decide | act | note
	Say     string // one line: the check's or note's question, or what an act does
	Section string // nearest heading above
	Prose   string // markdown between the block above, or the heading, and this block
	Line    int

	Check  *Check
	Decide *Decide
	Act    *Act
	Note   *Note
}

// Check gives a verdict by itself, all the time.
type Check struct {
	Pass           *cond.Expr
	Hold           time.Duration // whole minutes the condition must have stood, 0 = none
	Required       string
	OnPass, OnFail string // goto, "" = the next step
}

// Decide picks a branch: the first rule whose condition is true, else Otherwise.
type Decide struct {
	Rules     []Rule
	Otherwise Rule
}

// Rule is one branch of a decision. When is nil in the otherwise branch.
type Rule struct {
	When          *cond.Expr
	Goto, Because string
	Line          int
}

// Act is something to do: a change, or handing over, or waiting.
type Act struct {
	Change     Change
	Guard      *cond.Expr // nil = none
	Risk       string
	Approve    int // people who must agree
	Undo       string
	Idempotent bool
	Expect     *Expect
	OnEffect   string // goto, "" = the next step
	OnNoEffect Fallback
	OnRefused  string // goto when the change was refused, "" = stay
}

// Change is what an act asks for.
type Change struct {
	Kind   string     // one of changeKinds, or "lever", "query.variant", "escalate", "wait"
	To     *cond.Expr // units per second, of the kinds that set an amount
	Levers []string   // the kinds of lever that would do, the most fitting first
	File   string     // of variant B of a lab: what the probe is to ask as
	Probe  string     // that it is measured beside, "" = the only one
	Does   string     // the reason to escalate or to wait
}

// Settings reports whether the change is one of a table's settings.
func (c Change) Settings() bool {
	_, ok := changeKinds[c.Kind]
	return ok
}

// Changes reports whether the act changes anything at all.
func (c Change) Changes() bool { return c.Settings() || c.Kind == kindLever || c.Kind == kindVariant }

// Fallback is where an act leads that did not help. Undo says to take the change back first.
type Fallback struct {
	Undo bool
	Goto string
}

// Trouble stands, as the signal of an expectation, for the one on which the diagnosed incident hurts most: it is to go
// most of the way back to its usual level. The engine knows which that is when the act is planned.
const Trouble = "trouble"

// Expect is what an act is meant to do. Of Trouble, direction and size are not the runbook's to say.
type Expect struct {
	Signal    cond.Ref
	Direction string // down | up
	By        float64
	Within    time.Duration
	Harm      []Harm
}

// Harm is a signal that must not rise above Factor times its value before the act.
type Harm struct {
	Signal string
	Factor float64
}

// Note asks a person something for the postmortem.
type Note struct{ To string }

// Step returns a step of the document, or nil.
func (r *Runbook) Step(id string) *Step {
	for _, s := range r.Steps {
		if s.ID == id {
			return s
		}
	}
	return nil
}

// Opened returns the event that starts the runbook on a target (table or table/index). side is read, write
// or "" when neither.
func (r *Runbook) Opened(target, side, why string) history.RunbookOpened {
	out := history.RunbookOpened{
		Runbook: r.Name, Version: r.Version, Title: r.Title, Hash: r.Hash, Target: target, Side: side, Why: why,
	}
	for _, s := range r.Steps {
		out.Steps = append(out.Steps, s.info(target, side))
	}
	return out
}

func (s *Step) info(target, side string) history.StepInfo {
	i := history.StepInfo{ID: s.ID, Type: s.Type, Say: s.Say, Section: s.Section}
	switch {
	case s.Check != nil:
		i.Required = s.Check.Required
	case s.Decide != nil:
		for _, rule := range s.Decide.Rules {
			i.Choices = append(i.Choices, history.Choice{Goto: rule.Goto, Because: rule.Because, When: rule.When.String()})
		}
		i.Choices = append(i.Choices, history.Choice{Goto: s.Decide.Otherwise.Goto, Because: s.Decide.Otherwise.Because})
	case s.Act != nil:
		i.Change, i.Variant, i.Probe = s.Act.Change.on(target, side), s.Act.Change.File, s.Act.Change.Probe
		if s.Act.Change.Kind == kindLever {
			i.Levers = s.Act.Change.Levers
			i.Change = kindLever + ":" + strings.Join(i.Levers, "|")
		}
	case s.Note != nil:
		i.To = s.Note.To
	}
	return i
}
