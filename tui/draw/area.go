package draw

import (
	"github.com/ddbloop/ddbloop/tui/layout"
	"github.com/ddbloop/ddbloop/tui/theme"
)

// Area is a rectangle of a canvas. Coordinates are relative to it; what falls outside is not drawn.
type Area struct {
	c *Canvas
	layout.Rect
}

// Sub returns a part of the area, clipped to it.
func (a Area) Sub(x, y, w, h int) Area {
	x, y = min(max(x, 0), a.W), min(max(y, 0), a.H)
	return Area{c: a.c, Rect: layout.Rect{X: a.X + x, Y: a.Y + y, W: max(0, min(w, a.W-x)), H: max(0, min(h, a.H-y))}}
}

// Inset returns the area inside a one-cell border.
func (a Area) Inset() Area { return Area{c: a.c, Rect: a.Rect.Inset()} }

// Text writes s and returns the column after it.
func (a Area) Text(x, y int, t theme.Token, s string) int {
	if y < 0 || y >= a.H {
		return x
	}
	for s != "" {
		g, w, rest := next(s)
		s = rest
		if w == 0 {
			continue
		}
		if x+w > a.W {
			return x
		}
		if x >= 0 {
			a.c.put(a.X+x, a.Y+y, w, g, t)
		}
		x += w
	}
	return x
}

// Right writes s so that it ends at the right edge and returns the column it starts at.
func (a Area) Right(y int, t theme.Token, s string) int {
	x := max(0, a.W-Width(s))
	a.Text(x, y, t, s)
	return x
}

// Glyph writes one glyph of width 1 where the cell is free: blank still.
func (a Area) Glyph(x, y int, t theme.Token, g string) {
	if x < 0 || y < 0 || x >= a.W || y >= a.H {
		return
	}
	if a.c.cells[(a.Y+y)*a.c.w+a.X+x].g == " " {
		a.Text(x, y, t, g)
	}
}

// Row repeats a glyph of width 1 over a whole row.
func (a Area) Row(y int, t theme.Token, g string) {
	for x := range a.W {
		a.Text(x, y, t, g)
	}
}

// Paint restyles a row's cells without touching their glyphs; only plain text changes when soft is set.
func (a Area) Paint(y int, t theme.Token, soft bool) {
	if y < 0 || y >= a.H {
		return
	}
	row := a.c.cells[(a.Y+y)*a.c.w+a.X:][:a.W]
	for i := range row {
		if !soft || row[i].t == theme.Text {
			row[i].t = t
		}
	}
}

// Box draws a border with a title at the left of its upper edge and a word at the right, and returns the
// area inside.
func (a Area) Box(g *theme.Glyphs, border, titleTok theme.Token, title string, rightTok theme.Token, right string) Area {
	if a.W < 2 || a.H < 2 {
		return a.Sub(0, 0, 0, 0)
	}
	for _, y := range []int{0, a.H - 1} {
		a.Row(y, border, g.Across)
	}
	for y := 1; y < a.H-1; y++ {
		a.Text(0, y, border, g.Down)
		a.Text(a.W-1, y, border, g.Down)
	}
	a.Text(0, 0, border, g.TopLeft)
	a.Text(a.W-1, 0, border, g.TopRight)
	a.Text(0, a.H-1, border, g.BottomLeft)
	a.Text(a.W-1, a.H-1, border, g.BottomRight)
	room := a.W - 4
	if right != "" && room > Width(right)+6 {
		a.Sub(0, 0, a.W-2, 1).Right(0, rightTok, " "+right+" ")
		room -= Width(right) + 3
	}
	if title != "" && room > 2 {
		a.Text(2, 0, titleTok, " "+Fit(title, room-1, g.Ellipsis)+" ")
	}
	return a.Inset()
}
