package source

import (
	"context"
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
}

// Probe sends one read-only request at a steady beat and says what became of each.
type Probe struct {
	c      ProbeConfig
	health health
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

// Run probes until ctx ends or the clock stops. It never slows down: in an outage the probe is what sees its end first.
func (p *Probe) Run(ctx context.Context) {
	for {
		body, failure := p.once(ctx)
		if ctx.Err() != nil {
			return
		}
		p.c.To.Emit(body)
		p.report(failure)
		if p.c.Clock.Sleep(ctx, nextTick(p.c.Clock.Now(), p.c.Every)) != nil {
			return
		}
	}
}

func (p *Probe) once(ctx context.Context) (history.ProbeAnswered, ddbaws.Failure) {
	r := p.c.Request
	body := history.ProbeAnswered{Probe: p.c.Name, Table: r.Table, Index: r.Index, Op: r.Op, Every: p.c.Every}
	call, cancel := p.c.Clock.WithTimeout(ctx, p.c.Timeout)
	defer cancel()
	began := p.c.Clock.Now()
	got, err := p.c.From.Read(call, r)
	body.Total = p.c.Clock.Now().Sub(began)
	body.DNS, body.Connect, body.TLS, body.Wait, body.Reused = got.DNS, got.Connect, got.TLS, got.Wait, got.Reused
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
