package fleet

import (
	"fmt"
	"strings"
	"time"

	"github.com/ddbloop/ddbloop/engine/fleet"
	"github.com/ddbloop/ddbloop/tui/draw"
	"github.com/ddbloop/ddbloop/tui/layout"
	"github.com/ddbloop/ddbloop/tui/metric"
	"github.com/ddbloop/ddbloop/tui/say"
	"github.com/ddbloop/ddbloop/tui/theme"
)

const (
	headRows = 5 // identity, summary, pace or trouble, rule, column heads
	footRows = 2
	leastW   = 40
	leastH   = 10
)

func (s *Screen) draw() string {
	if s.w <= 0 || s.h <= 0 {
		return ""
	}
	s.canvas.Reset(s.w, s.h)
	s.canvas.ASCII = s.set == theme.ASCII
	g := theme.GlyphsOf(s.set)
	a := s.canvas.Area(layout.Rect{W: s.w, H: s.h})
	if s.w < leastW || s.h < leastH {
		text := fmt.Sprintf("terminal too small: %d×%d, needs %d×%d", s.w, s.h, leastW, leastH)
		for i, line := range draw.Wrap(text, s.w, s.h, g.Ellipsis) {
			a.Text(0, i, theme.Text, line)
		}
		return s.canvas.String(theme.For(s.dark))
	}
	s.head(a, g)
	body := a.Sub(0, headRows-1, s.w, s.h-headRows-footRows+1)
	if s.help {
		s.explain(body, g)
	} else {
		s.list(body, g)
	}
	s.foot(a.Sub(0, s.h-footRows, s.w, footRows), g)
	return s.canvas.String(theme.For(s.dark))
}

// head is what never leaves the screen: whose tables, how they are, how often and for how much is asked, what cannot be.
func (s *Screen) head(a draw.Area, g *theme.Glyphs) {
	v, now := s.view, s.o.Now()
	sep := " " + g.Dot + " "
	who := []string{"fleet " + s.o.Region}
	if s.o.Account != "" {
		who = append(who, "account "+s.o.Account)
	}
	if s.o.Where != "" {
		who = append(who, s.o.Where)
	}
	right := "[RO] read-only  " + say.Clock(now) + "Z"
	a.Text(0, 0, theme.Focus, g.Bar)
	a.Text(1, 0, theme.Strong, draw.Fit(strings.Join(who, sep), a.W-draw.Width(right)-3, g.Ellipsis))
	a.Right(0, theme.Info, right)
	if v.At.IsZero() {
		a.Text(0, 1, theme.Dim, "asking for the list of tables")
		return
	}
	tok := theme.OK
	switch first(v) {
	case fleet.Refused, fleet.Failing:
		tok = theme.Crit
	case fleet.Slow, fleet.Over:
		tok = theme.Warn
	case fleet.Unknown, "":
		tok = theme.Stale
	}
	a.Text(0, 1, tok, draw.Fit(Summary(v)+sep+"asked "+metric.Age(now.Sub(v.At))+" ago", a.W, g.Ellipsis))
	if len(v.Trouble) > 0 {
		a.Text(0, 2, theme.Crit, draw.Fit(g.Warn+" "+strings.Join(v.Trouble, sep), a.W, g.Ellipsis))
	} else {
		a.Text(0, 2, theme.Dim, draw.Fit(Pace(v), a.W, g.Ellipsis))
	}
	a.Row(3, theme.Border, g.Across)
}

func first(v fleet.View) string {
	if len(v.Rows) == 0 {
		return ""
	}
	return v.Rows[0].State
}

// column is one column of the list.
type column struct {
	head  string
	width int
	right bool
	text  func(fleet.Row) string
}

// columns are those that fit; why follows them.
func (s *Screen) columns(rows []fleet.Row, now time.Time) []column {
	name := 8
	for _, r := range rows {
		name = max(name, draw.Width(r.Table))
	}
	cols := []column{
		{"table", min(name, max(16, s.w/4)), false, func(r fleet.Row) string { return r.Table }},
		{"state", 11, false, func(r fleet.Row) string { return r.State }},
		{"thr/min", 7, true, func(r fleet.Row) string { return number(r.Refused) }},
	}
	add := func(least int, c column) {
		if s.w >= least {
			cols = append(cols, c)
		}
	}
	add(52, column{"pain", 5, true, pain})
	add(60, column{"500/min", 7, true, func(r fleet.Row) string { return number(r.Failed) }})
	add(68, column{"age", 4, true, func(r fleet.Row) string { return age(now, r.Asked) }})
	add(80, column{"p99 (usual)", 15, true, latency})
	add(140, column{"throttled, last hour", 30, false, func(r fleet.Row) string { return spark(r.Hour, s.set) }})
	return cols
}

