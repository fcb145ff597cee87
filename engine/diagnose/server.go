package diagnose

import (
	"fmt"
	"math"

	"github.com/ddbloop/ddbloop/history"
)

// serverSide is what is known of the service's part in a caller's latency.
type serverSide struct {
	flat, slow bool // neither: not known yet
	text       string
}

// serverOf says whether the service was as fast as ever while a caller was slow. CloudWatch's minutes say so of the time that
// they cover, which is minutes ago; a probe of the same table or index says so now, of reads, and of most requests rather than of the
// slowest few.
func (f *facts) serverOf(c *client) serverSide {
	if t := f.trafficOf(c.Table); f.metrics.fresh {
		flat, until, th := true, int64(0), f.th.Of(c.Table)
		for _, o := range t.ops {
			if o.p50.quick(th.SlowFactor, th.SlowFloor) || o.p99.quick(th.SlowFactor, th.SlowFloor) {
				return serverSide{slow: true, text: o.name + " is slower at the server than usual"}
			}
			if !o.p99.known() {
				continue
			}
			if until == 0 || o.p99.last+60 < until {
				until = o.p99.last + 60
			}
			flat = flat && o.p50.quiet(th.SlowFactor, th.SlowFloor) && o.p99.quiet(th.SlowFactor, th.SlowFloor)
		}
		if flat && until > 0 && f.lateBefore(c, until) {
			return serverSide{flat: true, text: "the server side is flat"}
		}
	}
	if c.tailOnly() {
		return serverSide{}
	}
	for i := range f.probes {
		if p := &f.probes[i]; p.fresh && !p.noData && p.target == c.target && p.speaksFor(c) && f.answersAsEver(p, c) {
			return serverSide{flat: true, text: fmt.Sprintf("the server answers probe %s in %.1f ms as ever", p.name, p.server.now)}
		}
	}
	return serverSide{}
}

// speaksFor reports whether a probe would meet what a caller's operation meets at the server. A read of one item does not: what a
// query or a scan has to go through may have grown.
func (p *probeFacts) speaksFor(c *client) bool {
	switch c.Op {
	case "Query", "Scan", "ExecuteStatement", "BatchGetItem", "TransactGetItems":
		return p.op == c.Op
	}
	return true
}

// What one answer of a probe says of where a caller's time goes. Were it the service that takes it, at least seven in ten answers
// would be late for the probe as well, and were it not, one in ten at most would look so by chance. The evidence of all answers since
// the caller is late is added up, and settles it when it is e to the fourth: such a sum misleads in less than one case of fifty,
// however often it is looked at.
var (
	lateAnswer    = math.Log(0.7 / 0.1)
	timelyAnswer  = math.Log(0.3 / 0.9)
	answersSettle = 4.0
)

// answersAsEver reports whether a probe's wait for the server has not grown as a caller's has. How many times its usual wait that
// is says little: a probe from afar waits for the way first of all, so that milliseconds are compared.
func (f *facts) answersAsEver(p *probeFacts, c *client) bool {
	if p.server.n < 3 || p.server.past < secondsLeast {
		return false
	}
	limit := p.server.usual + min(0.5*p.server.usual+1, max(1, c.added()/3))
	evidence := 0.0
	for _, answer := range f.s.Get(history.ProbeServer, p.target, p.name).Window(f.lateSince(c), f.now.Unix()+1) {
		if answer.V > limit {
			evidence += lateAnswer
		} else {
			evidence += timelyAnswer
		}
	}
	return evidence <= -answersSettle
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
