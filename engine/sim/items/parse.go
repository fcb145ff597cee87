package items

import (
	"strconv"
	"strings"
)

// parser reads one expression; kind names it in messages ("FilterExpression").
type parser struct {
	kind      string
	text      string
	tokens    []token
	pos       int
	operators int
	holders   *Placeholders
}

func (p *Placeholders) parser(kind, text string) (*parser, error) {
	tokens, err := lex(kind, text)
	return &parser{kind: kind, text: text, tokens: tokens, holders: p}, err
}

func (p *parser) peek() token { return p.tokens[p.pos] }

func (p *parser) next() token {
	t := p.tokens[p.pos]
	if t.kind != tokEnd {
		p.pos++
	}
	return t
}

// take consumes the token if it is of that kind.
func (p *parser) take(kind string) bool {
	if p.peek().kind != kind {
		return false
	}
	p.pos++
	return true
}

// keyword consumes a keyword, whatever its case.
func (p *parser) keyword(word string) bool {
	if t := p.peek(); t.kind != tokWord || !strings.EqualFold(t.text, word) {
		return false
	}
	p.pos++
	return true
}

func (p *parser) expect(kind string) error {
	if !p.take(kind) {
		return p.unexpected()
	}
	return nil
}

func (p *parser) unexpected() error { return syntaxError(p.kind, p.text, p.peek()) }

// operator counts one more operator or function against the service's limit.
func (p *parser) operator() error {
	p.operators++
	if p.operators > maxOperators {
		return invalid("Invalid %s: The expression contains too many operators; operator count: %d", p.kind, p.operators)
	}
	return nil
}

// path reads a document path.
func (p *parser) path() (path, error) {
	first, err := p.member()
	if err != nil {
		return nil, err
	}
	out := path{first}
	for {
		switch {
		case p.take("."):
			s, err := p.member()
			if err != nil {
				return nil, err
			}
			out = append(out, s)
		case p.take("["):
			t := p.peek()
			i, err := strconv.Atoi(t.text)
			if t.kind != tokIndex || err != nil {
				return nil, p.unexpected()
			}
			p.pos++
			if err := p.expect("]"); err != nil {
				return nil, err
			}
			out = append(out, step{index: i})
		default:
			if len(out) > maxNesting {
				return nil, invalid("Invalid %s: The document path has too many nesting elements; nesting levels: %d", p.kind, len(out))
			}
			return out, nil
		}
	}
}

func (p *parser) member() (step, error) {
	switch t := p.peek(); t.kind {
	case tokName:
		p.pos++
		name, err := p.holders.name(p.kind, t.text)
		return step{name: name}, err
	case tokWord:
		if reservedWords[strings.ToUpper(t.text)] {
			return step{}, invalid("Invalid %s: Attribute name is a reserved keyword; reserved keyword: %s", p.kind, t.text)
		}
		p.pos++
		return step{name: t.text}, nil
	}
	return step{}, p.unexpected()
}

// Projection parses a ProjectionExpression.
func (p *Placeholders) Projection(text string) (*Projection, error) {
	const kind = "ProjectionExpression"
	ps, err := p.parser(kind, text)
	if err != nil {
		return nil, err
	}
	out := &Projection{}
	for {
		one, err := ps.path()
		if err != nil {
			return nil, err
		}
		out.paths = append(out.paths, one)
		if !ps.take(",") {
			break
		}
	}
	if err := ps.expect(tokEnd); err != nil {
		return nil, err
	}
	return out, noOverlap(kind, out.paths)
}
