package scenario

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// maxProblems bounds how many problems of one file are told.
const maxProblems = 20

// Error is everything that is wrong with a file, one line each.
type Error struct {
	File     string
	Problems []Problem // by line and column, the first 20
	More     int       // how many more there are
}

// Problem is one thing that is wrong at one place of a file.
type Problem struct {
	Line, Column int // from 1
	Text         string
}

// Error returns one line per problem: file:line:column: what was expected.
func (e *Error) Error() string {
	var b strings.Builder
	for i, p := range e.Problems {
		if i > 0 {
			b.WriteByte('\n')
		}
		fmt.Fprintf(&b, "%s:%d:%d: %s", printable(e.File), p.Line, p.Column, p.Text)
	}
	if e.More > 0 {
		fmt.Fprintf(&b, "\n%s: and %d more", printable(e.File), e.More)
	}
	return b.String()
}

// problems collects what is wrong.
type problems struct{ list []Problem }

func (p *problems) add(line, column int, text string) {
	p.list = append(p.list, Problem{Line: line, Column: column, Text: text})
}

// err returns nil if nothing was wrong.
func (p *problems) err(file string) error {
	if len(p.list) == 0 {
		return nil
	}
	slices.SortStableFunc(p.list, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	told := slices.Compact(p.list)
	more := max(0, len(told)-maxProblems)
	return &Error{File: file, Problems: told[:len(told)-more], More: more}
}

// printable quotes a text that could disturb a terminal.
func printable(s string) string {
	if strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsPrint(r) }) {
		return strconv.Quote(s)
	}
	return s
}
