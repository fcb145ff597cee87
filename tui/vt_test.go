package tui

import (
	"context"
	"errors"
	"io"
	"strings"
	"sync"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/vt"

	"github.com/ddbloop/ddbloop/engine"
	"github.com/ddbloop/ddbloop/tui/tuitest"
)

// terminal is a screen in memory: what the program writes is interpreted, what is typed reaches it.
type terminal struct {
	*vt.SafeEmulator
	mu      sync.Mutex
	changed chan struct{}
	written strings.Builder
}

func (s *terminal) Write(p []byte) (int, error) {
	s.mu.Lock()
	s.written.Write(p)
	s.mu.Unlock()
	n, err := s.SafeEmulator.Write(p)
	select {
	case s.changed <- struct{}{}:
	default:
	}
	return n, err
}

func (s *terminal) text() string { return ansi.Strip(s.Render()) }

// until waits for a text on the screen.
func (s *terminal) until(t *testing.T, want string) {
	t.Helper()
	limit, redraw := time.After(20*time.Second), time.After(5*time.Second)
	for !strings.Contains(s.text(), want) {
		select {
		case <-s.changed:
		case <-redraw:
			s.SendText("\x0c") // as a person would with a garbled screen
		case <-limit:
			t.Fatalf("%q did not come:\n%s", want, s.text())
		}
	}
}

// TestProgram runs the real program against a terminal: draw, freeze, approve, leave, terminal restored.
func TestProgram(t *testing.T) {
	s := tuitest.Planned(true)
	scr := &terminal{SafeEmulator: vt.NewSafeEmulator(120, 40), changed: make(chan struct{}, 1)}
	_, _ = scr.SafeEmulator.Write([]byte("\x1b[20h")) // the program expects a tty that turns \n into \r\n
	loop := &tuitest.Loop{}
	var mu sync.Mutex
	wall := tuitest.Start
	pass := func(d time.Duration) { mu.Lock(); wall = wall.Add(d); mu.Unlock() }
	o := Options{
		Loop: loop, Events: tuitest.NewFeed(s.Events), Now: s.Now, Input: scr, Output: scr,
		Wall: func() time.Time { mu.Lock(); defer mu.Unlock(); return wall },
		Env:  []string{"TERM=xterm-256color", "LANG=C.UTF-8"},
	}
	done := make(chan error, 1)
	go func() { done <- run(t.Context(), o, tea.WithWindowSize(120, 40)) }()
	scr.until(t, "E1 waits for approval")
	scr.SendText(" ")
	scr.until(t, "FROZEN @14:32:00Z")
	scr.SendText(" ")
	scr.until(t, "LIVE")
	scr.SendText("a")
	scr.until(t, "type E1-orders to approve")
	for i, r := range "E1-orders" {
		pass(500 * time.Millisecond)
		scr.SendText(string(r))
		scr.until(t, "approve ▸ "+"E1-orders"[:i+1])
	}
	pass(500 * time.Millisecond)
	scr.SendText("\r")
	scr.until(t, "approve E1: done")
	if got := loop.Commands(); len(got) != 1 || got[0] != (engine.Approve{ID: "E1", Hash: "h1", Token: "E1-orders"}) {
		t.Fatalf("got %v", got)
	}
	scr.SendText("q")
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	scr.mu.Lock()
	raw := scr.written.String()
	scr.mu.Unlock()
	if !strings.Contains(raw, "\x1b[?1049l") || !strings.Contains(raw, "\x1b[?25h") {
		t.Fatal("the terminal was left in the alternate screen or without its cursor")
	}
	_ = scr.InputPipe().(io.Closer).Close()
}

func TestRunEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	s := tuitest.Calm()
	o := Options{Loop: &tuitest.Loop{}, Events: tuitest.NewFeed(s.Events), Now: s.Now, Output: io.Discard, Env: []string{"NO_COLOR=yes"}}
	done := make(chan error, 1)
	go func() { done <- run(ctx, o, tea.WithWindowSize(80, 24), tea.WithInput(nil)) }()
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Fatalf("got %v", err)
	}
}

func TestDumbTerminalGetsLines(t *testing.T) {
	s := tuitest.Calm()
	feed := tuitest.NewFeed(s.Events)
	feed.End = true
	var out strings.Builder
	if err := Run(t.Context(), Options{Events: feed, Now: s.Now, Output: &out, Env: []string{"TERM=dumb"}}); err != nil {
		t.Fatal(err)
	}
	if got := out.String(); !strings.Contains(got, "VERDICT  healthy") || strings.Contains(got, "\x1b") {
		t.Fatal(got)
	}
}
