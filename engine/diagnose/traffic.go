package diagnose

import (
	"strings"

	"github.com/ddbloop/ddbloop/engine/signal"
	"github.com/ddbloop/ddbloop/history"
)

// traffic is what a table's callers ask of it by the minute, and how the service answers.
type traffic struct {
	table         string
	ops           []operation
	reads, writes level // successful requests per second
	conflicts     level // transactions in each other's way, per second
	conditions    level // conditions that were false, per second
	expired       level // items deleted by TTL, per second
}

// operation is one operation of a table.
type operation struct {
	name     string
	rate     level // successful requests per second
	p50, p99 level // ms at the server
	returned level // items per request
	errors   level // HTTP 500 answers per second
}

func (f *facts) traffic(table string) traffic {
	t := traffic{
		table:      table,
		conflicts:  f.level("transaction_conflicts", table, ""),
		conditions: f.level("conditional_failures", table, ""),
		expired:    f.level("ttl_deletes", table, ""),
	}
	for _, op := range signal.Ops(f.s, "requests", table) {
		o := operation{
			name: op, rate: f.level("requests", table, op), errors: f.level("system_errors", table, op),
			p50: f.level("latency_p50", table, op), p99: f.level("latency_p99", table, op), returned: f.level("returned_items", table, op),
		}
		t.ops = append(t.ops, o)
		if ReadOp(op) {
			t.reads = sum(t.reads, o.rate)
		} else {
			t.writes = sum(t.writes, o.rate)
		}
	}
	return t
}

// ReadOp reports whether an operation of the data plane reads.
func ReadOp(op string) bool {
	switch op {
	case "GetItem", "Query", "Scan", "BatchGetItem", "TransactGetItems", "ExecuteStatement":
		return true
	}
	return false
}

func (t *traffic) op(name string) operation {
	for _, o := range t.ops {
		if o.name == name {
			return o
		}
	}
	return operation{}
}

// unitsPer is the capacity units that one request takes, now and usually.
func (f *facts) unitsPer(r *resource, side string) level {
	t := f.trafficOf(r.table)
	requests := t.reads
	if side == "write" { // a write whose condition is false costs its units too
		requests = sum(t.writes, t.conditions, t.conflicts)
	}
	return ratio(f.level("consumed_"+side, r.target, ""), requests)
}

func (f *facts) trafficOf(table string) *traffic {
	for i := range f.tables {
		if f.tables[i].table == table {
			return &f.tables[i]
		}
	}
	return &traffic{}
}

// client is what a caller of the tables says of itself: second by second through its feed, or by the minute through metrics
// that it publishes.
type client struct {
	history.Client
	target string
	feed   *feedFacts // nil: none, or not fresh
	margin float64    // times its objective, from which it is late
	// Of the feed.
	p50, p99, calls, attempts seconds
	perCall                   seconds // attempts per call
	codes                     map[history.CodeClass]float64
	errors                    float64 // failed attempts in the window
	// By the minute.
	p50m, p99m, callsm, attemptsm, errorsm level
}

var codeClasses = []history.CodeClass{
	history.CodeThrottled, history.CodeServer, history.CodeTimeout, history.CodeDNS, history.CodeNetwork, history.CodeAccess,
	history.CodeCondition, history.CodeConflict, history.CodeInvalid, history.CodeOther,
}

func (f *facts) caller(c history.Client) client {
	out := client{Client: c, target: c.Table, margin: beyond, codes: map[history.CodeClass]float64{}}
	switch f.s.Assessed.Layer.Verdict {
	case history.LayerSlow, history.LayerTail, history.LayerClient:
		out.margin = 1
	}
	if c.Index != "" {
		out.target += "/" + c.Index
	}
	minute := func(name string) level { return f.level(name, out.target, c.Name) }
	out.p50m, out.p99m = minute("client_latency_p50"), minute("client_latency_p99")
	out.callsm, out.attemptsm, out.errorsm = minute("client_calls"), minute("client_attempts"), minute("client_errors")
	feed := f.feedOf(c.Name)
	if feed == nil || !feed.fresh {
		return out
	}
	out.feed = feed
	window := int64(f.th.ProbeFresh.Seconds())
	get := func(name string) *history.Series { return f.s.Get(name, feed.target, c.Name) }
	out.p50, out.p99 = f.secondsOf(get(history.FeedP50), window), f.secondsOf(get(history.FeedP99), window)
	out.calls, out.attempts = f.secondsOf(get(history.FeedCalls), window), f.secondsOf(get(history.FeedAttempts), window)
	if out.calls.now > 0 && out.calls.usual > 0 {
		out.perCall = seconds{now: out.attempts.now / out.calls.now, usual: out.attempts.usual / out.calls.usual, n: out.calls.n, past: out.calls.past}
	}
	to := f.now.Unix() + 1
	for _, class := range codeClasses {
		sr := f.s.Get(history.FeedCode, feed.target, c.Name+":"+string(class))
		if sr == nil {
			continue
		}
		for _, p := range sr.Window(to-window, to) {
			out.codes[class] += p.V * float64(sr.Period)
			out.errors += p.V * float64(sr.Period)
		}
	}
	return out
}

// share is the part of the feed's attempts of late that failed with a class of code.
func (c *client) share(class history.CodeClass) float64 {
	if c.feed == nil || c.feed.attempts <= 0 {
		return 0
	}
	return c.codes[class] / c.feed.attempts
}

// failing is the share of calls that fail now, by feed or by the minute.
func (c *client) failing() float64 {
	if c.feed != nil && c.feed.calls > 0 {
		return c.feed.failed / c.feed.calls
	}
	if c.errorsm.known() && c.callsm.now > 0 {
		return c.errorsm.now / c.callsm.now
	}
	return 0
}

// on reports whether a client calls a table.
func (c *client) on(table string) bool { return c.Table == table }

// errorsOf adds up over all clients of a table, "" for all tables: failed attempts of a class, and attempts.
func (f *facts) errorsOf(table string, class history.CodeClass) (failed, attempts float64) {
	for i := range f.clients {
		c := &f.clients[i]
		if c.feed != nil && (table == "" || c.on(table)) {
			failed += c.codes[class]
			attempts += c.feed.attempts
		}
	}
	return failed, attempts
}

// region is the region of the session; targets of what concerns all tables.
func (f *facts) region() string { return f.s.Session.Region }

// reported returns the reports of the last quarter of an hour about the given things.
func (f *facts) reported(about ...string) []history.Report {
	var out []history.Report
	for _, r := range f.s.Reports {
		if f.now.Sub(r.At) > reportFor {
			continue
		}
		for _, a := range about {
			if r.About == a {
				out = append(out, r)
			}
		}
	}
	return out
}

func under(target, table string) bool { return target == table || strings.HasPrefix(target, table+"/") }
