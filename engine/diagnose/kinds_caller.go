package diagnose

import (
	"fmt"

	"github.com/ddbloop/ddbloop/history"
)

// callerKinds are those on the way to the service: the callers themselves, names and networks, retries, and traffic that stays away.
func (f *facts) callerKinds(layer string) []weighed {
	out := []weighed{f.clientLatency(layer), f.dnsFailure(ClientTarget, layer), f.dnsFailure(f.region(), layer), f.upstreamDrop(layer)}
	for _, t := range f.s.Session.Tables {
		out = append(out, f.retryStorm(t, layer))
	}
	return out
}

// clientLatency is a caller that is slow though the service is not.
func (f *facts) clientLatency(layer string) weighed {
	w := newWeighed(ClientLatency, ClientTarget, prior)
	switch {
	case layer == history.LayerTail && f.sideUnknown():
		w.pro(slight, "whether it is the server or the way, CloudWatch has yet to say")
	case layer != history.LayerClient:
		w.con(clear, "layer is "+layer)
	}
	slow := false
	for i := range f.clients {
		c := &f.clients[i]
		text, late := f.late(c)
		if !late {
			continue
		}
		slow = true
		more, pages := f.requestsPerCall(c)
		if !more {
			pages, more = f.moreRequests(c)
		}
		switch {
		case more:
			w.con(clear, pages)
		case c.failing() > 0.02 || c.errorShare() > 0.02:
			w.con(clear, fmt.Sprintf("%s, but its attempts also fail", text))
		default:
			w.pro(2*clear, text+", with one request a call and nothing refused")
		}
	}
	for _, t := range f.s.Session.Tables {
		if heavier := f.heavierOn(t); heavier != "" {
			w.con(2*clear, heavier)
			break
		}
	}
	if reports := f.reported("latency"); len(reports) > 0 && layer == history.LayerClient && !slow {
		w.pro(2*clear, "people say that it is slow, and the service is not")
		slow = true
		for _, t := range f.s.Session.Tables {
			if text := f.queriesUp(t); text != "" {
				w.con(2*clear, text+": pages, perhaps")
				break
			}
		}
	}
	switch {
	case !slow:
		w.con(2*clear, "no caller is known to be slow")
	case layer == history.LayerClient && f.serverFlat():
		w.pro(clear, "the server's own latency is at its usual level")
	}
	return w
}

// errorShare is the part of a feed's attempts of late that failed in any way.
func (c *client) errorShare() float64 {
	if c.feed == nil || c.feed.attempts <= 0 {
		return 0
	}
	return c.errors / c.feed.attempts
}

// dnsFailure is a name that does not resolve, or an address that nobody answers: for the callers, or for everybody in the region.
func (f *facts) dnsFailure(target, layer string) weighed {
	w := newWeighed(DNSFailure, target, prior)
	failed, attempts := f.errorsOf("", history.CodeDNS)
	broken, _ := f.errorsOf("", history.CodeNetwork)
	probes, asked := 0, 0
	for i := range f.probes {
		if p := &f.probes[i]; p.fresh {
			asked++
			if p.silent >= 2 {
				probes++
			}
		}
	}
	seen := false
	if n := failed + broken; n >= 3 && n >= 0.02*attempts {
		w.pro(strong, fmt.Sprintf("%.0f %% of the callers' attempts find no name or no connection", 100*n/max(1, attempts)))
		seen = true
	}
	if text, cut := f.unheard(); cut {
		w.pro(strong, text)
		seen = true
	}
	if probes > 0 {
		w.pro(strong, fmt.Sprintf("%d of %d probes from here find no name or no connection", probes, asked))
		seen = true
	}
	if slow := f.slowNames(); slow != "" {
		w.pro(strong, slow)
		seen, probes = true, probes+1
	}
	switch {
	case !seen:
		w.con(strong, "names resolve and connections are made, as far as is known")
	case target == ClientTarget && probes > 0:
		w.con(strong, "this shell does not get through either: not the callers alone")
	case target != ClientTarget && probes == 0 && asked > 0:
		w.con(strong, "this shell gets through: the callers alone are cut off")
	case target == ClientTarget && asked == 0:
		w.con(slight, "no probe of ours has tried the way")
	}
	if layer == history.LayerHealthy {
		w.con(clear, "layer is "+layer)
	}
	return w
}

