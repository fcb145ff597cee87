package aws

import (
	"context"
	"crypto/tls"
	"net/http/httptrace"
	"sync"
	"time"
)

// Phases splits the time of one request, or of all pages of one. A phase that did not happen, as with a reused connection, is 0.
type Phases struct {
	Pool              time.Duration // waited for a connection, beside what making one took
	DNS, Connect, TLS time.Duration
	Wait              time.Duration // request written → first byte of the answer, or → giving up on one
	Body              time.Duration // first byte → all of it read
	Reused            bool          // of the last connection
	Retries           int           // requests that went out again because their connection had died unnoticed
}

// tracer follows one request after the other. Hooks may come from other goroutines, and after the call has ended.
type tracer struct {
	now func() time.Time

	mu        sync.Mutex
	done, cur Phases // of the exchanges before; of this one
	exchanges int

	asked, dns, connect, handshake, wrote, first time.Time // of this exchange
}

func traced(ctx context.Context, now func() time.Time) (context.Context, *tracer) {
	t := &tracer{now: now}
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GetConn:              func(string) { t.next() },
		DNSStart:             func(httptrace.DNSStartInfo) { t.begin(&t.dns) },
		DNSDone:              func(httptrace.DNSDoneInfo) { t.end(&t.dns, &t.cur.DNS) },
		ConnectStart:         func(_, _ string) { t.begin(&t.connect) },
		ConnectDone:          func(_, _ string, _ error) { t.end(&t.connect, &t.cur.Connect) },
		TLSHandshakeStart:    func() { t.begin(&t.handshake) },
		TLSHandshakeDone:     func(tls.ConnectionState, error) { t.end(&t.handshake, &t.cur.TLS) },
		WroteRequest:         func(httptrace.WroteRequestInfo) { t.begin(&t.wrote) },
		GotFirstResponseByte: func() { t.end(&t.wrote, &t.cur.Wait); t.begin(&t.first) },
		GotConn:              t.got,
	}), t
}

// next closes the exchange before and opens one.
func (t *tracer) next() {
	t.mu.Lock()
	defer t.mu.Unlock()
	at := t.now()
	t.done, t.cur = t.total(at), Phases{}
	t.exchanges++
	t.asked, t.dns, t.connect, t.handshake, t.wrote, t.first = at, time.Time{}, time.Time{}, time.Time{}, time.Time{}, time.Time{}
}

// got is a connection: what making it did not take was waiting for it.
func (t *tracer) got(i httptrace.GotConnInfo) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.cur.Reused = i.Reused
	if !t.asked.IsZero() {
		t.cur.Pool = max(0, t.now().Sub(t.asked)-t.cur.DNS-t.cur.Connect-t.cur.TLS)
	}
}

// begin keeps the first start: with two address families, connecting may start twice.
func (t *tracer) begin(at *time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if at.IsZero() {
		*at = t.now()
	}
}

func (t *tracer) end(from *time.Time, d *time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !from.IsZero() {
		*d = max(0, t.now().Sub(*from))
	}
}

// total adds the exchanges up, the one under way as far as it is known.
func (t *tracer) total(at time.Time) Phases {
	p := t.cur
	if !t.first.IsZero() {
		p.Body = max(0, at.Sub(t.first))
	}
	d := t.done
	return Phases{
		Pool: d.Pool + p.Pool, DNS: d.DNS + p.DNS, Connect: d.Connect + p.Connect, TLS: d.TLS + p.TLS,
		Wait: d.Wait + p.Wait, Body: d.Body + p.Body, Reused: p.Reused,
	}
}

// phases returns what is known when so many pages have been asked for.
func (t *tracer) phases(pages int) Phases {
	t.mu.Lock()
	defer t.mu.Unlock()
	p := t.total(t.now())
	if !t.wrote.IsZero() && t.first.IsZero() { // no answer so far: the wait for one is known all the same
		p.Wait += max(0, t.now().Sub(t.wrote))
	}
	p.Retries = max(0, t.exchanges-pages)
	return p
}
