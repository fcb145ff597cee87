package tui

import (
	"fmt"
	"strings"

	"github.com/ddbloop/ddbloop/history"
	"github.com/ddbloop/ddbloop/tui/chart"
	"github.com/ddbloop/ddbloop/tui/draw"
	"github.com/ddbloop/ddbloop/tui/metric"
	"github.com/ddbloop/ddbloop/tui/theme"
)

// The size of a chart with its box.
const (
	chartW    = 38
	chartMinH = 6
	chartMaxH = 12
)

// grid says how n charts are laid out in an area: columns, the height of a row, and rows that fit.
func grid(w, h, n int) (cols, rowH, rows int) {
	cols = max(1, min(n, w/chartW))
	need := (n + cols - 1) / cols
	rowH = max(chartMinH, min(chartMaxH, h/max(1, need)))
	return cols, min(rowH, max(h, 1)), max(1, h/rowH)
}

// drawable reports whether an area has room for enough charts to be better than rows.
func (m *model) drawable(w, h int) bool {
	lines, _ := m.shown(false)
	cols, _, rows := grid(w, h-1, len(lines))
	return cols*rows >= min(4, len(lines))
}

// charts draws a box with a chart for each line, as many as fit around the selected one.
func (v *view) charts(a draw.Area, title string, titleTok theme.Token) {
	m := v.m
	lines, quiet := m.shown(false)
	if quiet > 0 && quiet < len(m.metrics()) {
		cols, _, rows := grid(a.W, a.H-1, len(lines)+quiet)
		if m.full || len(lines)+quiet <= cols*rows {
			lines, _ = m.shown(true)
			title = strings.Split(title, "  +")[0]
		}
	}
	hidden := 0
	cols, rowH, rows := grid(a.W, a.H-1, len(lines))
	at := m.selected(lines)
	top := 0
	if n := (len(lines) + cols - 1) / cols; n > rows {
		top = slide(at/cols, rows, n)
		hidden = len(lines) - rows*cols
	}
	if hidden > 0 {
		title += fmt.Sprintf("  %d of %d, j/k scrolls", len(lines)-hidden, len(lines))
	}
	body := v.rule(a, theme.Border, titleTok, title, theme.Dim, v.axisText())
	if len(lines) == 0 {
		body.Text(1, 0, theme.Dim, "no measurement yet")
		return
	}
	used := min(rows, (len(lines)-top*cols+cols-1)/cols)
	spare := body.H - used*rowH
	y := 0
	for r := range used {
		h := rowH
		if spare > 0 && rowH < chartMaxH {
			extra := spare / (used - r)
			h, spare = h+extra, spare-extra
		}
		for c := range cols {
			i := (top+r)*cols + c
			if i >= len(lines) {
				break
			}
			x0, x1 := a.W*c/cols, a.W*(c+1)/cols
			v.chart(body.Sub(x0, y, x1-x0, h), lines[i], i == at)
		}
		y += h
	}
}

func (v *view) chart(a draw.Area, l *metric.Line, here bool) {
	m := v.m
	sign, tok := v.stateSign(l.State)
	border, titleTok := theme.Border, theme.Text
	switch {
	case here && m.focus == paneMetrics:
		border, titleTok = theme.Focus, theme.Focus
	case l.State == metric.Crit || l.State == metric.Warn:
		border = tok
	}
	inner := a.Box(v.g, border, titleTok, m.lineName(l), tok, sign+" "+l.State.String())
	if inner.H < 2 {
		return
	}
	v.reading(inner.Sub(0, 0, inner.W, 1), l)
	plot := inner.Sub(0, 1, inner.W, inner.H-1)
	from, to := m.span()
	values := chart.Sample(l.Points(from-l.Series.Period, min(to, m.now().Unix()+1)), l.Series.Period, from, to, plot.W*chart.PerCell(v.g.Set), l.Agg)
	marks := v.marks(plot.W)
	before := v.before(l, plot.W)
	spec := chart.Spec{Values: values, Scale: v.scale(l, values, before), Before: before, Limit: l.Limit, Fill: fillFor(l.State), Cursor: v.column(m.cursor, plot.W)}
	for _, mk := range marks {
		spec.Marks = append(spec.Marks, mk.x)
	}
	chart.Area(plot, v.g, spec)
	for _, mk := range marks {
		a.Sub(1, a.H-1, a.W-2, 1).Text(max(0, min(mk.x, a.W-2-len(mk.label))), 0, theme.Mark, mk.label)
	}
}

// reading is the line above the plot: the value, its companion, the limit, the maximum and the age.
func (v *view) reading(a draw.Area, l *metric.Line) {
	value, tok := v.value(l)
	segs := []seg{{text: value, tok: tok, weight: keep}}
	if v.m.cursor == 0 {
		if l.Paired {
			segs = append(segs, seg{text: "p50 " + metric.Value(l.Aside, l.Unit), tok: theme.Dim, weight: 60})
		}
		if l.Known {
			segs = append(segs, seg{text: metric.Age(l.Age(v.m.now())) + " ago", tok: theme.Dim, weight: 70})
		}
	}
	if l.Limit > 0 {
		segs = append(segs, seg{text: "lim " + metric.Value(l.Limit, l.Unit), tok: theme.Limit, weight: 80})
	}
	if l.Series.Period >= 300 {
		segs = append(segs, seg{text: "5-min", tok: theme.Dim, weight: 75})
	}
	for day, word := range [][2]string{{"yesterday", "1d"}, {"a week ago", "7d"}} {
		if b, ok := l.Then(day); ok && v.m.w >= 120 && v.m.cursor == 0 {
			value := metric.Value(b, l.Unit)
			segs = append(segs, seg{text: v.g.Before[day] + " " + word[0] + " " + value, short: v.g.Before[day] + " " + word[1] + " " + value, tok: theme.Dim, weight: 56 - day, soft: 20})
		}
	}
	segs = append(segs, seg{text: "max " + metric.Value(l.Top, l.Unit), tok: theme.Dim, weight: 50})
	line(a, 1, 0, fitSegs(segs, a.W-2, 2, v.g.Ellipsis), "  ")
}

// mark is an instant with a vertical line on every chart.
type mark struct {
	x     int
	label string
}

// marks are the changes from when they were in force, the start of the trouble, and deploys.
func (v *view) marks(w int) []mark {
	s := v.m.state
	var out []mark
	put := func(t int64, label string) {
		if x := v.column(t, w); x >= 0 {
			out = append(out, mark{x, label})
		}
	}
	for _, m := range s.Marks {
		put(m.At.Unix(), "M")
	}
	if !s.Incident.Onset.IsZero() {
		put(s.Incident.Onset.Unix(), "start")
	}
	for _, c := range s.Changes {
		if t := sentAt(c); t != 0 {
			put(t, c.Plan.ID)
		}
	}
	return out
}

// sentAt is when a change could begin to act: in force, else sent; 0 when it never left.
func sentAt(c *history.Change) int64 {
	switch {
	case !c.Settled.IsZero():
		return c.Settled.Unix()
	case !c.Intended.IsZero():
		return c.Intended.Unix()
	}
	return 0
}
