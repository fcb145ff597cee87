// Package tui is the cockpit: one root model that folds the session's events and draws them. It asks the
// engine through commands only and knows no clock of its own.
package tui

import (
	"context"
	"io"
	"time"

	"github.com/ddbloop/ddbloop/engine"
	"github.com/ddbloop/ddbloop/history"
)

// Events is where the screen reads the session from; *engine.Subscription is one, a replay another.
type Events interface {
	// Next waits for at least one event and returns all there are, or ctx's end.
	Next(ctx context.Context) ([]history.Event, error)
	Close()
}

// Options say what the cockpit looks at and where it is drawn.
type Options struct {
	Loop   engine.Loop
	Events Events           // nil: Loop.Subscribe()
	Now    func() time.Time // the session's clock, which may be simulated or replayed
	Wall   func() time.Time // the person's clock, for typing and approval; nil: Now
	Input  io.Reader
	Output io.Writer
	Env    []string // as os.Environ gives it

	Line   string        // key (signal@target#operation) of the metric that is selected at first
	Window time.Duration // that the charts show at least, as far as there is such a window

	ReadOnly bool   // nothing can be approved here, whatever the session allows (join, replay)
	Why      string // what to do about ReadOnly, in one line
}
