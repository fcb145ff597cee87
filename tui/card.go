package tui

import (
	"fmt"
	"strings"

	"github.com/ddbloop/ddbloop/history"
	"github.com/ddbloop/ddbloop/tui/draw"
	"github.com/ddbloop/ddbloop/tui/keys"
	"github.com/ddbloop/ddbloop/tui/layout"
	"github.com/ddbloop/ddbloop/tui/metric"
	"github.com/ddbloop/ddbloop/tui/say"
	"github.com/ddbloop/ddbloop/tui/theme"
)

// card is what stands in a change's card. The rows begin with what an approval is decided on, never cut short; where they do not all
// fit, the others are folded first and a line says how many are not seen. The foot, where one signs, always shows.
type card struct {
	rows    []para
	decides int // how many of the rows an approval is decided on
	foot    []para
}

func (k card) height() int { return len(k.rows) + len(k.foot) }

// wholly is more lines than any text of a card takes.
const wholly = 40

// put adds a text behind its lead, broken into at most so many lines.
func (v *view) put(rows *[]para, w int, tok theme.Token, lead, text string, lines int) {
	for i, part := range draw.Wrap(text, w-draw.Width(lead), lines, v.g.Ellipsis) {
		if i > 0 {
			lead = strings.Repeat(" ", draw.Width(lead))
		}
		*rows = append(*rows, para{text: lead + part, tok: tok})
	}
}

func (v *view) card(c *history.Change, w int, roomy bool) card {
	var k card
	p := c.Plan
	v.put(&k.rows, w, theme.Text, "", p.Before+" "+v.g.Arrow+" "+p.After+v.sep()+say.Cost(p)+v.sep()+"shows in "+say.Span(p.Shows), wholly)
	put := func(tok theme.Token, lead, text string, lines int) {
		if roomy {
			lines += 2
		}
		v.put(&k.rows, w, tok, lead, text, lines)
	}
	switch c.State {
	case history.ChangePlan, history.ChangeOK, history.ChangeIntent, history.ChangeSentOK, history.ChangeUnsure:
		v.planned(&k, c, w)
	case history.ChangeFailed:
		put(theme.Crit, v.g.Crit+" ", c.Error, 3)
	default:
		v.judged(c, put)
	}
	k.foot = v.foot(c, w)
	return k
}

// foot is where a change is approved, or taken back.
func (v *view) foot(c *history.Change, w int) (rows []para) {
	put := func(tok theme.Token, text string) { v.put(&rows, w, tok, "", text, 2) }
	switch a := v.m.ask; {
	case a != nil && a.id == c.Plan.ID:
		return v.strip(a, w)
	case c.State == history.ChangePlan && a != nil:
	case c.State == history.ChangePlan && v.m.readOnly() != "":
		put(theme.Warn, "[RO] "+v.m.readOnly())
	case c.State == history.ChangePlan:
		put(theme.Key, v.show(keys.Arm)+" approve (type "+c.Plan.Token+")"+v.sep()+v.show(keys.Drop)+" drop")
	case c.State == history.ChangeInForce && c.Plan.UndoOf == "" && c.Plan.UndoClass != history.UndoImpossible:
		put(theme.Key, v.show(keys.Undo)+" undo: "+c.Plan.UndoText)
	}
	return rows
}

// strip is the place in the card where the token is typed.
func (v *view) strip(a *approval, w int) []para {
	var rows []para
	if a.note != "" {
		rows = append(rows, para{text: draw.Fit(v.g.Warn+" "+a.note, w, v.g.Ellipsis), tok: theme.Warn})
	}
	return append(rows, para{text: draw.Fit("type "+a.token+" to approve "+v.g.Here+" "+a.typed+"_", w, v.g.Ellipsis), tok: theme.Armed})
}

