package tui

import (
	"time"

	"github.com/ddbloop/ddbloop/history"
	"github.com/ddbloop/ddbloop/tui/draw"
	"github.com/ddbloop/ddbloop/tui/layout"
	"github.com/ddbloop/ddbloop/tui/metric"
	"github.com/ddbloop/ddbloop/tui/say"
	"github.com/ddbloop/ddbloop/tui/theme"
)

// timeline draws the events, newest first; where there is room also the lanes on the charts' axis and what
// the lines read at the time cursor.
func (v *view) timeline(a draw.Area) {
	list := a
	if v.lay.Mode == layout.Three || v.m.full && a.H >= 20 && a.W >= 100 {
		lanes := a.Sub(0, 0, a.W, len(laneNames)+1)
		v.lanes(lanes)
		list = a.Sub(0, lanes.H, a.W, a.H-lanes.H)
		if v.m.cursor != 0 && list.W >= 120 {
			read := list.Sub(list.W-48, 0, 48, list.H)
			list = list.Sub(0, 0, list.W-50, list.H)
			v.readout(read)
		}
	}
	entries := v.m.state.Timeline
	if len(entries) == 0 {
		list.Text(1, 0, theme.Dim, "nothing has happened yet")
		return
	}
	top := slide(v.m.entry, list.H, len(entries))
	for y := range min(list.H, len(entries)-top) {
		v.entry(list.Sub(0, y, list.W, 1), entries[len(entries)-1-top-y], top+y == v.m.entry && (v.m.entry > 0 || v.m.cursor != 0 || v.m.focus == paneTimeline))
	}
}

func (v *view) entry(a draw.Area, e history.Entry, here bool) {
	sign, tok := v.levelSign(e.Level)
	text := say.Clock(e.At)
	if a.W < 60 {
		text = e.At.UTC().Format("15:04")
	}
	x := a.Text(1, 0, theme.Dim, text)
	x = a.Text(x+1, 0, tok, sign)
	if a.W >= 60 {
		a.Text(x+1, 0, theme.Dim, e.Lane)
		x += 9
	}
	if e.By != "" && a.W >= 50 {
		x = a.Text(x+1, 0, theme.Info, draw.Fit(e.By, 10, v.g.Ellipsis))
	}
	tok = theme.Text
	if e.Level == "bad" {
		tok = theme.Strong
	}
	a.Text(x+1, 0, tok, draw.Fit(e.Text, a.W-x-2, v.g.Ellipsis))
	if here {
		a.Text(0, 0, theme.Focus, v.g.Here)
		a.Paint(0, theme.Selected, true)
	}
}

func (v *view) levelSign(level string) (string, theme.Token) {
	switch level {
	case "good":
		return v.g.Done, theme.OK
	case "warn":
		return v.g.Warn, theme.Warn
	case "bad":
		return v.g.Crit, theme.Crit
	}
	return v.g.Dot, theme.Dim
}

var laneNames = []string{"source", "verdict", "runbook", "change", "people"}

const laneLabel = 10

// lanes draw the events on the charts' time axis, one row for each kind.
func (v *view) lanes(a draw.Area) {
	axis := a.Sub(laneLabel, 0, a.W-laneLabel-1, a.H)
	from, to := v.m.span()
	for i := range 7 {
		t := from + (to-from)*int64(i)/6
		x := min(int(float64(t-from)*float64(axis.W)/float64(to-from)), axis.W-5)
		axis.Text(x, 0, theme.Dim, clock(t))
	}
	for i, name := range laneNames {
		a.Text(1, i+1, theme.Dim, name)
		row := axis.Sub(0, i+1, axis.W, 1)
		row.Row(0, theme.Faint, v.g.Dot)
		if name == "change" {
			v.changeLane(row)
			continue
		}
		if name == "verdict" {
			v.incidentSpan(row)
		}
		v.lane(row, name)
	}
	if x := v.column(v.m.cursor, axis.W); x >= 0 {
		for y := range axis.H {
			axis.Text(x, y, theme.Cursor, v.g.CursorLine)
		}
	}
}

// incidentSpan underlays the verdict lane from the start of the trouble to its end, or to now.
func (v *view) incidentSpan(row draw.Area) {
	i := v.m.state.Incident
	if i.Onset.IsZero() {
		return
	}
	from, to := v.m.span()
	end := v.m.now()
	if !i.Recovered.IsZero() {
		end = i.Recovered
	}
	a, b := v.column(max(from, i.Onset.Unix()), row.W), v.column(min(to-1, end.Unix()), row.W)
	for x := a; a >= 0 && x <= b; x++ {
		row.Text(x, 0, theme.Crit, v.g.Across)
	}
}

// lane draws the events of one kind; where several share a column the worst is seen.
func (v *view) lane(row draw.Area, name string) {
	for _, level := range []string{"info", "good", "warn", "bad"} {
		for _, e := range v.m.state.Timeline {
			if x := v.column(e.At.Unix(), row.W); x >= 0 && e.Lane == name && e.Level == level {
				sign, tok := v.levelSign(level)
				if level == "info" {
					sign, tok = v.g.Todo, theme.Strong
				}
				row.Text(x, 0, tok, sign)
			}
		}
	}
}

// changeLane draws each change from when it could act until it was undone, with its id.
func (v *view) changeLane(row draw.Area) {
	_, to := v.m.span()
	now := v.column(min(v.m.now().Unix(), to-1), row.W)
	for _, c := range v.m.state.Changes {
		t := sentAt(c)
		if t == 0 {
			t = c.Planned.Unix()
		}
		x := v.column(t, row.W)
		if x < 0 {
			continue
		}
		end := x
		if c.State == history.ChangeInForce {
			end = now
		} else if !c.Undone.IsZero() {
			end = v.column(c.Undone.Unix(), row.W)
		}
		for i := x; i <= end; i++ {
			row.Text(i, 0, theme.Mark, v.g.Across)
		}
		row.Text(x, 0, theme.Mark, c.Plan.ID)
	}
}

// readout lists what the lines read at the time cursor.
func (v *view) readout(a draw.Area) {
	a.Text(0, 0, theme.Cursor, "at "+say.Clock(time.Unix(v.m.cursor, 0))+"Z")
	lines, _ := v.m.shown(false)
	for i, l := range lines {
		if i+1 >= a.H {
			break
		}
		text := v.g.Missing
		if p, ok := v.at(l); ok {
			text = metric.Value(p, l.Unit)
		}
		a.Text(0, i+1, theme.Text, draw.Fit(v.m.lineName(l), a.W-10, v.g.Ellipsis))
		a.Right(i+1, theme.Strong, text)
	}
}
