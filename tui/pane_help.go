package tui

import (
	"github.com/ddbloop/ddbloop/tui/draw"
	"github.com/ddbloop/ddbloop/tui/keys"
	"github.com/ddbloop/ddbloop/tui/theme"
)

// help draws the table of bindings, with the reason where one has nothing to do now. In a low terminal
// it flows into columns as far as they fit.
func (v *view) help(a draw.Area) {
	inner := v.rule(a, theme.Focus, theme.Focus, "keys", theme.Dim, "j/k scrolls, esc back, "+v.g.Warn+" leads to a change")
	const column = 76
	cols := max(1, inner.W/column)
	w := inner.W / cols
	f := v.m.facts()
	y, col, skip := 0, 0, v.m.top
	advance := func() bool {
		if y++; y >= inner.H {
			y, col = 0, col+1
		}
		return col < cols
	}
	for _, group := range keys.Groups {
		for _, b := range keys.All {
			if b.Group != group || len(b.Keys) == 0 {
				continue
			}
			if skip--; skip >= 0 {
				continue
			}
			part := inner.Sub(col*w, y, w-1, 1)
			tok, text := theme.Text, b.Help
			if why := b.Why(f); why != "" {
				tok, text = theme.Faint, b.Help+" ("+why+")"
			}
			part.Text(0, 0, theme.Faint, group)
			part.Text(8, 0, theme.Key, v.keyText(b.Show))
			if b.Dangerous {
				part.Text(18, 0, theme.Warn, v.g.Warn)
			}
			part.Text(20, 0, tok, draw.Fit(text, part.W-20, v.g.Ellipsis))
			if !advance() {
				return
			}
		}
	}
}
