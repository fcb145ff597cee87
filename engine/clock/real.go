package clock

import (
	"context"
	"sync"
	"time"
)

// Real is the machine's clock.
type Real struct{ wg sync.WaitGroup }

// Now returns the wall clock's time in UTC.
func (*Real) Now() time.Time { return time.Now().UTC() }

// Sleep waits for d or until ctx is done.
func (r *Real) Sleep(ctx context.Context, d time.Duration) error { return r.Wait(ctx, d, NewBell()) }

// Wait waits for d, the bell or the end of ctx.
func (*Real) Wait(ctx context.Context, d time.Duration, b *Bell) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-b.ring:
		return nil
	case <-t.C:
		return nil
	}
}

// WithTimeout is context.WithTimeout.
func (*Real) WithTimeout(ctx context.Context, d time.Duration) (context.Context, context.CancelFunc) {
	return context.WithTimeout(ctx, d)
}

// Deadline is ctx's own.
func (*Real) Deadline(ctx context.Context) (time.Time, bool) { return ctx.Deadline() }

// Go starts a goroutine.
func (r *Real) Go(fn func()) { r.wg.Go(fn) }

// Join waits until every process has ended.
func (r *Real) Join() { r.wg.Wait() }
