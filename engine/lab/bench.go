package lab

import (
	"bytes"
	"errors"
	"fmt"

	ddbaws "github.com/ddbloop/ddbloop/engine/aws"
	"github.com/ddbloop/ddbloop/history"
)

// Bench is two variants of a read of one table.
type Bench struct {
	A, B         *ddbaws.Read
	NameA, NameB string // of the file, the probe or the flag that each came from
	PagesA       int    // followed over at most so many
	PagesB       int
}

// allPages is how far a request is followed unless told otherwise: a variant with smaller pages answers no less. Of a Scan it is one
// page, as its Limit is what bounds it.
const allPages = 20

// Variant is a request as it was given: the AWS CLI's --cli-input-json, for an operation that may be left to the input.
type Variant struct {
	Name  string
	Op    string
	Table string // "" = as the input says
	Index string
	Pages int // 0 = as many as a lab follows
	Input []byte
}

// NewBench reads two variants, and refuses what a lab can say nothing about: requests that are not bounded reads, that are the same, or
// that read different tables.
func NewBench(a, b Variant) (Bench, error) {
	var n Bench
	var err error
	if n.A, n.PagesA, err = a.read(); err != nil {
		return n, fmt.Errorf("variant A (%s): %w", a.Name, err)
	}
	if n.B, n.PagesB, err = b.read(); err != nil {
		return n, fmt.Errorf("variant B (%s): %w", b.Name, err)
	}
	n.NameA, n.NameB = a.Name, b.Name
	if n.A.Table != n.B.Table {
		return n, fmt.Errorf("variant A reads table %s, B %s: a lab compares two reads of one table", ddbaws.Clean(n.A.Table), ddbaws.Clean(n.B.Table))
	}
	one, err := n.A.Input()
	two, err2 := n.B.Input()
	if err := errors.Join(err, err2); err != nil {
		return n, err
	}
	if n.A.Op == n.B.Op && bytes.Equal(one, two) && n.PagesA == n.PagesB {
		return n, errors.New("both variants are the same request: nothing to compare")
	}
	return n, nil
}

func (v Variant) read() (*ddbaws.Read, int, error) {
	pages := v.Pages
	if pages == 0 {
		pages = allPages
	}
	r, err := ddbaws.NewRead(v.Op, v.Table, v.Index, pages, v.Input)
	if err != nil || v.Pages != 0 || r.Op != "Scan" {
		return r, pages, err
	}
	r, err = ddbaws.NewRead(v.Op, v.Table, v.Index, 1, v.Input)
	return r, 1, err
}

// Started is the event that a lab on these variants begins.
func (b Bench) Started(l Limits) history.LabStarted {
	l = l.Defaults()
	return history.LabStarted{
		Table: b.A.Table, Rounds: l.Rounds, Units: l.Units, Total: l.Total, Within: l.Within,
		A: variant(b.A, b.NameA, b.PagesA), B: variant(b.B, b.NameB, b.PagesB),
	}
}

func variant(r *ddbaws.Read, name string, pages int) history.LabVariant {
	return history.LabVariant{Name: name, Op: r.Op, Index: r.Index, Shape: r.Shape(), Pages: pages}
}

// KeysOf are the attributes that tell a table's items apart.
func KeysOf(t history.TableSnapshot) (keys []string) {
	for _, name := range [2]string{t.PartitionKey, t.SortKey} {
		if name != "" {
			keys = append(keys, name)
		}
	}
	return keys
}
