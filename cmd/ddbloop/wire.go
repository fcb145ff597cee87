package main

import (
	"context"
	"time"

	"github.com/ddbloop/ddbloop/engine"
	ddbaws "github.com/ddbloop/ddbloop/engine/aws"
	"github.com/ddbloop/ddbloop/engine/clock"
	"github.com/ddbloop/ddbloop/engine/diagnose"
	"github.com/ddbloop/ddbloop/engine/sim/world"
	"github.com/ddbloop/ddbloop/engine/source"
	"github.com/ddbloop/ddbloop/history"
	"github.com/ddbloop/ddbloop/history/journal"
	"github.com/ddbloop/ddbloop/history/postmortem"
)

// eyes are what the sources of a session are made of.
type eyes struct {
	clk       clock.Clock
	account   *ddbaws.Account
	http      ddbaws.Doer // for the applications' own endpoints
	chance    func() float64
	cfg       engine.Config
	baselines bool                      // ask how it was yesterday and a week ago
	asked     map[string]*source.Probe  // filled in by probes, for those that ask otherwise later
	secret    []byte                    // of the tags that stand for key values
	aside     func(service string) bool // whether an optional eye may ask a service
	reveal    bool                      // key values stand for themselves
	marks     []string                  // files of marks
	foreign   bool                      // this clock is not the one that marks are dated by
}

// loop is the engine as its sources see it.
type loop interface {
	source.Sink
	View(f func(s *history.State))
}

// sources builds every eye of a session; describe is among them, for plans that want it sooner.
func (y eyes) sources(to loop) (list []engine.Source, describe *source.Describe, err error) {
	describe = source.NewDescribe(source.DescribeConfig{Clock: y.clk, From: y.account, To: to, Rand: y.chance, Tables: y.cfg.Tables})
	metrics := source.NewMetrics(source.MetricsConfig{
		Clock: y.clk, From: y.account, To: to, Rand: y.chance, Tables: y.cfg.Tables, Snapshot: describe.Snapshot,
		Own: ownMetrics(y.cfg.Own), List: y.account, Budget: y.cfg.Budget, Baselines: y.baselines,
	})
	list = []engine.Source{describe, metrics}
	probes, err := y.probes(to)
	if err != nil {
		return nil, nil, err
	}
	list = append(list, probes...)
	for _, f := range y.cfg.Feeds {
		list = append(list, source.NewFeed(source.FeedConfig{
			Clock: y.clk, HTTP: y.http, To: to, Rand: y.chance, Name: f.Name, Table: f.Table, Index: f.Index, URL: f.URL, Every: f.Every,
		}))
	}
	for _, a := range source.NewAsides(source.AsidesConfig{
		Clock: y.clk, From: y.account, To: to, Rand: y.chance, Tables: y.cfg.Tables, Snapshot: describe.Snapshot, Secret: y.secret, Reveal: y.reveal,
		Throttled: func() (targets []string) {
			to.View(func(s *history.State) { targets = diagnose.Throttled(s, y.clk.Now()) })
			return targets
		},
	}) {
		if y.aside == nil || y.aside(a.Service()) {
			list = append(list, a)
		}
	}
	if len(y.marks) > 0 {
		list = append(list, source.NewMarks(source.MarksConfig{Clock: y.clk, To: to, Files: y.marks, Tables: y.cfg.Tables, Foreign: y.foreign}))
	}
	return list, describe, nil
}

// sink passes on to an engine that is built after its sources.
type sink struct{ to *engine.Engine }

// Emit implements source.Sink.
func (s *sink) Emit(bodies ...history.Body) { s.to.Emit(bodies...) }

// View implements loop.
func (s *sink) View(f func(s *history.State)) { s.to.View(f) }

// engine builds the loop of a session on the embedded world, which start brings to life.
func (e *embedded) engine(o engineOptions) (*engine.Engine, error) {
	out := &sink{}
	var err error
	out.to, err = engine.New(engine.Options{
		Clock: e.clk, Journal: o.journal, Session: e.session(o.id, o.mode, o.speed), Actor: o.actor, Library: o.library,
		Describer: e, Writer: e, Levers: e, Limits: diagnose.Defaults, Policy: e.policy.now(), Reread: e.reread, Held: e.policy.held,
		Postmortem: postmortemIn(o.dir), Hurry: e.hurry, Watched: o.watched,
		Bench: bench{eyes: func() eyes { return e.eyes }, to: out},
	})
	return out.to, err
}

// postmortemIn writes drafts of the session in dir, into its folder unless told otherwise.
func postmortemIn(dir string) func(string) (string, error) {
	return func(where string) (string, error) { return postmortem.File(journal.OS{}, dir, where) }
}

// reports hands the scenario's reports on as a colleague's note would come: at their time.
func (e *embedded) reports(ctx context.Context, eng *engine.Engine) {
	for _, ev := range e.sc.Events {
		r := ev.Report
		if r == nil {
			continue
		}
		e.clk.Go(func() {
			if e.clk.Sleep(ctx, e.sc.Start.Add(ev.At).Sub(e.clk.Now())) == nil {
				_ = eng.Do(ctx, engine.Report{Text: r.Text, About: r.About, Client: r.Client})
			}
		})
	}
}

// refused is the first second in which a limit refused a caller; negative for never.
func (e *embedded) refused() (at time.Duration) {
	e.sim.Inspect(e.clk, func(w *world.World) { at = w.FirstRefusal() })
	return at
}

// mitigated is the world's own word on when every client met its objective again.
func (e *embedded) mitigated() (at time.Duration, ok bool) {
	e.sim.Inspect(e.clk, func(w *world.World) { at, ok = w.Mitigated() })
	return at, ok
}
