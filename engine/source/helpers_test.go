package source

import (
	"context"
	"io"
	"net"
	"testing"
	"time"

	"github.com/aws/smithy-go"
	"go.uber.org/goleak"

	"github.com/ddbloop/ddbloop/engine/clock"
	"github.com/ddbloop/ddbloop/history"
)

var start = time.Date(2026, 3, 3, 14, 0, 0, 0, time.UTC)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// world is a simulated clock and all that was emitted on it.
type world struct {
	*clock.Virtual
	events []history.Event
}

func newWorld() *world { return &world{Virtual: clock.NewVirtual(start)} }

func (w *world) Emit(bodies ...history.Body) {
	for _, b := range bodies {
		w.events = append(w.events, history.Event{Seq: uint64(len(w.events) + 1), At: w.Now(), Body: b})
	}
}

// run lets a source work for a time and ends it.
func (w *world) run(t *testing.T, source func(context.Context), d time.Duration) {
	t.Helper()
	w.Go(func() { source(context.Background()) })
	w.Run(start.Add(d), nil)
	w.Stop()
}

// state is what the events fold into.
func (w *world) state() *history.State { return history.NewState().Fold(w.events...) }

func of[T history.Body](w *world) []T {
	var out []T
	for _, e := range w.events {
		if b, ok := e.Body.(T); ok {
			out = append(out, b)
		}
	}
	return out
}

func half() float64 { return 0.5 }

var (
	noDNS   = &net.OpError{Op: "dial", Err: &net.DNSError{Name: "dynamodb.eu-west-1.amazonaws.com", IsNotFound: true}}
	broken  = io.ErrUnexpectedEOF
	denied  = api("AccessDeniedException")
	missing = api("ResourceNotFoundException")
	expired = api("ExpiredTokenException")
	slow    = api("ThrottlingException")
)

func api(code string) error { return &smithy.GenericAPIError{Code: code, Message: "no"} }
