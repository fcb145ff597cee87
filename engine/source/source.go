// Package source holds the loop's eyes: DescribeTable, CloudWatch, the team's probes and the application's feeds. Each is one
// process on the clock that turns what it sees into events. No failure ends one; each says what it cannot see, and tries again.
package source

import (
	"time"

	ddbaws "github.com/ddbloop/ddbloop/engine/aws"
	"github.com/ddbloop/ddbloop/engine/clock"
	"github.com/ddbloop/ddbloop/history"
)

// Sink takes what a source has seen.
type Sink interface{ Emit(bodies ...history.Body) }

// Source states.
const (
	ok       = "ok"
	degraded = "degraded"
	down     = "down"
	idle     = "idle"
)

// signedIn bounds the wait after credentials were refused: a person is signing in again next door.
const signedIn = 10 * time.Second

// health says on a source's behalf how well it sees, when that changes, and how long to wait after a failure.
type health struct {
	name    string
	to      Sink
	rand    func() float64 // [0, 1)
	longest time.Duration  // of a wait

	// An optional eye has a clock and the time between two looks: it says once in it that it is well, as nothing else shows it.
	clock clock.Clock
	every time.Duration

	failures int
	last     history.SourceChanged
	said     time.Time // when last came, of an optional eye
}

// well ends a row of failures.
func (h *health) well() {
	h.failures = 0
	h.say(history.SourceChanged{State: ok})
}

// rests says that there is nothing to ask, and why.
func (h *health) rests(why string) {
	h.failures = 0
	h.say(history.SourceChanged{State: idle, Text: why})
}

// limps says that something of the answer is missing.
func (h *health) limps(reason ddbaws.Reason, text string) {
	h.failures = 0
	h.say(history.SourceChanged{State: degraded, Reason: string(reason), Text: text})
}

// fails says why nothing is seen, and returns how long to wait before one more try.
func (h *health) fails(f ddbaws.Failure) time.Duration {
	h.failures++
	wait := h.backoff(h.failures)
	if f.Reason == ddbaws.Expired {
		wait = min(wait, signedIn)
	}
	h.say(history.SourceChanged{State: stateOf(f.Reason), Reason: string(f.Reason), Text: f.Text, Retry: wait})
	return wait
}

// say emits what is new. The first good answer is no news of an eye whose measurements show it.
func (h *health) say(c history.SourceChanged) {
	c.Name, c.Every = h.name, h.every
	news := c != h.last && (c.State != ok || h.last.State != "")
	if c.State == ok && h.every > 0 {
		news = c != h.last || h.clock.Now().Sub(h.said) >= h.every-time.Second
	}
	if !news {
		return
	}
	if h.last = c; h.every > 0 {
		h.said = h.clock.Now()
	}
	h.to.Emit(c)
}

// backoff doubles from 2 s up to the longest wait. Half of it is fixed and half random: fully random, a long outage would now
// and then see more than two calls a minute.
func (h *health) backoff(failures int) time.Duration {
	b := h.longest
	if failures < 16 {
		b = min(b, 2*time.Second<<(failures-1))
	}
	return b/2 + time.Duration(h.rand()*float64(b/2))
}

func stateOf(r ddbaws.Reason) string {
	switch r {
	case ddbaws.Denied, ddbaws.Expired:
		return string(r)
	}
	return down
}

// nextTick is the first multiple of every after now: ticks that an answer outlasted are left out, not made up for.
func nextTick(now time.Time, every time.Duration) time.Duration {
	return now.Truncate(every).Add(every).Sub(now)
}
