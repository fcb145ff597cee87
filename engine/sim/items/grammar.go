package items

import (
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// Condition is a parsed condition, filter or key condition.
type Condition struct {
	root  condition
	paths []path
}

// Holds evaluates the condition; a nil one always holds.
func (c *Condition) Holds(it Item) bool { return c == nil || c.root.holds(it) }

// Condition parses the text; kind is the request member that it came from, such as "FilterExpression".
func (p *Placeholders) Condition(kind, text string) (*Condition, error) {
	ps, err := p.parser(kind, text)
	if err != nil {
		return nil, err
	}
	g := &grammar{parser: ps, ends: map[int]int{}}
	root, err := g.or()
	if err != nil {
		return nil, err
	}
	return &Condition{root, g.paths}, ps.expect(tokEnd)
}

// grammar is a recursive descent over: or ← and {OR and}; and ← not {AND not}; not ← [NOT] term.
// Depth is bounded by the expression's 4 KB.
type grammar struct {
	*parser
	paths []path
	ends  map[int]int // of parenthesised terms: first token → last token
}

func (g *grammar) or() (condition, error) {
	left, err := g.and()
	for err == nil && g.keyword("OR") {
		var right condition
		if right, err = g.counted(g.and); err == nil {
			left = either{left, right}
		}
	}
	return left, err
}

func (g *grammar) and() (condition, error) {
	left, err := g.not()
	for err == nil && g.keyword("AND") {
		var right condition
		if right, err = g.counted(g.not); err == nil {
			left = both{left, right}
		}
	}
	return left, err
}

func (g *grammar) not() (condition, error) {
	if !g.keyword("NOT") {
		return g.term()
	}
	inner, err := g.counted(g.not)
	return not{inner}, err
}

func (g *grammar) counted(f func() (condition, error)) (condition, error) {
	if err := g.operator(); err != nil {
		return nil, err
	}
	return f()
}

func (g *grammar) term() (condition, error) {
	if g.peek().kind == "(" {
		return g.parenthesised()
	}
	if err := g.operator(); err != nil {
		return nil, err
	}
	if t := g.peek(); t.kind == tokWord && g.tokens[g.pos+1].kind == "(" && t.text != "size" {
		return g.function()
	}
	left, err := g.operand()
	if err != nil {
		return nil, err
	}
	switch t := g.peek(); {
	case slices.Contains([]string{"=", "<>", "<", "<=", ">", ">="}, t.kind):
		g.pos++
		right, err := g.operand()
		if err != nil {
			return nil, err
		}
		return compare{t.kind, left, right}, g.comparable(t.kind, left, right)
	case g.keyword("BETWEEN"):
		return g.between(left)
	case g.keyword("IN"):
		return g.in(left)
	}
	if _, is := left.(sizeOf); is {
		return nil, invalid("Invalid %s: The function is not allowed to be used this way in an expression; function: size", g.kind)
	}
	return nil, g.unexpected()
}

func (g *grammar) parenthesised() (condition, error) {
	first := g.pos
	g.pos++
	inner, err := g.or()
	if err != nil {
		return nil, err
	}
	if err := g.expect(")"); err != nil {
		return nil, err
	}
	g.ends[first] = g.pos - 1
	if end, nested := g.ends[first+1]; nested && end == g.pos-2 {
		return nil, invalid("Invalid %s: The expression has redundant parentheses;", g.kind)
	}
	return inner, nil
}

func (g *grammar) between(v operand) (condition, error) {
	low, err := g.operand()
	if err != nil {
		return nil, err
	}
	if !g.keyword("AND") {
		return nil, g.unexpected()
	}
	high, err := g.operand()
	if err != nil {
		return nil, err
	}
	if err := g.comparable("BETWEEN", v, low, high); err != nil {
		return nil, err
	}
	a, okA := low.(literal)
	b, okB := high.(literal)
	if okA && okB {
		bounds := "lower bound operand: AttributeValue: {" + shown(a.v) + "}, upper bound operand: AttributeValue: {" + shown(b.v) + "}"
		if c, ok := order(a.v, b.v); !ok {
			return nil, invalid("Invalid %s: The BETWEEN operator requires same data type for lower and upper bounds; %s", g.kind, bounds)
		} else if c > 0 {
			return nil, invalid("Invalid %s: The BETWEEN operator requires upper bound to be greater than or equal to lower bound; %s", g.kind, bounds)
		}
	}
	return between{v, low, high}, nil
}

func (g *grammar) in(v operand) (condition, error) {
	if err := g.expect("("); err != nil {
		return nil, err
	}
	n := within{v: v}
	for {
		o, err := g.operand()
		if err != nil {
			return nil, err
		}
		if n.list = append(n.list, o); len(n.list) > 100 {
			return nil, invalid("Invalid %s: The IN operator is provided with too many operands; number of operands: %d", g.kind, len(n.list))
		}
		if !g.take(",") {
			return n, g.expect(")")
		}
	}
}

// comparable refuses literals that the operator can never order and operands that are the same thing twice.
func (g *grammar) comparable(op string, first operand, rest ...operand) error {
	for _, o := range append([]operand{first}, rest...) {
		if l, is := o.(literal); is && op != "=" && op != "<>" && !slices.Contains([]string{"S", "N", "B"}, typeOf(l.v)) {
			return invalid("Invalid %s: Incorrect operand type for operator or function; operator: %s, operand type: %s", g.kind, op, typeOf(l.v))
		}
	}
	return g.distinct(op, first, rest...)
}

// distinct refuses an attribute that is set against itself.
func (g *grammar) distinct(op string, first operand, rest ...operand) error {
	if _, is := first.(path); !is {
		return nil
	}
	for _, o := range rest {
		if o.String() == first.String() {
			return invalid("Invalid %s: The first operand must be distinct from the remaining operands for this operator or function; operator: %s, first operand: [%s]", g.kind, op, first)
		}
	}
	return nil
}

// arity of the boolean functions.
var arity = map[string]int{"attribute_exists": 1, "attribute_not_exists": 1, "attribute_type": 2, "begins_with": 2, "contains": 2}

func (g *grammar) function() (condition, error) {
	name := g.next().text
	want, ok := arity[name]
	if !ok {
		return nil, invalid("Invalid %s: Invalid function name; function: %s", g.kind, name)
	}
	g.pos++ // the parenthesis that the caller has seen
	n := call{name: name}
	for {
		o, err := g.operand()
		if err != nil {
			return nil, err
		}
		if n.args = append(n.args, o); !g.take(",") {
			break
		}
	}
	if err := g.expect(")"); err != nil {
		return nil, err
	}
	if len(n.args) != want {
		return nil, invalid("Invalid %s: Incorrect number of operands for operator or function; operator or function: %s, number of operands: %d", g.kind, name, len(n.args))
	}
	return n, g.arguments(n)
}

func (g *grammar) arguments(n call) error {
	if _, is := n.args[0].(path); !is && n.name != "begins_with" && n.name != "contains" {
		return invalid("Invalid %s: Operator or function requires a document path; operator or function: %s", g.kind, n.name)
	}
	if len(n.args) == 1 {
		return nil
	}
	if err := g.distinct(n.name, n.args[0], n.args[1]); err != nil {
		return err
	}
	second, is := n.args[1].(literal)
	kind := ""
	if is {
		kind = typeOf(second.v)
	}
	switch {
	case n.name == "attribute_type" && kind != "S":
		return invalid("Invalid %s: Incorrect operand type for operator or function; operator or function: attribute_type, operand type: %s", g.kind, kind)
	case n.name == "attribute_type" && !slices.Contains([]string{"S", "N", "B", "BOOL", "NULL", "L", "M", "SS", "NS", "BS"}, textOf(second.v)):
		return invalid("Invalid %s: Invalid attribute type name found; type: %s, valid types: {B,NULL,SS,BOOL,L,BS,N,NS,S,M}", g.kind, printable(textOf(second.v)))
	case n.name == "begins_with" && is && kind != "S" && kind != "B":
		return invalid("Invalid %s: Incorrect operand type for operator or function; operator or function: begins_with, operand type: %s", g.kind, kind)
	}
	return nil
}

// shown is a value as the service prints it in messages.
func shown(v types.AttributeValue) string {
	switch v := v.(type) {
	case *vS:
		return "S:" + printable(v.Value)
	case *vN:
		return "N:" + v.Value
	}
	return typeOf(v)
}

func textOf(v types.AttributeValue) string {
	if s, is := v.(*vS); is {
		return s.Value
	}
	return ""
}

func (g *grammar) operand() (operand, error) {
	t := g.peek()
	if t.kind == tokValue {
		g.pos++
		v, err := g.holders.value(g.kind, t.text)
		return literal{t.text, v}, err
	}
	size := t.kind == tokWord && t.text == "size" && g.tokens[g.pos+1].kind == "("
	if size {
		g.pos += 2
		if err := g.operator(); err != nil {
			return nil, err
		}
	} else if t.kind == tokWord && g.tokens[g.pos+1].kind == "(" && !strings.EqualFold(t.text, "in") {
		return nil, invalid("Invalid %s: The function is not allowed to be used this way in an expression; function: %s", g.kind, t.text)
	}
	p, err := g.path()
	if err != nil {
		return nil, err
	}
	g.paths = append(g.paths, p)
	if size {
		return sizeOf{p}, g.expect(")")
	}
	return p, nil
}
