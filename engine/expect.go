package engine

import (
	"slices"
	"strings"
	"time"

	"github.com/ddbloop/ddbloop/engine/change"
	"github.com/ddbloop/ddbloop/engine/diagnose"
	"github.com/ddbloop/ddbloop/engine/effect"
	"github.com/ddbloop/ddbloop/engine/signal"
	"github.com/ddbloop/ddbloop/history"
	"github.com/ddbloop/ddbloop/runbooks"
)

// What a change is held to when nothing else says: most of the excess, and how soon.
const (
	mostOf     = 0.8 // of the way back to the usual level
	leastMove  = 0.2 // a signal nearer than this to its usual level is not in trouble
	showsIn    = 5 * time.Minute
	catchesUp  = 10 * time.Minute // a backlog takes time, whatever was done about it
	usualReach = 2 * time.Hour    // past before the trouble that a usual level rests on
	usualLeast = 10               // its fewest points
)

// expectation is what a change is held to: what its runbook says, with Trouble made out to be the signal that it stands
// for, else the default.
func expectation(s *history.State, r change.Request) *history.Expectation {
	said := r.Expect
	if said != nil && said.Signal != runbooks.Trouble {
		return said
	}
	x := defaultExpectation(s, r)
	if said != nil && x != nil {
		x.Within, x.Harm = max(x.Within, said.Within), said.Harm
	}
	return x
}

// defaultExpectation is what a change is held to when no runbook says: that the signal in which the most probable
// kind of incident hurts goes most of the way back to its usual level. Where none of them is in trouble, that the
// target's refusals go. It is nil for a change that only looks.
func defaultExpectation(s *history.State, r change.Request) *history.Expectation {
	if r.What == "insights" {
		return nil
	}
	if r.What == change.QueryVariant {
		return change.VariantExpectation(s, r.Target)
	}
	refusals := &history.Expectation{Signal: sideFor(s, r) + "_throttles", Target: refusedAt(s, r.Target), Direction: "down", By: 0.9, Within: showsIn}
	if !strings.HasPrefix(r.What, "lever:") {
		return refusals // capacity, caps, mode and scaling do one thing: they move the limit that refuses
	}
	top := history.Hypothesis{}
	if len(s.Assessed.Ranked) > 0 {
		top = s.Assessed.Ranked[0]
	}
	for _, pick := range painOf(top.Kind, s.Assessed.Layer.Verdict) {
		if x := pick(s, r.Target); x != nil {
			return x
		}
	}
	return refusals
}

// sideFor tells reads from writes: by what is changed, else by what is refused.
func sideFor(s *history.State, r change.Request) string {
	_, side, _ := strings.Cut(r.What, ".")
	switch {
	case r.Side != "":
		return r.Side
	case strings.HasPrefix(r.What, "lever:"):
	case side == "read" || side == "write":
		return side
	case r.What == "index.delete_backfilling":
		return "write"
	}
	if len(s.Assessed.Ranked) > 0 {
		return sideOf(s.Assessed.Ranked[0])
	}
	return "write"
}

// refusedAt is the table or index whose refusals a change is held to: its target, or, where that is no table
// (callers, a region), the session's table that refuses most.
func refusedAt(s *history.State, target string) string {
	table, _, _ := strings.Cut(target, "/")
	best, most := target, -1.0
	for _, t := range s.Session.Tables {
		if t == table {
			return target
		}
		if n := meanOf(s.Get("write_throttles", t, ""), s) + meanOf(s.Get("read_throttles", t, ""), s); n > most {
			best, most = t, n
		}
	}
	return best
}

func meanOf(sr *history.Series, s *history.State) float64 {
	sum, list := 0.0, sr.Window(s.Now.Add(-10*time.Minute).Unix(), s.Now.Unix())
	for _, p := range list {
		sum += p.V
	}
	return sum / float64(max(1, len(list)))
}

// pain picks the signal of a target that is in trouble, of one sort; nil when none of that sort is.
type pain func(s *history.State, target string) *history.Expectation

// painOf lists where a kind of incident hurts, nearest to its cause first.
func painOf(kind, layer string) []pain {
	switch kind {
	case diagnose.StreamLag, diagnose.TTLStorm, diagnose.ReplicaLag, diagnose.KinesisCapture:
		return []pain{backlog}
	case diagnose.TransactionConflict, diagnose.ConditionalFailures:
		return []pain{earned, failing}
	case diagnose.FilterDrift, diagnose.LargeItems, diagnose.ServiceLatency:
		return []pain{slowServer, slowCaller, slowProbe}
	case diagnose.PaginationBlowup, diagnose.ClientLatency:
		return []pain{slowCaller, slowProbe, slowServer}
	case diagnose.RequestErrors, diagnose.AccessDenied, diagnose.DNSFailure, diagnose.ServiceErrors:
		return []pain{failing, slowCaller, slowProbe}
	}
	switch layer { // scans and retries hurt in more than one way
	case history.LayerSlow, history.LayerTail:
		return []pain{slowServer, slowCaller, slowProbe}
	case history.LayerClient:
		return []pain{failing, slowCaller, slowProbe}
	}
	return nil
}

