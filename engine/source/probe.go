package source

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	ddbaws "github.com/ddbloop/ddbloop/engine/aws"
	"github.com/ddbloop/ddbloop/engine/clock"
	"github.com/ddbloop/ddbloop/history"
)

// Reader sends one of the team's read-only requests. Its errors are for ddbaws.Classify.
type Reader interface {
	Read(ctx context.Context, r *ddbaws.Read) (ddbaws.Reading, error)
}

// ProbeConfig says what to send, and how often.
type ProbeConfig struct {
	Clock   clock.Clock
	From    Reader
	To      Sink
	Name    string
	Request *ddbaws.Read
	Every   time.Duration // 0 = 1 s
	Timeout time.Duration // 0 = 2 s

	Budget *Budget // shared by all probes; nil = none
	Ways   *Ways   // shared by all probes; nil = nothing goes out instead of a denied one
	// Throttling reports whether reads of the probe's target are refused just now; nil = the probe asks on whatever happens.
	Throttling func() bool
}

// rarely is the beat of a probe that is denied, or that keeps off a table which refuses reads.
const rarely = 10 * time.Second

// overBudget is the reason of a probe that is slowed down for what it uses.
const overBudget = "budget"

// refusals in a row after which a probe keeps off.
const refusals = 3

// Probe sends one read-only request at a steady beat and says what became of each.
type Probe struct {
	c      ProbeConfig
	health health
	way    *Probe // asks without data while this one is denied

	variant atomic.Pointer[ddbaws.Read] // asked instead of the configured request; nil = none

	refused int       // throttled answers in a row
	again   time.Time // not before
}

// NewProbe returns a probe that has not begun.
func NewProbe(c ProbeConfig) *Probe {
	if c.Every <= 0 {
		c.Every = time.Second
	}
	if c.Timeout <= 0 {
		c.Timeout = 2 * time.Second
	}
	return &Probe{c: c, health: health{name: "probe:" + c.Name, to: c.To}}
}

// Ask lets the probe ask r of the same table from its next request on; nil is what it was configured with.
func (p *Probe) Ask(r *ddbaws.Read) { p.variant.Store(r) }

// NewWayProbe returns the probe without data of a table. It can prove that the way to DynamoDB is shut or slow, never that the
// table is well; its name says so.
func NewWayProbe(c ProbeConfig, table string) *Probe {
	c.Name, c.Request, c.Budget, c.Ways, c.Throttling = table+"-no-data", ddbaws.NoData(table), nil, nil, nil
	return NewProbe(c)
}

// Run probes until ctx ends or the clock stops. In an outage it never slows down: the probe is what sees its end first. It
// slows down for its budget, on a table that refuses reads, and where it is denied.
func (p *Probe) Run(ctx context.Context) {
	for {
		if wait := p.again.Sub(p.c.Clock.Now()); wait > 0 {
			p.instead(ctx)
		} else {
			p.ask(ctx)
		}
		if ctx.Err() != nil || p.c.Clock.Sleep(ctx, p.untilNext()) != nil {
			return
		}
	}
}

// untilNext is the rest of this beat, or all of the wait where nothing goes out in the meantime.
func (p *Probe) untilNext() time.Duration {
	now := p.c.Clock.Now()
	tick := nextTick(now, p.c.Every)
	if p.way == nil {
		return max(tick, p.again.Sub(now))
	}
	return tick
}

// ask sends the probe's own request and works out when the next may go.
func (p *Probe) ask(ctx context.Context) {
	body, failure := p.once(ctx)
	if ctx.Err() != nil {
		return
	}
	if why := p.slower(&body, failure); why.State != "" {
		p.health.say(why)
	} else {
		p.report(failure)
	}
	p.c.To.Emit(body)
}

