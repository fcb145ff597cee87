package tui

import (
	"fmt"

	"github.com/ddbloop/ddbloop/tui/draw"
	"github.com/ddbloop/ddbloop/tui/theme"
)

// folded draws rows from top on; where they do not all fit, the last line says how many are not seen, what they
// are, and which keys show them.
func (v *view) folded(a draw.Area, rows []para, top int, what, hint string) {
	if a.H < 1 {
		return
	}
	if len(rows) <= a.H {
		v.flow(a, rows, 0)
		return
	}
	room := a.H - 1
	top = max(0, min(top, lastTop(len(rows), a.H)))
	v.flow(a.Sub(0, 0, a.W, room), rows, top)
	a.Text(1, room, theme.Info, draw.Fit(v.unseen(top, len(rows)-top-room, what)+" ("+hint+")", a.W-2, v.g.Ellipsis))
}

// lastTop is the first row of n that is drawn in a height of h when the last one is.
func lastTop(n, h int) int {
	if n <= h {
		return 0
	}
	return n - h + 1
}

// unseen says how many lines are above and below what is drawn.
func (v *view) unseen(above, below int, what string) string {
	switch {
	case above == 0:
		return fmt.Sprintf("%s %s below", v.g.Ellipsis, lines(below)+what)
	case below == 0:
		return fmt.Sprintf("%s %s above", v.g.Ellipsis, lines(above))
	}
	return fmt.Sprintf("%s %s above, %d below", v.g.Ellipsis, lines(above)+what, below)
}

func lines(n int) string {
	if n == 1 {
		return "1 more line"
	}
	return fmt.Sprintf("%d more lines", n)
}
