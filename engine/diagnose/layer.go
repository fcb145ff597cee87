package diagnose

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ddbloop/ddbloop/history"
)

// trouble is positive evidence for one layer: a verdict and the numbers behind it.
type trouble struct {
	verdict, why string
}

// layer returns where in the request path the trouble sits. Positive evidence from any eye gives its
// verdict even when another eye is dark; without trouble, only fresh CloudWatch data may say "healthy".
func (f *facts) layer() trouble {
	if why := f.service(); why != "" {
		return trouble{history.LayerService, why}
	}
	if why := f.throttled(); why != "" {
		return trouble{history.LayerThrottled, why}
	}
	if !f.metrics.fresh {
		return f.darkLayer()
	}
	if t := f.slow(); t.verdict == history.LayerSlow {
		return t
	}
	for _, look := range [4]func() string{f.unreachable, f.cutOff, f.earnedRefusals, f.client} {
		if why := look(); why != "" {
			return trouble{history.LayerClient, why}
		}
	}
	if t := f.slow(); t.verdict != "" {
		return t
	}
	if f.metrics.blind != "" {
		return trouble{history.LayerUnknown, f.metrics.blind + f.whatAnswers()}
	}
	if why := f.reports(); why != "" {
		return trouble{history.LayerClient, why}
	}
	return trouble{history.LayerHealthy, f.calmWords()}
}

// darkLayer is the verdict without CloudWatch: probes and feeds can prove trouble, and nothing can prove health.
func (f *facts) darkLayer() trouble {
	for _, why := range [2]string{f.unreachable(), f.cutOff()} {
		if why != "" {
			return trouble{history.LayerClient, why}
		}
	}
	if why := f.slowProbe(); why != "" {
		return trouble{history.LayerSlow, why}
	}
	for _, why := range [2]string{f.earnedByFeed(), f.client()} {
		if why != "" {
			return trouble{history.LayerClient, why}
		}
	}
	return trouble{history.LayerUnknown, f.metrics.why + f.whatAnswers()}
}

// manyErrors is how many HTTP 500 answers in two minutes are no accident.
const manyErrors = 30

// service looks for HTTP 500 answers.
func (f *facts) service() string {
	for _, p := range f.probes {
		if p.fresh && p.server5x >= 3 {
			return fmt.Sprintf("%d of the last %d probes of %s were answered with %s", p.server5x, p.total, p.target, p.code)
		}
	}
	for i := range f.clients {
		c := &f.clients[i]
		if n := c.codes[history.CodeServer]; c.feed != nil && n >= 3 && c.share(history.CodeServer) >= 3*f.th.Of(c.Table).ErrorShare {
			return fmt.Sprintf("%.1f %% of %s's attempts are answered with HTTP 500 (feed)", 100*c.share(history.CodeServer), c.Name)
		}
	}
	if !f.metrics.fresh {
		return "" // what was true when CloudWatch last spoke need not be true now
	}
	end := f.metrics.newest + 60
	for _, t := range f.s.Session.Tables {
		var errs, ok float64
		minutes := map[int64]bool{}
		for _, op := range opsOf(f.s, t) {
			for _, p := range f.s.Get("system_errors", t, op).Window(end-180, end) {
				if errs += p.V; p.V > 0 {
					minutes[p.T] = true
				}
			}
			for _, p := range f.s.Get("requests", t, op).Window(end-180, end) {
				ok += p.V
			}
		}
		share, limit := errs/max(1e-9, errs+ok), f.th.Of(t).ErrorShare
		if len(minutes) >= 3 && share >= limit || len(minutes) >= 2 && share >= 2*limit && 60*errs >= manyErrors {
			return fmt.Sprintf("%s answers %.2f %% of requests with HTTP 500 in the last three minutes", t, 100*share)
		}
	}
	return ""
}

