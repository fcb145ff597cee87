// Package cond is the language of a runbook's conditions: small, total and free of side effects, with units,
// windows and three truth values. Evaluation always ends, never fails and never takes no data for a yes.
package cond

import (
	"fmt"

	"github.com/ddbloop/ddbloop/history"
)

// Limits of an expression, so that evaluating one is always cheap.
const (
	MaxSource  = 2000 // bytes
	MaxFor     = 60   // minutes of a "for … of … min"
	MaxBack    = 180  // minutes of a function's window
	maxDepth   = 40
	maxCost    = 20_000 // look-ups of one evaluation
	baseGap    = 15     // minutes before now that base() never looks at
	baseLeast  = 10     // known minutes that base() needs
	slopeBack  = 5
	slopeLeast = 3
)

// Catalogue says in which unit a signal is, and whether there is such a signal.
type Catalogue interface {
	Unit(name string) (string, bool)
}

// Signals is where measured values come from. A nil series is unknown.
type Signals interface {
	Catalogue
	Series(name, target, op string) *history.Series
}

// Ref names a signal: which, whose ("" the runbook's target, "table", "index", "any_index") and of which
// operation, probe or client ("" the only or the worst one).
type Ref struct{ Name, Of, Op string }

// String writes the reference as in a document.
func (r Ref) String() string {
	s := r.Name
	if r.Of != "" {
		s += "@" + r.Of
	}
	if r.Op != "" {
		s += "#" + r.Op
	}
	return s
}

type kind int

const (
	kNumber kind = iota
	kSignal
	kSum  // + - * /
	kCall // a function that gives a number
	kWord // word == value
	kCompare
	kMissing
	kAnd
	kOr
	kNot
	kFor
)

// Expr is a parsed expression, a condition or a number. The zero Expr is not valid; see Condition and Number.
type Expr struct {
	kind     kind
	op       string // operator, function, or == and != of a word
	text     string // source, spaces squeezed
	word     string // kWord: its name; the value is in text2
	value    string
	num      float64
	unit     string
	bare     bool
	ref      Ref
	args     []*Expr
	n, m     int // kFor: n of m minutes; kCall: m minutes back, 0 = none given
	pos      int
	cost     int
	hasFor   bool // a window somewhere inside
	hasStep  bool // a step's word somewhere inside
	hasAge   bool
	presence []Ref // signals somewhere inside
}

// String returns the expression as written.
func (e *Expr) String() string { return e.text }

func (e *Expr) truth() bool { return e.kind >= kWord }

// Held returns a condition that is true when e has stood for the last n minutes, each of them. n is at least
// 1 and at most MaxFor.
func Held(e *Expr, n int) (*Expr, error) {
	if n < 1 || n > MaxFor {
		return nil, &Error{Found: "a hold of that length", Want: "1 to 60 minutes"}
	}
	return wrap(e, n, n, fmt.Sprintf("%s for %d min", e.text, n))
}

func wrap(e *Expr, n, m int, text string) (*Expr, error) {
	if e.hasStep || e.hasAge {
		return nil, &Error{Pos: e.pos, Found: "a step's word or age() in a window", Want: "signals, layer, diagnosis or disposition: only these have a past"}
	}
	w := join(kFor, "for", text, e.pos, e)
	w.n, w.m, w.cost, w.hasFor = n, m, m*e.cost, true
	return w, limit(w)
}

func join(k kind, op, text string, pos int, args ...*Expr) *Expr {
	e := &Expr{kind: k, op: op, text: text, pos: pos, args: args, cost: 1}
	for _, a := range args {
		e.cost += a.cost
		e.hasFor = e.hasFor || a.hasFor
		e.hasStep = e.hasStep || a.hasStep
		e.hasAge = e.hasAge || a.hasAge
		e.presence = append(e.presence, a.presence...)
	}
	return e
}

func limit(e *Expr) error {
	if e.cost > maxCost {
		return &Error{Pos: e.pos, Found: "windows within windows", Want: "less to look up: shorter windows"}
	}
	return nil
}
