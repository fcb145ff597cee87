package cond

import (
	"sort"
	"strconv"
	"strings"

	"github.com/ddbloop/ddbloop/history"
)

// Words names what may stand left of == besides signals: a word and the values it can take (nil: any).
type Words map[string][]string

// Builtin returns the words that every condition knows.
func Builtin() Words {
	return Words{
		"layer": {
			history.LayerUnknown, history.LayerService, history.LayerThrottled, history.LayerSlow, history.LayerTail,
			history.LayerClient, history.LayerHealthy,
		},
		"diagnosis":   nil,
		"disposition": {history.Retry, history.Optimize, history.Escalate, history.LayerUnknown},
		"side":        {"read", "write", history.NoVerdict},
	}
}

// pasts are the words whose past is on record, so that they may stand in a window.
var pasts = map[string]bool{"layer": true, "diagnosis": true, "disposition": true, "side": true}

type parser struct {
	src   string
	toks  []token
	i     int
	words Words
	depth int
}

// Condition parses an expression that is true, false or no data.
func Condition(src string, words Words) (*Expr, error) {
	e, err := parse(src, words)
	if err == nil && !e.truth() {
		err = &Error{Pos: e.pos, Found: "a number", Want: "a condition such as x > 0"}
	}
	return e, err
}

// Number parses an expression that gives a number.
func Number(src string, words Words) (*Expr, error) {
	e, err := parse(src, words)
	if err == nil && e.truth() {
		err = &Error{Pos: e.pos, Found: "a condition", Want: "a number such as 1.5 * peak(x, 15 min)"}
	}
	return e, err
}

// Reference parses the name of a signal alone.
func Reference(src string) (Ref, error) {
	e, err := parse(src, nil)
	if err != nil {
		return Ref{}, err
	}
	if e.kind != kSignal {
		return Ref{}, &Error{Pos: e.pos, Found: strconv.Quote(e.text), Want: "the name of a signal"}
	}
	return e.ref, nil
}

func parse(src string, words Words) (*Expr, error) {
	if len(src) > MaxSource {
		return nil, &Error{Pos: MaxSource, Found: "a longer expression", Want: "at most 2000 bytes"}
	}
	toks, err := lex(src)
	if err != nil {
		return nil, err
	}
	p := &parser{src: src, toks: toks, words: words}
	e, err := p.or()
	if err != nil {
		return nil, err
	}
	if t := p.peek(); t.kind != tokEnd {
		return nil, &Error{Pos: t.pos, Found: t.String(), Want: "an operator or the end"}
	}
	return e, limit(e)
}

func (p *parser) peek() token { return p.toks[p.i] }

// take consumes the next token when it is one of the given texts.
func (p *parser) take(texts ...string) (token, bool) {
	t := p.peek()
	if t.kind == tokName || t.kind == tokSign {
		for _, text := range texts {
			if t.text == text {
				p.i++
				return t, true
			}
		}
	}
	return t, false
}

func (p *parser) expect(text string) error {
	if t, ok := p.take(text); !ok {
		return &Error{Pos: t.pos, Found: t.String(), Want: strconv.Quote(text)}
	}
	return nil
}

// from returns the source from pos to the end of the last token, spaces squeezed.
func (p *parser) from(pos int) string {
	return strings.Join(strings.Fields(p.src[pos:p.toks[max(0, p.i-1)].end]), " ")
}

func needTruth(e *Expr) error {
	if !e.truth() {
		return &Error{Pos: e.pos, Found: "the number " + strconv.Quote(e.text), Want: "a condition such as x > 0"}
	}
	return nil
}

func needNumber(e *Expr) error {
	if e.truth() {
		return &Error{Pos: e.pos, Found: "the condition " + strconv.Quote(e.text), Want: "a number"}
	}
	return nil
}