// slower keeps the books of an answer. Where the next request has to wait longer than a beat it sets until when, and says why.
func (p *Probe) slower(body *history.ProbeAnswered, f ddbaws.Failure) history.SourceChanged {
	if f.Reason == ddbaws.Denied && p.c.Ways != nil {
		p.startInstead()
		p.hold(body, rarely)
		return history.SourceChanged{State: stateOf(f.Reason), Reason: string(f.Reason), Text: f.Text + "; a request without data goes out instead"}
	}
	p.stopInstead()
	p.again = time.Time{}
	if f.Reason == ddbaws.Throttled {
		p.refused++
	} else {
		p.refused = 0
	}
	if p.c.Throttling != nil && (p.refused >= refusals || p.c.Throttling()) {
		p.hold(body, rarely)
		return history.SourceChanged{State: degraded, Reason: string(ddbaws.Throttled), Text: fmt.Sprintf(
			"keeps off a table that refuses reads: one request in %s; with probe_throttled: true it would ask on", rarely)}
	}
	if p.c.Budget == nil {
		return history.SourceChanged{}
	}
	now := p.c.Clock.Now()
	p.c.Budget.spend(body.Table, body.Units, now)
	wait, roomy := p.c.Budget.wait(body.Table, now)
	if wait > p.c.Every {
		p.hold(body, wait)
	}
	if wait > p.c.Every || p.health.last.Reason == overBudget && !roomy {
		return history.SourceChanged{State: degraded, Reason: overBudget, Text: fmt.Sprintf(
			"slowed down: all probes of %s together may use %g read units/s", body.Table, p.c.Budget.perSecond)}
	}
	return history.SourceChanged{}
}

// hold puts the next request off, in whole beats.
func (p *Probe) hold(body *history.ProbeAnswered, wait time.Duration) {
	every := p.c.Every
	body.Next = max(every, (wait+every-1)/every*every)
	p.again = p.c.Clock.Now().Truncate(every).Add(body.Next)
}

func (p *Probe) once(ctx context.Context) (history.ProbeAnswered, ddbaws.Failure) {
	r := p.c.Request
	if v := p.variant.Load(); v != nil {
		r = v
	}
	body := history.ProbeAnswered{Probe: p.c.Name, Table: r.Table, Index: r.Index, Op: r.Op, Every: p.c.Every}
	call, cancel := p.c.Clock.WithTimeout(ctx, p.c.Timeout)
	defer cancel()
	began := p.c.Clock.Now()
	got, err := p.c.From.Read(call, r)
	body.Total = p.c.Clock.Now().Sub(began)
	body.DNS, body.Connect, body.TLS, body.Wait, body.Reused = got.DNS, got.Connect, got.TLS, got.Wait, got.Reused
	body.Pool, body.Body, body.Retries, body.OfIndex, body.More = got.Pool, got.Body, got.Retries, got.IndexUnits, got.More
	body.Units, body.Pages, body.Examined, body.Returned = got.Units, got.Pages, got.Examined, got.Returned
	body.Request, body.OK = got.Request, err == nil
	if err == nil {
		return body, ddbaws.Failure{}
	}
	f := ddbaws.Classify(err)
	body.Code, body.Text, body.Reasons = f.Word(), f.Text, f.Reasons
	return body, f
}

// report says when the probe itself is of no use. An outage, a throttle or a timeout is what it is there to see: those are in
// its answers.
func (p *Probe) report(f ddbaws.Failure) {
	switch f.Reason {
	case ddbaws.Missing, ddbaws.Denied, ddbaws.Validation, ddbaws.Expired:
		p.health.say(history.SourceChanged{State: stateOf(f.Reason), Reason: string(f.Reason), Text: f.Text})
	case "", ddbaws.Throttled:
		p.health.well()
	}
}

// startInstead lets a request without data go out while this probe is denied, where no other of the table's does so already.
func (p *Probe) startInstead() {
	if p.way == nil && p.c.Ways.take(p.c.Request.Table, p) {
		p.way = NewWayProbe(p.c, p.c.Request.Table)
	}
}

func (p *Probe) stopInstead() {
	if p.way != nil {
		p.c.Ways.leave(p.c.Request.Table, p)
		p.way = nil
	}
}

// instead asks without data.
func (p *Probe) instead(ctx context.Context) {
	if p.way != nil {
		p.way.ask(ctx)
	}
}