func backlog(s *history.State, target string) *history.Expectation {
	table, _, _ := strings.Cut(target, "/")
	return worst(s, catchesUp, table, "iterator_age@", "kinesis_age", "replication_latency")
}

func earned(s *history.State, target string) *history.Expectation {
	return worst(s, showsIn, target, "transaction_conflicts", "conditional_failures")
}

func slowServer(s *history.State, target string) *history.Expectation {
	table, _, _ := strings.Cut(target, "/")
	return worst(s, showsIn, table, "latency_p50", "latency_avg")
}

func slowCaller(s *history.State, target string) *history.Expectation {
	return worstCaller(s, target, "feed_p50", "feed_p99", "client_latency_p50", "client_latency_p99")
}

func failing(s *history.State, target string) *history.Expectation {
	return worstCaller(s, target, "feed_failure_share", "feed_error_share", "client_errors")
}

func slowProbe(s *history.State, target string) *history.Expectation {
	return worstCaller(s, target, history.ProbeLatency)
}

// worstCaller looks at the callers of a table and its indexes; at all of them where the target is no table.
func worstCaller(s *history.State, target string, names ...string) *history.Expectation {
	table, _, _ := strings.Cut(target, "/")
	for _, name := range names {
		var best *history.Expectation
		for _, t := range s.Session.Tables {
			if watched(s, table) && t != table {
				continue
			}
			for _, at := range targetsOf(s, t) {
				if x := worst(s, showsIn, at, name); x != nil && (best == nil || x.By > best.By) {
					best = x
				}
			}
		}
		if best != nil {
			return best
		}
	}
	return nil
}

func watched(s *history.State, table string) bool {
	for _, t := range s.Session.Tables {
		if t == table {
			return true
		}
	}
	return false
}

// targetsOf is a table and its indexes.
func targetsOf(s *history.State, table string) []string {
	out := []string{table}
	if t := s.Tables[table]; t != nil && t.Snap != nil {
		for _, i := range t.Snap.Indexes {
			out = append(out, table+"/"+i.Name)
		}
	}
	return out
}

// worst is the expectation for the one of several signals that is furthest above its usual level: that it goes most
// of the way back. A name that ends in @ has no target. The first name that is in trouble counts.
func worst(s *history.State, within time.Duration, target string, names ...string) *history.Expectation {
	for _, name := range names {
		at := target
		if bare, ok := strings.CutSuffix(name, "@"); ok {
			name, at = bare, ""
		}
		var best *history.Expectation
		for _, op := range opsOf(s, name, at) {
			now, usual, ok := risen(s, history.SeriesKey{Signal: name, Target: at, Op: op}, s.Now)
			if !ok {
				continue
			}
			by := mostOf * (1 - usual/now)
			if by >= mostOf*leastMove && (best == nil || by > best.By) {
				best = &history.Expectation{Signal: name, Target: at, Op: op, Direction: "down", By: by, Within: within}
			}
		}
		if best != nil {
			return best
		}
	}
	return nil
}

// opsOf lists what splits a signal of a target: operations, clients, probes, functions; "" for a signal that nothing splits.
func opsOf(s *history.State, name, target string) []string {
	from := name
	if of, ok := shares[name]; ok {
		from = of.of
	}
	if ops := signal.Ops(s, from, target); len(ops) > 0 {
		return ops
	}
	return []string{""}
}

// risen compares a signal's newest values before at with its usual level before the trouble. What was never known has
// no level to go back to.
func risen(s *history.State, k history.SeriesKey, at time.Time) (now, usual float64, ok bool) {
	calm, met := at.Add(-15*time.Minute), time.Time{}
	if in := s.Incident; !in.Onset.IsZero() && in.Recovered.IsZero() && !in.Onset.After(at) {
		calm, met = in.Onset, in.Onset
	}
	window, fewest := 30*time.Second, 5
	if sig, _ := signal.Find(k.Signal); sig.Period >= time.Minute || sig.Source == signal.Own {
		window, fewest = 3*max(sig.Period, time.Minute)+2*time.Minute, 2 // the newest minutes are not published yet
	}
	recent, before := valuesOf(s, k, at.Add(-window), at.Add(time.Second)), valuesOf(s, k, calm.Add(-usualReach), calm)
	// The calm before the trouble is not what it has come to, be the trouble a second old.
	if i := slices.IndexFunc(recent, func(x effect.Sample) bool { return !x.T.Before(met) }); i >= 0 {
		recent = recent[i:]
	} else if n := len(recent) - fewest; n > 0 {
		recent = recent[n:]
	}
	now, usual = middle(recent), middle(before)
	return now, usual, len(recent) > 0 && len(before) >= usualLeast && now > 0
}

// shares are the derived signals that an eye works out second by second from two of a feed's counts.
var shares = map[string]struct{ part, of string }{
	"feed_throttle_share": {history.FeedThrottled, history.FeedAttempts},
	"feed_failure_share":  {history.FeedFailed, history.FeedCalls},
	"feed_error_share":    {history.FeedErrors, history.FeedAttempts},
}

// kindOf says how a signal behaves.
func kindOf(s *history.State, name string) effect.Kind {
	sig, _ := signal.In(s, name)
	switch sig.Unit {
	case "ms":
		return effect.Latency
	case "":
		return effect.Share
	}
	return effect.Count
}
