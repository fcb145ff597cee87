package engine

import (
	"slices"
	"sync"

	"github.com/ddbloop/ddbloop/history"
)

// broadcast keeps the session's events for the readers that follow them: all of them until the first reader
// comes, and from then on only what some reader has yet to take. It holds as much as the slowest reader is
// behind; the journal has the rest.
type broadcast struct {
	mu     sync.Mutex
	events []history.Event
	base   int // index of events[0]
	subs   []*Subscription
	begun  bool // a reader has come
}

func (b *broadcast) publish(events ...history.Event) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.events = append(b.events, events...)
	b.trim()
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
	b.subs, b.begun = append(b.subs, s), true
	return s
}

// after returns what a reader has not had yet.
func (b *broadcast) after(s *Subscription) []history.Event {
	b.mu.Lock()
	defer b.mu.Unlock()
	if s.next < b.base || s.next == b.base+len(b.events) { // closed, or nothing new
		return nil
	}
	out := slices.Clone(b.events[s.next-b.base:])
	s.next = b.base + len(b.events)
	b.trim()
	return out
}

// trim lets go of what every reader has had. It moves what is left only when that is the smaller part, so
// that a slow reader costs memory but no time.
func (b *broadcast) trim() {
	if !b.begun {
		return
	}
	low := b.base + len(b.events)
	for _, s := range b.subs {
		low = min(low, s.next)
	}
	if gone := low - b.base; gone > 0 && 2*gone >= len(b.events) {
		b.events, b.base = slices.Clone(b.events[gone:]), low
	}
}

func (b *broadcast) drop(s *Subscription) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.subs = slices.DeleteFunc(b.subs, func(other *Subscription) bool { return other == s })
	b.trim()
}
