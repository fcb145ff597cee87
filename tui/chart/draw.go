package chart

import (
	"math"

	"github.com/ddbloop/ddbloop/tui/draw"
	"github.com/ddbloop/ddbloop/tui/theme"
)

// Spec is one chart to draw.
type Spec struct {
	Values []float64 // PerCell values for each column of the area
	Scale  float64   // value of the upper edge
	Limit  float64   // drawn as a dashed line when above 0 and on the scale
	Fill   theme.Token
	Before [2][]float64 // of yesterday and of a week ago, one value a column: signs where today's fill leaves room
	Marks  []int        // columns with a vertical line
	Cursor int          // column of the time cursor, -1 = none
}

// PerCell returns how many values a column shows side by side.
func PerCell(s theme.Set) int {
	if s == theme.Braille {
		return 2
	}
	return 1
}

// Area draws a filled chart. A zero is drawn as a base line, a gap between known values as a gap, and
// nothing at all where nothing was known before or is not known yet.
func Area(a draw.Area, g *theme.Glyphs, sp Spec) {
	per := PerCell(g.Set)
	limitRow := -1
	if sp.Limit > 0 && sp.Limit <= sp.Scale {
		limitRow = a.H - 1 - min(a.H-1, int(sp.Limit/sp.Scale*float64(a.H)-1e-9))
	}
	if sp.Cursor >= 0 {
		for y := range a.H {
			a.Text(sp.Cursor, y, theme.Cursor, g.CursorLine)
		}
	}
	for x := range a.W {
		if x != sp.Cursor {
			column(a, g, sp, x, per)
		}
	}
	gaps(a, g, sp, per)
	for i := len(sp.Before) - 1; i >= 0; i-- { // yesterday over last week
		before(a, g, sp, i, per)
	}
	for _, x := range sp.Marks {
		for y := range a.H {
			a.Glyph(x, y, theme.Mark, g.MarkLine)
		}
	}
	if limitRow >= 0 {
		for x := range a.W {
			a.Glyph(x, limitRow, theme.Limit, g.LimitLine)
		}
	}
}

func column(a draw.Area, g *theme.Glyphs, sp Spec, x, per int) {
	var l, r int
	v := at(sp.Values, x*per)
	switch g.Set {
	case theme.Braille:
		w := at(sp.Values, x*per+1)
		l, r = level(v, sp.Scale, 4*a.H), level(w, sp.Scale, 4*a.H)
		for y := range a.H {
			base := 4 * (a.H - 1 - y)
			if glyph := brailleOf(l-base, r-base); glyph != blank {
				a.Text(x, y, fill(sp.Fill, v, w), glyph)
			}
		}
	default:
		l = level(v, sp.Scale, 8*a.H)
		for y := range a.H {
			if k := min(8, max(0, l-8*(a.H-1-y))); k > 0 {
				a.Text(x, y, fill(sp.Fill, v, v), g.Degree[k])
			}
		}
	}
}

// before puts the sign of an earlier day where its value stands, behind today's fill and cursor.
func before(a draw.Area, g *theme.Glyphs, sp Spec, day, per int) {
	steps := 8
	if g.Set == theme.Braille {
		steps = 4
	}
	for x := range a.W {
		v := at(sp.Before[day], x)
		if math.IsNaN(v) || x == sp.Cursor {
			continue
		}
		y := a.H - 1 - (level(v, sp.Scale, steps*a.H)-1)/steps
		filled := 0
		for i := range per {
			filled = max(filled, level(at(sp.Values, x*per+i), sp.Scale, steps*a.H))
		}
		if filled <= steps*(a.H-1-y) {
			a.Text(x, y, theme.Faint, g.Before[day])
		}
	}
}

// fill draws a base line of zeros faintly.
func fill(t theme.Token, values ...float64) theme.Token {
	for _, v := range values {
		if v > 0 {
			return t
		}
	}
	return theme.Faint
}

func at(values []float64, i int) float64 {
	if i < 0 || i >= len(values) {
		return Gap
	}
	return values[i]
}

// level returns how many of n steps a value fills: none when unknown, one when zero, more when not.
func level(v, scale float64, n int) int {
	switch {
	case math.IsNaN(v):
		return 0
	case v <= 0:
		return 1
	case scale <= 0:
		return n
	}
	return min(n, max(2, int(math.Round(v/scale*float64(n)))))
}

func gaps(a draw.Area, g *theme.Glyphs, sp Spec, per int) {
	first, last := -1, -1
	for i, v := range sp.Values {
		if !math.IsNaN(v) {
			if first < 0 {
				first = i
			}
			last = i
		}
	}
	for x := range a.W {
		i := x * per
		if first >= 0 && i > first && i < last && math.IsNaN(at(sp.Values, i)) && math.IsNaN(at(sp.Values, i+per-1)) {
			a.Glyph(x, a.H-1, theme.Stale, g.Gap)
		}
	}
}

// Spark draws a chart of one row; PerCell is always 1 here.
func Spark(a draw.Area, g *theme.Glyphs, sp Spec) {
	s := *g
	if s.Set == theme.Braille {
		s.Set = theme.Block
	}
	Area(a.Sub(0, 0, a.W, 1), &s, sp)
}

const blank = "\u2800"

var (
	leftDots  = [5]rune{0, 0x40, 0x44, 0x46, 0x47}
	rightDots = [5]rune{0, 0x80, 0xa0, 0xb0, 0xb8}
	braille   = func() (t [5][5]string) {
		for l, a := range leftDots {
			for r, b := range rightDots {
				t[l][r] = string(0x2800 + a + b)
			}
		}
		return t
	}()
)

func brailleOf(l, r int) string { return braille[min(4, max(0, l))][min(4, max(0, r))] }
