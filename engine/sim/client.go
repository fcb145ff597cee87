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
	connected map[string]bool          // hosts with a connection that can be used again
	skews     map[string]time.Duration // by host, as the last answer's date showed it: what an SDK signs by
}

// Client returns a client at the given place, on the given clock.
func (s *Sim) Client(c Clock, from world.Where) *Client {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.clients++
	return &Client{sim: s, clock: c, from: from, connected: map[string]bool{}, skews: map[string]time.Duration{}, draw: rand.New(rand.NewPCG(uint64(s.sc.Seed), 1000+s.clients))}
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
	t := &trip{Clock: c.clock, ctx: req.Context(), trace: httptrace.ContextClientTrace(req.Context()), host: req.URL.Host, once: req.Close}
	if t.trace == nil {
		t.trace = &httptrace.ClientTrace{}
	}
	p := c.path(call)
	resp, err := c.exchange(t, p, call, fail)
	if err != nil {
		if !t.once {
			c.drop(t.host)
		}
		return nil, err
	}
	if t.trace.GotFirstResponseByte != nil {
		t.trace.GotFirstResponseByte()
	}
	answer := httpResponse(req, resp)
	if p.Drip > 0 {
		answer.Body = &dripping{trip: t, rate: p.Drip, left: resp.Body}
	}
	return answer, nil
}

// exchange sends the request and waits for the answer to begin.
func (c *Client) exchange(t *trip, p path, call *wire.Call, fail *wire.Failure) (*wire.Response, error) {
	if err := c.connect(t, p); err != nil {
		return nil, err
	}
	if err := t.packet(p, world.FirstTimeout); err != nil {
		return nil, err
	}
	if err := t.wait(p.RTT / 2); err != nil {
		return nil, err
	}
	now := c.clock.Now()
	resp, took := c.sim.serve(call, fail, c.from, now, now.Add(c.skew(t.host)))
	if err := t.wait(took); err != nil {
		return nil, err
	}
	if p.ResetAfter {
		return nil, reset()
	}
	if err := t.packet(p, world.FirstTimeout); err != nil {
		return nil, err
	}
	if err := t.wait(p.RTT - p.RTT/2); err != nil {
		return nil, err
	}
	c.learn(t.host, resp, now)
	return resp, nil
}

// skew is by how much the caller's SDK takes this host's clock to be ahead.
func (c *Client) skew(host string) time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.skews[host]
}

// learn keeps the difference that the answer's date shows, as the SDK does.
func (c *Client) learn(host string, r *wire.Response, now time.Time) {
	date, err := http.ParseTime(r.Header.Get("Date"))
	if err != nil {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.skews[host] = date.Sub(now)
}

// path asks the world for the network between here and the service.
func (c *Client) path(call *wire.Call) path {
	c.sim.mu.Lock()
	defer c.sim.mu.Unlock()
	c.sim.at(c.clock.Now())
	return path{c.sim.world.Network(c.from, tableOf(call.Input)), c.luck}
}

// connect gets a connection, new or not, and writes the request.
func (c *Client) connect(t *trip, p path) error {
	if err := t.wait(p.Wait); err != nil {
		return err
	}
	if hook := t.trace.GetConn; hook != nil {
		hook(t.host)
	}
	fresh := t.once || c.needsNew(t.host, p.NewConnections)
	if fresh {
		if err := t.dial(p); err != nil {
			return err
		}
	}
	if hook := t.trace.GotConn; hook != nil {
		hook(httptrace.GotConnInfo{Reused: !fresh})
	}
	if p.Connect == "blackhole" { // on old connections too
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

// luck is the next draw in [0, 1).
func (c *Client) luck() float64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.draw.Float64()
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
	once  bool // a connection for this request alone
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

// dripping is a body that comes so many bytes per second, on the clock.
type dripping struct {
	*trip
	rate float64
	left []byte
}

// Read waits for what it returns: a second's worth at most.
func (d *dripping) Read(p []byte) (int, error) {
	if len(d.left) == 0 {
		return 0, io.EOF
	}
	n := min(len(p), len(d.left), max(1, int(d.rate)))
	if err := d.wait(dripTime(n, d.rate)); err != nil {
		return 0, err
	}
	copy(p, d.left[:n])
	d.left = d.left[n:]
	return n, nil
}

// Close gives the rest up.
func (d *dripping) Close() error {
	d.left = nil
	return nil
}

// dripTime is how long n bytes take at so many a second.
func dripTime(n int, rate float64) time.Duration {
	return time.Duration(float64(n) / rate * float64(time.Second))
}