// unheard reports whether all attempts of a caller end without an answer: requests that the service got would come
// back, if late. Where the table still serves as many as ever, the caller gives up on answers instead.
func (f *facts) unheard() (string, bool) {
	for i := range f.clients {
		c := &f.clients[i]
		share := c.share(history.CodeTimeout)
		if share < nearlyAll || c.feed.attempts < 5 {
			continue
		}
		used := sum(f.trafficOf(c.Table).reads, f.trafficOf(c.Table).writes)
		if f.metrics.fresh && f.metrics.newest+60 > f.now.Unix()-150 && used.known() && used.newest > 0.9*used.usual && f.lateBefore(c, f.metrics.newest+60) {
			continue
		}
		return fmt.Sprintf("%.0f %% of %s's attempts get no answer at all", 100*share, c.Name), true
	}
	return "", false
}

// nearlyAll is the share of attempts without an answer from which the way is broken: of those that are given up too early some
// get one all the same.
const nearlyAll = 0.995

// slowNames says when new connections from here take far longer than usual.
func (f *facts) slowNames() string {
	for i := range f.probes {
		p := &f.probes[i]
		if p.fresh && p.connect.now > 100 && p.connect.n >= 1 && p.connect.now > 5*p.connect.usual {
			return fmt.Sprintf("a new connection of probe %s takes %.0f ms, usually %.0f", p.name, p.connect.now, p.connect.usual)
		}
	}
	return ""
}

// gaveUp is the share of attempts that a caller gives up on from which its retries are a storm of its own making.
const gaveUp = 0.1

// gaveUpFirst reports whether a caller that is refused gave up on attempts before anything was refused: then the refusals follow
// from its asking again.
func (f *facts) gaveUpFirst(c *client) bool {
	if c.feed == nil || c.share(history.CodeTimeout) < 0.01 || c.feed.throttled == 0 {
		return false
	}
	now := f.now.Unix()
	gave := runStart(f.s.Get(history.FeedCode, c.feed.target, c.Name+":"+string(history.CodeTimeout)), now, 60)
	refused := runStart(f.s.Get(history.FeedThrottled, c.feed.target, c.Name), now, 60)
	return gave < refused-5
}

// askingAgain says which caller of a table gives up early and asks again without making more calls: then what the table is
// asked for is retries. "" for none, and where an operation has become slow: giving up follows from that.
func (f *facts) askingAgain(table string) string {
	for _, o := range f.trafficOf(table).ops {
		if o.p50.risen(slowTimes, 0) {
			return ""
		}
	}
	for i := range f.clients {
		c := &f.clients[i]
		more, text := f.requestsPerCall(c)
		if c.on(table) && more && (c.share(history.CodeTimeout) > gaveUp || f.gaveUpFirst(c)) && c.calls.past >= secondsLeast && c.calls.now < 1.3*c.calls.usual {
			return fmt.Sprintf("%s gives up on %.0f %% of its attempts and asks again: %s", c.Name, 100*c.share(history.CodeTimeout), text)
		}
	}
	return ""
}

// retryStorm is callers that give up early and ask again: more requests than calls, while the service does its usual.
func (f *facts) retryStorm(table, layer string) weighed {
	w := newWeighed(RetryStorm, ClientTarget, prior)
	for i := range f.clients {
		c := &f.clients[i]
		if !c.on(table) {
			continue
		}
		more, text := f.requestsPerCall(c)
		timeouts, throttles := c.share(history.CodeTimeout), c.share(history.CodeThrottled)
		switch {
		case (timeouts > gaveUp || f.gaveUpFirst(c)) && (more || c.perCall.now > 1.5):
			w.pro(strong, fmt.Sprintf("%s gives up on %.0f %% of its attempts and asks again", c.Name, 100*timeouts))
			if more {
				w.pro(clear, text)
			}
			if timeouts < throttles/2 && !f.gaveUpFirst(c) {
				w.con(clear, fmt.Sprintf("more of them (%.0f %%) are refused", 100*throttles))
			}
		case more && c.feed == nil && c.errorsm.known() && c.errorsm.now > 0.02*c.callsm.now:
			w.pro(2*clear, text+", and calls fail")
		}
	}
	if len(w.For) == 0 {
		w.con(strong, "no caller is known to give up and ask again")
		return w
	}
	if text, cut := f.unheard(); cut {
		w.con(strong, text)
	}
	for _, o := range f.trafficOf(table).ops {
		if o.p50.risen(slowTimes, 0) {
			w.con(2*clear, fmt.Sprintf("%s is slow at the server: giving up follows from that", o.name))
			break
		}
	}
	return w
}
