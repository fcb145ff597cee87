package sim

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"strconv"
	"time"

	"github.com/ddbloop/ddbloop/engine/sim/wire"
)

// Bounds of the socket server. The body's bound is the service's.
const (
	maxConnections = 256
	maxHeader      = 64 << 10
	headerTimeout  = 10 * time.Second
	readTimeout    = 30 * time.Second
	idleTimeout    = 2 * time.Minute
	writeTimeout   = 10 * time.Second // for a caller to take its answer, once it is there
	stopTimeout    = 2 * time.Second
)

// Handler serves every protocol and the control endpoint on one port, told apart by target and path. Server time is slept on
// the clock; the network is the real one, and what a fault makes of it is played as far as a server can (see pass).
func (s *Sim) Handler(c Clock) http.Handler {
	turns := make(chan struct{}, largeBodies)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body := &turned{ReadCloser: r.Body, ctx: r.Context(), turns: turns}
		defer body.done()
		r.Body = body
		if isControl(r.URL.Path) {
			send(w, s.control(c, r))
			return
		}
		call, fail := wire.Read(r)
		defer answering(r)()
		if call == nil {
			send(w, notServed())
			return
		}
		s.pass(w, r, c, call, fail)
	})
}

func send(w http.ResponseWriter, r *wire.Response) {
	head(w, r)
	_, _ = w.Write(r.Body) // a caller that has gone is no news
}

func head(w http.ResponseWriter, r *wire.Response) {
	for k, values := range r.Header {
		w.Header()[k] = values
	}
	w.Header().Set("Content-Length", strconv.Itoa(len(r.Body)))
	_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(writeTimeout)) // a recorder in a test has none
	w.WriteHeader(r.Status)
}

// notServed answers a request that is addressed to no service spoken here.
func notServed() *wire.Response {
	const body = `{"__type":"com.amazon.coral.service#UnknownOperationException","message":"This is no request of a service that is served here."}`
	return &wire.Response{Status: http.StatusBadRequest, Header: http.Header{"Content-Type": {"application/x-amz-json-1.0"}}, Body: []byte(body)}
}

// Serve answers on the listener until ctx is done, then closes it and all connections. It refuses an address that others than
// this machine could reach: signatures are not checked, and the control endpoint obeys anyone.
func (s *Sim) Serve(ctx context.Context, ln net.Listener, c Clock) error {
	if at, ok := ln.Addr().(*net.TCPAddr); !ok || !at.IP.IsLoopback() {
		_ = ln.Close() // the refusal is the news
		return fmt.Errorf("sim: listen on %s: only a loopback address is served; use 127.0.0.1", ln.Addr())
	}
	return s.ServeRemote(ctx, ln, c)
}

// ServeRemote serves as Serve does, on any address: whoever reaches it may read and change everything.
func (s *Sim) ServeRemote(ctx context.Context, ln net.Listener, c Clock) error {
	srv := &http.Server{
		Handler: s.Handler(c), MaxHeaderBytes: maxHeader,
		ReadHeaderTimeout: headerTimeout, ReadTimeout: readTimeout, IdleTimeout: idleTimeout,
		BaseContext: func(net.Listener) context.Context { return ctx }, ConnContext: remember,
		ErrorLog: log.New(io.Discard, "", 0), // what callers do wrong is theirs to see
	}
	done := make(chan error, 1)
	go func() { done <- srv.Serve(limit(ln, maxConnections)) }()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
	}
	stopping, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopTimeout)
	defer cancel()
	if err := srv.Shutdown(stopping); err != nil {
		_ = srv.Close() // what did not end in time is cut
	}
	if err := <-done; !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}
