package diagnose

import (
	"fmt"

	"github.com/ddbloop/ddbloop/history"
)

// Growth of what one request reads or writes that counts as more than chance, and of how often a scan is called.
const (
	grown    = 1.5
	scanMore = 3.0
	scanRate = 0.2 // scans per second: below it nobody is hurt
)

// queryKinds are those in which the requests themselves have become heavier, or more.
func (f *facts) queryKinds(layer string) []weighed {
	var out []weighed
	for i := range f.resources {
		r := &f.resources[i]
		if !r.index {
			out = append(out, f.largeItems(r, layer), f.pagination(r, layer))
			if f.sideBad(r, "read") == nil {
				out = append(out, f.scanSlow(r, layer))
			}
		}
		out = append(out, f.filterDrift(r, layer))
	}
	return out
}

func (f *facts) sideBad(r *resource, side string) *side {
	for j := range r.sides {
		if d := &r.sides[j]; d.name == side && d.bad > 0 {
			return d
		}
	}
	return nil
}

// scanFacts is a scan that was not there before; times is 0 for none.
type scanFacts struct {
	times float64
	op    string
	now   level
	text  string
}

// scanning looks for scans that are called far more than usual. PartiQL can scan as well.
func (f *facts) scanning(table string) scanFacts {
	t := f.trafficOf(table)
	for _, name := range [2]string{"Scan", "ExecuteStatement"} {
		o := t.op(name)
		now := o.rate
		if now.minutes == 0 || now.now < max(scanRate, scanMore*now.usual) {
			continue
		}
		s := scanFacts{times: now.now / max(now.usual, scanRate), op: name, now: now}
		s.text = fmt.Sprintf("%s is called %s on %s, usually %s", name, rate(now.now), table, rate(now.usual))
		return s
	}
	return scanFacts{}
}

// scanThrottled is a scan that takes the reads of everybody else.
func (f *facts) scanThrottled(r *resource, d *side, scan scanFacts) weighed {
	w := f.refusal(ScanStorm, r, d, 0)
	if part := f.refusal(ScanStorm, r, d, 1); part.score > w.score {
		w = part // it meets one partition after the other
	}
	w.Target = r.table
	used := f.level("consumed_read", r.target, "")
	switch {
	case scan.times == 0:
		w.con(strong, "nobody scans "+r.table+" more than usual")
		return w
	case d.bad == 0 && !f.refusedByFeed(r.table):
		w.con(clear, "no read of "+r.target+" is refused")
	case d.bad == 0:
		w.pro(2*clear, scan.text+", and reads are refused")
	default:
		w.pro(clear+slight, scan.text+", and reads are refused")
	}
	if used.known() && used.times(1) > grown {
		w.pro(clear, fmt.Sprintf("reads take %.0f units/s, %.1f times the usual", used.now, used.times(1)))
	}
	return w
}

// scanSlow is a scan that refuses nobody, yet makes the table's reads what they were not.
func (f *facts) scanSlow(r *resource, layer string) weighed {
	w := newWeighed(ScanStorm, r.table, prior)
	scan := f.scanning(r.table)
	if scan.times == 0 {
		w.con(strong, "nobody scans "+r.table+" more than usual")
		return w
	}
	used := f.level("consumed_read", r.target, "")
	if used.known() && used.times(1) > grown {
		w.pro(clear, fmt.Sprintf("%s; reads take %.0f units/s, %.1f times the usual", scan.text, used.now, used.times(1)))
	}
	if layer == history.LayerSlow || layer == history.LayerClient || layer == history.LayerThrottled {
		w.pro(strong, scan.text+", since the trouble began")
	}
	return w
}

// leastUnits is what the smallest request takes. A resource that gets less than that per request of its table is hardly asked:
// most requests go to the table's other indexes, and what little comes here, a probe of ours, say, is no measure.
const leastUnits = 0.4

// heavier reports how much more one request on a resource takes than usual: its largest requests, and all of them together. A
// resource that was not asked before has no usual size of request.
func (f *facts) heavier(r *resource, side string) (level, bool) {
	l, most := f.unitsPer(r, side), f.level("largest_"+side, r.target, "")
	return l, l.known() && l.now > leastUnits && l.times(0.01) > grown && (!most.known() || most.usual > 0 && most.times(0.01) > 1.2)
}

// filterDrift is a query that reads more and more items to return the same.
func (f *facts) filterDrift(r *resource, layer string) weighed {
	w := newWeighed(FilterDrift, r.target, prior)
	each, more := f.heavier(r, "read")
	p := f.probeOn(r.target)
	if p != nil && p.examined.risen(grown, 1) {
		w.pro(strong, fmt.Sprintf("probe %s examines %.0f items for the same answer, usually %.0f", p.name, p.examined.now, p.examined.usual))
	}
	if !more {
		if len(w.For) == 0 {
			w.con(strong, "reads of "+r.target+" take no more units each than usual")
		}
		return w
	}
	w.pro(2*clear, fmt.Sprintf("a read of %s takes %.1f units, usually %.1f", r.target, each.now, each.usual))
	t := f.trafficOf(r.table)
	if q := t.op("Query"); q.returned.known() {
		if q.returned.times(0.01) < 1.2 {
			w.pro(clear, fmt.Sprintf("while a query still returns %.0f items", q.returned.now))
		} else {
			w.con(clear, fmt.Sprintf("a query returns %.0f items, usually %.0f", q.returned.now, q.returned.usual))
		}
	}
	if layer == history.LayerSlow {
		w.pro(clear, "and the reads are slower at the server")
	}
	if s := f.scanning(r.table); s.times > 0 {
		w.con(clear+slight, s.text)
	}
	if wr, grew := f.heavier(f.tableOf(r), "write"); grew {
		w.con(2*clear, fmt.Sprintf("a write takes %.1f units, usually %.1f: the items have grown", wr.now, wr.usual))
	}
	return w
}

