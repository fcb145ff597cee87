package items

import (
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// operand is a path, a literal or a parameter, as a placeholder. simple is the attribute's name for a path of one step.
func (p *selectParser) operand() (text, simple string, err error) {
	switch t := p.peek(); {
	case t.kind == "text":
		p.at++
		return p.value(&types.AttributeValueMemberS{Value: t.text}), "", nil
	case t.kind == "number":
		p.at++
		return p.value(&types.AttributeValueMemberN{Value: t.text}), "", nil
	case t.kind == "?":
		p.at++
		if p.used >= len(p.parameters) {
			return "", "", invalid("Number of parameters in request and statement don't match.")
		}
		p.used++
		return p.value(p.parameters[p.used-1]), "", nil
	case t.kind == "word" && (strings.EqualFold(t.text, "TRUE") || strings.EqualFold(t.text, "FALSE")):
		p.at++
		return p.value(&types.AttributeValueMemberBOOL{Value: strings.EqualFold(t.text, "TRUE")}), "", nil
	case t.kind == "word" && strings.EqualFold(t.text, "NULL"):
		p.at++
		return p.value(&types.AttributeValueMemberNULL{Value: true}), "", nil
	case t.kind == "word" && strings.EqualFold(t.text, "size") && p.parts[p.at+1].kind == "(":
		p.at += 2
		inner, _, err := p.path()
		if err == nil && !p.punct(")") {
			err = p.unexpected()
		}
		return "size(" + inner + ")", "", err
	}
	return p.path()
}

func (p *selectParser) value(v types.AttributeValue) string {
	key := ":v" + strconv.Itoa(len(p.s.Values))
	p.s.Values[key] = v
	return key
}

// path is an attribute's name with what follows it: members and elements.
func (p *selectParser) path() (text, simple string, err error) {
	t := p.next()
	if t.kind != "word" && t.kind != "quoted" || t.text == "" {
		if t.kind != "end" {
			p.at--
		}
		return "", "", p.unexpected()
	}
	text, simple = p.name(t.text), t.text
	for {
		switch {
		case p.punct("."):
			m := p.next()
			if m.kind != "word" && m.kind != "quoted" || m.text == "" {
				return "", "", p.unexpected()
			}
			text, simple = text+"."+p.name(m.text), ""
		case p.punct("["):
			n := p.next()
			if n.kind != "number" || !p.punct("]") {
				return "", "", p.unexpected()
			}
			text, simple = text+"["+n.text+"]", ""
		default:
			return text, simple, nil
		}
	}
}

func (p *selectParser) name(n string) string {
	key := "#n" + strconv.Itoa(len(p.s.Names))
	p.s.Names[key] = n
	return key
}