// throttled looks for refusals: the feed and the probe see them in seconds, CloudWatch in minutes.
func (f *facts) throttled() string {
	for _, c := range f.feeds {
		own, _, _ := strings.Cut(c.target, "/")
		if c.fresh && c.throttled >= f.th.ThrottleMin && c.seconds >= 2 && c.throttled/c.attempts >= f.th.Of(own).ThrottleShare {
			return fmt.Sprintf("%.1f %% of %s's attempts on %s are refused (feed, last %d s)", 100*c.throttled/c.attempts, c.name, c.target, int(f.th.ProbeFresh.Seconds()))
		}
	}
	for _, p := range f.probes {
		if p.fresh && p.throttled >= 2 {
			return fmt.Sprintf("%d of the last %d probes of %s were refused by throttling", p.throttled, p.total, p.target)
		}
	}
	if r, d := f.worst(); d != nil {
		return fmt.Sprintf("%s: %s %s refused in %d of the last 5 minutes (CloudWatch)%s", r.target, rate(d.throttles), d.name+"s", d.bad, f.cleanSince(r.table))
	}
	return ""
}

// cleanSince says that a caller meets no refusals any more while CloudWatch, minutes behind, still shows them.
// It is no verdict: one caller does not speak for all.
func (f *facts) cleanSince(table string) string {
	for _, c := range f.feeds {
		own, _, _ := strings.Cut(c.target, "/")
		if own == table && c.fresh && c.calls > 0 && c.throttled == 0 {
			return "; " + c.name + "'s feed is clean now, CloudWatch is minutes behind"
		}
	}
	return ""
}

// worst returns the side with the most throttles among those that count as trouble now.
func (f *facts) worst() (*resource, *side) {
	var rr *resource
	var dd *side
	for i := range f.resources {
		for j := range f.resources[i].sides {
			d := &f.resources[i].sides[j]
			if f.counts(&f.resources[i], d) && (dd == nil || d.throttles > dd.throttles) {
				rr, dd = &f.resources[i], d
			}
		}
	}
	return rr, dd
}

// counts reports whether a side's throttles are trouble now: in enough minutes, or a share worth acting on
// in the newest one, and not over already.
func (f *facts) counts(r *resource, d *side) bool {
	if !f.metrics.fresh || d.bad == 0 || d.last < f.metrics.newest-60 {
		return false
	}
	th := f.th.Of(r.table)
	return d.bad >= th.BadMinutes || d.share >= th.SmallShare
}

// unreachable looks for probes that cannot reach the service at all.
func (f *facts) unreachable() string {
	for i := range f.probes {
		if p := &f.probes[i]; p.cutOff() {
			return fmt.Sprintf("none of the last %d probes of %s reached DynamoDB (%s)", p.silent, p.target, p.code)
		}
	}
	return f.slowNames()
}

// cutOff looks for callers that find no way to the service, or are not let in: DynamoDB never sees their requests.
func (f *facts) cutOff() string {
	for i := range f.clients {
		c := &f.clients[i]
		n := c.codes[history.CodeDNS] + c.codes[history.CodeNetwork]
		if c.feed != nil && n >= 3 && n >= 0.02*c.feed.attempts {
			return fmt.Sprintf("%.0f %% of %s's attempts find no name or no connection", 100*n/c.feed.attempts, c.Name)
		}
		if n := c.codes[history.CodeAccess]; n >= 3 && c.share(history.CodeAccess) > 0.01 {
			return fmt.Sprintf("%.0f %% of %s's attempts are not let in", 100*c.share(history.CodeAccess), c.Name)
		}
	}
	for _, p := range f.probes {
		if p.fresh && p.ok == 0 && p.total >= 3 && strings.HasPrefix(p.code, "KMS") {
			return fmt.Sprintf("probe %s is refused: %s", p.name, p.code)
		}
	}
	return ""
}

