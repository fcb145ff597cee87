package main

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"net/http"

	"github.com/ddbloop/ddbloop/engine"
	ddbaws "github.com/ddbloop/ddbloop/engine/aws"
	"github.com/ddbloop/ddbloop/engine/change"
	"github.com/ddbloop/ddbloop/engine/clock"
	"github.com/ddbloop/ddbloop/engine/sim"
	"github.com/ddbloop/ddbloop/engine/sim/scenario"
	"github.com/ddbloop/ddbloop/engine/sim/world"
	"github.com/ddbloop/ddbloop/engine/source"
	"github.com/ddbloop/ddbloop/history"
)

// embedded is a session on the embedded AWS: demo and drill. Everything takes place on one simulated clock.
type embedded struct {
	sc    *scenario.Scenario
	clk   *clock.Virtual
	cfg   engine.Config
	marks []string // files of marks; none in a drill, which must be the same every time

	baselines bool // for a screen: a drill looks at none

	policy *inForce
	named  string                        // the policy's file and hash, for the journal; "" = built in
	reread func() (change.Policy, error) // nil: the policy is built in

	// What start builds. No command can come before: all of them wait for their turn on the clock.
	sim      *sim.Sim
	account  *ddbaws.Account
	feeds    ddbaws.Doer
	write    engine.Writer
	describe *source.Describe
	eyes     eyes
}

// openEmbedded stands at t = 0 of a scenario that the model can play. The world itself is built by start: a
// screen need not wait for it.
func openEmbedded(sc *scenario.Scenario) (*embedded, error) {
	if err := sim.Check(sc); err != nil {
		return nil, usage("%v", err)
	}
	e := &embedded{sc: sc, clk: clock.NewVirtual(sc.Start), policy: newInForce(change.Careful.Unbilled())}
	e.config()
	return e, nil
}

// allow takes a policy of the team's own, as watch would, in place of the built-in one. "" names none: what lies beside the team's
// configuration is for its own tables.
func (e *embedded) allow(file string) error {
	if file == "" {
		return nil
	}
	p, again, err := armedPolicy(file, e.session("", "demo", 1))
	if err != nil {
		return err
	}
	e.policy, e.named = newInForce(p), p.Name+" "+p.Hash
	e.reread = e.policy.follow(again)
	return nil
}

// freely leaves out the built-in ceilings of cost: a drill scores what a change does, and nobody pays for it.
func (e *embedded) freely() {
	p := e.policy.now()
	p.CostStep, p.CostSession = math.Inf(1), math.Inf(1)
	e.policy = newInForce(p)
}

// start builds the world with its history, and sets the sources going.
func (e *embedded) start(ctx context.Context, eng *engine.Engine) error {
	w, err := sim.New(e.sc)
	if err != nil {
		return usage("%v", err)
	}
	e.sim, e.feeds = w, w.Client(e.clk, world.FromHere)
	e.account, err = ddbaws.Connect(ctx, ddbaws.Options{
		Region: e.sc.Region, Clock: e.clk, HTTPClient: w.Client(e.clk, world.FromHere),
		Keys: &ddbaws.Keys{ID: "AKIDEMBEDDED", Secret: "embedded"},
	})
	if err != nil {
		return err
	}
	if e.write, err = writerFor(e.account, true, e.policy); err != nil {
		return err
	}
	if err := e.probes(); err != nil {
		return err
	}
	chance := rand.New(rand.NewPCG(uint64(e.sc.Seed), 7)) // backoff jitter
	e.eyes = eyes{asked: map[string]*source.Probe{}, clk: e.clk, account: e.account, http: e.feeds, chance: chance.Float64, cfg: e.cfg, baselines: e.baselines, secret: []byte("embedded"), marks: e.marks, foreign: true}
	sources, describe, err := e.eyes.sources(eng)
	if err != nil {
		return err
	}
	e.describe = describe
	eng.Run(ctx, sources...)
	e.reports(ctx, eng)
	return nil
}

// Describe implements engine.Describer.
func (e *embedded) Describe(ctx context.Context, table string) (history.TableSnapshot, error) {
	return describer{e.account, true}.Describe(ctx, table)
}

// Scaling implements engine.Describer.
func (e *embedded) Scaling(ctx context.Context, targets []string) ([]history.ScalingDescribed, error) {
	return describer{e.account, true}.Scaling(ctx, targets)
}

// Insights implements engine.Describer.
func (e *embedded) Insights(ctx context.Context, target string) (string, error) {
	return describer{e.account, true}.Insights(ctx, target)
}

// Tags implements engine.Describer.
func (e *embedded) Tags(ctx context.Context, table string) (map[string]string, error) {
	return describer{e.account, true}.Tags(ctx, table)
}

// Send implements engine.Writer.
func (e *embedded) Send(ctx context.Context, table string, set []history.Setting) engine.Answer {
	return e.write.Send(ctx, table, set)
}

