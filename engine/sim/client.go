package sim

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strconv"
	"sync"
	"time"

	"github.com/ddbloop/ddbloop/engine/sim/wire"
	"github.com/ddbloop/ddbloop/engine/sim/world"
)

// Client is an HTTP client whose far end is the simulated AWS and whose network exists on a clock only. The SDK takes it as
// its HTTPClient.
type Client struct {
	sim   *Sim
	clock Clock
	from  world.Where

	mu        sync.Mutex
	draw      *rand.Rand
	connected map[string]bool // hosts with a connection that can be used again
}

// Client returns a client at the given place, on the given clock.
func (s *Sim) Client(c Clock, from world.Where) *Client {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.clients++
	return &Client{sim: s, clock: c, from: from, connected: map[string]bool{}, draw: rand.New(rand.NewPCG(uint64(s.sc.Seed), 1000+s.clients))}
}

// Do plays the request: name look-up, connection, TLS, the way there, server time, the way back. The hooks of net/http/httptrace
// fire at their instants. A deadline on the clock ends it there, with whatever the server has done by then done. Errors are a
// *url.Error, as http.Client's are.
func (c *Client) Do(req *http.Request) (*http.Response, error) {
	if req.Body != nil {
		defer func() { _ = req.Body.Close() }() // it lies in memory
	}
	resp, err := c.do(req)
	if err != nil {
		return nil, &url.Error{Op: method(req.Method), URL: req.URL.Redacted(), Err: err}
	}
	return resp, nil
}

// method is the verb in http.Client's spelling for errors: "Post".
func method(m string) string {
	if m == http.MethodPost {
		return "Post"
	}
	return m
}

func (c *Client) do(req *http.Request) (*http.Response, error) {
	if isControl(req.URL.Path) {
		return httpResponse(req, c.sim.control(c.clock, req)), nil
	}
	call, fail := wire.Read(req)
	if call == nil {
		return httpResponse(req, notServed()), nil
	}
	t := &trip{Clock: c.clock, ctx: req.Context(), trace: httptrace.ContextClientTrace(req.Context()), host: req.URL.Host}
	if t.trace == nil {
		t.trace = &httptrace.ClientTrace{}
	}
	path := c.path(call)
	err := c.connect(t, path)
	if err == nil {
		err = t.wait(path.RTT / 2)
	}
	if err != nil {
		c.drop(t.host)
		return nil, err
	}
	resp, took := c.sim.serve(call, fail, c.from, c.clock.Now())
	err = t.wait(took)
	if err == nil {
		err = path.afterwards
	}
	if err == nil {
		err = t.wait(path.RTT - path.RTT/2)
	}
	if err != nil {
		c.drop(t.host)
		return nil, err
	}
	if t.trace.GotFirstResponseByte != nil {
		t.trace.GotFirstResponseByte()
	}
	return httpResponse(req, resp), nil
}

// path asks the world for the network between here and the service.
func (c *Client) path(call *wire.Call) route {
	c.sim.mu.Lock()
	defer c.sim.mu.Unlock()
	c.sim.at(c.clock.Now())
	return c.sim.route(c.from, call)
}

// connect gets a connection, new or not, and writes the request.
func (c *Client) connect(t *trip, path route) error {
	if err := t.wait(path.Wait); err != nil {
		return err
	}
	if hook := t.trace.GetConn; hook != nil {
		hook(t.host)
	}
	fresh := c.needsNew(t.host, path.NewConnections)
	if fresh {
		if err := t.dial(path); err != nil {
			return err
		}
	}
	if hook := t.trace.GotConn; hook != nil {
		hook(httptrace.GotConnInfo{Reused: !fresh})
	}
	if path.lost {
		return t.silence()
	}
	if hook := t.trace.WroteRequest; hook != nil {
		hook(httptrace.WroteRequestInfo{})
	}
	return nil
}

// needsNew decides whether the request needs a new connection: the first always does.
func (c *Client) needsNew(host string, share float64) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	fresh := c.draw.Float64() < share || !c.connected[host]
	c.connected[host] = true
	return fresh
}

// drop forgets a connection that ended badly, as http.Transport does.
func (c *Client) drop(host string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.connected, host)
}

// trip is one request under way.
type trip struct {
	Clock
	ctx   context.Context
	trace *httptrace.ClientTrace
	host  string
}

// wait lets d pass, or the deadline strike first.
func (t *trip) wait(d time.Duration) error {
	now := t.Now()
	end, ok := t.Deadline(t.ctx)
	if !ok || !now.Add(d).After(end) {
		if d <= 0 {
			return t.ctx.Err()
		}
		return t.Sleep(t.ctx, d)
	}
	if left := end.Sub(now); left > 0 {
		if err := t.Sleep(t.ctx, left); err != nil {
			return err
		}
	}
	return fmt.Errorf("no answer in time: %w", context.DeadlineExceeded)
}

// httpResponse puts the answer into the standard library's clothes.
func httpResponse(req *http.Request, r *wire.Response) *http.Response {
	return &http.Response{
		Status: strconv.Itoa(r.Status) + " " + http.StatusText(r.Status), StatusCode: r.Status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Header: r.Header,
		Body: io.NopCloser(bytes.NewReader(r.Body)), ContentLength: int64(len(r.Body)), Request: req,
	}
}
