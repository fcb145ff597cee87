// Package clock is the one place where time comes from. A session runs either on the machine's clock
// (Real) or on a simulated one (Virtual) on which processes take turns and nothing waits for real.
package clock

import (
	"context"
	"errors"
	"time"
)

// ErrStopped is returned by Sleep and Wait after the clock has been stopped.
var ErrStopped = errors.New("clock stopped")

// Clock is time as a session sees it.
type Clock interface {
	// Now returns the session's time in UTC.
	Now() time.Time
	// Sleep waits for d, or until ctx is done, and then returns why it ended early.
	Sleep(ctx context.Context, d time.Duration) error
	// Wait is Sleep that also ends when the bell rings.
	Wait(ctx context.Context, d time.Duration, b *Bell) error
	// WithTimeout returns a context that ends after d on this clock.
	WithTimeout(ctx context.Context, d time.Duration) (context.Context, context.CancelFunc)
	// Deadline returns the instant on this clock at which ctx ends.
	Deadline(ctx context.Context) (time.Time, bool)
	// Go runs fn as a process of this clock.
	Go(fn func())
}

// Bell wakes the processes that wait for it. The zero Bell is ready.
type Bell struct {
	ring chan struct{} // real clock
	proc *process      // virtual clock
	v    *Virtual
}

// NewBell returns a bell that can wake one waiting process.
func NewBell() *Bell { return &Bell{ring: make(chan struct{}, 1)} }

// Ring wakes the process that waits, or lets the next wait return at once.
func (b *Bell) Ring() {
	select {
	case b.ring <- struct{}{}:
	default:
	}
	if b.v != nil {
		b.v.wake(b)
	}
}
