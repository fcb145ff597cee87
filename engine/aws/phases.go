package aws

import (
	"context"
	"crypto/tls"
	"net/http/httptrace"
	"sync"
	"time"
)

// Phases splits the time of one request. A phase that did not happen, as with a reused connection, is 0.
type Phases struct {
	DNS, Connect, TLS time.Duration
	Wait              time.Duration // request written → first byte of the answer
	Reused            bool
}

// tracer follows one request. Hooks may come from other goroutines, and after the call has ended.
type tracer struct {
	now func() time.Time

	mu                             sync.Mutex
	p                              Phases
	dns, connect, handshake, wrote time.Time
}

func traced(ctx context.Context, now func() time.Time) (context.Context, *tracer) {
	t := &tracer{now: now}
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		DNSStart:             func(httptrace.DNSStartInfo) { t.begin(&t.dns) },
		DNSDone:              func(httptrace.DNSDoneInfo) { t.end(&t.dns, &t.p.DNS) },
		ConnectStart:         func(_, _ string) { t.begin(&t.connect) },
		ConnectDone:          func(_, _ string, _ error) { t.end(&t.connect, &t.p.Connect) },
		TLSHandshakeStart:    func() { t.begin(&t.handshake) },
		TLSHandshakeDone:     func(tls.ConnectionState, error) { t.end(&t.handshake, &t.p.TLS) },
		WroteRequest:         func(httptrace.WroteRequestInfo) { t.begin(&t.wrote) },
		GotFirstResponseByte: func() { t.end(&t.wrote, &t.p.Wait) },
		GotConn: func(i httptrace.GotConnInfo) {
			t.mu.Lock()
			defer t.mu.Unlock()
			t.p.Reused = i.Reused
		},
	}), t
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

// phases returns what is known so far.
func (t *tracer) phases() Phases {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.p
}
