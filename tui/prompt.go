package tui

import (
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/ddbloop/ddbloop/engine"
	"github.com/ddbloop/ddbloop/history"
	"github.com/ddbloop/ddbloop/tui/draw"
	"github.com/ddbloop/ddbloop/tui/theme"
)

// prompt is a line of text that a command needs.
type prompt struct {
	label string
	text  string
	what  string // said of the command
	make  func(text string) engine.Command
	check func(text string) error // says what is wrong with a text; nil = every text will do
}

const promptLimit = 2000

func (m *model) askText(label, what string, make func(string) engine.Command) {
	m.prompt = &prompt{label: label, what: what, make: make}
}

func (m *model) promptKey(k tea.KeyPressMsg) tea.Cmd {
	p := m.prompt
	switch k.String() {
	case "esc", "ctrl+c":
		m.prompt = nil
	case "backspace":
		if r := []rune(p.text); len(r) > 0 {
			p.text = string(r[:len(r)-1])
		}
	case "ctrl+u":
		p.text = ""
	case "enter":
		text := strings.TrimSpace(p.text)
		if text == "" {
			m.say(theme.Warn, p.label+" is empty: type it, or esc")
			return nil
		}
		if p.check != nil {
			if err := p.check(text); err != nil {
				p.label = err.Error()
				return nil
			}
		}
		m.prompt = nil
		return m.send(p.what, p.make(text))
	default:
		p.add(k.Text)
	}
	return nil
}

// add appends printable text; line breaks of a paste become blanks.
func (p *prompt) add(text string) {
	text = draw.Clean(strings.Join(strings.FieldsFunc(text, func(r rune) bool { return r == '\n' || r == '\r' || r == '\t' }), " "))
	if len(p.text)+len(text) <= promptLimit {
		p.text += text
	}
}

// paste puts text where text is asked for. It never approves anything.
func (m *model) paste(text string) {
	switch {
	case m.ask != nil:
		m.ask.note = "pasted text never approves: type the token"
	case m.prompt != nil:
		m.prompt.add(text)
	}
}

// chooser is a list in the runbook pane: runbooks to open, or branches to take.
type chooser struct {
	title string
	step  string // decision that it belongs to; "" = runbooks
	rows  []choice
	at    int
}

type choice struct{ name, text, note string }

func (m *model) chooseKey(k tea.KeyPressMsg) tea.Cmd {
	c := m.choose
	switch k.String() {
	case "esc", "ctrl+c", "q":
		m.choose = nil
	case "down", "j":
		c.at = min(c.at+1, len(c.rows)-1)
	case "up", "k":
		c.at = max(c.at-1, 0)
	case "enter":
		row := c.rows[c.at]
		m.choose = nil
		if c.step == "" {
			return m.send("open "+row.name, engine.OpenRunbook{Name: row.name})
		}
		return m.take(c.step, row.name)
	}
	return nil
}

// take goes along a branch; against the data it first asks why.
func (m *model) take(step, branch string) tea.Cmd {
	if st := m.state.Run.Step(step); st != nil && st.Favoured != branch {
		m.askText("why "+branch+", against the data", "decide "+step, func(text string) engine.Command {
			return engine.Decide{Step: step, Goto: branch, Reason: text}
		})
		return nil
	}
	return m.send("decide "+step, engine.Decide{Step: step, Goto: branch})
}

func (m *model) listRunbooks() {
	if len(m.books) == 0 {
		m.say(theme.Warn, "the library has no runbook")
		return
	}
	m.choose, m.focus = &chooser{title: "open a runbook", rows: m.bookRows()}, paneRunbook
}

func (m *model) bookRows() (rows []choice) {
	for _, b := range m.books {
		note := ""
		if b.Fits >= 0.005 {
			note = "fits " + fits(b.Fits)
		}
		rows = append(rows, choice{name: b.Name, text: b.Title, note: note})
	}
	return rows
}

func (m *model) listBranches(st *history.Step) {
	c := &chooser{title: "take which branch", step: st.ID, rows: branchRows(st)}
	if len(c.rows) == 0 {
		return
	}
	c.at = max(0, c.find(st.Favoured))
	m.choose, m.focus = c, paneRunbook
}

func branchRows(st *history.Step) (rows []choice) {
	for _, ch := range st.Choices {
		note := ""
		if ch.Goto == st.Favoured {
			note = "favoured"
		}
		rows = append(rows, choice{name: ch.Goto, text: ch.Because, note: note})
	}
	return rows
}

func (c *chooser) find(name string) int {
	return slices.IndexFunc(c.rows, func(r choice) bool { return r.name == name })
}

// follow takes the rows as they rank now. The cursor stays on its item, wherever that has moved.
func (c *chooser) follow(rows []choice) {
	name := c.rows[c.at].name
	c.rows = rows
	if at := c.find(name); at >= 0 {
		c.at = at
	}
	c.at = min(c.at, len(rows)-1)
}

// recheckChoice lets an open list follow what is ranked now. A list of branches whose decision is no longer the current step, and one
// that has no rows any more, goes.
func (m *model) recheckChoice() {
	c := m.choose
	if c == nil {
		return
	}
	rows := m.bookRows()
	if c.step != "" {
		rows = nil
		if st := m.step(); st != nil && st.ID == c.step {
			rows = branchRows(st)
		}
	}
	if len(rows) == 0 {
		m.choose = nil
		return
	}
	c.follow(rows)
}
