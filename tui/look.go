package tui

import (
	"time"

	"github.com/ddbloop/ddbloop/tui/keys"
	"github.com/ddbloop/ddbloop/tui/layout"
)

// look carries out the keys that change only what is seen; it reports whether a was one of them.
func (m *model) look(a keys.Action) bool {
	switch a {
	case keys.PaneMetrics, keys.PaneRunbook, keys.PaneTimeline, keys.PaneEffects:
		m.focus = layout.Pane(a - keys.PaneMetrics)
	case keys.NextPane:
		m.focus = (m.focus + 1) % layout.Panes
	case keys.PrevPane:
		m.focus = (m.focus + layout.Panes - 1) % layout.Panes
	case keys.Full:
		m.full = !m.full
	case keys.Down:
		m.move(1)
	case keys.Up:
		m.move(-1)
	case keys.PageDown:
		m.move(10)
	case keys.PageUp:
		m.move(-10)
	case keys.Newest:
		m.entry, m.cursor = 0, 0
	case keys.Earlier:
		m.scrub(-1)
	case keys.Later:
		m.scrub(1)
	case keys.ZoomIn:
		m.zoom = max(0, m.zoom-1)
	case keys.ZoomOut:
		m.zoom = min(len(zooms)-1, m.zoom+1)
	case keys.Freeze:
		m.freeze()
	case keys.Glyphs:
		m.glyphs = m.glyphs.Next()
	case keys.Help:
		m.turn(helpPage)
	case keys.Verdict:
		m.turn(whyPage)
	case keys.Back:
		m.back()
	default:
		return false
	}
	return true
}

// turn opens a page, or closes it where it is open.
func (m *model) turn(to page) {
	if m.page == to {
		to = noPage
	}
	m.page, m.top = to, 0
}

// uncover closes the page when what a key does, or asks a reason for, is seen in a pane: an approval most of all.
func (m *model) uncover(a keys.Action) {
	switch a {
	case keys.PaneMetrics, keys.PaneRunbook, keys.PaneTimeline, keys.PaneEffects, keys.NextPane, keys.PrevPane, keys.Full, keys.Enter,
		keys.Open, keys.Decide, keys.Plan, keys.Arm, keys.Undo, keys.Change, keys.Lab, keys.Earlier, keys.Later,
		keys.Done, keys.Skip, keys.Drop, keys.Hold, keys.Timer, keys.Escalate, keys.Close:
		m.page = noPage
	}
}

// back leaves the innermost thing.
func (m *model) back() {
	switch {
	case m.page != noPage:
		m.page = noPage
	case m.full:
		m.full = false
	case m.cursor != 0:
		m.cursor, m.entry = 0, 0
	default:
		m.entry, m.scroll = 0, [layout.Panes]int{}
	}
}

// move selects another row of the focused pane.
func (m *model) move(by int) {
	switch m.page {
	case helpPage:
		m.top = max(0, min(m.top+by, len(keys.All)-1))
		return
	case whyPage:
		m.scrollWhy(by)
		return
	}
	switch m.focus {
	case paneMetrics:
		m.moveLine(by)
	case paneTimeline:
		m.entry = min(max(0, m.entry+by), max(0, len(m.state.Timeline)-1))
		if e := len(m.state.Timeline) - 1 - m.entry; m.entry > 0 && m.cursor != 0 {
			m.cursor = m.state.Timeline[e].At.Unix()
		}
	case paneEffects:
		if by == 1 || by == -1 {
			m.scroll[paneEffects] = 0
			m.moveCard(by)
		} else {
			m.scrollCard(by / 2)
		}
	case paneRunbook:
		m.scroll[paneRunbook] += by
	}
}

func (m *model) moveLine(by int) {
	shown, _ := m.shown(m.full)
	if len(shown) == 0 {
		return
	}
	at := 0
	for i, l := range shown {
		if l.Key == m.line {
			at = i
		}
	}
	m.line = shown[min(max(0, at+by), len(shown)-1)].Key
}

func (m *model) moveCard(by int) {
	list := m.state.Changes
	if len(list) == 0 {
		return
	}
	at := len(list) - 1
	for i, c := range list {
		if c.Plan.ID == m.card {
			at = i
		}
	}
	m.card = list[min(max(0, at-by), len(list)-1)].Plan.ID
}

// scrub moves the time cursor by one bucket; past the right edge it goes off.
func (m *model) scrub(by int64) {
	from, to := m.span()
	b := m.bucket()
	if m.cursor == 0 {
		if by > 0 {
			return
		}
		m.cursor = to - b
	}
	m.cursor = max(from, (m.cursor/b+by)*b)
	if m.cursor >= to {
		m.cursor, m.entry = 0, 0
		return
	}
	m.entry = m.entryAt(m.cursor + b - 1)
}

// entryAt returns the newest timeline entry that is not after t, counted from the newest.
func (m *model) entryAt(t int64) int {
	at := time.Unix(t, 0)
	list := m.state.Timeline
	for i := len(list) - 1; i >= 0; i-- {
		if !list[i].At.After(at) {
			return len(list) - 1 - i
		}
	}
	return max(0, len(list)-1)
}
