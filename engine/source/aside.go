package source

import (
	"context"
	"errors"
	"reflect"
	"time"

	ddbaws "github.com/ddbloop/ddbloop/engine/aws"
	"github.com/ddbloop/ddbloop/engine/clock"
	"github.com/ddbloop/ddbloop/history"
)

// deniedAgain is how long an optional eye rests after a refusal of access: somebody may grant the permission meanwhile.
const deniedAgain = 10 * time.Minute

// nothingToAsk is why a look asked AWS nothing: its eye is neither well nor down.
type nothingToAsk string

func (n nothingToAsk) Error() string { return string(n) }

// AsideConfig describes an optional eye: it sees more than the tables' own numbers, and nothing depends on it.
type AsideConfig struct {
	Clock clock.Clock
	To    Sink
	Rand  func() float64 // [0, 1), for the waits after failures
	Name  string
	Needs string        // the IAM actions that it needs
	Asks  string        // the service it asks, as the environment's AWS_ENDPOINT_URL_… names it
	Every time.Duration // between two looks
	// Look returns what is to be seen now, under a key each: a body is told when it differs from the last one of its key. Its
	// error is for ddbaws.Classify, or a nothingToAsk.
	Look func(ctx context.Context) (map[string]history.Body, []string, error)
}

// Aside looks at its own slow beat. A missing permission turns it off, by name; it asks again every ten minutes.
type Aside struct {
	c      AsideConfig
	health health
	told   map[string]history.Body
}

// NewAside returns an eye that has not begun.
func NewAside(c AsideConfig) *Aside {
	return &Aside{c: c, told: map[string]history.Body{}, health: health{name: c.Name, to: c.To, rand: c.Rand, longest: 5 * time.Minute, clock: c.Clock, every: c.Every}}
}

// Service is the service that the eye asks, as the environment's AWS_ENDPOINT_URL_… names it.
func (a *Aside) Service() string { return a.c.Asks }

// Run looks until ctx ends or the clock stops.
func (a *Aside) Run(ctx context.Context) {
	for {
		wait := a.once(ctx)
		if ctx.Err() != nil || a.c.Clock.Sleep(ctx, wait) != nil {
			return
		}
	}
}

func (a *Aside) once(ctx context.Context) time.Duration {
	seen, order, err := a.c.Look(ctx)
	if ctx.Err() != nil {
		return 0
	}
	if why, rests := errors.AsType[nothingToAsk](err); rests {
		a.health.rests(string(why))
		return a.c.Every
	}
	if err != nil {
		f := ddbaws.Classify(err)
		if f.Reason == ddbaws.Denied {
			a.health.say(history.SourceChanged{State: stateOf(f.Reason), Reason: string(f.Reason), Text: "needs " + a.c.Needs, Retry: deniedAgain})
			return deniedAgain
		}
		return max(a.health.fails(f), a.c.Every)
	}
	a.health.well()
	var bodies []history.Body
	for _, key := range order {
		if b := seen[key]; !reflect.DeepEqual(a.told[key], b) {
			a.told[key] = b
			bodies = append(bodies, b)
		}
	}
	if len(bodies) > 0 {
		a.c.To.Emit(bodies...)
	}
	return a.c.Every
}

// sight collects what a look has seen, in order.
type sight struct {
	seen  map[string]history.Body
	order []string
}

func (s *sight) add(key string, b history.Body) {
	if s.seen == nil {
		s.seen = map[string]history.Body{}
	}
	if _, ok := s.seen[key]; !ok {
		s.order = append(s.order, key)
	}
	s.seen[key] = b
}
