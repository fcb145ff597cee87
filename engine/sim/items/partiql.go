package items

import (
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// Statement is a PartiQL SELECT, rewritten into the expressions that Query and Scan take. Terms are the conditions that all
// have to hold; a WHERE with OR at its top is one term.
type Statement struct {
	Table, Index string
	Projection   string // ProjectionExpression; "" = *
	Terms        []Term
	Names        map[string]string
	Values       Item
}

// Term is one condition of a WHERE. Attribute and Operator are set where it compares one top-level attribute with values.
type Term struct {
	Text      string
	Attribute string
	Operator  string // = < <= > >= BETWEEN begins_with
}

// Limits of a statement (API reference, ExecuteStatement).
const (
	maxStatement = 8 << 10
	maxParts     = 600 // tokens
)

// ParseSelect reads a SELECT with its parameters. Other statements are refused: only reads are served.
func ParseSelect(text string, parameters []types.AttributeValue) (*Statement, error) {
	if text == "" || len(text) > maxStatement {
		return nil, invalid("1 validation error detected: Value at 'statement' failed to satisfy constraint: Member must have length between 1 and %d", maxStatement)
	}
	parts, err := partiqlTokens(text)
	if err != nil {
		return nil, err
	}
	p := &selectParser{parts: parts, parameters: parameters, s: &Statement{Names: map[string]string{}, Values: Item{}}}
	if err := p.statement(); err != nil {
		return nil, err
	}
	if p.used != len(parameters) {
		return nil, invalid("Number of parameters in request and statement don't match.")
	}
	return p.s, nil
}

type selectParser struct {
	parts      []part
	at         int
	parameters []types.AttributeValue
	used       int
	s          *Statement
	term       Term
}

func (p *selectParser) peek() part { return p.parts[p.at] }

func (p *selectParser) next() part {
	t := p.parts[p.at]
	if t.kind != "end" {
		p.at++
	}
	return t
}

func (p *selectParser) word(w string) bool {
	if t := p.peek(); t.kind == "word" && strings.EqualFold(t.text, w) {
		p.at++
		return true
	}
	return false
}

func (p *selectParser) punct(k string) bool {
	if p.peek().kind == k {
		p.at++
		return true
	}
	return false
}

func (p *selectParser) unexpected() error {
	return invalid("Statement wasn't well formed, can't be processed: Unexpected %q", printable(p.peek().text))
}

func (p *selectParser) statement() error {
	if !p.word("SELECT") {
		return invalid("Only SELECT statements are supported here: this endpoint serves reads through PartiQL")
	}
	if !p.punct("*") {
		var list []string
		for {
			path, _, err := p.path()
			if err != nil {
				return err
			}
			list = append(list, path)
			if !p.punct(",") {
				break
			}
		}
		p.s.Projection = strings.Join(list, ", ")
	}
	if !p.word("FROM") {
		return p.unexpected()
	}
	for _, to := range [2]*string{&p.s.Table, &p.s.Index} {
		t := p.next()
		if t.kind != "word" && t.kind != "quoted" {
			p.at--
			return p.unexpected()
		}
		*to = t.text
		if !p.punct(".") {
			break
		}
	}
	if p.word("WHERE") {
		if err := p.where(); err != nil {
			return err
		}
	}
	p.punct(";")
	if p.peek().kind != "end" {
		return p.unexpected()
	}
	return nil
}

// where cuts the conditions at each AND that stands at the top; with an OR there, they stay one.
func (p *selectParser) where() error {
	either := false
	for {
		p.term = Term{}
		if err := p.condition(); err != nil {
			return err
		}
		p.s.Terms = append(p.s.Terms, p.term)
		if p.word("AND") {
			continue
		}
		if !p.word("OR") {
			break
		}
		either = true
		last := &p.s.Terms[len(p.s.Terms)-1]
		last.Text += " OR "
	}
	if either {
		var b strings.Builder
		for i, t := range p.s.Terms {
			if i > 0 && !strings.HasSuffix(p.s.Terms[i-1].Text, " OR ") {
				b.WriteString(" AND ")
			}
			b.WriteString(t.Text)
		}
		p.s.Terms = []Term{{Text: b.String()}}
	}
	return nil
}

// condition reads one condition into p.term.
func (p *selectParser) condition() error {
	if p.word("NOT") {
		p.term.Text += "NOT "
		err := p.condition()
		p.term.Attribute = ""
		return err
	}
	if p.punct("(") {
		return p.group()
	}
	if t := p.peek(); t.kind == "word" && p.parts[p.at+1].kind == "(" {
		return p.function(strings.ToLower(t.text))
	}
	left, simple, err := p.operand()
	if err != nil {
		return err
	}
	p.term.Text += left
	return p.comparison(left, simple)
}

// group is a parenthesised condition: whatever is in it is one term.
func (p *selectParser) group() error {
	p.term.Text += "("
	for {
		if err := p.condition(); err != nil {
			return err
		}
		switch {
		case p.word("AND"):
			p.term.Text += " AND "
		case p.word("OR"):
			p.term.Text += " OR "
		case p.punct(")"):
			p.term.Text += ")"
			p.term.Attribute = ""
			return nil
		default:
			return p.unexpected()
		}
	}
}

func (p *selectParser) comparison(left, simple string) error {
	t := p.next()
	switch {
	case t.kind == "=" || t.kind == "<" || t.kind == "<=" || t.kind == ">" || t.kind == ">=" || t.kind == "<>" || t.kind == "!=":
		right, _, err := p.operand()
		if err != nil {
			return err
		}
		op := t.kind
		if op == "!=" {
			op = "<>"
		}
		p.term.Text += " " + op + " " + right
		p.term.Attribute, p.term.Operator = simple, op
	case t.kind == "word" && strings.EqualFold(t.text, "BETWEEN"):
		low, _, err := p.operand()
		if err != nil {
			return err
		}
		if !p.word("AND") {
			return p.unexpected()
		}
		high, _, err := p.operand()
		if err != nil {
			return err
		}
		p.term.Text += " BETWEEN " + low + " AND " + high
		p.term.Attribute, p.term.Operator = simple, "BETWEEN"
	case t.kind == "word" && strings.EqualFold(t.text, "IN"):
		return p.within()
	case t.kind == "word" && strings.EqualFold(t.text, "IS"):
		not := p.word("NOT")
		if !p.word("MISSING") {
			return p.unexpected()
		}
		name := "attribute_not_exists("
		if not {
			name = "attribute_exists("
		}
		p.term.Text = strings.TrimSuffix(p.term.Text, left) + name + left + ")"
	default:
		p.at--
		return p.unexpected()
	}
	return nil
}

// within is IN with its list, in brackets or parentheses.
func (p *selectParser) within() error {
	end := "]"
	if !p.punct("[") {
		if end = ")"; !p.punct("(") {
			return p.unexpected()
		}
	}
	var list []string
	for {
		v, _, err := p.operand()
		if err != nil {
			return err
		}
		list = append(list, v)
		if p.punct(end) {
			p.term.Text += " IN (" + strings.Join(list, ", ") + ")"
			return nil
		}
		if !p.punct(",") {
			return p.unexpected()
		}
	}
}

// function is one of those that conditions know by the same name.
func (p *selectParser) function(name string) error {
	switch name {
	case "begins_with", "contains", "attribute_type":
	default:
		return p.unexpected()
	}
	p.at += 2
	first, simple, err := p.operand()
	if err != nil {
		return err
	}
	if !p.punct(",") {
		return p.unexpected()
	}
	second, _, err := p.operand()
	if err != nil {
		return err
	}
	if !p.punct(")") {
		return p.unexpected()
	}
	p.term.Text += name + "(" + first + ", " + second + ")"
	if name == "begins_with" {
		p.term.Attribute, p.term.Operator = simple, name
	}
	return nil
}
