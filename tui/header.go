package tui

import (
	"fmt"
	"strings"

	"github.com/ddbloop/ddbloop/history"
	"github.com/ddbloop/ddbloop/tui/draw"
	"github.com/ddbloop/ddbloop/tui/keys"
	"github.com/ddbloop/ddbloop/tui/metric"
	"github.com/ddbloop/ddbloop/tui/say"
	"github.com/ddbloop/ddbloop/tui/theme"
)

// header draws what never leaves the screen: who is looked at, the verdict, what to do about it, and how
// fresh each source is.
func (v *view) header(a draw.Area) {
	v.identity(a)
	v.verdict(a)
	v.disposition(a)
	v.sources(a)
}

func (v *view) sep() string { return " " + v.g.Dot + " " }

func (v *view) identity(a draw.Area) {
	m, s := v.m, v.m.state
	wide := a.W >= 70
	sep := " "
	if wide {
		sep = v.sep()
	}
	var right []seg
	if m.readOnly() == "" {
		right = append(right, armedSeg(s.Hold != nil))
	} else {
		right = append(right, seg{text: " [RO] read-only ", short: "[RO]", tok: theme.ReadOnly, weight: 98, soft: 35})
	}
	right = append(right, v.live()...)
	left := []seg{
		{text: say.Tables(s), tok: theme.Strong, weight: keep},
		{text: "account " + say.Account(s.Session.Account), short: say.Account(s.Session.Account), tok: theme.Text, weight: 90, soft: 30},
		{text: s.Session.Region, tok: theme.Text, weight: 91},
		{text: say.Mode(s), short: shortMode(say.Mode(s)), tok: theme.Text, weight: 70, soft: 40},
		{text: say.Endpoint(s), short: shortEndpoint(say.Endpoint(s)), tok: theme.Mark, weight: 92, soft: 45},
	}
	for i := range right {
		right[i].right = true
	}
	all := fitSegs(append(left, right...), a.W-2, draw.Width(sep), v.g.Ellipsis)
	k := 0
	for k < len(all) && !all[k].right {
		k++
	}
	a.Text(0, 0, theme.Focus, v.g.Bar)
	line(a, 1, 0, all[:k], sep)
	wRight := -1
	for _, sg := range all[k:] {
		wRight += draw.Width(sg.text) + 1
	}
	line(a, a.W-max(0, wRight), 0, all[k:], " ")
}

// armedSeg says that changes are allowed, or held for the moment.
func armedSeg(held bool) seg {
	if held {
		return seg{text: " [HELD] nothing is sent ", short: "[HELD]", tok: theme.Warn, weight: 98, soft: 35}
	}
	return seg{text: " [ARMED] changes allowed ", short: "[ARMED]", tok: theme.Armed, weight: 98, soft: 35}
}

func shortMode(mode string) string {
	switch mode {
	case "provisioned":
		return "prov"
	case "on-demand":
		return "o-d"
	}
	return mode
}

func shortEndpoint(text string) string {
	if strings.HasPrefix(text, "embedded") {
		return "embedded"
	}
	return draw.Fit(text, 18, "~")
}

// live says whether the picture is the present one, and how old its oldest source is.
func (v *view) live() []seg {
	m := v.m
	var out []seg
	sources := say.Sources(m.state, m.now())
	down, open := 0, 0
	for _, s := range sources {
		if s.State != metric.None {
			open++
		}
		if s.State == metric.Crit {
			down++
		}
	}
	switch {
	case m.frozen:
		ahead := metric.Age(m.o.Now().Sub(m.state.Now))
		out = append(out, seg{
			text:  fmt.Sprintf(" FROZEN @%sZ live is %s ahead ", say.Clock(m.state.Now), ahead),
			short: "FROZEN+" + ahead, tok: theme.Frozen, weight: 99, soft: 50,
		})
	case m.ended != "":
		out = append(out, seg{text: v.g.Crit + " ENDED", tok: theme.Warn, weight: 99})
	case down > 0:
		text := fmt.Sprintf("%s %d of %d eyes down", v.g.Warn, down, open)
		out = append(out, seg{text: text, short: fmt.Sprintf("%d DOWN", down), tok: theme.Warn, weight: 99, soft: 65})
	default:
		out = append(out, seg{text: v.g.OK + " LIVE", short: "LIVE", tok: theme.OK, weight: 99, soft: 65})
	}
	if age, ok := say.Oldest(sources); ok {
		_, tok := v.stateSign(sources[0].State)
		out = append(out, seg{text: "oldest " + metric.Age(age), short: metric.Age(age), tok: tok, weight: 60, soft: 25})
	}
	return append(out, seg{text: say.Clock(m.now()) + "Z", tok: theme.Info, weight: 20})
}

func (v *view) layerSign(verdict string) (string, theme.Token) {
	switch verdict {
	case history.LayerHealthy:
		return v.g.OK, theme.OK
	case history.LayerUnknown:
		return v.g.Asked, theme.Stale
	case history.LayerTail:
		return v.g.Warn, theme.Warn
	}
	return v.g.Crit, theme.Crit
}

