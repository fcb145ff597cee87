package tui

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/ddbloop/ddbloop/tui/chart"
	"github.com/ddbloop/ddbloop/tui/draw"
	"github.com/ddbloop/ddbloop/tui/metric"
	"github.com/ddbloop/ddbloop/tui/say"
	"github.com/ddbloop/ddbloop/tui/theme"
)

// shown returns the lines worth a row and how many quiet ones are left out; all shows those too, last.
func (m *model) shown(all bool) (lines []*metric.Line, quiet int) {
	var still []*metric.Line
	for _, l := range m.metrics() {
		if l.Quiet {
			still = append(still, l)
		} else {
			lines = append(lines, l)
		}
	}
	if all || len(lines) == 0 {
		return append(lines, still...), len(still)
	}
	return lines, len(still)
}

// selected returns the index of the selected line, the first by default.
func (m *model) selected(lines []*metric.Line) int {
	for i, l := range lines {
		if l.Key == m.line {
			return i
		}
	}
	return 0
}

// shortName is a line's title for a row.
func (m *model) shortName(l *metric.Line) string {
	if l.Short == "" {
		return m.lineName(l)
	}
	short := *l
	short.Name = l.Short
	return m.lineName(&short)
}

// lineName is a line's title, without the table where there is only one.
func (m *model) lineName(l *metric.Line) string {
	t := l.Target
	if tables := m.state.Session.Tables; len(tables) == 1 {
		t = strings.TrimPrefix(t, tables[0])
	}
	return strings.TrimSpace(l.Name + " " + t)
}

// window of n rows that shows row at, when there are total.
func slide(at, n, total int) int { return max(0, min(at-n/2, total-n)) }

// rows draws one row with a sparkline for each line.
func (v *view) rows(a draw.Area) {
	m := v.m
	lines, _ := m.shown(m.full)
	if len(lines) == 0 {
		a.Text(1, 0, theme.Dim, "no measurement yet")
		return
	}
	at := m.selected(lines)
	top := slide(at, a.H, len(lines))
	for y := range min(a.H, len(lines)-top) {
		v.row(a.Sub(0, y, a.W, 1), lines[top+y], top+y == at)
	}
	if more := len(lines) - top - a.H; more > 0 && a.H > 1 {
		a.Right(a.H-1, theme.Dim, fmt.Sprintf(" +%d", more+1))
	}
}

func (v *view) row(a draw.Area, l *metric.Line, here bool) {
	m := v.m
	nameW := max(13, min(30, a.W*3/10))
	if here && m.focus == paneMetrics {
		a.Text(0, 0, theme.Focus, v.g.Here)
	}
	a.Sub(1, 0, nameW, 1).Text(0, 0, theme.Text, draw.Fit(m.shortName(l), nameW, v.g.Ellipsis))
	tail := a.Sub(a.W-21, 0, 21, 1)
	spark := a.Sub(nameW+2, 0, a.W-nameW-2-21, 1)
	from, to := m.span()
	values := chart.Sample(l.Points(from, min(to, m.now().Unix()+1)), l.Series.Period, from, to, spark.W, l.Agg)
	before := v.before(l, spark.W)
	chart.Spark(spark, v.g, chart.Spec{Values: values, Scale: v.scale(l, values, before), Fill: fillFor(l.State), Cursor: v.column(m.cursor, spark.W), Before: before})
	for _, mk := range v.marks(spark.W) {
		spark.Text(mk.x, 0, theme.Mark, v.g.MarkLine) // one row has no room beside its fill
	}
	value, tok := v.value(l)
	tail.Text(8-draw.Width(value), 0, tok, value)
	sign, stateTok := v.stateSign(l.State)
	tail.Text(9, 0, stateTok, sign+" "+l.State.String())
	if l.Known {
		age := metric.Age(l.Age(m.now()))
		tail.Text(21-draw.Width(age), 0, theme.Dim, age)
	}
}

// value is what a line reads at the time cursor, or now.
func (v *view) value(l *metric.Line) (string, theme.Token) {
	if v.m.cursor != 0 {
		p, ok := v.at(l)
		if !ok {
			return v.g.Missing, theme.Dim
		}
		return metric.Value(p, l.Unit), theme.Cursor
	}
	if !l.Known {
		return v.g.Missing, theme.Dim
	}
	return l.Reading(), theme.Strong
}

// at returns what a line reads in the bucket of the time cursor: its column's value, as drawn.
func (v *view) at(l *metric.Line) (float64, bool) {
	c, b := v.m.cursor, v.m.bucket()
	pts := l.Points(c-max(0, l.Series.Period-1), c+b)
	if len(pts) == 0 {
		return 0, false
	}
	return chart.Sample(pts, l.Series.Period, c, c+b, 1, l.Agg)[0], true
}

// before lays the earlier days over the columns of today's window.
func (v *view) before(l *metric.Line, w int) (out [2][]float64) {
	from, to := v.m.span()
	for i, b := range l.Before {
		if b != nil {
			out[i] = chart.Sample(b.Window(from-b.Period, to), b.Period, from, to, w, chart.Mean)
		}
	}
	return out
}

func fillFor(s metric.State) theme.Token {
	switch s {
	case metric.Warn:
		return theme.ChartWarn
	case metric.Crit:
		return theme.ChartCrit
	}
	return theme.Chart
}

// scale is the value of a chart's upper edge. The limit is on the scale unless it would flatten the chart.
func (v *view) scale(l *metric.Line, values []float64, before [2][]float64) float64 {
	top, _ := chart.Top(values)
	if l.Unit == "%" {
		top = max(top, 1)
	}
	if l.Limit > 0 && l.Limit < 4*top {
		top = max(top, l.Limit)
	}
	if usual, ok := chart.Top(slices.Concat(before[0], before[1])); ok && usual < 2*top {
		top = max(top, usual)
	}
	return top * 1.02
}

// column returns the column of an instant, or -1.
func (v *view) column(t int64, w int) int {
	from, to := v.m.span()
	if t == 0 || t < from || t >= to || w <= 0 {
		return -1
	}
	return int(float64(t-from) * float64(w) / float64(to-from))
}

func (v *view) axisText() string {
	from, to := v.m.span()
	text := fmt.Sprintf("%s %s-%sZ", v.windowText(), clock(from), clock(to))
	if v.m.cursor != 0 {
		return "cursor " + say.Clock(time.Unix(v.m.cursor, 0)) + "Z" + v.sep() + text
	}
	return text
}

func (v *view) windowText() string {
	if w := v.m.window(); w > time.Hour {
		return fmt.Sprintf("%gh", w.Hours())
	}
	return fmt.Sprintf("%gm", v.m.window().Minutes())
}

func clock(t int64) string { return time.Unix(t, 0).UTC().Format("15:04") }
