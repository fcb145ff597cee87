package tui

import (
	"strings"

	"github.com/ddbloop/ddbloop/history"
	"github.com/ddbloop/ddbloop/runbooks"
	"github.com/ddbloop/ddbloop/tui/draw"
	"github.com/ddbloop/ddbloop/tui/keys"
	"github.com/ddbloop/ddbloop/tui/layout"
	"github.com/ddbloop/ddbloop/tui/theme"
)

// footer draws what was said last, or else what to press next, and the keys. With one row, the keys give way.
func (v *view) footer(a draw.Area) {
	text, tok := v.message()
	if tok == theme.OK { // good news leaves room for what to do now
		if next, nextTok := v.next(); next != "" {
			text, tok = text+"  "+next, nextTok
		}
	}
	if a.H == 1 {
		if text == "" {
			text, tok = v.next()
		}
		if text == "" {
			v.keyLine(a, 0)
			return
		}
		a.Text(0, 0, tok, draw.Fit(text, a.W-8, v.g.Ellipsis))
		a.Right(0, theme.Dim, "1-4 ?")
		return
	}
	if v.m.copied != "" { // both rows, so that it can be marked with the mouse in full
		for y, part := range draw.Wrap(text, a.W, a.H, v.g.Ellipsis) {
			a.Text(0, y, tok, part)
		}
		return
	}
	if text == "" {
		text, tok = v.next()
	}
	a.Text(0, 0, tok, draw.Fit(text, a.W, v.g.Ellipsis))
	v.keyLine(a, 1)
}

// message is what has to be answered or was said last.
func (v *view) message() (string, theme.Token) {
	m := v.m
	switch {
	case m.prompt != nil:
		label, text := m.prompt.label+": ", m.prompt.text
		if room := m.w - draw.Width(label) - 2; draw.Width(text) > room && room > 0 {
			text = tail(text, room)
		}
		return label + text + "_", theme.Key
	case m.copied != "":
		return m.copied, theme.Strong
	case m.status.text != "":
		return m.status.text, m.status.tok
	case m.ended != "":
		return "no more events: " + m.ended, theme.Warn
	}
	return "", theme.Text
}

// tail returns the end of s in at most w cells.
func tail(s string, w int) string {
	r := []rune(s)
	for draw.Width(string(r)) > w {
		r = r[1:]
	}
	return string(r)
}

// next says in one line what the person could do now.
func (v *view) next() (string, theme.Token) {
	m, s := v.m, v.m.state
	tok, key := theme.Key, func(a keys.Action) string { return v.show(a) }
	switch c, st := m.planned(), m.step(); {
	case m.ask != nil:
		return v.g.Here + " type " + m.ask.token + " and then Enter to send " + m.ask.id + v.sep() + "esc leaves it planned", theme.Armed
	case m.choose != nil:
		return v.g.Here + " j/k choose" + v.sep() + key(keys.Enter) + " take it" + v.sep() + "esc back", tok
	case m.frozen:
		return v.g.Here + " space shows the present", tok
	case c != nil && m.readOnly() != "":
		return v.g.Here + " " + c.Plan.ID + " is planned; " + m.readOnly(), theme.Warn
	case c != nil:
		text := v.g.Here + " " + key(keys.Arm) + " approve " + c.Plan.ID + " (" + c.Plan.Title + ")" + v.sep() + key(keys.Drop) + " drop it"
		if c.Plan.Note != "" {
			text += v.sep() + c.Plan.Note
		}
		return text, tok
	case m.inFlight() != nil:
		return v.g.Here + " " + m.inFlight().Plan.ID + " is " + m.inFlight().State + ": wait for its effect", theme.Info
	case m.handOver():
		return v.g.Here + " " + key(keys.Escalate) + " hand over: " + s.Assessed.Disposition.Rule, theme.Warn
	case m.betterBook() != "":
		return v.g.Here + " " + key(keys.Open) + " open " + m.betterBook() + ": the diagnosis has turned", tok
	case st != nil:
		return v.stepHint(st), tok
	case s.Run == nil && !s.Incident.Detected.IsZero() && s.Incident.Closed.IsZero():
		return v.g.Here + " " + key(keys.Open) + " open a runbook", tok
	case !s.Incident.Recovered.IsZero() && s.Incident.Closed.IsZero():
		return v.g.Here + " " + key(keys.Close) + " close the incident" + v.sep() + key(keys.Postmortem) + " write the postmortem", tok
	}
	return "", tok
}

// handOver reports whether what is recommended is to hand over, and nobody has.
func (m *model) handOver() bool {
	in := m.state.Incident
	return m.state.Assessed.Disposition.Verdict == history.Escalate && !in.Detected.IsZero() && in.Escalated.IsZero() && in.Recovered.IsZero() && in.Closed.IsZero()
}

// betterBook is the runbook of what has turned out to be the trouble, while nothing of the open one is in force; "" = none.
func (m *model) betterBook() string {
	run := m.state.Run
	if run == nil || len(m.books) == 0 || m.books[0].Fits < 0.8 || m.books[0].Name == run.Info.Runbook || !m.state.Incident.Recovered.IsZero() {
		return ""
	}
	for _, c := range m.state.Changes {
		if c.State == history.ChangeInForce && c.Plan.UndoOf == "" && !c.Planned.Before(run.Opened) {
			return ""
		}
	}
	return m.books[0].Name
}