// earnedRefusals looks for refusals that the callers have earned, far above their usual level.
func (f *facts) earnedRefusals() string {
	for i := range f.tables {
		t := &f.tables[i]
		for _, k := range [2]struct {
			refused level
			class   history.CodeClass
			what    string
		}{
			{t.conflicts, history.CodeConflict, "are transactions in each other's way"},
			{t.conditions, history.CodeCondition, "fail their condition"},
		} {
			if share, usual, bad := earnedLevel(k.refused, t.writes); bad {
				return fmt.Sprintf("%.0f %% of writes on %s %s, usually %.1f %%", 100*share, t.table, k.what, 100*usual)
			}
		}
	}
	if why := f.earnedByFeed(); why != "" {
		return why
	}
	if users := f.level("user_errors", "", ""); users.known() && users.least > max(1, 3*users.usual) {
		for _, table := range f.s.Session.Tables {
			if f.dropped(table) || len(f.s.Session.Tables) == 1 {
				return fmt.Sprintf("the account's UserErrors are at %s, usually %s", rate(users.now), rate(users.usual))
			}
		}
	}
	return ""
}

// earnedByFeed looks for such refusals in what callers count themselves.
func (f *facts) earnedByFeed() string {
	for i := range f.clients {
		c := &f.clients[i]
		for _, class := range [3]history.CodeClass{history.CodeConflict, history.CodeCondition, history.CodeInvalid} {
			if n := c.codes[class]; n >= 3 && c.attempts.past >= secondsLeast && c.share(class) > earnedShare && c.share(class) > earnedTimes*f.usualShare(c, class) {
				return fmt.Sprintf("%.0f %% of %s's attempts are refused as they have earned (%s)", 100*c.share(class), c.Name, class)
			}
		}
	}
	return ""
}

// reports are people in pain while the service is clean: then it is not DynamoDB, or nothing that it counts.
func (f *facts) reports() string {
	if len(f.reported("latency", "errors", "down")) == 0 {
		return ""
	}
	return "people report pain, and it is not DynamoDB: " + f.proof()
}

// slow compares server-side latency with its own calm past: the average says slow, only the tail says tail.
func (f *facts) slow() trouble {
	for i := range f.tables {
		for _, o := range f.tables[i].ops {
			if text, more := f.grownRequests(&f.tables[i], o); more {
				return trouble{history.LayerSlow, fmt.Sprintf("%s on %s: median %.1f ms against %.1f ms, and %s", o.name, f.tables[i].table, o.p50.now, o.p50.usual, text)}
			}
			if th := f.th.Of(f.tables[i].table); o.p50.quick(th.SlowFactor, th.SlowFloor) {
				return trouble{history.LayerSlow, fmt.Sprintf("%s on %s: median %.1f ms against %.1f ms, two minutes running", o.name, f.tables[i].table, o.p50.newest, o.p50.usual)}
			}
		}
	}
	for i := range f.clients {
		c := &f.clients[i]
		text, late := f.late(c)
		if heavier := f.heavierOn(c.Table); late && heavier != "" && (c.feed == nil || c.feed.throttled == 0) {
			return trouble{history.LayerSlow, text + ", and " + heavier}
		}
	}
	if why := f.slowProbe(); why != "" {
		return trouble{history.LayerSlow, why}
	}
	if why := f.slowScan(); why != "" {
		return trouble{history.LayerSlow, why}
	}
	if why := f.lateTail(); why != "" {
		return trouble{history.LayerTail, why}
	}
	for i := range f.tables {
		for _, o := range f.tables[i].ops {
			if now, base, bad := f.tail(f.tables[i].table, o); bad {
				return trouble{history.LayerTail, fmt.Sprintf("%s on %s: p99 %.1f ms against %.1f ms, median flat", o.name, f.tables[i].table, now, base)}
			}
		}
	}
	return trouble{}
}

// grownRequests reports an operation that is slower because each request has become heavier: that needs no three minutes.
func (f *facts) grownRequests(t *traffic, o operation) (string, bool) {
	if !o.p50.known() || o.p50.now < grown*o.p50.usual {
		return "", false
	}
	side := "write"
	if ReadOp(o.name) {
		side = "read"
	}
	for i := range f.resources {
		r := &f.resources[i]
		if l, more := f.heavier(r, side); more && r.table == t.table {
			return fmt.Sprintf("a %s of %s takes %.1f units, usually %.1f", side, r.target, l.now, l.usual), true
		}
	}
	return "", false
}

