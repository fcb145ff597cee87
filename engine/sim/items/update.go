package items

import (
	"maps"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// Update is a parsed UpdateExpression: SET, REMOVE and ADD on top-level attributes. Document paths, list functions and
// DELETE are refused by name rather than done halfway.
type Update struct {
	steps []change
}

type change struct {
	name string
	to   value // nil: removed
}

// value computes a new attribute value from the item before the update.
type value func(before Item) (types.AttributeValue, error)

const updateKind = "UpdateExpression"

// Update parses an UpdateExpression.
func (p *Placeholders) Update(text string) (*Update, error) {
	ps, err := p.parser(updateKind, text)
	if err != nil {
		return nil, err
	}
	g := &grammar{parser: ps}
	u, seen := &Update{}, map[string]bool{}
	for g.peek().kind != tokEnd {
		word := strings.ToUpper(g.peek().text)
		clause := map[string]func() (change, error){"SET": g.set, "REMOVE": g.remove, "ADD": g.add}[word]
		switch {
		case word == "DELETE":
			return nil, invalid("Invalid %s: DELETE is not supported by this simulator", updateKind)
		case clause == nil || g.peek().kind != tokWord:
			return nil, g.unexpected()
		case seen[word]:
			return nil, invalid("Invalid %s: The %q section can only be used once in an update expression;", updateKind, word)
		}
		seen[word] = true
		g.pos++
		for more := true; more; more = g.take(",") {
			c, err := clause()
			if err != nil {
				return nil, err
			}
			u.steps = append(u.steps, c)
		}
	}
	var paths []path
	for _, c := range u.steps {
		paths = append(paths, path{{name: c.name}})
	}
	return u, noOverlap(updateKind, paths)
}

// Names lists the attributes that the update touches.
func (u *Update) Names() []string {
	var out []string
	if u != nil {
		for _, c := range u.steps {
			out = append(out, c.name)
		}
	}
	return out
}

// target reads the attribute that a change is for.
func (g *grammar) target() (string, error) {
	p, err := g.path()
	if err != nil {
		return "", err
	}
	if len(p) > 1 {
		return "", invalid("Invalid %s: this simulator changes top-level attributes only; path: %s", updateKind, p)
	}
	return p[0].name, nil
}

func (g *grammar) remove() (change, error) {
	name, err := g.target()
	return change{name: name}, err
}

func (g *grammar) set() (change, error) {
	name, err := g.target()
	if err != nil {
		return change{}, err
	}
	if err := g.expect("="); err != nil {
		return change{}, err
	}
	v, err := g.setOperand()
	if err != nil {
		return change{}, err
	}
	minus := g.peek().kind == "-"
	if !g.take("+") && !g.take("-") {
		return change{name, v}, nil
	}
	w, err := g.setOperand()
	return change{name, func(before Item) (types.AttributeValue, error) {
		a, err := v(before)
		if err != nil {
			return nil, err
		}
		b, err := w(before)
		if err != nil {
			return nil, err
		}
		return sum(a, b, minus)
	}}, err
}

// setOperand reads a path, a placeholder or if_not_exists(path, operand).
func (g *grammar) setOperand() (value, error) {
	t := g.peek()
	if t.kind == tokWord && g.tokens[g.pos+1].kind == "(" {
		if t.text != "if_not_exists" {
			return nil, invalid("Invalid %s: the function %s is not supported by this simulator", updateKind, t.text)
		}
		g.pos += 2
		return g.ifNotExists()
	}
	o, err := g.operand()
	if err != nil {
		return nil, err
	}
	return func(before Item) (types.AttributeValue, error) {
		v, ok := o.get(before)
		if !ok {
			return nil, invalid("The provided expression refers to an attribute that does not exist in the item")
		}
		return v, nil
	}, nil
}

func (g *grammar) ifNotExists() (value, error) {
	p, err := g.path()
	if err != nil {
		return nil, err
	}
	if err := g.expect(","); err != nil {
		return nil, err
	}
	other, err := g.setOperand()
	if err != nil {
		return nil, err
	}
	return func(before Item) (types.AttributeValue, error) {
		if v, ok := p.get(before); ok {
			return v, nil
		}
		return other(before)
	}, g.expect(")")
}

func (g *grammar) add() (change, error) {
	name, err := g.target()
	if err != nil {
		return change{}, err
	}
	o, err := g.operand()
	if err != nil {
		return change{}, err
	}
	l, is := o.(literal)
	if !is {
		return change{}, g.unexpected()
	}
	if typeOf(l.v) != "N" {
		return change{}, invalid("Invalid %s: this simulator adds numbers only; operator: ADD, operand type: %s", updateKind, typeOf(l.v))
	}
	return change{name, func(before Item) (types.AttributeValue, error) {
		v, ok := before[name]
		if !ok {
			v = &vN{Value: "0"}
		}
		return sum(v, l.v, false)
	}}, nil
}

func sum(a, b types.AttributeValue, minus bool) (types.AttributeValue, error) {
	x, okX := a.(*vN)
	y, okY := b.(*vN)
	if !okX || !okY {
		return nil, invalid("An operand in the update expression has an incorrect data type")
	}
	n, err := parseNumber(x.Value)
	if err != nil {
		return nil, err
	}
	m, err := parseNumber(y.Value)
	if err != nil {
		return nil, err
	}
	total, err := n.add(m, minus)
	return &vN{Value: total.String()}, err
}

// apply computes the item after the update; all operands are read from the item before it.
func (u *Update) apply(schema Key, key, before Item) (Item, error) {
	after := maps.Clone(before)
	if after == nil {
		after = maps.Clone(key)
	}
	if u == nil {
		return after, nil
	}
	for _, c := range u.steps {
		if schema.Has(c.name) {
			return nil, invalid("One or more parameter values were invalid: Cannot update attribute %s. This attribute is part of the key", printable(c.name))
		}
		if c.to == nil {
			delete(after, c.name)
			continue
		}
		v, err := c.to(before)
		if err != nil {
			return nil, err
		}
		after[c.name] = v
	}
	return after, nil
}