// chain parses left-associative operators whose operands are all numbers or all conditions.
func (p *parser) chain(sub func() (*Expr, error), need func(*Expr) error, k kind, ops ...string) (*Expr, error) {
	left, err := sub()
	if err != nil {
		return nil, err
	}
	for {
		op, ok := p.take(ops...)
		if !ok {
			return left, nil
		}
		right, err := sub()
		if err != nil {
			return nil, err
		}
		for _, e := range []*Expr{left, right} {
			if err := need(e); err != nil {
				return nil, err
			}
		}
		left = join(k, op.text, p.from(left.pos), left.pos, left, right)
	}
}

func (p *parser) or() (*Expr, error) {
	if p.depth++; p.depth > maxDepth {
		return nil, &Error{Pos: p.peek().pos, Found: "more brackets", Want: "at most 40 levels"}
	}
	defer func() { p.depth-- }()
	return p.chain(p.and, needTruth, kOr, "or")
}

func (p *parser) and() (*Expr, error) { return p.chain(p.not, needTruth, kAnd, "and") }

func (p *parser) not() (*Expr, error) {
	nots, first := 0, p.peek().pos
	for {
		if _, ok := p.take("not"); !ok {
			break
		}
		nots++
	}
	e, err := p.window()
	if err != nil || nots == 0 {
		return e, err
	}
	if err := needTruth(e); err != nil {
		return nil, err
	}
	if nots%2 == 0 {
		return e, nil
	}
	return join(kNot, "not", p.from(first), first, e), nil
}

// window parses a comparison and what may follow it: for N of M min, or for M min.
func (p *parser) window() (*Expr, error) {
	e, err := p.compare()
	if err != nil {
		return nil, err
	}
	t, ok := p.take("for")
	if !ok {
		return e, nil
	}
	if err := needTruth(e); err != nil {
		return nil, err
	}
	if e.hasFor {
		return nil, &Error{Pos: t.pos, Found: "a window in a window", Want: "one window"}
	}
	n := p.peek()
	p.i++
	m := n
	if n.kind == tokNumber && n.bare {
		if err := p.expect("of"); err != nil {
			return nil, err
		}
		m = p.peek()
		p.i++
	}
	if m.kind != tokNumber || m.minutes < 1 || m.minutes > MaxFor {
		return nil, &Error{Pos: m.pos, Found: m.String(), Want: "a window such as 2 of 5 min, of 1 to 60 min"}
	}
	count := m.minutes
	if n.pos != m.pos {
		count = int(min(n.num, 1e6))
		if float64(count) != n.num || count < 1 || count > m.minutes {
			return nil, &Error{Pos: n.pos, Found: n.String(), Want: "a whole number from 1 to the length of the window"}
		}
	}
	return wrap(e, count, m.minutes, p.from(e.pos))
}

func (p *parser) compare() (*Expr, error) {
	left, err := p.sum()
	if err != nil {
		return nil, err
	}
	op, ok := p.take("==", "!=", "<=", ">=", "<", ">")
	if !ok {
		return left, nil
	}
	if err := needNumber(left); err != nil {
		return nil, err
	}
	right, err := p.sum()
	if err != nil {
		return nil, err
	}
	if err := needNumber(right); err != nil {
		return nil, err
	}
	if t, more := p.take("==", "!=", "<=", ">=", "<", ">"); more {
		return nil, &Error{Pos: t.pos, Found: t.String(), Want: "and, or, for or the end: comparisons do not chain"}
	}
	return join(kCompare, op.text, p.from(left.pos), left.pos, left, right), nil
}

func (p *parser) sum() (*Expr, error) { return p.chain(p.product, needNumber, kSum, "+", "-") }

func (p *parser) product() (*Expr, error) { return p.chain(p.primary, needNumber, kSum, "*", "/") }

func names(words Words) string {
	list := make([]string, 0, len(words))
	for w := range words {
		list = append(list, w)
	}
	sort.Strings(list)
	return strings.Join(list, ", ")
}