// heavierOn says which requests of a table have become heavier; "" for none.
func (f *facts) heavierOn(table string) string {
	for i := range f.resources {
		r := &f.resources[i]
		for _, side := range [2]string{"read", "write"} {
			if l, more := f.heavier(r, side); more && r.table == table {
				return fmt.Sprintf("a %s of %s takes %.1f units, usually %.1f", side, r.target, l.now, l.usual)
			}
		}
	}
	return ""
}

// hungProbe is a probe of ours whose connections are made and whose requests are sent, and which gets no answer in its time.
func (f *facts) hungProbe() string {
	for i := range f.probes {
		if p := &f.probes[i]; p.fresh && p.hung >= 2 {
			return fmt.Sprintf("none of the last %d requests of probe %s was answered in time: connections to %s are made", p.hung, p.name, p.target)
		}
	}
	return ""
}

// slowProbe is a probe of ours that waits far longer for the server than it used to, second after second.
func (f *facts) slowProbe() string {
	if why := f.hungProbe(); why != "" {
		return why
	}
	for i := range f.probes {
		p := &f.probes[i]
		own, _, _ := strings.Cut(p.target, "/")
		if th := f.th.Of(own); p.fresh && p.server.n >= 5 && p.server.risen(th.SlowFactor, th.SlowFloor) {
			return fmt.Sprintf("probe %s waits %.0f ms for %s, usually %.1f ms", p.name, p.server.now, p.target, p.server.usual)
		}
	}
	return ""
}

// nearLimit is the use of a provisioned limit in a minute whose sum may lack a third, that only a burst may pay for.
const nearLimit = 0.7

// slowScan is a scan that was not there before and is what most reads go to: it has no usual latency to be held against.
func (f *facts) slowScan() string {
	for i := range f.resources {
		r := &f.resources[i]
		if r.index {
			continue
		}
		scan := f.scanning(r.table)
		o := f.trafficOf(r.table).op(scan.op)
		used := f.level("consumed_read", r.target, "")
		if d := r.sides[0]; d.limit > 0 && max(d.util, used.newest/d.limit) > nearLimit {
			continue // the burst is being spent: it will be refused before it is slow
		}
		if scan.times > 0 && used.known() && used.times(1) > grown && o.p50.minutes >= 2 && o.p50.least > f.th.Of(r.table).SlowFloor && o.p50.past < pastLeast {
			return fmt.Sprintf("%s, at %.0f ms each", scan.text, o.p50.now)
		}
	}
	return ""
}

// tailMinutes is how many minutes running make a finding of a tail. One request in a hundred being slow moves p99 every other
// minute; that is a tail's normal life, and takes longer to tell from a fault. So does a p99 that is high, but between the usual
// requests and the slow ones: then hardly more than one in a hundred is slow.
const (
	tailMinutes     = 8
	slightTail      = 12
	tailBeyondDoubt = 2 // times the limit
)

func (f *facts) tail(table string, o operation) (now, base float64, bad bool) {
	if !o.p99.known() || f.inTime(table, o.name) {
		return 0, 0, false
	}
	th, end := f.th.Of(table), f.metrics.newest+60
	limit := max(th.SlowFactor*o.p99.usual, th.SlowFloor)
	above := func(minutes int64, limit float64) bool {
		last := f.s.Get("latency_p99", table, o.name).Window(end-60*minutes, end)
		return int64(len(last)) >= minutes && !slices.ContainsFunc(last, func(p history.Point) bool { return p.V <= limit })
	}
	return o.p99.now, o.p99.usual, above(tailMinutes, tailBeyondDoubt*limit) || above(slightTail, limit)
}

func (f *facts) feedOf(client string) *feedFacts {
	for i := range f.feeds {
		if f.feeds[i].name == client {
			return &f.feeds[i]
		}
	}
	return nil
}
