package tui

import (
	"fmt"

	"github.com/ddbloop/ddbloop/tui/draw"
	"github.com/ddbloop/ddbloop/tui/layout"
	"github.com/ddbloop/ddbloop/tui/say"
	"github.com/ddbloop/ddbloop/tui/theme"
)

// render draws the whole screen: exactly h lines, none wider than w.
func (m *model) render() string {
	if m.w <= 0 || m.h <= 0 {
		return ""
	}
	m.canvas.ASCII = m.glyphs == theme.ASCII
	m.canvas.Reset(m.w, m.h)
	lay := layout.Solve(m.input())
	g := theme.GlyphsOf(m.glyphs)
	if lay.Mode == layout.TooSmall {
		text := fmt.Sprintf("terminal too small: %d×%d, needs %d×%d", m.w, m.h, layout.MinWidth, layout.MinHeight)
		for i, line := range draw.Wrap(text, m.w, m.h, g.Ellipsis) {
			m.canvas.Area(layout.Rect{W: m.w, H: m.h}).Text(0, i, theme.Text, line)
		}
		return m.canvas.String(theme.For(m.dark))
	}
	v := &view{m: m, g: g, lay: lay}
	v.header(m.canvas.Area(lay.Header))
	switch m.page {
	case helpPage:
		v.help(m.canvas.Area(lay.Body))
	case whyPage:
		v.why(m.canvas.Area(lay.Body))
	default:
		for p, rect := range lay.Pane {
			if !rect.Empty() {
				v.pane(layout.Pane(p), m.canvas.Area(rect))
			}
		}
	}
	v.footer(m.canvas.Area(lay.Footer))
	return m.canvas.String(theme.For(m.dark))
}

// view is one drawing of the model.
type view struct {
	m   *model
	g   *theme.Glyphs
	lay layout.Map
}

func (m *model) input() layout.Input {
	in := layout.Input{W: m.w, H: m.h, Breaks: layout.DefaultBreaks, Focus: m.focus, Full: m.full, Armed: m.ask != nil}
	if _, need := m.sizeCard(layout.Solve(in)); need > 0 {
		in.Ask = need
	}
	if layout.ModeFor(m.w, m.h, in.Breaks) == layout.List {
		shown, _ := m.shown(false)
		in.Want = [layout.Panes]int{len(shown), 40, len(m.state.Timeline), 12 * (len(m.state.Changes) + min(1, len(m.state.Labs)))}
		if len(m.state.Changes)+len(m.state.Labs) == 0 {
			in.Want[paneEffects] = 1
		}
		if m.state.Run == nil {
			in.Want[paneRunbook] = 1 + len(m.books)
		}
	}
	return in
}

// pane draws a pane's frame and content: a box where there is room, else a title row.
func (v *view) pane(p layout.Pane, a draw.Area) {
	title, right, tok := v.titles(p)
	boxed := v.lay.Mode == layout.Two || v.lay.Mode == layout.Three
	border, titleTok := theme.Border, theme.Dim
	if p == v.m.focus {
		border, titleTok = theme.Focus, theme.Focus
	}
	var inner draw.Area
	switch {
	case p == paneMetrics && boxed && v.m.drawable(a.W, a.H):
		v.charts(a, title, titleTok)
		return
	case boxed:
		inner = a.Box(v.g, border, titleTok, title, tok, right)
	default:
		inner = v.rule(a, border, titleTok, title, tok, right)
	}
	if inner.H < 1 {
		return
	}
	switch p {
	case paneMetrics:
		v.rows(inner)
	case paneRunbook:
		v.runbook(inner)
	case paneTimeline:
		v.timeline(inner)
	case paneEffects:
		v.effects(inner)
	}
}

// rule draws a title row and returns the area below it.
func (v *view) rule(a draw.Area, border, titleTok theme.Token, title string, rightTok theme.Token, right string) draw.Area {
	a.Row(0, border, v.g.Across)
	room := a.W - 3
	if right != "" && draw.Width(right)+8 < a.W {
		a.Sub(0, 0, a.W-1, 1).Right(0, rightTok, " "+right+" ")
		room -= draw.Width(right) + 3
	}
	a.Text(1, 0, titleTok, " "+draw.Fit(title, room-1, v.g.Ellipsis)+" ")
	return a.Sub(0, 1, a.W, a.H-1)
}

// titles returns a pane's title with its key and count, and what stands at the right of it.
func (v *view) titles(p layout.Pane) (title, right string, tok theme.Token) {
	s := v.m.state
	title, tok = fmt.Sprintf("%d %s", p+1, p), theme.Dim
	switch p {
	case paneMetrics:
		_, quiet := v.m.shown(false)
		if quiet > 0 && !v.m.full {
			title += fmt.Sprintf("  +%d quiet", quiet)
		}
		right = v.axisText()
	case paneRunbook:
		if s.Run != nil {
			title += " " + s.Run.Info.Runbook
			right = fmt.Sprintf("step %d/%d", v.m.stepNumber(), len(s.Run.Steps))
		}
	case paneTimeline:
		right = "follow " + v.g.Follow
		if v.m.entry > 0 {
			right, tok = fmt.Sprintf("%d newer  G follows", v.m.entry), theme.Info
		}
	case paneEffects:
		if n := len(s.Changes); n > 0 {
			right = fmt.Sprintf("%d", n)
		}
		if c := v.m.planned(); c != nil {
			right, tok = c.Plan.ID+" waits for approval", theme.Warn
		}
	}
	return title, right, tok
}

func (m *model) stepNumber() int {
	for i, st := range m.state.Run.Steps {
		if st.ID == m.state.Run.Current {
			return i + 1
		}
	}
	return len(m.state.Run.Steps)
}

// title is the terminal window's.
func (m *model) title() string {
	text := "ddbloop " + say.Tables(m.state) + " " + say.Layer(m.state)
	if m.ask != nil {
		text = "ARM? " + m.ask.id + " " + text
	}
	return draw.Clean(text)
}
