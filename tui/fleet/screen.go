package fleet

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"

	"github.com/ddbloop/ddbloop/engine/fleet"
	"github.com/ddbloop/ddbloop/tui/draw"
	"github.com/ddbloop/ddbloop/tui/theme"
)

// Options say what the screen shows and where.
type Options struct {
	Views   <-chan fleet.View // newest first picture as it comes
	Now     func() time.Time
	Region  string
	Account string // masked; "" = not known
	Where   string // endpoint, when it is not AWS's own
	Input   io.Reader
	Output  io.Writer
	Env     []string
}

// Screen keeps where the person was between two visits.
type Screen struct {
	o    Options
	view fleet.View
	w, h int
	dark bool
	set  theme.Set

	at     string // selected table; "" = the first
	filter string
	typing bool // the filter is being typed
	help   bool
	copied string
	chosen string // what enter was pressed on
	canvas *draw.Canvas
}

// New returns a screen that has shown nothing.
func New(o Options) *Screen {
	return &Screen{o: o, dark: true, set: theme.SetFor(o.Env), canvas: draw.New(0, 0)}
}

type (
	viewCame fleet.View
	ticked   struct{}
)

// Run shows the fleet until the person opens a table, whose name it returns, or quits: "".
func (s *Screen) Run(ctx context.Context) (string, error) { return s.run(ctx) }

func (s *Screen) run(ctx context.Context, more ...tea.ProgramOption) (string, error) {
	s.chosen, s.copied, s.typing = "", "", false
	options := []tea.ProgramOption{
		tea.WithContext(ctx), tea.WithEnvironment(s.o.Env), tea.WithFPS(30), tea.WithInput(s.o.Input), tea.WithOutput(s.o.Output),
	}
	if theme.Lookup(s.o.Env, "NO_COLOR") != "" {
		options = append(options, tea.WithColorProfile(colorprofile.ASCII))
	}
	_, err := tea.NewProgram(&program{s, ctx}, append(options, more...)...).Run()
	switch {
	case err == nil, errors.Is(err, tea.ErrInterrupted):
		return s.chosen, nil
	case errors.Is(err, tea.ErrProgramPanic):
		return "", fmt.Errorf("the screen crashed: %w", err)
	case ctx.Err() != nil:
		return "", ctx.Err()
	}
	return "", fmt.Errorf("the screen stopped: %w", err)
}

// program is one visit to the screen.
type program struct {
	*Screen
	ctx context.Context
}

// Init asks for the terminal's background and for the newest picture.
func (p *program) Init() tea.Cmd { return tea.Batch(tea.RequestBackgroundColor, p.next(), tick()) }

func (p *program) next() tea.Cmd {
	return func() tea.Msg {
		select {
		case v := <-p.o.Views:
			return viewCame(v)
		case <-p.ctx.Done():
			return nil
		}
	}
}

// tick lets ages grow.
func tick() tea.Cmd { return tea.Tick(time.Second, func(time.Time) tea.Msg { return ticked{} }) }

// Update routes a message.
func (p *program) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		p.w, p.h = msg.Width, msg.Height
	case tea.BackgroundColorMsg:
		p.dark = msg.IsDark()
	case viewCame:
		p.view = fleet.View(msg)
		return p, p.next()
	case ticked:
		return p, tick()
	case tea.KeyPressMsg:
		return p, p.key(msg)
	case tea.PasteMsg:
		if p.typing {
			p.filter += draw.Clean(msg.Content)
		}
	}
	return p, nil
}

// View draws the frame.
func (p *program) View() tea.View {
	v := tea.NewView(p.draw())
	v.AltScreen = true
	v.WindowTitle = draw.Clean("ddbloop fleet " + p.o.Region)
	return v
}

// rows are the tables that the filter lets through.
func (s *Screen) rows() []fleet.Row {
	if s.filter == "" {
		return s.view.Rows
	}
	var out []fleet.Row
	for _, r := range s.view.Rows {
		if strings.Contains(strings.ToLower(r.Table), strings.ToLower(s.filter)) {
			out = append(out, r)
		}
	}
	return out
}

// selected is the row of the chosen table, or the first.
func (s *Screen) selected(rows []fleet.Row) int {
	for i, r := range rows {
		if r.Table == s.at {
			return i
		}
	}
	return 0
}

func (s *Screen) move(by int) {
	rows := s.rows()
	if len(rows) == 0 {
		return
	}
	s.at = rows[min(max(0, s.selected(rows)+by), len(rows)-1)].Table
}

func (s *Screen) key(k tea.KeyPressMsg) tea.Cmd {
	s.copied = ""
	if s.typing {
		return s.type1(k)
	}
	rows := s.rows()
	switch k.String() {
	case "q", "ctrl+c":
		return tea.Quit
	case "enter":
		if len(rows) > 0 {
			s.at = rows[s.selected(rows)].Table
			s.chosen = s.at
			return tea.Quit
		}
	case "j", "down":
		s.move(1)
	case "k", "up":
		s.move(-1)
	case "pgdown":
		s.move(10)
	case "pgup":
		s.move(-10)
	case "G", "end":
		s.move(len(rows))
	case "home":
		s.at = ""
	case "/":
		s.typing = true
	case "esc":
		s.filter, s.help = "", false
	case "g":
		s.set = s.set.Next()
	case "?":
		s.help = !s.help
	case "y":
		if len(rows) > 0 {
			s.copied = Line(rows[s.selected(rows)], s.o.Now())
			return tea.SetClipboard(s.copied)
		}
	case "ctrl+l":
		return tea.ClearScreen
	case "ctrl+z":
		return tea.Suspend
	}
	return nil
}

// type1 takes one key of the filter.
func (s *Screen) type1(k tea.KeyPressMsg) tea.Cmd {
	switch k.String() {
	case "enter":
		s.typing = false
	case "esc":
		s.typing, s.filter = false, ""
	case "ctrl+c":
		return tea.Quit
	case "backspace":
		if r := []rune(s.filter); len(r) > 0 {
			s.filter = string(r[:len(r)-1])
		}
	default:
		s.filter += draw.Clean(k.Text)
	}
	return nil
}
