package engine

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/ddbloop/ddbloop/engine/change"
	"github.com/ddbloop/ddbloop/engine/clock"
	"github.com/ddbloop/ddbloop/engine/diagnose"
	"github.com/ddbloop/ddbloop/history"
	"github.com/ddbloop/ddbloop/runbooks"
)

// Journal keeps events: an Append that returns without error has made every Must event durable, and has
// numbered all of them.
type Journal interface {
	Append(events ...history.Event) ([]history.Event, error)
	Flush() error
}

// Describer reads what plans rest on, as it is now. Targets are table or table/index.
type Describer interface {
	Describe(ctx context.Context, table string) (history.TableSnapshot, error)
	Scaling(ctx context.Context, targets []string) ([]history.ScalingDescribed, error)
	Insights(ctx context.Context, target string) (mode string, err error) // off | throttled | accessed, or AWS's word for what is neither
	Tags(ctx context.Context, table string) (map[string]string, error)
}

// Writer is the one thing that can change a table; nil in a read-only session: it was never built. One call is one request,
// which carries all settings, or none at all.
type Writer interface {
	Send(ctx context.Context, table string, set []history.Setting) Answer
}

// Answer is the outcome of the one request of a change. Unsure means that no answer came: it may or may
// not have been applied.
type Answer struct {
	OK, Unsure          bool
	Code, Text, Request string
}

// ErrUnanswered is the failure of a lever of which nobody knows what it has done.
var ErrUnanswered = errors.New("nobody knows what it has done")

// Levers runs what people can do outside AWS; Set returns when the lever is in, or out of, force. An error means that it has done
// nothing, but for ErrUnanswered.
type Levers interface {
	Set(ctx context.Context, name string, on bool) error
}

// Source is an eye: it measures until ctx ends and gives what it saw to the engine.
type Source interface {
	Run(ctx context.Context)
}

// Options is what an Engine is built from. Everything that touches the world is passed in.
type Options struct {
	Clock      clock.Clock
	Journal    Journal
	Session    history.SessionStarted
	Actor      history.Actor // the person at this screen
	Library    []*runbooks.Runbook
	Describer  Describer
	Writer     Writer
	Levers     Levers
	Bench      Bench // nil = the session has no lab
	Limits     diagnose.Thresholds
	Policy     change.Policy
	Reread     func() (change.Policy, error)             // the policy as its file stands now; nil = Policy, for the whole session
	Held       func() (why string, held bool)            // whether a hold file stands; one that cannot be looked for counts as there. nil = none
	Earlier    []history.ChangeCarried                   // what earlier sessions left in force on these tables; an undo's UndoOf is the Origin of what it undoes
	Postmortem func(dir string) (path string, err error) // writes the draft of what the journal holds
	Hurry      func()                                    // asks for a fresh DescribeTable soon; may be nil
	Watched    bool                                      // a reader will subscribe; until then every event is kept for it
}

// Engine is one session's loop.
type Engine struct {
	opt      Options
	assessor *diagnose.Assessor
	start    time.Time

	mu      sync.Mutex // guards what follows; never held across I/O other than the journal's
	state   *history.State
	broken  error // the journal can keep nothing more: changes are off
	out     broadcast
	ctx     context.Context        // the sources' and the lab's; Run sets it
	labs    map[string]OpenLab     // of this process, by id
	stopLab context.CancelFunc     // nil = no lab runs
	judges  map[string]*judge      // by change id
	seen    map[string]change.Seen // what a plan rests on, by change id
	timed   map[string]time.Time   // when a timed undo was last tried, by change id
	asked   int                    // how often the hold file was looked for,
	heard   int                    // and which of these looks was the newest to be heard of
	looks   map[string]time.Time   // when the engine itself last looked after a change, by change id
}

// New starts a session: its first event is written, or New says why not.
func New(opt Options) (*Engine, error) {
	e := &Engine{opt: opt, ctx: context.Background(), labs: map[string]OpenLab{}, start: opt.Clock.Now(), state: history.NewState(), judges: map[string]*judge{}, assessor: diagnose.NewAssessor(opt.Limits), seen: map[string]change.Seen{}, looks: map[string]time.Time{}, timed: map[string]time.Time{}}
	if err := e.emit(opt.Actor, append([]history.Body{opt.Session}, carried(opt.Earlier, opt.Clock.Now())...)...); err != nil {
		return nil, err
	}
	return e, nil
}

// Emit takes what a source has measured.
func (e *Engine) Emit(bodies ...history.Body) { _ = e.emit(history.Actor{}, bodies...) }

// View calls f with the State as it stands. f must neither keep nor change it.
func (e *Engine) View(f func(s *history.State)) {
	e.mu.Lock()
	defer e.mu.Unlock()
	f(e.state)
}

// emit writes bodies to the journal, folds them and hands them on.
func (e *Engine) emit(who history.Actor, bodies ...history.Body) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.record(who, bodies...)
}

// record is emit with e.mu held. When the journal fails the session goes on, unrecorded and without
// changes, and everyone is told.
func (e *Engine) record(who history.Actor, bodies ...history.Body) error {
	if len(bodies) == 0 {
		return nil
	}
	now := e.opt.Clock.Now()
	events := make([]history.Event, len(bodies))
	for i, b := range bodies {
		events[i] = history.Event{Seq: e.state.Seq + uint64(i) + 1, At: now, Mono: now.Sub(e.start), Actor: who, Body: b}
	}
	if e.broken == nil {
		kept, err := e.opt.Journal.Append(events...)
		if err != nil {
			e.broken = err
			last := events[len(events)-1]
			events = append(events, history.Event{Seq: last.Seq + 1, At: now, Mono: last.Mono, Body: hurt(err)})
		} else {
			events = kept
		}
	}
	e.state.Fold(events...)
	if e.opt.Watched {
		e.out.publish(events...)
	}
	return e.broken
}

func hurt(err error) history.JournalHurt {
	return history.JournalHurt{Text: "nothing more can be recorded (" + err.Error() + "): changes are off"}
}

// Subscribe implements Loop.
func (e *Engine) Subscribe() *Subscription { return e.out.subscribe() }

// Run starts the sources and the loop as processes of the clock; they end with ctx.
func (e *Engine) Run(ctx context.Context, sources ...Source) {
	e.mu.Lock()
	e.ctx = ctx
	e.mu.Unlock()
	for _, s := range sources {
		e.opt.Clock.Go(func() { s.Run(ctx) })
	}
	for _, f := range []func(){e.lookForHold, e.Tick} { // apart: a hold file on a share that hangs stops no measuring
		e.opt.Clock.Go(func() {
			for {
				f()
				if e.opt.Clock.Sleep(ctx, time.Second) != nil {
					return
				}
			}
		})
	}
}

// Tick looks at the State once: it assesses, moves the runbook, follows changes and judges effects.
func (e *Engine) Tick() {
	e.mu.Lock()
	defer e.mu.Unlock()
	now := e.opt.Clock.Now()
	for _, look := range []func(time.Time) []history.Body{e.assess, e.incident, e.suggest, e.advance, e.settle, e.judge, e.attribute, e.propose, e.timers} {
		_ = e.record(history.Actor{}, look(now)...)
	}
	if e.broken == nil {
		if err := e.opt.Journal.Flush(); err != nil {
			e.broken = err
			_ = e.record(history.Actor{}, hurt(err))
		}
	}
}

// errReadOnly is what every change meets in a session that may not change anything.
var errReadOnly = errors.New("read-only: start with --allow-changes to change anything")
