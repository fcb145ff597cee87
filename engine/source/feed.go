package source

import (
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"time"

	ddbaws "github.com/ddbloop/ddbloop/engine/aws"
	"github.com/ddbloop/ddbloop/engine/clock"
	"github.com/ddbloop/ddbloop/history"
)

const (
	feedLimit   = 1 << 20          // bytes of one answer
	feedTimeout = 2 * time.Second  // of one scrape
	feedBackoff = 10 * time.Second // longest wait: an application that restarts is back soon
	feedGap     = 3                // beats after which an average would hide more than it shows
)

// FeedConfig says where an application counts its own calls.
type FeedConfig struct {
	Clock clock.Clock
	HTTP  ddbaws.Doer
	To    Sink
	Rand  func() float64
	Name  string // client name
	Table string
	Index string
	URL   string
	Every time.Duration // 0 = 1 s
}

// Feed scrapes the application's own OpenMetrics endpoint: calls_total, attempts_total, failed_total, errors_total{code} and
// the histogram latency_seconds.
type Feed struct {
	c      FeedConfig
	health health

	last counters
	at   time.Time // of last; zero = none
}

// unreadable is an answer of which nothing can be made.
type unreadable struct {
	reason ddbaws.Reason
	text   string
}

func (u *unreadable) Error() string { return u.text }

// NewFeed returns a feed that has not begun.
func NewFeed(c FeedConfig) *Feed {
	if c.Every <= 0 {
		c.Every = time.Second
	}
	return &Feed{c: c, health: health{name: "feed:" + c.Name, to: c.To, rand: c.Rand, longest: feedBackoff}}
}

// Run scrapes until ctx ends or the clock stops.
func (f *Feed) Run(ctx context.Context) {
	for {
		wait := f.scrape(ctx)
		if ctx.Err() != nil || f.c.Clock.Sleep(ctx, wait) != nil {
			return
		}
	}
}

func (f *Feed) scrape(ctx context.Context) time.Duration {
	now, err := f.read(ctx)
	if ctx.Err() != nil {
		return 0
	}
	if err != nil {
		failure := ddbaws.Classify(err)
		if u := (*unreadable)(nil); errors.As(err, &u) {
			failure = ddbaws.Failure{Reason: u.reason, Text: ddbaws.Clean(u.text)}
		}
		return f.health.fails(failure)
	}
	f.health.well()
	at := f.c.Clock.Now()
	gap := at.Sub(f.at)
	if d, good := now.since(f.last); good && !f.at.IsZero() && gap > 0 && gap <= feedGap*f.c.Every {
		f.c.To.Emit(history.FeedScraped{
			Feed: f.c.Name, Table: f.c.Table, Index: f.c.Index, Seconds: gap.Seconds(), Calls: d.calls, Attempts: d.attempts,
			Failed: d.failures(), Errors: d.errors, P50: d.quantile(0.5), P99: d.quantile(0.99),
		})
	}
	f.last, f.at = now, at
	return nextTick(at, f.c.Every)
}

func (f *Feed) read(ctx context.Context) (counters, error) {
	ctx, cancel := f.c.Clock.WithTimeout(ctx, feedTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, f.c.URL, nil)
	if err != nil {
		return counters{}, err
	}
	req.Header.Set("Accept", "application/openmetrics-text; version=1.0.0, text/plain; version=0.0.4;q=0.5")
	resp, err := f.c.HTTP.Do(req)
	if err != nil {
		return counters{}, err
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode != http.StatusOK {
		return counters{}, refused(resp.StatusCode)
	}
	text, err := io.ReadAll(io.LimitReader(resp.Body, feedLimit+1))
	if err != nil {
		return counters{}, err
	}
	kind, _, _ := mime.ParseMediaType(resp.Header.Get("Content-Type"))
	return understand(string(text), kind == "application/openmetrics-text")
}

func refused(status int) error {
	u := &unreadable{ddbaws.Other, fmt.Sprintf("the feed answered HTTP %d", status)}
	switch status {
	case http.StatusNotFound:
		u.reason = ddbaws.Missing
	case http.StatusUnauthorized, http.StatusForbidden:
		u.reason = ddbaws.Denied
	}
	return u
}

// understand reads an exposition. OpenMetrics proper says where it ends.
func understand(text string, proper bool) (counters, error) {
	bad := func(why string) (counters, error) { return counters{}, &unreadable{ddbaws.Other, why} }
	if len(text) > feedLimit {
		return bad("the feed's answer is larger than 1 MiB")
	}
	list, closed, err := parseMetrics(text)
	if err != nil {
		return bad("the feed is not OpenMetrics: " + err.Error())
	}
	if proper && !closed {
		return bad("the feed's answer was cut off: # EOF is missing")
	}
	c, err := gather(list)
	if err != nil {
		return bad("the feed: " + err.Error())
	}
	return c, nil
}
