package clock

import (
	"context"
	"fmt"
	"sync"
	"time"
)

// Scaled is a clock that runs faster or slower than the wall clock, for a world that is served over real
// sockets. Sleeping on it really sleeps.
type Scaled struct {
	wall func() time.Time

	mu    sync.Mutex
	base  time.Time // of this clock, at the wall's since
	since time.Time
	speed float64
}

// NewScaled returns a clock that stands at start now and gains speed seconds a second.
func NewScaled(start time.Time, speed float64, wall func() time.Time) *Scaled {
	return &Scaled{wall: wall, base: start, since: wall(), speed: speed}
}

// Now returns the time on this clock.
func (s *Scaled) Now() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.at(s.wall())
}

func (s *Scaled) at(wall time.Time) time.Time {
	return s.base.Add(time.Duration(float64(wall.Sub(s.since)) * s.speed))
}

// Speed returns how many seconds this clock gains in one.
func (s *Scaled) Speed() float64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.speed
}

// SetSpeed changes the pace from now on.
func (s *Scaled) SetSpeed(times float64) error {
	if times <= 0 || times > 1000 {
		return fmt.Errorf("speed is above 0 and at most 1000, not %g", times)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.wall()
	s.base, s.since, s.speed = s.at(now), now, times
	return nil
}

// Sleep waits until d has passed on this clock.
func (s *Scaled) Sleep(ctx context.Context, d time.Duration) error {
	var r Real
	return r.Sleep(ctx, time.Duration(float64(d)/s.Speed()))
}

// Deadline is ctx's own, on this clock.
func (s *Scaled) Deadline(ctx context.Context) (time.Time, bool) {
	at, ok := ctx.Deadline()
	if !ok {
		return at, false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.at(at), true
}
