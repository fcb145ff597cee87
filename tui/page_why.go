package tui

import (
	"strings"

	"github.com/ddbloop/ddbloop/tui/draw"
	"github.com/ddbloop/ddbloop/tui/keys"
	"github.com/ddbloop/ddbloop/tui/layout"
	"github.com/ddbloop/ddbloop/tui/say"
	"github.com/ddbloop/ddbloop/tui/theme"
)

// whyLead is the width of the word before each reason.
const whyLead = 9

// whyToks are the colours of the reasons; what matters most at 3 a.m. stands out.
var whyToks = map[say.Role]theme.Token{
	say.Ranked: theme.Strong, say.Began: theme.Strong, say.Cause: theme.Strong, say.Against: theme.Dim, say.Like: theme.Warn,
	say.Decides: theme.Key, say.First: theme.Dim, say.Advice: theme.Info, say.Ended: theme.OK,
}

// why draws the reasoning behind the verdict: in one column, or, where there is room, the candidates and the rest side by side.
func (v *view) why(a draw.Area) {
	body := v.rule(a, theme.Focus, theme.Focus, "why this verdict", theme.Dim, v.m.whyTitle(v.show(keys.Verdict)))
	left, right := v.whyColumns(body.W)
	if len(left) == 0 {
		body.Text(1, 0, theme.Dim, "nothing is assessed yet: waiting for the first measurements")
		return
	}
	w := body.W
	if len(right) > 0 {
		w = body.W / 2
		v.folded(body.Sub(w, 0, body.W-w, body.H), right, v.m.top, "", "j/k")
	}
	v.folded(body.Sub(0, 0, w, body.H), left, v.m.top, "", "j/k")
}

func (m *model) whyTitle(key string) string {
	text := "j/k scrolls, " + key + " or esc back"
	if at := m.state.AssessedAt; !at.IsZero() && m.w >= 70 {
		text = "as of " + say.Clock(at) + "Z, " + text
	}
	return text
}

// whyColumns are the rows of the page; with room for two columns, when it began and what to do stand beside the candidates.
func (v *view) whyColumns(w int) (left, right []para) {
	reasons := say.Why(v.m.state, v.m.now())
	if w < 150 {
		return v.whyRows(reasons, w), nil
	}
	var causes, rest []say.Reason
	for _, r := range reasons {
		switch r.Role {
		case say.Began, say.First, say.Moved, say.Advice, say.Ended:
			rest = append(rest, r)
		default:
			causes = append(causes, r)
		}
	}
	return v.whyRows(causes, w/2), v.whyRows(rest, w-w/2)
}

func (v *view) whyRows(reasons []say.Reason, w int) (rows []para) {
	for _, r := range reasons {
		lead := r.Lead()
		lead += strings.Repeat(" ", whyLead-len(lead))
		if (r.Role == say.Cause || r.Role == say.Began) && len(rows) > 0 {
			rows = append(rows, para{})
		}
		for _, part := range draw.Wrap(r.Text, w-whyLead-2, 9, v.g.Ellipsis) {
			rows = append(rows, para{text: lead + part, tok: whyToks[r.Role]})
			lead = strings.Repeat(" ", whyLead)
		}
	}
	return rows
}

// scrollWhy moves the page as far as it has rows.
func (m *model) scrollWhy(by int) {
	lay := layout.Solve(m.input())
	v := &view{m: m, g: theme.GlyphsOf(m.glyphs), lay: lay}
	left, right := v.whyColumns(lay.Body.W)
	m.top = max(0, min(m.top+by, lastTop(max(len(left), len(right)), lay.Body.H-1)))
}
