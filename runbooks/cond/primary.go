package cond

import (
	"slices"
	"strconv"
	"strings"

	"github.com/ddbloop/ddbloop/history"
)

var keywords = []string{"and", "or", "not", "for", "of"}

func (p *parser) primary() (*Expr, error) {
	t := p.peek()
	p.i++
	switch {
	case t.kind == tokNumber:
		return &Expr{kind: kNumber, num: t.num, unit: t.unit, bare: t.bare, m: t.minutes, text: t.text, pos: t.pos, cost: 1}, nil
	case t.kind == tokSign && t.text == "(":
		e, err := p.or()
		if err != nil {
			return nil, err
		}
		if err := p.expect(")"); err != nil {
			return nil, err
		}
		inner := *e // the same expression, with its brackets
		inner.pos, inner.text = t.pos, p.from(t.pos)
		return &inner, nil
	case t.kind == tokSign && t.text == "-":
		e, err := p.unary()
		if err != nil {
			return nil, err
		}
		zero := &Expr{kind: kNumber, bare: true, text: "0", pos: t.pos, cost: 1}
		return join(kSum, "-", p.from(t.pos), t.pos, zero, e), needNumber(e)
	case t.kind == tokName && !slices.Contains(keywords, t.text):
		if p.words != nil {
			if values, ok := p.words[t.text]; ok {
				return p.word(t, values)
			}
		}
		if _, ok := p.take("("); ok {
			return p.call(t)
		}
		return p.signal(t)
	}
	p.i--
	return nil, &Error{Pos: t.pos, Found: t.String(), Want: "a signal, a word, a number or a bracket"}
}

// unary parses what a minus stands before; a second minus needs a bracket.
func (p *parser) unary() (*Expr, error) {
	if t := p.peek(); t.text == "-" {
		return nil, &Error{Pos: t.pos, Found: t.String(), Want: "a number after one minus"}
	}
	return p.primary()
}

// word parses the rest of: word == value, word != value.
func (p *parser) word(t token, values []string) (*Expr, error) {
	op, ok := p.take("==", "!=")
	if !ok {
		return nil, &Error{Pos: op.pos, Found: op.String(), Want: "== or != after " + t.text}
	}
	v := p.peek()
	if v.kind != tokName || slices.Contains(keywords, v.text) {
		return nil, &Error{Pos: v.pos, Found: v.String(), Want: "a value of " + t.text}
	}
	p.i++
	if values != nil && !slices.Contains(values, v.text) {
		return nil, &Error{Pos: v.pos, Found: v.String(), Want: "a value of " + t.text + ": " + strings.Join(values, ", ")}
	}
	e := join(kWord, op.text, p.from(t.pos), t.pos)
	e.word, e.value, e.hasStep = t.text, v.text, !pasts[t.text]
	return e, nil
}

func (p *parser) signal(t token) (*Expr, error) {
	ref := Ref{Name: t.text}
	if _, ok := p.take("@"); ok {
		of := p.peek()
		if of.text != "table" && of.text != "index" && of.text != "any_index" {
			return nil, &Error{Pos: of.pos, Found: of.String(), Want: "table, index or any_index after @"}
		}
		p.i++
		ref.Of = of.text
	}
	if op := p.peek(); op.kind == tokOp {
		p.i++
		ref.Op = op.text
	}
	if t := p.peek(); t.text == "==" || t.text == "!=" {
		v := p.toks[p.i+1]
		if v.kind == tokName && slices.Contains([]string{history.Pass, history.Fail, history.NoVerdict}, v.text) {
			return nil, &Error{Pos: t.pos, Found: strconv.Quote(ref.Name), Want: "an earlier step or one of: " + names(p.words)}
		}
	}
	return &Expr{kind: kSignal, ref: ref, text: p.from(t.pos), pos: t.pos, cost: 1, presence: []Ref{ref}}, nil
}

// functions: how many numbers each takes at least and at most, and whether it wants a window, may have one
// or none.
var functions = map[string]struct {
	least, most int
	window      string // none | want | may
	signal      bool   // its argument must be a signal itself
}{
	"max": {2, 8, "none", false}, "min": {2, 8, "none", false},
	"peak": {1, 1, "want", false}, "lowest": {1, 1, "want", false}, "avg": {1, 1, "want", false},
	"base": {1, 1, "may", false}, "slope": {1, 1, "may", false},
	"age": {1, 1, "none", true}, "missing": {1, 1, "none", true}, "as_units": {1, 1, "none", true},
}

func (p *parser) call(t token) (*Expr, error) {
	f, ok := functions[t.text]
	if !ok {
		return nil, &Error{Pos: t.pos, Found: "the function " + strconv.Quote(t.text), Want: "age, as_units, avg, base, lowest, max, min, missing, peak or slope"}
	}
	var args []*Expr
	for {
		a, err := p.or()
		if err != nil {
			return nil, err
		}
		if err := needNumber(a); err != nil {
			return nil, err
		}
		args = append(args, a)
		if _, more := p.take(","); !more {
			break
		}
	}
	if err := p.expect(")"); err != nil {
		return nil, err
	}
	last, back := args[len(args)-1], 0
	if last.kind == kNumber && last.m > 0 && len(args) > 1 {
		if f.window == "none" {
			return nil, &Error{Pos: last.pos, Found: "the window " + strconv.Quote(last.text), Want: "numbers; windows belong to peak, lowest, avg, base and slope"}
		}
		back, args = last.m, args[:len(args)-1]
	}
	switch {
	case f.window == "want" && back == 0:
		return nil, &Error{Pos: last.pos, Found: strconv.Quote(last.text), Want: "a window last: " + t.text + "(x, 15 min)"}
	case back > MaxBack:
		return nil, &Error{Pos: last.pos, Found: strconv.Quote(last.text), Want: "a window of at most 180 min"}
	case len(args) < f.least || len(args) > f.most:
		return nil, &Error{Pos: t.pos, Found: strconv.Itoa(len(args)) + " numbers for " + t.text, Want: "as in " + example(t.text)}
	case f.signal && args[0].kind != kSignal:
		return nil, &Error{Pos: args[0].pos, Found: strconv.Quote(args[0].text), Want: "the name of a signal"}
	}
	return p.build(t, args, back)
}

func (p *parser) build(t token, args []*Expr, back int) (*Expr, error) {
	k := kCall
	if t.text == "missing" {
		k = kMissing
	}
	e := join(k, t.text, p.from(t.pos), t.pos, args...)
	e.m = back
	switch t.text {
	case "age":
		e.hasAge = true
	case "as_units":
		e.cost += 10
	case "base":
		if back == 0 {
			e.m = MaxBack
		}
	case "slope":
		if back == 0 {
			e.m = slopeBack
		}
	}
	if e.m > 0 {
		if e.hasAge {
			return nil, &Error{Pos: t.pos, Found: "age() in a window", Want: "signals: only these have a past"}
		}
		e.cost *= e.m
	}
	return e, limit(e)
}

func example(name string) string {
	switch f := functions[name]; {
	case f.window == "want":
		return name + "(x, 15 min)"
	case f.most > 1:
		return name + "(a, b)"
	}
	return name + "(x)"
}
