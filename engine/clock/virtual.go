package clock

import (
	"container/heap"
	"context"
	"sync"
	"time"
)

// Virtual is a simulated clock. Its processes are goroutines of which exactly one runs at a time; when
// all of them sleep, time jumps to the next one's wake-up. Ties wake in the order they fell asleep, so a
// run is the same every time.
type Virtual struct {
	mu      sync.Mutex
	now     time.Time
	limit   time.Time // time may pass up to here
	seq     uint64
	asleep  sleepers
	live    int // processes that have not returned
	current *process
	stopped bool
	yield   chan struct{} // the running process sleeps or has ended
	inbox   []func()
	posted  chan struct{} // something is in the inbox
}

type process struct {
	at    time.Time
	seq   uint64
	index int // in the heap, -1 when awake
	go_   chan struct{}
}

// NewVirtual returns a clock that stands at start.
func NewVirtual(start time.Time) *Virtual {
	return &Virtual{now: start.UTC(), yield: make(chan struct{}), posted: make(chan struct{}, 1)}
}

// Now returns the simulated time.
func (v *Virtual) Now() time.Time {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.now
}

// Go starts a process; it first runs when its turn comes, at the present simulated instant.
func (v *Virtual) Go(fn func()) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.start(fn)
}

func (v *Virtual) start(fn func()) {
	p := &process{go_: make(chan struct{}), index: -1}
	v.live++
	v.push(p, v.now)
	go func() {
		<-p.go_
		defer func() {
			v.mu.Lock()
			v.live--
			v.mu.Unlock()
			v.yield <- struct{}{}
		}()
		fn()
	}()
}

func (v *Virtual) push(p *process, at time.Time) {
	v.seq++
	p.at, p.seq = at, v.seq
	heap.Push(&v.asleep, p)
}

// Sleep waits for d of simulated time. It may only be called from a process of this clock.
func (v *Virtual) Sleep(ctx context.Context, d time.Duration) error { return v.sleep(ctx, d, nil) }

// Wait is Sleep that a bell can end.
func (v *Virtual) Wait(ctx context.Context, d time.Duration, b *Bell) error {
	select {
	case <-b.ring:
		d = 0
	default:
	}
	err := v.sleep(ctx, d, b)
	select {
	case <-b.ring:
	default:
	}
	return err
}

func (v *Virtual) sleep(ctx context.Context, d time.Duration, b *Bell) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	v.mu.Lock()
	if v.stopped {
		v.mu.Unlock()
		return ErrStopped
	}
	at := v.now.Add(max(0, d))
	if !at.After(v.limit) && (len(v.asleep) == 0 || v.asleep[0].at.After(at)) {
		v.now = at // nobody else is due before: no turn to give away
		v.mu.Unlock()
		return nil
	}
	p := v.current
	if b != nil {
		b.proc, b.v = p, v
	}
	v.push(p, at)
	v.mu.Unlock()
	v.yield <- struct{}{}
	<-p.go_
	v.mu.Lock()
	defer v.mu.Unlock()
	if b != nil {
		b.proc = nil
	}
	if v.stopped {
		return ErrStopped
	}
	return ctx.Err()
}

func (v *Virtual) wake(b *Bell) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if p := b.proc; p != nil && p.index >= 0 && p.at.After(v.now) {
		v.seq++
		p.at, p.seq = v.now, v.seq
		heap.Fix(&v.asleep, p.index)
	}
}

type deadlineKey struct{}

// WithTimeout carries the simulated deadline in the context; the wall clock never ends it.
func (v *Virtual) WithTimeout(ctx context.Context, d time.Duration) (context.Context, context.CancelFunc) {
	at := v.Now().Add(d)
	if old, ok := v.Deadline(ctx); ok && old.Before(at) {
		at = old
	}
	return context.WithCancel(context.WithValue(ctx, deadlineKey{}, at))
}

// Deadline returns the simulated instant at which ctx ends.
func (v *Virtual) Deadline(ctx context.Context) (time.Time, bool) {
	at, ok := ctx.Value(deadlineKey{}).(time.Time)
	return at, ok
}

type sleepers []*process

func (s sleepers) Len() int { return len(s) }
func (s sleepers) Less(i, j int) bool {
	if s[i].at.Equal(s[j].at) {
		return s[i].seq < s[j].seq
	}
	return s[i].at.Before(s[j].at)
}
func (s sleepers) Swap(i, j int) { s[i], s[j] = s[j], s[i]; s[i].index, s[j].index = i, j }
func (s *sleepers) Push(x any)   { p := x.(*process); p.index = len(*s); *s = append(*s, p) }
func popFirst(s *sleepers)       { heap.Pop(s) }

func (s *sleepers) Pop() any {
	old := *s
	p := old[len(old)-1]
	p.index = -1
	*s = old[:len(old)-1]
	return p
}
