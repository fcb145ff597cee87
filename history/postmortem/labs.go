package postmortem

import (
	"fmt"

	"github.com/ddbloop/ddbloop/history"
)

// labs are the variants of reads that were measured side by side; nothing where there were none.
func (d *draft) labs() {
	if len(d.s.Labs) == 0 {
		return
	}
	d.section("Variants of reads, measured side by side")
	t := table{head: []string{"id", "table", "A", "B", "pairs", "p50 A → B (ms)", "read units A → B", "same answer", "verdict"}}
	for _, l := range d.s.Labs {
		variant := func(v history.LabVariant) string { return inert(v.Name) + ": " + inert(v.Shape) }
		row := []string{inert(l.Info.ID), inert(l.Info.Table), variant(l.Info.A), variant(l.Info.B)}
		r := l.Result
		if r == nil {
			t.add(append(row, "0", "", "", "", "nothing was measured")...)
			continue
		}
		verdict := inert(r.Verdict)
		if l.Finished.IsZero() {
			verdict += " (when the session ended)"
		}
		t.add(append(row, fmt.Sprint(r.Pairs), number(r.A.P50.Value)+" → "+number(r.B.P50.Value), number(r.A.Units)+" → "+number(r.B.Units), inert(r.Answer), "**"+verdict+"**")...)
	}
	d.table(t, "")
	for _, l := range d.s.Labs {
		if l.Result != nil {
			d.printf("\n- %s at %s: %s", inert(l.Info.ID), clock(l.Started), inert(l.Result.Why))
		}
	}
	d.printf("\n")
}
