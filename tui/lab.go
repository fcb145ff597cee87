package tui

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/ddbloop/ddbloop/engine"
	"github.com/ddbloop/ddbloop/engine/change"
	"github.com/ddbloop/ddbloop/history"
	"github.com/ddbloop/ddbloop/tui/draw"
	"github.com/ddbloop/ddbloop/tui/keys"
	"github.com/ddbloop/ddbloop/tui/theme"
)

// probes are the names of the team's own probes that have answered.
func (m *model) probes() []string {
	var names []string
	for _, name := range slices.Sorted(maps.Keys(m.state.Probes)) {
		if !m.state.Probes[name].Last.NoData() {
			names = append(names, name)
		}
	}
	return names
}

// lab asks for the variant to measure beside a probe, or ends the lab that runs.
func (m *model) lab() tea.Cmd {
	if l := m.newestLab(); l != nil && l.Finished.IsZero() {
		return m.send("end lab "+l.Info.ID, engine.StopLab{})
	}
	m.askLab("")
	return nil
}

// askLab asks for variant B, with what is known of it filled in.
func (m *model) askLab(filled string) {
	names := m.probes()
	label := "lab beside " + names[0] + ": file of variant B"
	if len(names) > 1 {
		label = "lab: PROBE (" + strings.Join(names, ", ") + "), then the file of variant B"
	}
	m.askText(label, "start the lab", func(text string) engine.Command {
		if name, file, ok := strings.Cut(text, " "); ok && slices.Contains(names, name) {
			return engine.StartLab{Probe: name, File: strings.TrimSpace(file)}
		}
		return engine.StartLab{File: text}
	})
	m.prompt.add(filled)
	m.focus, m.card = paneEffects, ""
}

// labOf is the lab on the variant that an act of the open runbook names; nil while none has measured it.
func (m *model) labOf(st *history.Step) *history.Lab {
	table, _, _ := strings.Cut(m.state.Run.Info.Target, "/")
	return change.Measured(m.state, table, st.Probe, st.Variant)
}

// variant plans that a probe asks as the variant of an act. Before a lab has measured it, that is what is asked for.
func (m *model) variant(st *history.Step) tea.Cmd {
	switch l := m.newestLab(); {
	case l != nil && l.Finished.IsZero():
		m.focus = paneEffects
		m.say(theme.Info, l.Info.ID+" runs, and its word comes first: "+keys.Of(keys.Lab).Show+" ends it")
	case m.labOf(st) != nil:
		m.focus, m.card = paneEffects, ""
		return m.send("plan "+st.ID, engine.PlanStep{Step: st.ID})
	case len(m.probes()) == 0:
		m.say(theme.Warn, keys.Of(keys.Lab).Why(m.facts()))
	default:
		m.askLab(strings.TrimSpace(st.Probe + " " + st.Variant))
	}
	return nil
}

func (m *model) newestLab() *history.Lab {
	if n := len(m.state.Labs); n > 0 {
		return m.state.Labs[n-1]
	}
	return nil
}

// labFirst reports whether the newest lab stands above the changes: while it runs, or when nothing was planned since; never
// above a plan that waits for its approval.
func (m *model) labFirst() bool {
	l := m.newestLab()
	if l == nil || m.planned() != nil {
		return false
	}
	n := len(m.state.Changes)
	return l.Finished.IsZero() || n == 0 || m.state.Changes[n-1].Planned.Before(l.Started)
}

// labCard draws a lab at row y and returns the row below it.
func (v *view) labCard(a draw.Area, y int, l *history.Lab, boxed bool) int {
	room := a.H - y
	if room < 1 {
		return y
	}
	title := l.Info.ID + " lab " + l.Info.A.Name + " | " + l.Info.B.Name
	word, tok := labWord(l)
	if boxed && room >= 4 {
		rows := v.labRows(l, a.W-4)
		h := min(room, len(rows)+2)
		v.flow(a.Sub(0, y, a.W, h).Box(v.g, theme.Border, theme.Strong, title, tok, word), rows, 0)
		return y + h
	}
	rows := v.labRows(l, a.W-2)
	a.Sub(0, y, a.W-1, 1).Right(0, tok, word)
	a.Text(1, y, theme.Strong, draw.Fit(title, a.W-3-draw.Width(word), v.g.Ellipsis))
	v.flow(a.Sub(1, y+1, a.W-1, room-1), rows, 0)
	return y + 1 + len(rows)
}

