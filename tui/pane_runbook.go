package tui

import (
	"fmt"
	"strings"

	"github.com/ddbloop/ddbloop/history"
	"github.com/ddbloop/ddbloop/runbooks"
	"github.com/ddbloop/ddbloop/tui/draw"
	"github.com/ddbloop/ddbloop/tui/keys"
	"github.com/ddbloop/ddbloop/tui/say"
	"github.com/ddbloop/ddbloop/tui/theme"
)

// para is one row of flowing text, with a word at its right.
type para struct {
	text    string
	tok     theme.Token
	right   string
	current bool
}

// runbook draws the steps, the current one with its numbers, branches or plan.
func (v *view) runbook(a draw.Area) {
	m := v.m
	if m.choose != nil {
		v.chooser(a, m.choose)
		return
	}
	if m.state.Run == nil {
		v.noRunbook(a)
		return
	}
	rows := v.steps(a.W, a.H >= 20)
	anchor := 0
	for i, r := range rows {
		if r.current {
			anchor = i
			break
		}
	}
	end := anchor
	for end+1 < len(rows) && rows[end+1].current {
		end++
	}
	top := max(0, min(anchor-1, end-a.H+2))
	if end-anchor+1 >= a.H {
		top = anchor
	}
	top = max(0, min(top, len(rows)-a.H))
	v.flow(a, rows, max(0, min(top+m.scroll[paneRunbook], len(rows)-a.H)))
}

func (v *view) flow(a draw.Area, rows []para, top int) {
	for y := range min(a.H, len(rows)-top) {
		r := rows[top+y]
		w := a.W - 2
		if r.right != "" {
			w -= draw.Width(r.right) + 1
			a.Sub(0, y, a.W-1, 1).Right(0, theme.Dim, r.right)
		}
		a.Text(1, y, r.tok, draw.Fit(r.text, w, v.g.Ellipsis))
	}
}

func (v *view) steps(w int, roomy bool) []para {
	run := v.m.state.Run
	var rows []para
	for i, st := range run.Steps {
		here := st.ID == run.Current
		sign, tok := v.stepSign(st, here)
		right := ""
		if !st.At.IsZero() && !here {
			right = strings.TrimSpace(st.At.UTC().Format("15:04") + " " + st.By)
			right = draw.Fit(right, 14, v.g.Ellipsis)
		}
		text := fmt.Sprintf("%s %d %s", sign, i+1, st.Say)
		if here {
			right = st.Type
			tok = theme.Strong
			for k, part := range draw.Wrap(st.Say, w-8-len(right), 2, v.g.Ellipsis) {
				if k == 0 {
					rows = append(rows, para{text: fmt.Sprintf("%s %d %s", sign, i+1, part), tok: tok, right: right, current: true})
				} else {
					rows = append(rows, para{text: "    " + part, tok: tok, current: true})
				}
			}
			rows = append(rows, v.details(st, w, roomy)...)
			continue
		}
		if st.Type == "decide" && st.Result != "" {
			text += " " + v.g.Arrow + " " + st.Result
		}
		rows = append(rows, para{text: text, tok: tok, right: right})
	}
	if run.Current == "" {
		rows = append(rows, para{text: v.g.Here + " end of the runbook: " + v.show(keys.Open) + " another, " + v.show(keys.Close) + " close", tok: theme.Info, current: true})
	}
	return rows
}

func (v *view) stepSign(st *history.Step, here bool) (string, theme.Token) {
	switch {
	case here:
		return v.g.Here, theme.Strong
	case st.Result == "skipped":
		return v.g.Minus, theme.Dim
	case st.Verdict == history.Pass:
		return v.g.Done, theme.OK
	case st.Verdict == history.Fail:
		return v.g.Failed, theme.Warn
	case st.Verdict == history.NoVerdict:
		return v.g.Asked, theme.Stale
	case st.Result != "":
		return v.g.Done, theme.OK
	}
	return v.g.Todo, theme.Dim
}

