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
	if layer != history.LayerClient {
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

// late reports whether a caller's own latency is above its objective, or far above its usual level.
func (f *facts) late(c *client) (string, bool) {
	if c.feed != nil && c.p99.n >= 5 {
		switch {
		case c.P99 > 0 && c.p99.now > 1.2*history.Millis(c.P99):
			return fmt.Sprintf("%s's p99 is %.0f ms, its objective %.0f ms", c.Name, c.p99.now, history.Millis(c.P99)), true
		case c.PFactor > 0 && c.p99.risen(1.2*c.PFactor, 5):
			return fmt.Sprintf("%s's p99 is %.0f ms, usually %.0f ms", c.Name, c.p99.now, c.p99.usual), true
		case c.p50.risen(slowTimes, 5) && c.p99.risen(2, 5):
			return fmt.Sprintf("%s's median is %.1f ms, usually %.1f ms", c.Name, c.p50.now, c.p50.usual), true
		}
		return "", false
	}
	p99 := c.p99m
	switch {
	case c.P99 > 0 && p99.minutes >= 2 && p99.least > 1.2*history.Millis(c.P99):
		return fmt.Sprintf("%s's p99 is %.0f ms, its objective %.0f ms", c.Name, p99.now, history.Millis(c.P99)), true
	case c.PFactor > 0 && p99.risen(1.2*c.PFactor, 5), p99.risen(slowTimes, 5) && c.p50m.risen(2, 3):
		return fmt.Sprintf("%s's p99 is %.0f ms, usually %.0f ms", c.Name, p99.now, p99.usual), true
	}
	return "", false
}

// serverFlat reports whether no operation is slower at the server than usual.
func (f *facts) serverFlat() bool {
	for i := range f.tables {
		for _, o := range f.tables[i].ops {
			if o.p50.risen(slowTimes, 0) {
				return false
			}
		}
	}
	return f.metrics.fresh
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
		if c.on(table) && more && c.share(history.CodeTimeout) > gaveUp && c.calls.past >= secondsLeast && c.calls.now < 1.3*c.calls.usual {
			return fmt.Sprintf("%s gives up on %.0f %% of its attempts and asks again: %s", c.Name, 100*c.share(history.CodeTimeout), text)
		}
	}
	return ""
}

// retryStorm is callers that give up early and ask again: more requests than calls, while the service does its usual.
func (f *facts) retryStorm(table, layer string) weighed {
	w := newWeighed(RetryStorm, table, prior)
	for i := range f.clients {
		c := &f.clients[i]
		if !c.on(table) {
			continue
		}
		more, text := f.requestsPerCall(c)
		timeouts, throttles := c.share(history.CodeTimeout), c.share(history.CodeThrottled)
		switch {
		case timeouts > gaveUp && (more || c.perCall.now > 1.5):
			w.pro(strong, fmt.Sprintf("%s gives up on %.0f %% of its attempts and asks again", c.Name, 100*timeouts))
			if more {
				w.pro(clear, text)
			}
			if timeouts < throttles/2 {
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
	for _, o := range f.trafficOf(table).ops {
		if o.p50.risen(slowTimes, 0) {
			w.con(2*clear, fmt.Sprintf("%s is slow at the server: giving up follows from that", o.name))
			break
		}
	}
	return w
}

// upstreamDrop is traffic that does not come any more, with nothing refused and nothing failing.
func (f *facts) upstreamDrop(layer string) weighed {
	w := newWeighed(UpstreamDrop, ClientTarget, prior)
	best := 0.0
	text := ""
	note := func(name string, now, usual float64, known bool) {
		if !known || usual < 1 || now > 0.3*usual {
			return
		}
		if gone := 1 - now/usual; gone > best {
			best, text = gone, fmt.Sprintf("%s: %s, usually %s", name, rate(now), rate(usual))
		}
	}
	for i := range f.clients {
		c := &f.clients[i]
		note("calls of "+c.Name, c.calls.now, c.calls.usual, c.feed != nil && c.calls.n >= 5 && c.calls.past >= secondsLeast)
		note("calls of "+c.Name, c.callsm.now, c.callsm.usual, c.feed == nil && c.callsm.known())
	}
	for i := range f.tables {
		for _, o := range f.tables[i].ops {
			note(o.name+" on "+f.tables[i].table, o.rate.now, o.rate.usual, o.rate.past >= 60 && o.rate.minutes >= 2 && o.rate.usual > 2)
		}
	}
	if best == 0 {
		w.con(strong, "traffic is at its usual level")
		return w
	}
	w.pro(2*clear, text)
	if best > 0.9 {
		w.pro(clear, "almost all of it stays away")
	}
	if len(f.reported("down")) > 0 {
		w.pro(clear, "people say that it is down")
	}
	for _, class := range codeClasses {
		if n, of := f.errorsOf("", class); n >= 3 && n > 0.02*of {
			w.con(strong, fmt.Sprintf("%.0f %% of attempts fail (%s)", 100*n/max(1, of), class))
		}
	}
	switch layer {
	case history.LayerHealthy, history.LayerClient, history.LayerTail:
	default:
		w.con(strong, "layer is "+layer)
	}
	return w
}
