// Package plain prints a session as lines for pipes, CI and screen readers: no escapes, nothing redrawn.
package plain

import (
	"context"
	"io"
	"time"

	"github.com/ddbloop/ddbloop/engine"
	"github.com/ddbloop/ddbloop/history"
)

// Events is where Stream reads the session from; *engine.Subscription is one.
type Events interface {
	Next(ctx context.Context) ([]history.Event, error)
	Close()
}

// Stream prints who is watched, every change of the verdict, the metric rows of every minute and the
// timeline as they come, until ctx ends; it returns ctx's error or the writer's.
func Stream(ctx context.Context, w io.Writer, loop engine.Loop, now func() time.Time) error {
	sub := loop.Subscribe()
	defer sub.Close()
	return StreamEvents(ctx, w, sub, now)
}