func (f *facts) tableOf(r *resource) *resource {
	for i := range f.resources {
		if f.resources[i].target == r.table {
			return &f.resources[i]
		}
	}
	return r
}

// largeItems is items that have grown: writes and reads of one item take more units.
func (f *facts) largeItems(r *resource, layer string) weighed {
	w := newWeighed(LargeItems, r.target, prior)
	wr, writes := f.heavier(r, "write")
	rd, reads := f.heavier(r, "read")
	if writes {
		w.pro(strong, fmt.Sprintf("a write of %s takes %.1f units, usually %.1f", r.target, wr.now, wr.usual))
	} else if wr.known() {
		w.con(clear, "writes take no more units each than usual")
	}
	if reads {
		w.pro(clear, fmt.Sprintf("a read takes %.1f units, usually %.1f", rd.now, rd.usual))
	}
	if p := f.probeOn(r.target); p != nil && p.units.risen(grown, 0.1) && !p.examined.risen(1.2, 1) {
		w.pro(strong, fmt.Sprintf("probe %s reads the same items for %.1f units, usually %.1f", p.name, p.units.now, p.units.usual))
	}
	if layer == history.LayerSlow && (reads || writes) {
		w.pro(slight, "and the requests are slower at the server")
	}
	if len(w.For) == 0 {
		w.con(strong, "requests of "+r.target+" take no more units each than usual")
	}
	return w
}

// pagination is a call that takes more and more requests, each as fast as ever.
func (f *facts) pagination(r *resource, layer string) weighed {
	w := newWeighed(PaginationBlowup, r.target, prior)
	for i := range f.clients {
		c := &f.clients[i]
		if !c.on(r.table) {
			continue
		}
		more, text := f.requestsPerCall(c)
		timeouts := c.share(history.CodeTimeout) + c.share(history.CodeThrottled) + c.share(history.CodeServer)
		switch {
		case !more:
		case timeouts > 0.02:
			w.con(clear, fmt.Sprintf("%s, but %.0f %% of its attempts fail: those are retries", text, 100*timeouts))
		default:
			w.pro(strong, text+", and none of them fails: pages, not retries")
		}
	}
	if layer == history.LayerThrottled || layer == history.LayerService {
		w.con(clear, "layer is "+layer)
	}
	if p := f.probeOn(r.target); p != nil && p.pages.risen(grown, 1) {
		w.pro(strong, fmt.Sprintf("probe %s takes %.0f pages, usually %.0f", p.name, p.pages.now, p.pages.usual))
	}
	for i := range f.clients {
		if c := &f.clients[i]; len(w.For) == 0 && c.on(r.table) {
			if text, pages := f.moreRequests(c); pages {
				w.pro(2*clear+slight, text)
			}
		}
	}
	if len(w.For) == 0 {
		if text := f.queriesUp(r.table); len(f.reported("latency")) > 0 && text != "" {
			w.pro(2*clear+slight, text+", and people say that calls are slow")
		} else {
			w.con(clear, "no call is known to take more requests than usual")
		}
	}
	return w
}

// queriesUp says that a table gets far more queries than usual in CloudWatch's newest minute; "" if it does not.
func (f *facts) queriesUp(table string) string {
	if q := f.trafficOf(table).op("Query").rate; q.known() && q.newest > max(1, grown*q.usual) {
		return fmt.Sprintf("queries are called %s on %s, usually %s", rate(q.newest), table, rate(q.usual))
	}
	return ""
}

// moreRequests reports a caller whose calls take longer while its table gets far more of the same requests, each as fast as ever:
// of one that tells its latency alone, that is as near as anybody comes to its pages.
func (f *facts) moreRequests(c *client) (string, bool) {
	text, late := f.late(c)
	o := f.trafficOf(c.Table).op(c.Op)
	if !late || c.feed != nil || c.callsm.minutes > 0 || c.Op != "Query" && c.Op != "Scan" || !o.rate.quick(grown, 1) || !o.p50.quiet(slowTimes, 0) {
		return "", false
	}
	return fmt.Sprintf("%s, while %s gets %s %s requests, usually %s, each as fast as ever", text, c.Table, rate(o.rate.newest), c.Op, rate(o.rate.usual)), true
}

// requestsPerCall reports whether one call takes more requests than usual: as the caller counts them, or, of one that counts
// calls alone, as its table does.
func (f *facts) requestsPerCall(c *client) (bool, string) {
	if c.perCall.risen(1.3, 1.05) {
		return true, fmt.Sprintf("a call of %s takes %.1f requests, usually %.1f", c.Name, c.perCall.now, c.perCall.usual)
	}
	if l := ratio(c.attemptsm, c.callsm); l.known() && l.times(0.01) > 1.3 {
		return true, fmt.Sprintf("a call of %s takes %.1f requests, usually %.1f", c.Name, l.now, l.usual)
	}
	if q := sum(f.trafficOf(c.Table).op("Query").rate, f.trafficOf(c.Table).op("Scan").rate); c.attemptsm.minutes == 0 && c.feed == nil {
		if l := ratio(q, c.callsm); l.known() && q.risen(1.3, 1) && l.times(0.01) > 1.3 && c.callsm.times(1) < 1.2 {
			return true, fmt.Sprintf("%s takes %.1f queries for each call of %s, usually %.1f", c.Table, l.now, c.Name, l.usual)
		}
	}
	return false, ""
}

// probeOn is a fresh probe of a target, or nil.
func (f *facts) probeOn(target string) *probeFacts {
	for i := range f.probes {
		if p := &f.probes[i]; p.fresh && !p.noData && p.target == target {
			return p
		}
	}
	return nil
}
