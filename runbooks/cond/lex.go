package cond

import (
	"fmt"
	"strconv"
	"strings"
)

// Error is one fault of an expression: where (byte offset in the source), what was found, what was expected.
type Error struct {
	Pos         int
	Found, Want string
}

// Error says it in one line; columns count from 1.
func (e *Error) Error() string {
	return fmt.Sprintf("column %d: found %s, expected %s", e.Pos+1, e.Found, e.Want)
}

type tokenKind int

const (
	tokEnd tokenKind = iota
	tokNumber
	tokName // a signal, a word, a function or a keyword
	tokOp   // what follows '#': an operation, probe or client
	tokSign // an operator or a bracket
)

type token struct {
	kind     tokenKind
	text     string
	pos, end int
	num      float64 // number in the canonical unit
	unit     string  // canonical unit of a number
	minutes  int     // of a number written in min or h, else 0
	bare     bool    // a number without a unit
}

func (t token) String() string {
	if t.kind == tokEnd {
		return "the end"
	}
	return strconv.Quote(t.text)
}

// unitWords are the units a number may carry, longest first, with the canonical unit and the factor to it.
var unitWords = []struct {
	word, unit string
	factor     float64
}{
	{"units/s", "units/s", 1},
	{"units", "units", 1},
	{"min", "ms", 60_000},
	{"ms", "ms", 1},
	{"/s", "/s", 1},
	{"s", "ms", 1000},
	{"h", "ms", 3_600_000},
	{"%", "", 0.01},
}

func lower(c byte) bool { return c >= 'a' && c <= 'z' }
func digit(c byte) bool { return c >= '0' && c <= '9' }
func upper(c byte) bool { return c >= 'A' && c <= 'Z' }
func space(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' }

func nameByte(c byte) bool { return lower(c) || digit(c) || c == '_' }
func opByte(c byte) bool   { return nameByte(c) || upper(c) || c == '-' || c == '.' }

// lex cuts a source into tokens, the last of which is tokEnd.
func lex(src string) ([]token, error) {
	var out []token
	for i := 0; ; {
		for i < len(src) && space(src[i]) {
			i++
		}
		if i == len(src) {
			return append(out, token{kind: tokEnd, pos: i, end: i}), nil
		}
		t, err := next(src, i)
		if err != nil {
			return nil, err
		}
		out = append(out, t)
		i = t.end
	}
}

func next(src string, i int) (token, error) {
	c := src[i]
	switch {
	case digit(c):
		return number(src, i)
	case lower(c):
		return name(src, i), nil
	case c == '#':
		j := i + 1
		for j < len(src) && opByte(src[j]) {
			j++
		}
		if j == i+1 {
			return token{}, &Error{Pos: i, Found: `"#"`, Want: "the name of an operation, probe or client after it"}
		}
		return token{kind: tokOp, text: src[i+1 : j], pos: i, end: j}, nil
	}
	for _, sign := range []string{"==", "!=", "<=", ">=", "<", ">", "+", "-", "*", "/", "(", ")", ",", "@"} {
		if strings.HasPrefix(src[i:], sign) {
			return token{kind: tokSign, text: sign, pos: i, end: i + len(sign)}, nil
		}
	}
	want := "a signal, a word, a number or an operator"
	if c == '=' {
		want = `"=="`
	}
	r := []rune(src[i:min(len(src), i+4)])[0]
	return token{}, &Error{Pos: i, Found: strconv.QuoteRuneToASCII(r), Want: want}
}

// name reads letters, digits and underscores; a hyphen belongs to a name when a letter or digit follows at
// once, so a minus needs spaces around it.
func name(src string, i int) token {
	j := i + 1
	for j < len(src) && (nameByte(src[j]) || src[j] == '-' && j+1 < len(src) && nameByte(src[j+1])) {
		j++
	}
	return token{kind: tokName, text: src[i:j], pos: i, end: j}
}

func number(src string, i int) (token, error) {
	j := i
	for j < len(src) && (digit(src[j]) || src[j] == '_' || src[j] == '.') {
		j++
	}
	v, err := strconv.ParseFloat(strings.ReplaceAll(src[i:j], "_", ""), 64)
	if err != nil {
		return token{}, &Error{Pos: i, Found: strconv.Quote(src[i:j]), Want: "a number such as 0.5 or 10_000"}
	}
	t := token{kind: tokNumber, text: src[i:j], pos: i, end: j, num: v, bare: true}
	k := j
	for k < len(src) && space(src[k]) {
		k++
	}
	for _, u := range unitWords {
		rest, ok := strings.CutPrefix(src[k:], u.word)
		if !ok || rest != "" && nameByte(rest[0]) && u.word != "%" {
			continue
		}
		t.end, t.text, t.bare = k+len(u.word), src[i:k+len(u.word)], false
		t.num, t.unit = v*u.factor, u.unit
		if u.word == "min" || u.word == "h" {
			t.minutes = int(min(v*u.factor/60_000, 1e6))
			if float64(t.minutes)*60_000 != t.num {
				return token{}, &Error{Pos: i, Found: strconv.Quote(t.text), Want: "whole minutes"}
			}
		}
		return t, nil
	}
	if j < len(src) && lower(src[j]) {
		return token{}, &Error{Pos: j, Found: strconv.Quote(src[j:min(len(src), j+8)]), Want: "a unit: ms, s, min, h, %, /s, units, units/s"}
	}
	return t, nil
}
