package tui

import (
	"fmt"
	"strings"

	"github.com/ddbloop/ddbloop/tui/draw"
	"github.com/ddbloop/ddbloop/tui/plain"
	"github.com/ddbloop/ddbloop/tui/say"
)

// row is the selected row of the focused pane as plain text, for another window.
func (m *model) row() string {
	s := m.state
	text := ""
	if m.page == whyPage {
		var all []string
		for _, r := range say.Why(s, m.now()) {
			all = append(all, strings.TrimSpace(r.Lead()+" "+r.Text))
		}
		return draw.Clean(strings.Join(all, "; "))
	}
	switch m.focus {
	case paneMetrics:
		if lines, _ := m.shown(m.full); len(lines) > 0 {
			text = plain.Row(lines[m.selected(lines)], m.now())
		}
	case paneRunbook:
		if st := m.step(); st != nil {
			text = fmt.Sprintf("%s step %s: %s %s %s", s.Run.Info.Runbook, st.ID, st.Say, st.Verdict, st.Why)
		}
	case paneTimeline:
		if n := len(s.Timeline); n > 0 {
			e := s.Timeline[n-1-m.entry]
			text = fmt.Sprintf("%sZ %s %s %s", say.Clock(e.At), e.Lane, e.By, e.Text)
		}
	case paneEffects:
		if cards := m.cards(); len(cards) > 0 {
			c := cards[0]
			text = fmt.Sprintf("%s %s: %s -> %s, %s, %s", c.Plan.ID, c.Plan.Title, c.Plan.Before, c.Plan.After, say.Cost(c.Plan), c.State)
			if c.Effect != nil {
				text += ", " + c.Effect.Word + " " + effectText(c.Effect)
			}
		}
	}
	return draw.Clean(text)
}