func (v *view) stepHint(st *history.Step) string {
	enter := v.show(keys.Enter)
	if v.m.focus != paneRunbook {
		enter = "2 " + enter
	}
	lead := v.g.Here + " " + st.ID + ": "
	c := v.m.planned()
	switch {
	case c != nil && c.Plan.Step == st.ID:
		return lead + v.show(keys.Arm) + " approve " + c.Plan.ID + v.sep() + v.show(keys.Drop) + " drop it"
	case st.Type == "decide" && st.Favoured != "":
		return lead + enter + " take " + st.Favoured + v.sep() + v.show(keys.Decide) + " another branch"
	case st.Type == "decide":
		return lead + v.show(keys.Decide) + " choose a branch"
	case st.Type == "act" && v.m.inVain(st) != nil:
		w := v.m.inVain(st)
		return lead + v.show(keys.Undo) + " undo " + w.Plan.ID + ": " + w.Effect.Word
	case st.Type == "act" && v.m.working(st) != nil:
		w := v.m.working(st)
		next, said := v.show(keys.Undo)+" undo", " is in force, its verdict comes as its minutes do"
		if w.Effect != nil {
			said = ": " + w.Effect.Word
		}
		if w.Plan.UndoClass == history.UndoImpossible {
			next = v.show(keys.Skip) + " skip"
		}
		return lead + w.Plan.ID + said + v.sep() + next
	case st.Type == "act" && st.Change == "escalate":
		return lead + enter + " escalate"
	case st.Variant != "" && v.m.labOf(st) == nil:
		return lead + enter + " measure it beside a probe first" + v.sep() + v.show(keys.Skip) + " skip"
	case st.Type == "act" && st.Change != runbooks.Wait && v.m.state.Assessed.Disposition.Verdict == history.Retry:
		return lead + "wait, " + v.m.state.Assessed.Disposition.Rule + v.sep() + enter + " plan it all the same"
	case st.Type == "act":
		return lead + enter + " plan it (nothing is sent yet)" + v.sep() + v.show(keys.Skip) + " skip"
	case st.Type == "note":
		return lead + enter + " answer" + v.sep() + v.show(keys.Done) + " done"
	}
	return lead + "evaluates itself" + v.sep() + v.show(keys.Done) + " done" + v.sep() + v.show(keys.Skip) + " skip"
}

// working returns the change in force that a step still waits to see judged; nil when there is none.
func (m *model) working(st *history.Step) *history.Change {
	for _, c := range m.state.Changes {
		if c.Plan.Step == st.ID && c.State == history.ChangeInForce && c.Plan.UndoOf == "" {
			return c
		}
	}
	return nil
}

// inVain returns the change of a step that was judged to do nothing or harm; nil when there is none in force.
func (m *model) inVain(st *history.Step) *history.Change {
	c := m.working(st)
	if c == nil || c.Effect == nil || c.Effect.Word != history.NoEffect && c.Effect.Word != history.Worse || c.Plan.UndoClass == history.UndoImpossible {
		return nil
	}
	return c
}

// show writes an action's key in the glyphs of the screen.
func (v *view) show(a keys.Action) string { return v.keyText(keys.Of(a).Show) }

func (v *view) keyText(s string) string {
	if v.g.Set == theme.ASCII {
		return strings.NewReplacer("⏎", "enter", "←", "left", "→", "right", "↑", "up", "↓", "down").Replace(s)
	}
	return s
}

// common are the keys of the last line, most useful first.
var common = []keys.Action{keys.Help, keys.NextPane, keys.Enter, keys.Verdict, keys.Freeze, keys.Open, keys.Plan, keys.Arm, keys.Undo, keys.Note, keys.Earlier, keys.ZoomIn, keys.Copy, keys.Postmortem, keys.Escalate, keys.Quit}

func (v *view) keyLine(a draw.Area, y int) {
	x := 0
	if v.lay.Mode == layout.One {
		for p := range layout.Panes {
			tok := theme.Dim
			if p == v.m.focus {
				tok = theme.Focus
			}
			x = a.Text(x, y, tok, string(rune('1'+p))+" "+p.String()[:4]+" ")
		}
	}
	if v.m.ask != nil || v.m.prompt != nil || v.m.choose != nil {
		return // these keys are text now
	}
	f := v.m.facts()
	for _, action := range common {
		b := keys.Of(action)
		if b.Why(f) != "" {
			continue
		}
		show := v.keyText(b.Show)
		need := draw.Width(show) + 1 + draw.Width(b.Short)
		if x > 0 {
			need += 3
		}
		if x+need > a.W {
			continue
		}
		if x > 0 {
			x = a.Text(x, y, theme.Faint, v.sep())
		}
		x = a.Text(x, y, theme.Key, show)
		x = a.Text(x+1, y, theme.Dim, b.Short)
	}
}
