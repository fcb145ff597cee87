package clock

import (
	"context"
	"time"
)

// Run lets the processes take their turns until the clock reaches until, all of them have ended, or done
// (which may be nil) says so between two turns. It is the driver: one goroutine calls it.
func (v *Virtual) Run(until time.Time, done func() bool) {
	v.mu.Lock()
	v.limit = until
	v.mu.Unlock()
	for done == nil || !done() {
		if !v.turn(until) {
			return
		}
	}
}

// turn runs the next process if it is due by until; it reports whether there was one.
func (v *Virtual) turn(until time.Time) bool {
	v.mu.Lock()
	if len(v.asleep) == 0 || v.asleep[0].at.After(until) {
		if v.now.Before(until) {
			v.now = until
		}
		v.mu.Unlock()
		return false
	}
	p := v.pop()
	v.mu.Unlock()
	p.go_ <- struct{}{}
	<-v.yield
	return true
}

// Stop ends every process: each Sleep and Wait returns ErrStopped from now on.
func (v *Virtual) Stop() {
	v.mu.Lock()
	v.stopped, v.limit = true, time.Time{}
	for len(v.asleep) > 0 {
		p := v.pop()
		v.mu.Unlock()
		p.go_ <- struct{}{}
		<-v.yield
		v.mu.Lock()
	}
	v.mu.Unlock()
}

// Do runs fn as a process of the clock and waits until it has ended. It is called from outside, while
// RunPaced drives the clock; it returns false if the clock was stopped first.
func (v *Virtual) Do(ctx context.Context, fn func()) bool {
	end := make(chan struct{})
	v.mu.Lock()
	v.inbox = append(v.inbox, func() { defer close(end); fn() })
	v.mu.Unlock()
	select {
	case v.posted <- struct{}{}:
	default:
	}
	select {
	case <-end:
		return true
	case <-ctx.Done():
		return false
	}
}

// Pace is the wall clock that RunPaced keeps step with.
type Pace interface {
	Now() time.Time
	After(d time.Duration) <-chan time.Time
}

// RunPaced drives the clock in step with the wall clock, speed simulated seconds to a second, until ctx
// is done; then it stops it.
func (v *Virtual) RunPaced(ctx context.Context, wall Pace, speed func() float64) {
	defer v.Stop()
	lastWall := wall.Now()
	goal := v.Now()
	for ctx.Err() == nil {
		w := wall.Now()
		rate := speed()
		goal = goal.Add(time.Duration(float64(w.Sub(lastWall)) * rate))
		lastWall = w
		v.admit()
		v.Run(goal, func() bool { return ctx.Err() != nil })
		select {
		case <-ctx.Done():
		case <-v.posted:
		case <-wall.After(v.until(goal, rate)):
		}
	}
}

// admit turns what was posted from outside into processes.
func (v *Virtual) admit() {
	v.mu.Lock()
	defer v.mu.Unlock()
	for _, fn := range v.inbox {
		v.start(fn)
	}
	v.inbox = nil
}

// until returns how long on the wall clock until the next process is due, within 1 to 50 ms.
func (v *Virtual) until(goal time.Time, rate float64) time.Duration {
	v.mu.Lock()
	defer v.mu.Unlock()
	d := 50 * time.Millisecond
	if len(v.asleep) > 0 && rate > 0 {
		d = min(d, time.Duration(float64(v.asleep[0].at.Sub(goal))/rate))
	}
	return max(d, time.Millisecond)
}

// pop takes the next process off the heap, makes it the running one and moves time to it. v.mu is held.
func (v *Virtual) pop() *process {
	p := v.asleep[0]
	popFirst(&v.asleep)
	if p.at.After(v.now) {
		v.now = p.at
	}
	v.current = p
	return p
}
