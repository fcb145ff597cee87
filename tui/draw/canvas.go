// Package draw is the paper of the cockpit: a grid of cells into which panes write clipped text. Nothing
// but printable text ever becomes a cell, whatever the strings hold, so it is the last guard of the terminal.
package draw

import (
	"strings"
	"unicode/utf8"

	"github.com/ddbloop/ddbloop/tui/layout"
	"github.com/ddbloop/ddbloop/tui/theme"
)

type cell struct {
	g string // one glyph; "" is the right half of a wide one
	t theme.Token
}

// Canvas is a grid of cells.
type Canvas struct {
	ASCII bool // nothing but ASCII becomes a cell

	w, h  int
	cells []cell
}

// New returns a blank canvas.
func New(w, h int) *Canvas {
	c := &Canvas{}
	c.Reset(w, h)
	return c
}

// Reset blanks the canvas and gives it a size.
func (c *Canvas) Reset(w, h int) {
	c.w, c.h = max(0, w), max(0, h)
	if n := c.w * c.h; cap(c.cells) < n {
		c.cells = make([]cell, n)
	} else {
		c.cells = c.cells[:n]
	}
	for i := range c.cells {
		c.cells[i] = cell{g: " "}
	}
}

// Area returns the part of the canvas inside r; what is written there is clipped to it.
func (c *Canvas) Area(r layout.Rect) Area {
	r.W, r.H = min(r.W, c.w-r.X), min(r.H, c.h-r.Y)
	return Area{c: c, Rect: r}
}

// String renders the canvas: exactly its height in lines, none wider than its width, styled by th; a nil
// theme gives plain text.
func (c *Canvas) String(th *theme.Theme) string {
	var b strings.Builder
	b.Grow(len(c.cells) * 2)
	for y := range c.h {
		if y > 0 {
			b.WriteByte('\n')
		}
		c.line(&b, th, c.cells[y*c.w:(y+1)*c.w])
	}
	return b.String()
}

func (c *Canvas) line(b *strings.Builder, th *theme.Theme, row []cell) {
	end := len(row)
	for end > 0 && row[end-1] == (cell{g: " "}) {
		end--
	}
	var now string
	for _, k := range row[:end] {
		if th != nil && th[k.t] != now {
			now = th[k.t]
			b.WriteString("\x1b[")
			if now != "" {
				b.WriteString("0;")
			}
			b.WriteString(now)
			b.WriteByte('m')
		}
		b.WriteString(k.g)
	}
	if now != "" {
		b.WriteString("\x1b[m")
	}
}

// put writes one glyph of a width of 1 or 2 at absolute cell x, y. A wide glyph that is half overwritten
// leaves a blank.
func (c *Canvas) put(x, y, width int, g string, t theme.Token) {
	if c.ASCII && g[0] >= utf8.RuneSelf {
		g = asciiFor(g)
		if width == 2 {
			c.put(x+1, y, 1, g, t)
			width = 1
		}
	}
	row := c.cells[y*c.w : (y+1)*c.w]
	if row[x].g == "" && x > 0 {
		row[x-1].g = " "
	}
	if next := x + width; next < c.w && row[next].g == "" {
		row[next].g = " "
	}
	row[x] = cell{g: g, t: t}
	if width == 2 {
		row[x+1] = cell{t: t}
	}
}

// asciiFor returns the nearest ASCII sign.
func asciiFor(g string) string {
	switch g {
	case "→":
		return ">"
	case "…", "·":
		return "."
	case "−", "—", "–":
		return "-"
	case "×":
		return "x"
	}
	return replaced
}
