package engine

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/ddbloop/ddbloop/history"
)

func numbered(from, n int) []history.Event {
	out := make([]history.Event, n)
	for i := range out {
		out[i] = history.Event{Seq: uint64(from + i)}
	}
	return out
}

// take reads until the reader has had everything up to seq last, each once and in order.
func take(t *testing.T, s *Subscription, next, last int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second) // what is lost never comes
	defer cancel()
	for next <= last {
		events, err := s.Next(ctx)
		if err != nil {
			t.Error(err)
			return
		}
		for _, e := range events {
			if int(e.Seq) != next {
				t.Errorf("got %d, want %d", e.Seq, next)
				return
			}
			next++
		}
	}
}

// Every reader gets each event once, in order, and nothing is kept that all of them have had.
// Mutants: start late readers at the end; never let go; let go before the first reader came.
func TestBroadcast(t *testing.T) {
	b := &broadcast{}
	b.publish(numbered(1, 1000)...)
	first := b.subscribe() // late: nothing was lost
	take(t, first, 1, 1000)
	if len(b.events) != 0 {
		t.Errorf("%d events are kept that the only reader has had", len(b.events))
	}
	slow := b.subscribe()
	for i := range 1000 {
		b.publish(numbered(1001+10*i, 10)...)
		take(t, first, 1001+10*i, 1010+10*i)
	}
	if len(b.events) != 10000 {
		t.Errorf("%d events are kept for a reader that is 10000 behind", len(b.events))
	}
	take(t, slow, 1001, 11000)
	if len(b.events) != 0 {
		t.Errorf("%d events are kept", len(b.events))
	}
	b.publish(numbered(11001, 500)...)
	take(t, first, 11001, 11500)
	slow.Close()
	if len(b.events) != 0 {
		t.Errorf("%d events are kept for a reader that has left", len(b.events))
	}
	first.Close()
	for i := range 100000 {
		b.publish(numbered(11501+i, 1)...)
	}
	if len(b.events) != 0 || cap(b.events) > 1000 {
		t.Errorf("%d events are kept for nobody, room for %d", len(b.events), cap(b.events))
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := slow.Next(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("a closed reader: %v", err)
	}
}

// Readers come, read at their own pace and leave while events are published.
func TestBroadcastRaces(t *testing.T) {
	b := &broadcast{}
	const n = 5000
	var readers sync.WaitGroup
	first := b.subscribe()
	for range 4 {
		s := b.subscribe()
		readers.Go(func() { take(t, s, 1, n); s.Close() })
	}
	readers.Go(func() { take(t, first, 1, n) })
	for i := range n {
		b.publish(numbered(i+1, 1)...)
	}
	readers.Wait()
}

// A session that nobody watches keeps nothing, and one that is watched hands on what it folded.
func TestWatchedSessions(t *testing.T) {
	for _, watched := range []bool{false, true} {
		w := newWorld(t, func(o *Options) { o.Watched = watched })
		w.pass(100e9)
		kept := len(w.eng.out.events)
		if watched != (kept > 0) {
			t.Errorf("watched %v: %d events kept", watched, kept)
		}
		if !watched {
			continue
		}
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		events, err := w.eng.Subscribe().Next(ctx)
		if err != nil {
			t.Fatal(err)
		}
		s := history.NewState().Fold(events...)
		w.eng.View(func(live *history.State) {
			if s.Seq != live.Seq || len(s.Timeline) != len(live.Timeline) || s.Session.ID != "s" {
				t.Errorf("the reader's State is at %d, the session's at %d", s.Seq, live.Seq)
			}
		})
	}
}
