package sim

import (
	"net"
	"net/http"
	"time"

	"github.com/ddbloop/ddbloop/engine/sim/wire"
	"github.com/ddbloop/ddbloop/engine/sim/world"
)

// pass lets a request through the network as faults have broken it, as far as a server can play that: a refused connection is
// one that is reset before anything is read from it, a black hole never answers, lost packets come late. Names that do not
// resolve, or resolve slowly, cannot be played: the caller has found the server.
func (s *Sim) pass(w http.ResponseWriter, r *http.Request, c Clock, call *wire.Call, fail *wire.Failure) {
	s.mu.Lock()
	s.at(c.Now())
	p := path{s.world.Network(world.FromHere, tableOf(call.Input)), s.luck.Float64}
	skew := s.world.Skew(world.FromHere)
	there, arrives := p.resent(world.FirstTimeout)
	back, returns := p.resent(world.FirstTimeout)
	s.mu.Unlock()
	switch {
	case p.Connect == "refused":
		tear(w)
		return
	case p.Connect == "blackhole" || !arrives:
		<-r.Context().Done()
		return
	}
	if there > 0 && c.Sleep(r.Context(), there) != nil {
		return
	}
	now := c.Now()
	resp, took := s.serve(call, fail, world.FromHere, now, signedAt(r, now, skew))
	if c.Sleep(r.Context(), took+back) != nil {
		return // the caller has gone, or the clock has stopped
	}
	switch {
	case p.ResetAfter:
		tear(w)
	case !returns:
		<-r.Context().Done()
	case p.Drip > 0:
		drip(w, r, c, resp, p.Drip)
	default:
		send(w, resp)
	}
}

// tear resets the caller's connection.
func tear(w http.ResponseWriter) {
	h, ok := w.(http.Hijacker)
	if !ok {
		return
	}
	conn, _, err := h.Hijack()
	if err != nil {
		return
	}
	inner := conn
	if s, ok := conn.(*held); ok {
		inner = s.Conn
	}
	if tcp, ok := inner.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0) // without it the caller would see an orderly end
	}
	_ = conn.Close() // the connection is given up either way
}

// drip sends the headers at once and the body so many bytes per second.
func drip(w http.ResponseWriter, r *http.Request, c Clock, resp *wire.Response, rate float64) {
	body := resp.Body
	head(w, resp)
	out := http.NewResponseController(w)
	for len(body) > 0 {
		n := min(len(body), max(1, int(rate)))
		_ = out.Flush() // a caller that has gone ends the wait
		if c.Sleep(r.Context(), dripTime(n, rate)) != nil {
			return
		}
		_ = out.SetWriteDeadline(time.Now().Add(writeTimeout))
		_, _ = w.Write(body[:n])
		body = body[n:]
	}
}

// signedAt is when a request was signed, where the caller goes by an unskewed clock while the servers' are skewed. Any other
// time is not judged: signatures are not checked, and the simulated clock need not be the caller's.
func signedAt(r *http.Request, now time.Time, skew time.Duration) time.Time {
	at, err := time.Parse("20060102T150405Z", r.Header.Get("X-Amz-Date"))
	if err != nil || skew == 0 || now.Sub(at).Abs() > tolerance[wire.DynamoDB] {
		return time.Time{}
	}
	return at
}
