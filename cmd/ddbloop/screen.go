package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/charmbracelet/x/term"
	"github.com/spf13/pflag"

	"github.com/ddbloop/ddbloop/engine"
	"github.com/ddbloop/ddbloop/tui"
	"github.com/ddbloop/ddbloop/tui/plain"
)

// screenOptions are the flags of every command that shows a session.
type screenOptions struct {
	plain    bool
	sessions string
}

func (o *screenOptions) flags(f *pflag.FlagSet) {
	f.BoolVar(&o.plain, "plain", false, "stream lines instead of a screen")
	f.StringVar(&o.sessions, "sessions", "", "folder that keeps the sessions (default $XDG_STATE_HOME/ddbloop/sessions)")
}

// screen shows a session on this terminal, or streams it as lines.
type screen struct {
	loop engine.Loop
	now  func() time.Time
	opt  screenOptions
	dir  string
	sub  *engine.Subscription

	line   string        // key of the metric that is selected at first
	window time.Duration // that the charts show at least
}

// newScreen subscribes at once, so that nothing of the session is missed.
func newScreen(loop engine.Loop, now func() time.Time, opt screenOptions, dir string) *screen {
	return &screen{loop: loop, now: now, opt: opt, dir: dir, sub: loop.Subscribe()}
}

func (s *screen) run(ctx context.Context) error {
	if s.opt.plain {
		return plain.StreamEvents(ctx, os.Stdout, s.sub, s.now)
	}
	if !term.IsTerminal(os.Stdin.Fd()) || !term.IsTerminal(os.Stdout.Fd()) {
		return usage("this is no terminal: use --plain for lines")
	}
	return tui.Run(ctx, tui.Options{
		Loop: s.loop, Events: s.sub, Now: s.now, Wall: time.Now, Input: os.Stdin, Output: os.Stdout, Env: os.Environ(),
		Line: s.line, Window: s.window,
	})
}

// goodbye says where the session is kept. Ending by a signal or a closed pipe is no failure.
func (s *screen) goodbye(w io.Writer, err error) error {
	var c *coded
	if errors.As(err, &c) {
		return err
	}
	if !s.opt.plain {
		fmt.Fprintf(w, "session kept in %s; ddbloop postmortem writes its draft\n", s.dir)
	}
	if errors.Is(err, context.Canceled) || errors.Is(err, io.EOF) {
		return nil
	}
	return err
}
