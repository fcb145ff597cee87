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

// effects draws a card for each change, the selected one first, then the others newest first.
func (v *view) effects(a draw.Area) {
	m := v.m
	boxed := v.lay.Mode == layout.Two || v.lay.Mode == layout.Three || a.H >= 20
	y := 0
	if m.labFirst() {
		y = v.labCard(a, y, m.newestLab(), boxed)
	}
	for i, c := range m.cards() {
		k := v.card(c, a.W-4, a.H >= 14)
		top := 0
		if i == 0 {
			top = m.scroll[paneEffects]
		}
		room := a.H - y
		if boxed && room >= 4 {
			h := min(room, k.height()+2)
			border, tok := v.cardTok(c)
			if m.focus == paneEffects && i == 0 {
				border = theme.Focus
			}
			inner := a.Sub(0, y, a.W, h).Box(v.g, border, theme.Strong, c.Plan.ID+" "+c.Plan.Title, tok, cardWord(c))
			v.fill(inner, k, top)
			y += h
			continue
		}
		if room < 1 {
			break
		}
		_, tok := v.cardTok(c)
		word := cardWord(c)
		a.Sub(0, y, a.W-1, 1).Right(0, tok, word)
		a.Text(1, y, theme.Strong, draw.Fit(c.Plan.ID+" "+c.Plan.Title, a.W-3-draw.Width(word), v.g.Ellipsis))
		v.fill(a.Sub(1, y+1, a.W-1, room-1), k, top)
		y += 1 + k.height()
	}
	if l := m.newestLab(); l != nil && !m.labFirst() {
		y = v.labCard(a, y, l, boxed)
	}
	v.noChange(a, y)
}

// noChange fills what the cards leave: the newest refusal, and how a change comes about.
func (v *view) noChange(a draw.Area, y int) {
	s := v.m.state
	if n := len(s.Refused); n > 0 && y < a.H {
		r := s.Refused[n-1]
		text := v.g.Crit + " refused " + r.What + " on " + r.Target + ": " + r.Why
		for _, part := range draw.Wrap(text, a.W-2, a.H-y, v.g.Ellipsis) {
			a.Text(1, y, theme.Warn, part)
			y++
		}
	}
	if len(s.Changes) == 0 && y < a.H {
		text := "no change yet. An act of the runbook plans one; nothing is sent without a typed token."
		for _, part := range draw.Wrap(text, a.W-2, a.H-y, v.g.Ellipsis) {
			a.Text(1, y, theme.Dim, part)
			y++
		}
	}
}

// cards are the changes in the order they are drawn.
func (m *model) cards() []*history.Change {
	var out []*history.Change
	first := m.state.Change(m.card)
	if m.ask != nil {
		first = m.state.Change(m.ask.id)
	} else if first == nil {
		first = m.planned()
	}
	if first != nil {
		out = append(out, first)
	}
	for i := len(m.state.Changes) - 1; i >= 0; i-- {
		if c := m.state.Changes[i]; c != first {
			out = append(out, c)
		}
	}
	return out
}

func cardWord(c *history.Change) string {
	switch {
	case c.State == history.ChangeInForce && c.Effect != nil && c.Effect.Faded:
		return "FADED"
	case c.State == history.ChangeInForce && c.Effect != nil:
		return strings.ToUpper(c.Effect.Word)
	case c.State == history.ChangeInForce && c.Look != nil:
		return strings.ToUpper(c.Look.Word) + "?"
	}
	return strings.ToUpper(c.State)
}

// cardTok returns the colours of a card's border and of its word.
func (v *view) cardTok(c *history.Change) (border, word theme.Token) {
	switch c.State {
	case history.ChangePlan:
		return theme.Warn, theme.Warn
	case history.ChangeFailed, history.ChangeUnsure:
		return theme.Crit, theme.Crit
	case history.ChangeInForce:
		return theme.Border, wordTok(cardWord(c))
	}
	return theme.Border, theme.Info
}