// spark draws an hour in bars of two minutes; an hour that is not known is empty.
func spark(hour []float64, set theme.Set) string {
	if hour == nil {
		return ""
	}
	g := theme.GlyphsOf(set)
	top := 0.0
	for _, v := range hour {
		top = max(top, v)
	}
	var b strings.Builder
	for i := 0; i+1 < len(hour); i += 2 {
		v, n := max(hour[i], hour[i+1]), 0
		if v > 0 {
			n = min(8, 1+int(7*v/top))
		}
		b.WriteString(g.Degree[n])
	}
	return b.String()
}

func (s *Screen) list(a draw.Area, g *theme.Glyphs) {
	rows, now := s.rows(), s.o.Now()
	cols := s.columns(rows, now)
	x := 2
	for _, c := range cols {
		s.cell(a, x, 0, theme.Dim, c, c.head, g)
		x += c.width + 1
	}
	if a.W-x > 8 {
		a.Text(x, 0, theme.Dim, "why")
	}
	if len(rows) == 0 {
		text := "no tables"
		if s.filter != "" {
			text = "no table has " + s.filter + " in its name: esc shows all"
		}
		if !s.view.At.IsZero() {
			a.Text(2, 1, theme.Dim, draw.Fit(text, a.W-2, g.Ellipsis))
		}
		return
	}
	at, room := s.selected(rows), a.H-1
	top := min(max(0, at-room/2), max(0, len(rows)-room))
	for i := top; i < min(len(rows), top+room); i++ {
		r, y := rows[i], 1+i-top
		sign, tok := look(r.State, g)
		a.Text(0, y, tok, sign)
		x := 2
		for _, c := range cols {
			style := theme.Text
			if c.head == "state" {
				style = tok
			}
			s.cell(a, x, y, style, c, c.text(r), g)
			x += c.width + 1
		}
		if room := a.W - x; room > 8 {
			a.Text(x, y, theme.Dim, draw.Fit(r.Why, room, g.Ellipsis))
		}
		if i == at {
			a.Paint(y, theme.Selected, false)
		}
	}
}

func (s *Screen) cell(a draw.Area, x, y int, tok theme.Token, c column, text string, g *theme.Glyphs) {
	text = draw.Fit(text, c.width, g.Ellipsis)
	if c.right {
		x += c.width - draw.Width(text)
	}
	a.Text(x, y, tok, text)
}

// look is a state's glyph and colour; the word stands beside it.
func look(state string, g *theme.Glyphs) (string, theme.Token) {
	switch state {
	case fleet.Refused, fleet.Failing:
		return g.Crit, theme.Crit
	case fleet.Slow:
		return g.Warn, theme.Warn
	case fleet.Over:
		return g.Stale, theme.Warn
	case fleet.Unknown:
		return g.Asked, theme.Stale
	case fleet.Quiet:
		return g.OK, theme.OK
	}
	return g.None, theme.Dim
}

func (s *Screen) explain(a draw.Area, g *theme.Glyphs) {
	y := 0
	for _, par := range []string{
		fleet.Pain + ".",
		"throttled: ReadThrottleEvents and WriteThrottleEvents of the table and of its indexes that were throttled of late; one request can be several events.",
		"500: SystemErrors of the table's operations. p99: the operation that is slowest against its own last hour, which stands in brackets.",
		"A dash was not asked, or too long ago. quiet: throttles, errors and latencies were asked and show nothing; no refusals: only throttles were asked; unknown: nobody could be asked of late.",
		"What is asked first: tables that hurt, tables never asked, the details of those that hurt, then all others in turn, as the cost ceiling allows.",
		"enter watch the table" + " " + g.Dot + " j k pgdn pgup home end move " + g.Dot + " / filter by name, esc shows all " + g.Dot + " y copy the row " + g.Dot + " g glyphs " + g.Dot + " ? this page " + g.Dot + " q leave",
	} {
		for _, line := range draw.Wrap(par, a.W-2, a.H-y, g.Ellipsis) {
			a.Text(1, y, theme.Text, line)
			y++
		}
		y++
	}
}

func (s *Screen) foot(a draw.Area, g *theme.Glyphs) {
	rows := s.rows()
	switch {
	case s.typing:
		a.Text(0, 0, theme.Key, draw.Fit("filter: "+s.filter+"_", a.W, g.Ellipsis))
	case s.copied != "":
		for y, line := range draw.Wrap(s.copied, a.W, a.H, g.Ellipsis) {
			a.Text(0, y, theme.Strong, line)
		}
		return
	case len(rows) > 0:
		r := rows[s.selected(rows)]
		a.Text(0, 0, theme.Info, draw.Fit(r.Table+": "+r.Why, a.W, g.Ellipsis))
	}
	keys := []string{"⏎ watch", "j/k move", "/ filter", "y copy", "? what pain is", "q leave"}
	if s.set == theme.ASCII {
		keys[0] = "enter watch"
	}
	if s.filter != "" {
		keys = append([]string{fmt.Sprintf("filter %q: %d of %d, esc shows all", s.filter, len(rows), len(s.view.Rows))}, keys...)
	}
	a.Text(0, 1, theme.Dim, draw.Fit(strings.Join(keys, "  "), a.W, g.Ellipsis))
}