// planned says of a change on its way what it will do, cost and touch, and how it is taken back; then what is good to know.
func (v *view) planned(k *card, c *history.Change, w int) {
	put := func(tok theme.Token, lead, text string) { v.put(&k.rows, w, tok, lead, text, wholly) }
	p := c.Plan
	undo := theme.Text
	if p.UndoClass == history.UndoImpossible {
		undo = theme.Crit
	}
	if p.Note != "" {
		put(theme.Warn, "capped   ", p.Note)
	}
	put(undo, "undo     ", p.UndoClass+": "+p.UndoText)
	put(theme.Text, "touches  ", p.Blast)
	if p.UndoAfter > 0 {
		put(theme.Warn, "timer    ", "taken back "+say.Span(p.UndoAfter)+" after it is in force unless kept: part of this approval")
	}
	if h := v.m.state.Hold; h != nil && c.State == history.ChangePlan {
		put(theme.Warn, "", v.g.Warn+" held: "+h.Why+" ("+v.show(keys.Hold)+" lets it go on)")
	}
	if c.State == history.ChangePlan {
		k.decides = len(k.rows)
	}
	switch {
	case c.State == history.ChangePlan:
	case c.Error != "":
		put(theme.Crit, v.g.Crit+" ", c.Error)
	case c.Request != "":
		put(theme.Info, "", strings.TrimSpace("sent "+say.Clock(c.Intended)+"Z by "+c.By)+": "+c.Request)
	}
	if p.CostNote != "" {
		put(theme.Dim, "cost     ", p.CostNote)
	}
	if e := p.Expect; e != nil {
		put(theme.Text, "expect   ", fmt.Sprintf("%s %s by %.0f%% within %s", e.Signal, e.Direction, e.By*100, metric.Age(e.Within)))
	}
	if p.Reason != "" {
		put(theme.Text, "reason   ", p.Reason)
	}
}

// fill draws a card's rows from top on, and its foot below them.
func (v *view) fill(a draw.Area, k card, top int) {
	hint := v.show(keys.PageDown)
	if v.m.ask != nil {
		hint = v.keyText("↑↓")
	}
	room := max(0, min(len(k.rows), a.H-len(k.foot)))
	what := ""
	if len(k.rows) > room && min(top, lastTop(len(k.rows), room))+room-1 < k.decides {
		what = " to approve"
	}
	v.folded(a.Sub(0, 0, a.W, room), k.rows, top, what, hint)
	v.flow(a.Sub(0, room, a.W, a.H-room), k.foot, 0)
}

// sizeCard works out how many rows the effects pane needs inside its frame, so that the card which waits for approval shows what it is
// decided on, and how many its rows and its whole take.
func (m *model) sizeCard(lay layout.Map) (k card, need int) {
	c := m.planned()
	if m.ask != nil {
		c = m.state.Change(m.ask.id)
	}
	if c == nil {
		return card{}, 0
	}
	v := &view{m: m, g: theme.GlyphsOf(m.glyphs), lay: lay}
	w := lay.Pane[paneEffects].W - 4
	if lay.Mode == layout.Two || lay.Mode == layout.Three {
		w -= 2
	}
	k = v.card(c, w, false)
	need = k.decides + len(k.foot) + 2 // and its frame
	if len(k.rows) > k.decides {
		need++ // the line that says what is folded
	}
	return k, need
}

// scrollCard moves the first card's rows as far as they go.
func (m *model) scrollCard(by int) {
	list := m.cards()
	if len(list) == 0 {
		return
	}
	lay := layout.Solve(m.input())
	v := &view{m: m, g: theme.GlyphsOf(m.glyphs), lay: lay}
	inner, frame := lay.Pane[paneEffects], 2 // a title row each of the pane and the card
	if lay.Mode == layout.Two || lay.Mode == layout.Three {
		inner, frame = inner.Inset(), 2
	} else if inner.H > 20 {
		frame = 3
	}
	k := v.card(list[0], inner.W-4, inner.H >= 14)
	m.scroll[paneEffects] = max(0, min(m.scroll[paneEffects]+by, lastTop(len(k.rows), inner.H-frame-len(k.foot))))
}