func wordTok(word string) theme.Token {
	switch strings.ToLower(strings.TrimSuffix(word, "?")) {
	case history.Worked, history.Helped, "better":
		return theme.OK
	case history.Worse:
		return theme.Crit
	case history.NoEffect, history.Confounded, "faded":
		return theme.Warn
	}
	return theme.Info
}

// judged says whether a change helped: the verdict, the first look, and how to take it back.
func (v *view) judged(c *history.Change, put func(theme.Token, string, string, int)) {
	if e := c.Effect; e != nil {
		put(wordTok(e.Word), v.word(e.Word)+" ", effectText(e), 2)
		put(theme.Text, "  ", e.Reason, 2)
		if u := e.Against; u != nil {
			put(theme.Dim, "  ", "against untouched "+u.Where+": "+say.Percent(u.Moved)+", difference "+say.Percent(u.Net), 1)
		}
	}
	v.credit(c, put)
	if l := c.Look; l != nil {
		put(wordTok(l.Word), "first look ", l.Word+" "+effectText(l)+" in "+metric.Age(l.Took), 2)
		if c.Effect == nil {
			put(theme.Text, "  ", l.Reason, 2)
		}
	}
	if c.Effect == nil && c.Look == nil && c.State == history.ChangeInForce {
		next := "its effect is not judged"
		if c.Plan.Expect != nil && c.Plan.UndoOf == "" {
			next = "first look in seconds, confirmation when CloudWatch has it"
		}
		put(theme.Info, "", "in force "+say.Clock(c.Settled)+"Z; "+next, 2)
	}
	if !c.Undone.IsZero() {
		put(theme.Info, "", "undone "+say.Clock(c.Undone)+"Z by "+c.UndoneBy, 1)
	}
	if c.From != "" {
		put(theme.Dim, "", "made in an earlier session, "+c.From, 1)
	}
	if c.State == history.ChangeInForce && c.Proposed != "" {
		put(theme.Warn, v.g.Warn+" ", "take it back: "+c.Proposed, 1)
	}
	if c.State == history.ChangeInForce && !c.UndoAt.IsZero() {
		put(theme.Warn, v.g.Warn+" ", "taken back at "+say.Clock(c.UndoAt)+"Z unless kept ("+v.show(keys.Timer)+")", 1)
	}
}

// credit says what the end of the incident owes to a change.
func (v *view) credit(c *history.Change, put func(theme.Token, string, string, int)) {
	a := v.m.state.Attributed
	if a == nil {
		return
	}
	if a.Ended == history.EndedByChange && a.By == c.Plan.ID {
		put(theme.OK, v.g.Done+" ", fmt.Sprintf("ended the incident (%.0f%% of the evidence)", 100*a.Confidence), 1)
	}
	for _, x := range a.Vain {
		if x.ID == c.Plan.ID {
			put(theme.Warn, "", "in vain: "+metric.Age(x.Took)+" until that was known", 1)
		}
	}
}

func (v *view) word(w string) string {
	sign := v.g.Asked
	switch wordTok(w) {
	case theme.OK:
		sign = v.g.Done
	case theme.Crit:
		sign = v.g.Crit
	case theme.Warn:
		sign = v.g.None
	}
	return sign + " " + strings.ToUpper(w)
}

// effectText is the size of an effect with its interval: write_throttles −97% [−99, −90] 212/s → 6.1/s n=60.
func effectText(e *history.EffectJudged) string {
	unit := e.Unit
	if unit == "" && max(e.Before, e.After) <= 1 {
		unit = "%" // shares have no unit in the catalogue
	}
	return fmt.Sprintf("%s %s [%s, %s] %s→%s n=%d", e.Signal, say.Percent(e.Change), say.Percent(e.Low), say.Percent(e.High),
		metric.Value(e.Before, unit), metric.Value(e.After, unit), e.N)
}
