package engine

import (
	"sync"

	"github.com/ddbloop/ddbloop/history"
)

// broadcast keeps the session's events for the readers that follow them. A reader that joins late, or is
// slow, catches up from here; once every reader is past an event it is let go, after the first one came.
type broadcast struct {
	mu     sync.Mutex
	events []history.Event
	base   int // index of events[0]
	subs   []*Subscription
}

func (b *broadcast) publish(events ...history.Event) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.events = append(b.events, events...)
	for _, s := range b.subs {
		select {
		case s.bell <- struct{}{}:
		default:
		}
	}
}

func (b *broadcast) subscribe() *Subscription {
	b.mu.Lock()
	defer b.mu.Unlock()
	s := &Subscription{source: b, next: b.base, bell: make(chan struct{}, 1)}
	b.subs = append(b.subs, s)
	return s
}

func (b *broadcast) after(s *Subscription) []history.Event {
	b.mu.Lock()
	defer b.mu.Unlock()
	out := append([]history.Event(nil), b.events[s.next-b.base:]...)
	s.next = b.base + len(b.events)
	low := s.next
	for _, other := range b.subs {
		low = min(low, other.next)
	}
	b.events = append([]history.Event(nil), b.events[low-b.base:]...)
	b.base = low
	return out
}

func (b *broadcast) drop(s *Subscription) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for i, other := range b.subs {
		if other == s {
			b.subs = append(b.subs[:i], b.subs[i+1:]...)
			return
		}
	}
}
