package tuitest

import (
	"context"
	"io"
	"sync"

	"github.com/ddbloop/ddbloop/engine"
	"github.com/ddbloop/ddbloop/history"
)

// Loop takes notes of the commands it is given and does nothing. It is an engine.Loop whose events come
// from elsewhere: Subscribe returns nil.
type Loop struct {
	mu   sync.Mutex
	got  []engine.Command
	Err  error // what Do answers
	List []engine.RunbookInfo
}

// Do takes a note.
func (l *Loop) Do(_ context.Context, c engine.Command) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.got = append(l.got, c)
	return l.Err
}

// Commands returns what Do was given so far.
func (l *Loop) Commands() []engine.Command {
	l.mu.Lock()
	defer l.mu.Unlock()
	return append([]engine.Command(nil), l.got...)
}

// Subscribe returns nothing to read.
func (l *Loop) Subscribe() *engine.Subscription { return nil }

// Runbooks returns List.
func (l *Loop) Runbooks() []engine.RunbookInfo { return l.List }

// Feed hands on batches of events, then waits, or ends with io.EOF when End is set.
type Feed struct {
	Batches chan []history.Event
	End     bool
}

// NewFeed returns a feed with one batch in it.
func NewFeed(events []history.Event) *Feed {
	f := &Feed{Batches: make(chan []history.Event, 16)}
	f.Batches <- events
	return f
}

// Next returns the next batch.
func (f *Feed) Next(ctx context.Context) ([]history.Event, error) {
	select {
	case b := <-f.Batches:
		return b, nil
	default:
	}
	if f.End {
		return nil, io.EOF
	}
	select {
	case b := <-f.Batches:
		return b, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// Close does nothing.
func (f *Feed) Close() {}