// details are the rows below the current step.
func (v *view) details(st *history.Step, w int, roomy bool) []para {
	var rows []para
	put := func(tok theme.Token, lead, text string, lines int) {
		if roomy {
			lines += 4
		}
		for i, part := range draw.Wrap(text, w-6-draw.Width(lead), lines, v.g.Ellipsis) {
			if i > 0 {
				lead = strings.Repeat(" ", draw.Width(lead))
			}
			rows = append(rows, para{text: "    " + lead + part, tok: tok, current: true})
		}
	}
	switch st.Type {
	case "check":
		sign, tok := v.stepSign(st, false)
		if st.Verdict == "" {
			put(theme.Dim, "", "not evaluated yet", 1)
			break
		}
		put(tok, sign+" ", st.Verdict+" since "+say.Clock(st.At)+"Z: "+st.Why, 4) // its numbers are of then
	case "decide":
		if st.Favoured != "" {
			put(theme.Key, v.g.Here+" ", st.Favoured+" (favoured): "+st.Because, 3)
		}
	case "act":
		v.actDetails(st, put)
	}
	_, hint, _ := strings.Cut(v.stepHint(st), ": ")
	put(theme.Key, "", hint, 2)
	for _, c := range st.Choices { // what else could be done comes after what to press
		if c.Goto != st.Favoured {
			put(theme.Dim, v.g.Dot+" ", c.Goto+": "+c.Because, 1)
		}
	}
	return rows
}

func (v *view) actDetails(st *history.Step, put func(theme.Token, string, string, int)) {
	for i := len(v.m.state.Changes) - 1; i >= 0; i-- {
		if c := v.m.state.Changes[i]; c.Plan.Step == st.ID {
			put(theme.Dim, "", v.whatItTakes(st, c), 2)
			put(theme.Text, c.Plan.ID+" ", c.State+": "+c.Plan.Before+" "+v.g.Arrow+" "+c.Plan.After+", "+say.Cost(c.Plan), 3)
			return
		}
	}
	put(theme.Dim, "", v.whatItTakes(st, nil), 2)
	for i := len(v.m.state.Refused) - 1; i >= 0; i-- {
		if r := v.m.state.Refused[i]; r.Step == st.ID {
			put(theme.Warn, v.g.Crit+" refused: ", r.Why, 3)
			return
		}
	}
}

// whatItTakes says which change an act asks for; of levers, which of the team's it would be now, or was. That it has no lever left is
// news only where none of its own was set.
func (v *view) whatItTakes(st *history.Step, made *history.Change) string {
	if len(st.Levers) == 0 {
		return st.Change
	}
	if made != nil && !made.Intended.IsZero() {
		return strings.Replace(made.Plan.What, ":", " ", 1) + ": " + made.Plan.Title
	}
	l, _, ok := runbooks.LeverFor(v.m.state, st.Levers)
	if !ok {
		return "no lever is left that does one of: " + strings.Join(st.Levers, " ")
	}
	return "lever " + l.Name + " (" + l.Does + "): " + l.Title
}

func (v *view) noRunbook(a draw.Area) {
	rows := []para{{text: "no runbook is open. " + v.show(keys.Open) + " opens one:", tok: theme.Text}}
	for _, b := range v.m.books {
		right := ""
		if b.Fits >= 0.005 {
			right = "fits " + fits(b.Fits)
		}
		rows = append(rows, para{text: v.g.Todo + " " + b.Name + "  " + b.Title, tok: theme.Dim, right: right})
	}
	v.flow(a, rows, max(0, min(v.m.scroll[paneRunbook], len(rows)-a.H)))
}

func (v *view) chooser(a draw.Area, c *chooser) {
	a.Text(1, 0, theme.Strong, draw.Fit(c.title+"  j/k, "+v.show(keys.Enter)+" takes it, esc", a.W-2, v.g.Ellipsis))
	body := a.Sub(0, 1, a.W, a.H-1)
	top := slide(c.at, body.H, len(c.rows))
	for y := range min(body.H, len(c.rows)-top) {
		r := c.rows[top+y]
		sign, tok := " ", theme.Text
		if top+y == c.at {
			sign, tok = v.g.Here, theme.Key
		}
		w := body.W - 2
		if r.note != "" {
			w -= draw.Width(r.note) + 1
			body.Sub(0, y, body.W-1, 1).Right(0, theme.OK, r.note)
		}
		body.Text(1, y, tok, draw.Fit(sign+" "+r.name+"  "+r.text, w, v.g.Ellipsis))
	}
}
