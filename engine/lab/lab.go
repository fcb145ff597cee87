// Package lab measures two variants of a read side by side from this shell: interleaved, in an order that a coin decides, under
// one budget. It says what each costs in time and in read units, whether they answer the same, and which is better, or that too
// little was seen to say so. It knows no screen and keeps nothing.
package lab

import (
	"context"
	"time"

	ddbaws "github.com/ddbloop/ddbloop/engine/aws"
	"github.com/ddbloop/ddbloop/engine/clock"
	"github.com/ddbloop/ddbloop/history"
)

// Reader sends one read-only request. Its errors are for ddbaws.Classify.
type Reader interface {
	Read(ctx context.Context, r *ddbaws.Read) (ddbaws.Reading, error)
}

// Config says what to measure, and within what bounds.
type Config struct {
	Clock   clock.Clock
	From    Reader
	Chance  func() float64          // the coin: uniform in [0, 1)
	Bench   Bench                   // the two requests
	Keys    []string                // the table's key attributes; none = answers are compared by number only
	Secret  []byte                  // of the hashes by which answers are compared
	Region  string                  // for the price
	Limits                          // zero fields take their defaults
	Stopped func() string           // why the lab has to end now, else ""; may be nil
	Say     func(history.LabResult) // how it stands, after a pair, at most once a second; may be nil
}

// Limits bound what a lab may do to a table.
type Limits struct {
	Rounds    int           // pairs; 0 = 60
	Units     float64       // read units per second, over time; 0 = 25
	Total     float64       // read units altogether; 0 = two minutes' worth of Units
	Within    time.Duration // 0 = 5 min
	Every     time.Duration // from pair to pair; 0 = 200 ms
	Timeout   time.Duration // of one call with all its pages; 0 = 5 s
	Throttled bool          // goes on although requests are throttled
}

// Defaults fills in what was not said.
func (l Limits) Defaults() Limits {
	or := func(d *time.Duration, v time.Duration) {
		if *d <= 0 {
			*d = v
		}
	}
	if l.Rounds <= 0 {
		l.Rounds = 60
	}
	if l.Units <= 0 {
		l.Units = 25
	}
	if l.Total <= 0 {
		l.Total = 120 * l.Units
	}
	or(&l.Within, 5*time.Minute)
	or(&l.Every, 200*time.Millisecond)
	or(&l.Timeout, 5*time.Second)
	return l
}

// run is a lab under way.
type run struct {
	c     Config
	began time.Time
	said  time.Time
	sides [2]*side
	count tally
	spent float64
	dead  int  // pairs in a row of which nothing came back
	hurt  bool // a failure ended it
}

// Run measures until all rounds are done, a bound is reached, or ctx ends, and returns what was found by then. The first pair opens
// the connection and is not counted; what it uses is.
func Run(ctx context.Context, c Config) history.LabResult {
	c.Limits = c.Defaults()
	r := &run{c: c, began: c.Clock.Now()}
	for i, v := range [2]*ddbaws.Read{c.Bench.A, c.Bench.B} {
		r.sides[i] = &side{read: v}
	}
	ended := ""
	for round := 0; round <= c.Rounds && ended == ""; round++ {
		ended = r.pair(ctx, round > 0)
		if ended == "" && round < c.Rounds {
			ended = r.pause(ctx)
		}
	}
	return r.result(ended)
}

// pair sends both requests, in the coin's order, and returns why nothing more may be sent, or "".
func (r *run) pair(ctx context.Context, counts bool) string {
	first := 0
	if r.c.Chance() < 0.5 {
		first = 1
	}
	var got [2]call
	for _, i := range [2]int{first, 1 - first} {
		got[i] = r.call(ctx, r.sides[i])
		if ctx.Err() != nil {
			return interrupted
		}
		if why := r.fatal(i, got[i].failure); why != "" {
			r.count.lose(got)
			r.hurt = true
			return why
		}
	}
	if got[0].ok() || got[1].ok() {
		r.dead = 0
	} else if r.dead++; r.dead >= silence {
		r.count.lose(got)
		r.hurt = true
		return "nothing was answered " + times3 + ": " + got[0].failure.Text
	}
	switch {
	case !got[0].ok() || !got[1].ok():
		r.count.lose(got)
	case counts:
		r.count.keep(got)
	}
	return ""
}

// silence is how many pairs in a row may stay without any answer.
const (
	silence     = 3
	times3      = "three times in a row"
	interrupted = "interrupted"
)

// fatal says why a failure ends the lab: more of the same would come, or would do harm.
func (r *run) fatal(i int, f ddbaws.Failure) string {
	name := string(rune('A' + i))
	switch f.Reason {
	case ddbaws.Throttled:
		if !r.c.Throttled {
			return name + " was throttled: the lab takes from what the table's callers need; with --throttled it would go on"
		}
	case ddbaws.Denied, ddbaws.Validation, ddbaws.Missing, ddbaws.Expired:
		return name + " is refused: " + f.Text
	}
	return ""
}

// call is one request with all its pages.
type call struct {
	ddbaws.Reading
	took    time.Duration
	failure ddbaws.Failure
}

func (c call) ok() bool { return c.failure.Reason == "" }

func (r *run) call(ctx context.Context, s *side) call {
	bounded, cancel := r.c.Clock.WithTimeout(ctx, r.c.Timeout)
	defer cancel()
	began := r.c.Clock.Now()
	got, err := r.c.From.Read(bounded, s.read.Told(r.c.Keys, r.c.Secret, max(1, r.c.Total-r.spent)))
	r.spent += got.Units
	return call{Reading: got, took: max(time.Microsecond, r.c.Clock.Now().Sub(began)), failure: ddbaws.Classify(err)}
}

// pause waits for the next pair: a beat, or until what was spent is within the budget again. It returns why there is none, or "".
func (r *run) pause(ctx context.Context) string {
	now := r.c.Clock.Now()
	gone := now.Sub(r.began)
	pairs := r.count.pairs() + 1
	wait := r.c.Every - gone%r.c.Every
	if due := time.Duration(r.spent / r.c.Units * float64(time.Second)); due > gone+wait {
		wait = due - gone
	}
	switch {
	case r.spent+r.spent/float64(pairs) > r.c.Total:
		return "the next pair would use more than the read units allowed"
	case gone+wait >= r.c.Within:
		return "the time allowed is over"
	case r.c.Stopped != nil:
		if why := r.c.Stopped(); why != "" {
			return why
		}
	}
	if r.c.Say != nil && now.Sub(r.said) >= time.Second {
		r.said = now
		r.c.Say(r.result(""))
	}
	if r.c.Clock.Sleep(ctx, wait) != nil {
		return interrupted
	}
	return ""
}
