package runbooks

import (
	"errors"
	"fmt"
	"sort"
	"strings"

	"github.com/ddbloop/ddbloop/runbooks/cond"
)

// maxProblems bounds a report: who has made a hundred mistakes reads no more.
const maxProblems = 100

// Problem is one fault of a document: where, what was found, what was expected. Column 0 is not known.
type Problem struct {
	File         string
	Line, Column int
	Text         string
}

// String writes file:line:column: text, as editors read it.
func (p Problem) String() string {
	if p.Column > 0 {
		return fmt.Sprintf("%s:%d:%d: %s", p.File, p.Line, p.Column, p.Text)
	}
	return fmt.Sprintf("%s:%d: %s", p.File, p.Line, p.Text)
}

// Problems are all faults of a document, in its order.
type Problems []Problem

// Error writes one line each.
func (p Problems) Error() string {
	lines := make([]string, len(p))
	for i, x := range p {
		lines[i] = x.String()
	}
	return strings.Join(lines, "\n")
}

// report collects problems of one file.
type report struct {
	file string
	list Problems
}

func (r *report) add(line, column int, format string, args ...any) {
	if len(r.list) < maxProblems {
		r.list = append(r.list, Problem{File: r.file, Line: line, Column: column, Text: fmt.Sprintf(format, args...)})
	}
}

// expr reports a fault of an expression that stands at a line and column.
func (r *report) expr(line, column int, err error) {
	var e *cond.Error
	if !errors.As(err, &e) {
		r.add(line, column, "%v", err)
		return
	}
	if column > 0 {
		column += e.Pos
	}
	r.add(line, column, "found %s, expected %s", e.Found, e.Want)
}

func (r *report) sorted() Problems {
	sort.SliceStable(r.list, func(i, j int) bool { return r.list[i].Line < r.list[j].Line })
	return r.list
}