func (v *view) verdict(a draw.Area) {
	s := v.m.state
	word := say.Layer(s)
	sign, tok := v.layerSign(word)
	segs := []seg{{text: sign + " " + strings.ToUpper(word), tok: tok, weight: keep}}
	if text := say.Diagnosis(s); text != "" {
		r := s.Assessed.Ranked[0]
		segs = append(segs, seg{text: text, short: r.Kind + " " + history.Chance(r.P), tok: theme.Strong, weight: 95})
	}
	if t := say.Onset(s); !t.IsZero() {
		segs = append(segs, seg{text: say.Since(t, v.m.now()), short: metric.Age(v.m.now().Sub(t)), tok: theme.Text, weight: 80})
	}
	if !s.AssessedAt.IsZero() {
		segs = append(segs, seg{text: v.show(keys.Verdict) + " why", tok: theme.Key, weight: 45})
	}
	segs = append(segs, seg{text: say.Rival(s), tok: theme.Dim, weight: 40})
	if why := s.Assessed.Layer.Why; why != "" && (say.Do(s) != "" || word == history.LayerHealthy) {
		segs = append(segs, seg{text: why, short: draw.Fit(why, 40, v.g.Ellipsis), tok: theme.Dim, weight: 10})
	} else if s.AssessedAt.IsZero() {
		segs = append(segs, seg{text: "no assessment yet: waiting for the first measurements", short: "no assessment yet", tok: theme.Dim, weight: 30})
	}
	line(a, 0, 1, fitSegs(segs, a.W, draw.Width(v.sep()), v.g.Ellipsis), v.sep())
}

func (v *view) disposition(a draw.Area) {
	s := v.m.state
	standing := []seg{}
	if text := say.Standing(s); text != "" {
		tok := theme.Warn
		if !s.Incident.Recovered.IsZero() || !s.Incident.Closed.IsZero() {
			tok = theme.OK
		}
		standing = append(standing, seg{text: text, tok: tok, weight: keep})
	}
	room := a.W
	if len(standing) > 0 {
		room -= draw.Width(standing[0].text) + 3
	}
	tok, text := theme.Info, say.Do(s)
	if s.Assessed.Disposition.Verdict == history.Escalate {
		tok = theme.Crit
	}
	switch {
	case text != "" || s.AssessedAt.IsZero():
	case say.Quiet(s):
		tok, text = theme.OK, "quiet again; it counts as recovered when it has stayed so. Trouble began "+say.Clock(s.Incident.Onset)+"Z"
	case say.Layer(s) == history.LayerHealthy:
		tok, text = theme.Dim, "nothing to do"
	default:
		tok, text = theme.Text, s.Assessed.Layer.Why
	}
	if text != "" && room > 8 {
		standing = append([]seg{{text: draw.Fit(v.g.Arrow+" "+text, room, v.g.Ellipsis), tok: tok, weight: 99}}, standing...)
	}
	line(a, 0, 2, fitSegs(standing, a.W, draw.Width(v.sep()), v.g.Ellipsis), v.sep())
}

func (v *view) sources(a draw.Area) {
	s := v.m.state
	list := say.Sources(s, v.m.now())
	x, left := 0, len(list)
	if cost := say.Spent(s); cost != "" && a.W >= 70 {
		a.Right(3, theme.Dim, cost)
		a.W -= draw.Width(cost) + 2
	}
	if s.Hurt != "" {
		x = a.Text(0, 3, theme.Crit, draw.Fit(v.g.Crit+" journal: "+s.Hurt, a.W/2, v.g.Ellipsis)+"  ")
	}
	for _, src := range list {
		sign, tok := v.stateSign(src.State)
		text := src.Name + " "
		if src.Known {
			text += metric.Age(src.Age) + " "
		}
		text += sign
		if src.State != metric.OK {
			text += " " + sourceWord(src)
		}
		tail := fmt.Sprintf("%s+%d", v.sep(), left-1)
		room := a.W - x
		if left > 1 {
			room -= draw.Width(tail)
		}
		if x > 0 {
			room -= draw.Width(v.sep())
		}
		if draw.Width(text) > room && (x > 0 || room < 8) {
			break
		}
		if x > 0 {
			x = a.Text(x, 3, theme.Faint, v.sep())
		}
		x = a.Text(x, 3, tok, draw.Fit(text, room, v.g.Ellipsis))
		left--
	}
	switch {
	case len(list) == 0:
		a.Text(0, 3, theme.Dim, "no source has answered yet")
	case left > 0 && x > 0:
		a.Text(x, 3, theme.Dim, fmt.Sprintf("%s+%d", v.sep(), left))
	}
}

func sourceWord(src say.Source) string {
	if src.Text != "" {
		return src.Text
	}
	return src.Word()
}

func (v *view) stateSign(s metric.State) (string, theme.Token) {
	switch s {
	case metric.OK:
		return v.g.OK, theme.OK
	case metric.Stale:
		return v.g.Stale, theme.Stale
	case metric.Warn:
		return v.g.Warn, theme.Warn
	case metric.Crit:
		return v.g.Crit, theme.Crit
	}
	return v.g.None, theme.Dim
}
