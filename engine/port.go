package engine

import (
	"context"

	"github.com/ddbloop/ddbloop/history"
)

// Loop is what a screen needs of the engine.
type Loop interface {
	// Do carries out one command and returns when its first events are written, or says in one line why
	// not. A plan that is refused is told by an event, and returned as a *change.Refusal as well. It may wait
	// for AWS or a lever; call it off the drawing goroutine.
	Do(ctx context.Context, c Command) error
	// Subscribe returns the session's events. The first reader gets all of them, whenever it comes; a later
	// one begins at the oldest that another reader has yet to take. Nothing that a slow reader does delays
	// the loop. Close it: what it has not taken is kept for it until then.
	Subscribe() *Subscription
	// Runbooks lists what can be opened, most fitting first.
	Runbooks() []RunbookInfo
}

// RunbookInfo is one line of the list of runbooks.
type RunbookInfo struct {
	Name  string
	Title string
	Kinds []string // incident kinds it is for
	Fits  float64  // probability of its kinds now
}

// Subscription hands events on in order, each once.
type Subscription struct {
	source *broadcast
	next   int // index of the next event to hand out
	bell   chan struct{}
}

// Next waits for at least one event and returns all there are, or ctx's end.
func (s *Subscription) Next(ctx context.Context) ([]history.Event, error) {
	for {
		if events := s.source.after(s); len(events) > 0 {
			return events, nil
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-s.bell:
		}
	}
}

// Close ends the subscription.
func (s *Subscription) Close() { s.source.drop(s) }
