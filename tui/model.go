package tui

import (
	"context"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/ddbloop/ddbloop/engine"
	"github.com/ddbloop/ddbloop/history"
	"github.com/ddbloop/ddbloop/tui/draw"
	"github.com/ddbloop/ddbloop/tui/layout"
	"github.com/ddbloop/ddbloop/tui/metric"
	"github.com/ddbloop/ddbloop/tui/theme"
)

// zooms are the windows of the charts.
var zooms = []time.Duration{15 * time.Minute, time.Hour, 3 * time.Hour}

// model is the root of the screen. It holds its own fold of the session; nothing in it asks AWS anything.
type model struct {
	ctx    context.Context
	o      Options
	events Events
	gap    time.Duration // least time between two redraws for news

	state  *history.State
	frozen bool
	held   []history.Event // arrived while frozen, applied when the person looks at the present again
	ended  string          // why no more events come

	w, h   int
	dark   bool
	glyphs theme.Set
	zoom   int
	focus  layout.Pane
	full   bool
	page   page
	cursor int64 // Unix second of the time cursor, 0 = none

	line   string // key of the selected metric line
	entry  int    // selected timeline entry counted from the newest, 0 = follow
	card   string // id of the selected change, "" = newest
	scroll [layout.Panes]int

	ask    *approval
	prompt *prompt
	choose *chooser
	books  []engine.RunbookInfo
	booked time.Time // State.AssessedAt that books belongs to
	copied string
	status status
	top    int  // first row of the page
	leave  bool // quitting was asked for once

	canvas *draw.Canvas
	frame  string
	stale  bool // frame must be drawn anew
	lines  []*metric.Line
	drawn  linesKey
}

// page is what lies over the panes; the header and the footer stay.
type page int

const (
	noPage page = iota
	helpPage
	whyPage
)

// linesKey says what the memoised metric lines were worked out from.
type linesKey struct {
	seq    uint64
	second int64
	zoom   int
}

// status is what the last command or key had to say; it stands until the next key.
type status struct {
	text string
	tok  theme.Token
}

func newModel(ctx context.Context, o Options, events Events) *model {
	if o.Wall == nil {
		o.Wall = o.Now
	}
	m := &model{
		ctx: ctx, o: o, events: events, state: history.NewState(), dark: true, zoom: 1,
		gap: 250 * time.Millisecond, canvas: draw.New(0, 0), stale: true, glyphs: theme.SetFor(o.Env),
	}
	for m.line = o.Line; m.zoom < len(zooms)-1 && zooms[m.zoom] < o.Window; {
		m.zoom++
	}
	if theme.Lookup(o.Env, "SSH_TTY") != "" {
		m.gap = 500 * time.Millisecond
	}
	return m
}

// Init asks for the terminal's background and starts to read.
func (m *model) Init() tea.Cmd {
	return tea.Batch(tea.RequestBackgroundColor, m.listen(), m.clockTick(), m.suggest())
}

// Update routes a message.
func (m *model) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	m.stale = true
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		m.w, m.h = msg.Width, msg.Height
	case tea.BackgroundColorMsg:
		m.dark = msg.IsDark()
	case tea.KeyPressMsg:
		return m, m.key(msg)
	case tea.PasteMsg:
		m.paste(msg.Content)
	case eventsArrived:
		return m, m.arrived(msg)
	case feedReady:
		m.stale = false
		return m, m.listen()
	case eventsEnded:
		m.endedWith(msg.err)
	case clockTicked:
		return m, tea.Batch(m.clockTick(), m.suggest())
	case runbooksListed:
		m.books = msg
		m.recheckChoice()
	case commandDone:
		m.done(msg)
	default:
		m.stale = false
	}
	return m, nil
}

// View returns the frame, drawn anew only when something has changed.
func (m *model) View() tea.View {
	if m.stale {
		m.frame = m.render()
		m.stale = false
	}
	v := tea.NewView(m.frame)
	v.AltScreen = true
	v.WindowTitle = m.title()
	if m.ask != nil {
		v.ProgramStatus = &tea.ProgramStatus{State: tea.ProgramStateBlocked, Kind: tea.ProgramStatusKindPermission}
	}
	return v
}

// now is the instant that the picture shows: the present, or the one it was frozen at.
func (m *model) now() time.Time {
	if m.frozen {
		return m.state.Now
	}
	if now := m.o.Now(); now.After(m.state.Now) {
		return now.UTC()
	}
	return m.state.Now
}

func (m *model) window() time.Duration { return zooms[m.zoom] }

// bucket is one step of the time cursor and the grid of the right edge, so that charts move by whole steps.
func (m *model) bucket() int64 { return int64(m.window()/time.Second) / 60 }

// span returns the charts' time axis in Unix seconds.
func (m *model) span() (from, to int64) {
	b := m.bucket()
	to = (m.now().Unix() + b) / b * b
	return to - int64(m.window()/time.Second), to
}

// metrics returns the metric lines, worked out once for each state and second.
func (m *model) metrics() []*metric.Line {
	key := linesKey{seq: m.state.Seq, second: m.now().Unix(), zoom: m.zoom}
	if m.lines == nil || key != m.drawn {
		m.lines, m.drawn = metric.Lines(m.state, m.now(), m.window()), key
	}
	return m.lines
}