// hurry asks for a fresh DescribeTable soon.
func (e *embedded) hurry() { e.describe.Hurry() }

// feedHost is where the embedded world serves the applications' own endpoints; no socket is ever opened.
const feedHost = "http://embedded.invalid/_ddbloop/"

// config is what a team would have told ddbloop about this world, and no more: probes, objectives, feeds,
// levers. Never events, truth, or clients that nobody named.
func (e *embedded) config() {
	c := engine.Config{Region: e.sc.Region, Account: e.sc.Account}
	for _, t := range e.sc.Tables {
		c.Tables = append(c.Tables, t.Name)
	}
	for _, t := range e.sc.Traffic {
		known := t.SLO != (scenario.SLO{}) || t.Feed > 0 || len(t.Publishes) > 0
		if !known {
			continue
		}
		c.Clients = append(c.Clients, history.Client{
			Name: t.Name, Table: t.Table, Index: t.Index, Op: t.Operation,
			P99: t.SLO.P99, PFactor: t.SLO.Multiple, Success: t.SLO.Success, Feed: t.Feed,
		})
		for _, p := range t.Publishes {
			c.Own = append(c.Own, engine.Published(p.What, engine.OwnMetric{
				Client: t.Name, Table: t.Table, Index: t.Index, Namespace: p.Namespace, Metric: p.Metric, Dimensions: p.Dimensions,
			})...)
		}
		if t.Feed > 0 {
			c.Feeds = append(c.Feeds, engine.FeedConfig{Name: t.Name, Table: t.Table, Index: t.Index, URL: feedHost + "feed/" + t.Name, Every: t.Feed})
		}
	}
	for _, l := range e.sc.Levers {
		c.Levers = append(c.Levers, history.Lever{Name: l.Name, Title: l.Title, Does: l.Does})
	}
	e.cfg = c
}

// probes adds the requests that need the world's items for their keys.
func (e *embedded) probes() error {
	for i, p := range e.sc.Here.Probes {
		probe, err := e.probe(i, p)
		if err != nil {
			return err
		}
		if probe != nil {
			e.cfg.Probes = append(e.cfg.Probes, *probe)
		}
	}
	return nil
}

// probe writes a scenario's probe down as a team would: a request with a real key. A table without items has none.
func (e *embedded) probe(i int, p scenario.Probe) (*engine.ProbeConfig, error) {
	key := e.sim.ProbeKey(p.Table, p.Hot)
	if key == nil {
		return nil, nil
	}
	plain, partition := ddbaws.KeyInput(key), ""
	for _, t := range e.sc.Tables {
		if t.Name == p.Table {
			partition = t.Key.Partition
		}
	}
	var input map[string]any
	switch p.Operation {
	case "GetItem":
		input = map[string]any{"Key": plain}
	case "Query":
		input = map[string]any{
			"KeyConditionExpression": "#k = :k", "ExpressionAttributeNames": map[string]string{"#k": partition},
			"ExpressionAttributeValues": map[string]any{":k": plain[partition]},
		}
	case "Scan":
		input = map[string]any{"Limit": 10}
	case "ExecuteStatement":
		input = map[string]any{
			"Statement": fmt.Sprintf(`SELECT * FROM "%s" WHERE "%s" = ?`, p.Table, partition), "Parameters": []any{plain[partition]},
		}
	}
	if p.Operation != "ExecuteStatement" { // its statement names the table
		input["TableName"] = p.Table
	}
	raw, err := json.Marshal(input)
	if err != nil {
		return nil, err
	}
	return &engine.ProbeConfig{Name: fmt.Sprintf("%s-%d", p.Table, i+1), Table: p.Table, Op: p.Operation, Every: p.Every, Throttled: true, Input: raw}, nil
}

// session is the first event of a session on this world.
func (e *embedded) session(id, mode string, speed float64) history.SessionStarted {
	return history.SessionStarted{
		ID: id, Version: version(), Mode: mode, Tables: e.cfg.Tables, Account: e.cfg.Account, Region: e.cfg.Region,
		Endpoints: map[string]string{"dynamodb": "embedded", "cloudwatch": "embedded"},
		Armed:     true, Scenario: e.sc.Name, Speed: speed, Clients: e.cfg.Clients, Levers: e.cfg.Levers, Prices: prices(e.cfg.Region),
		Policy: e.named,
	}
}

// Set implements engine.Levers: the embedded world's levers are reached over its own endpoint, as any other
// client would.
func (e *embedded) Set(ctx context.Context, name string, on bool) error {
	method := http.MethodDelete
	if on {
		method = http.MethodPost
	}
	req, err := http.NewRequestWithContext(ctx, method, feedHost+"levers/"+name, nil)
	if err != nil {
		return err
	}
	resp, err := e.feeds.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode >= 300 {
		return fmt.Errorf("lever %s: the embedded world answered %s", name, resp.Status)
	}
	return nil
}
