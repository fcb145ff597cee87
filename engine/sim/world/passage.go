package world

import (
	"time"

	"github.com/ddbloop/ddbloop/engine/sim/scenario"
)

// Retransmission of lost packets: each time-out is twice the one before. The first is Linux's least for an established
// connection and RFC 6298's initial one for a SYN; quicker ways of noticing a loss are left out (guess).
const (
	FirstTimeout    = 200 * time.Millisecond
	FirstSYNTimeout = time.Second
	mostResent      = 6 // of one packet, after which the connection is given up
)

// DialTimeout is how long a caller without a deadline waits for packets that never come: the SDK's own dialer gives up then.
const DialTimeout = 30 * time.Second

// The codes under which a feed counts attempts that never got an answer.
const (
	timedOut = "RequestTimeout" // the client gave up; the attempt may have consumed its units
	noName   = "UnknownHostException"
	noEntry  = "ConnectionRefused"
	tornOff  = "ConnectionReset"
)

// pathAt is the network from a place to AWS at t: as it is set, and what the faults in force make of it.
func (w *World) pathAt(t time.Duration, from Where, n scenario.Network) NetworkState {
	s := NetworkState{Wait: n.Wait, RTT: n.RTT, DNS: n.DNS, TLS: n.TLS, NewConnections: n.NewConnections}
	for f := range w.faultsAt(t, from) {
		if f.Network != nil {
			s.over(f.Network)
		}
	}
	return s
}

// over lays a newer fault over the path.
func (n *NetworkState) over(f *scenario.NetworkFault) {
	if f.NXDomain || f.DNS > 0 { // the newest word on names
		n.NXDomain = f.NXDomain
	}
	if f.DNS > 0 {
		n.DNS = f.DNS
	}
	if f.Connect != "" {
		n.Connect = f.Connect
	}
	if f.Loss > 0 {
		n.Loss = f.Loss
	}
	n.ResetAfter = n.ResetAfter || f.ResetAfter
	if f.Drip > 0 {
		n.Drip = f.Drip
	}
}

// delay is a share of attempts and how many seconds they wait.
type delay struct{ share, wait float64 }

// resent is how long one packet waits for its retransmissions.
func resent(loss float64, first time.Duration) []delay {
	var list []delay
	left, wait, timeout := 1.0, 0.0, first.Seconds()
	for k := 0; k <= mostResent && left > 0; k++ {
		share := left * (1 - loss)
		if k == mostResent {
			share = left
		}
		list = append(list, delay{share, wait})
		left -= share
		wait, timeout = wait+timeout, 2*timeout
	}
	return list
}

// both is one wait after another. What hardly ever happens counts with what always does.
func both(a, b []delay) []delay {
	var list []delay
	for _, x := range a {
		for _, y := range b {
			d := delay{x.share * y.share, x.wait + y.wait}
			if d.share < 1e-5 && len(list) > 0 {
				list[0].share += d.share
				continue
			}
			list = append(list, d)
		}
	}
	return list
}

// ways are the waits of a client's attempts between it and the service: on old connections and on new ones, whose SYN, like
// the request and its answer, may be lost.
func (c *client) ways(n NetworkState) []delay {
	near := []delay{{1, (n.Wait + n.RTT).Seconds() + c.dripping(n.Drip)}}
	far := []delay{{1, (n.DNS + n.RTT + n.TLS).Seconds()}}
	if n.Loss > 0 {
		packet := resent(n.Loss, FirstTimeout)
		near = both(near, both(packet, packet))
		far = both(far, resent(n.Loss, FirstSYNTimeout))
	}
	return append(both([]delay{{1 - n.NewConnections, 0}}, near), both([]delay{{n.NewConnections, 0}}, both(near, far))...)
}

// dripping is how long the body of an answer takes at so many bytes per second: what a read returns, or next to nothing.
func (c *client) dripping(rate float64) float64 {
	if rate <= 0 {
		return 0
	}
	bytes := 2.0
	if !scenario.Writes(c.now.Operation) {
		items := c.now.Returned / max(1, c.now.Pages)
		if c.now.Operation == "GetItem" {
			items = 1
		}
		bytes += items * c.t.spec.ItemBytes
	}
	return bytes / rate
}

// bar is what stops every attempt of a client before capacity is asked.
type bar struct {
	code    string
	took    float64 // seconds that one attempt takes
	again   bool    // the SDK tries again
	arrives bool    // the service knows whom it refuses: a user error
}

// barOf says what stops the client's attempts now, or nil. Where no name resolves or no connection can be made, all fail at
// once: a busy pool is renewed within seconds (guess). The SDK tries neither an unknown name nor a refusal of access again.
// A denial counts as a user error, since it is an HTTP 400 of a known account; an expired token does not (guesses).
func (c *client) barOf(n NetworkState) *bar {
	named := (n.Wait + n.DNS).Seconds()
	switch {
	case n.NXDomain:
		return &bar{code: noName, took: named}
	case n.Connect == "refused":
		return &bar{code: noEntry, took: named + n.RTT.Seconds(), again: true}
	case n.Connect == "blackhole":
		return &bar{code: timedOut, took: c.patience(), again: true}
	case c.fault.Access == "expired":
		return &bar{code: "ExpiredTokenException", took: c.path + refusalTime}
	case c.fault.Access == "denied" || c.fault.KeyDisabled:
		return &bar{code: "AccessDeniedException", took: c.path + refusalTime, arrives: true}
	}
	return nil
}

// patience is how many seconds an attempt waits for an answer at most.
func (c *client) patience() float64 {
	if limit := c.now.SDK.Timeout; limit > 0 {
		return limit.Seconds()
	}
	return DialTimeout.Seconds()
}

// meet works out the distribution of one first attempt's time from the service's and the path's, and how many come too late.
func (c *client) meet(n NetworkState) {
	ways := c.ways(n)
	limit := c.now.SDK.Timeout.Seconds()
	c.path, c.late, c.first = 0, 0, nil
	var all mix
	for _, way := range ways {
		if way.share <= 0 {
			continue
		}
		c.path += way.share * min(way.wait, c.patience())
		for _, part := range c.server {
			part.n *= way.share
			part.shift += way.wait
			all = append(all, part)
			if limit > 0 {
				inTime := part.uncut(limit)
				c.late += part.n * (1 - inTime)
				part.n, part.max = part.n*inTime, limit
			}
			if part.n > 1e-9 {
				c.first = append(c.first, part)
			}
		}
	}
	if c.late < 1e-9 {
		c.late = 0
	}
	if len(c.first) == 0 {
		c.first = all
	}
	scale := 1 / c.first.count()
	for i := range c.first {
		c.first[i].n *= scale
	}
}
