package main

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/ddbloop/ddbloop/engine/lab"
	"github.com/ddbloop/ddbloop/history"
	"github.com/ddbloop/ddbloop/history/plain"
)

// labReport is what lab --format json prints.
type labReport struct {
	Table  string             `json:"table"`
	Region string             `json:"region"`
	A      history.LabVariant `json:"a"`
	B      history.LabVariant `json:"b"`
	Result history.LabResult  `json:"result"`
}

func reportOf(c lab.Config, r history.LabResult) labReport {
	s := c.Bench.Started(c.Limits)
	return labReport{Table: s.Table, Region: c.Region, A: s.A, B: s.B, Result: r}
}

// print is the same for people.
func (l labReport) print(to io.Writer) error {
	r := l.Result
	var w strings.Builder
	fmt.Fprintf(&w, "lab on %s in %s: %d pairs in %s, %.0f read units\n", plain.Text(l.Table), l.Region, r.Pairs, r.Took.Round(100*time.Millisecond), r.Spent)
	if r.Ended != "" {
		fmt.Fprintf(&w, "ended early: %s\n", plain.Text(r.Ended))
	}
	fmt.Fprintln(&w)
	t := tabwriter.NewWriter(&w, 0, 8, 3, ' ', 0)
	row := func(what, a, b string) { fmt.Fprintf(t, "  %s\t%s\t%s\n", what, a, b) }
	row("", "A", "B")
	row("request", plain.Text(l.A.Shape), plain.Text(l.B.Shape))
	row("from", plain.Text(l.A.Name), plain.Text(l.B.Name))
	for _, line := range lab.Rows(r) {
		row(line.What, line.A, line.B)
	}
	if err := t.Flush(); err != nil {
		return err
	}
	fmt.Fprintf(&w, "\n  %s\n", plain.Text(lab.AnswerWords(r)))
	fmt.Fprintf(&w, "  %s.\n", plain.Text(strings.TrimSuffix(r.Why, ".")))
	_, err := io.WriteString(to, w.String())
	return err
}