func labWord(l *history.Lab) (string, theme.Token) {
	r := l.Result
	switch {
	case l.Finished.IsZero() && r == nil:
		return "STARTING", theme.Info
	case l.Finished.IsZero():
		return fmt.Sprintf("%d/%d", r.Pairs, r.Rounds), theme.Info
	case r.Winner != "":
		return "WINNER " + strings.ToUpper(r.Winner), theme.OK
	case r.Verdict == history.LabFailing || r.Verdict == history.LabDifferent:
		return strings.ToUpper(r.Verdict), theme.Warn
	}
	return strings.ToUpper(r.Verdict), theme.Info
}

// labRows are both variants side by side: what they ask, how their times spread, what they use, and the words.
func (v *view) labRows(l *history.Lab, w int) []para {
	var rows []para
	put := func(tok theme.Token, text string, lines int) {
		for _, part := range draw.Wrap(text, w, lines, v.g.Ellipsis) {
			rows = append(rows, para{text: part, tok: tok})
		}
	}
	r := l.Result
	if r == nil || r.Pairs == 0 {
		put(theme.Text, "A "+l.Info.A.Shape, 1)
		put(theme.Text, "B "+l.Info.B.Shape, 1)
	}
	if r != nil && r.Pairs > 0 {
		from, to := binsShown(r)
		for _, side := range []struct {
			name  string
			shape string
			of    history.LabSide
		}{{"A", l.Info.A.Shape, r.A}, {"B", l.Info.B.Shape, r.B}} {
			put(theme.Text, side.name+" "+v.spread(side.of.Bins[from:to])+fmt.Sprintf(" p50 %.3g p99 %.3g ms", side.of.P50.Value, side.of.P99.Value)+
				fmt.Sprintf("%s%.3g units", v.sep(), side.of.Units)+v.sep()+side.shape, 2)
		}
		if from < len(r.Edges) && to >= 1 {
			put(theme.Dim, fmt.Sprintf("  times from %.2g to %.2g ms, five steps a decade", lower(r.Edges, from), r.Edges[min(to, len(r.Edges))-1]), 1)
		}
	}
	switch {
	case l.Finished.IsZero():
		put(theme.Key, v.show(keys.Lab)+" ends it", 1)
		if r != nil && r.Pairs > 0 {
			put(theme.Text, r.Why, 3)
		}
	default:
		_, tok := labWord(l)
		put(tok, r.Why, 4)
		if r.Ended != "" {
			put(theme.Warn, "ended early: "+r.Ended, 2)
		}
	}
	return rows
}

// lower is the lower edge of a bin.
func lower(edges []float64, bin int) float64 {
	if bin == 0 {
		return 0
	}
	return edges[bin-1]
}

// binsShown are the bins that either variant has a call in, so that both are drawn on one axis.
func binsShown(r *history.LabResult) (from, to int) {
	n := min(len(r.A.Bins), len(r.B.Bins))
	from = n
	for i := range n {
		if r.A.Bins[i]+r.B.Bins[i] > 0 {
			from, to = min(from, i), i+1
		}
	}
	return min(from, to), to
}

// spread draws a histogram in one row.
func (v *view) spread(bins []int) string {
	if len(bins) == 0 {
		return ""
	}
	top := max(1, slices.Max(bins))
	var b strings.Builder
	for _, n := range bins {
		eighths := math.Ceil(8 * float64(n) / float64(top))
		b.WriteString(v.g.Degree[int(min(8, max(0, eighths)))])
	}
	return b.String()
}
