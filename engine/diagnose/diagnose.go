package diagnose

import (
	"fmt"
	"slices"
	"time"

	"github.com/ddbloop/ddbloop/history"
)

// Assessor assesses one session again and again. It remembers what CloudWatch's minutes came to until CloudWatch is read again.
type Assessor struct {
	th     Thresholds
	key    memoryKey
	levels map[history.SeriesKey]level
	dates  dates
	warm   map[string][]history.Point // what each on-demand side was warm for, by target#side, since the first look
}

// memoryKey is what levels depend on besides the series themselves, which change only when CloudWatch has answered.
type memoryKey struct {
	answered, detected, recovered, onset time.Time
	newest                               int64
}

// NewAssessor returns one that has seen nothing.
func NewAssessor(th Thresholds) *Assessor { return &Assessor{th: th} }

// Assess says what the State means at now.
func Assess(s *history.State, now time.Time, th Thresholds) history.Assessed {
	return NewAssessor(th).Assess(s, now)
}

// Assess says what the State means at now.
func (a *Assessor) Assess(s *history.State, now time.Time) history.Assessed {
	return assess(gather(s, now, a.th, a), a)
}

// recall drops what no longer holds and returns what does.
func (a *Assessor) recall(f *facts) map[history.SeriesKey]level {
	in := f.s.Incident
	key := memoryKey{detected: in.Detected, recovered: in.Recovered, onset: in.Onset, newest: f.metrics.newest}
	if src := f.s.Sources["cloudwatch"]; src != nil {
		key.answered = src.LastOK
	}
	if a.levels == nil || key != a.key {
		a.key, a.levels = key, map[history.SeriesKey]level{}
	}
	return a.levels
}

func assess(f *facts, memory *Assessor) history.Assessed {
	s, now := f.s, f.now
	t := f.layer()
	a := history.Assessed{Layer: history.Layer{Verdict: t.verdict, Why: t.why, Since: now}, Ranked: f.rank(t.verdict)}
	if old := s.Assessed.Layer; old.Verdict == t.verdict && !old.Since.IsZero() {
		a.Layer.Since = old.Since
	}
	a.Disposition = f.disposition(a)
	rival(a.Ranked)
	f.date(&a, memory)
	return a
}

// answers is what to do about each kind: wait for what mends itself, change what is ours to change, or call those whose it is.
var answers = map[string]history.Disposition{
	OnDemandRamp:       {Verdict: history.Retry, Rule: "the table's ceiling follows the demand by itself within half an hour: retry and slow down"},
	AutoscalingLag:     {Verdict: history.Retry, Rule: "auto scaling has room and is on its way"},
	AccountQuota:       {Verdict: history.Escalate, Rule: "the account's quota refuses: only AWS can raise it"},
	StreamLag:          {Verdict: history.Escalate, Rule: "the table is well: the stream's consumer is somebody else's"},
	ReplicaLag:         {Verdict: history.Escalate, Rule: "the table is well: its replica lies in another region"},
	KinesisCapture:     {Verdict: history.Escalate, Rule: "the table is well: the Kinesis stream is somebody else's"},
	DNSFailure:         {Verdict: history.Escalate, Rule: "requests do not reach DynamoDB: no setting of a table will help"},
	ServiceErrors:      {Verdict: history.Escalate, Rule: "DynamoDB itself fails: no setting of a table will help"},
	ServiceLatency:     {Verdict: history.Escalate, Rule: "DynamoDB itself is slow with the same requests: no setting of a table will help"},
	RequestErrors:      {Verdict: history.Escalate, Rule: "the requests are wrong: whoever deployed them must mend them"},
	AccessDenied:       {Verdict: history.Escalate, Rule: "callers are not let in: whoever owns the permissions or the key must mend them"},
	UpstreamDrop:       {Verdict: history.Escalate, Rule: "requests do not come any more: look upstream"},
	CredentialsExpired: {Verdict: history.Escalate, Rule: "this shell's credentials have expired: sign in again"},
	MonitoringOutage:   {Verdict: history.Escalate, Rule: "CloudWatch is dark: AWS must mend it"},

	HotPartition: optimizeBy("one partition's limit"), UnderprovisionedTab: optimizeBy("the table's own capacity"),
	GSIBackpressure: optimizeBy("the index's capacity"), GSIHotKey: optimizeBy("one partition of the index"),
	OnDemandCap: optimizeBy("a maximum of our own"), ScanStorm: optimizeBy("a scan"), FilterDrift: optimizeBy("a query that reads too much"),
	PaginationBlowup: optimizeBy("calls of too many pages"), LargeItems: optimizeBy("items that have grown"),
	TransactionConflict: optimizeBy("transactions in each other's way"), ConditionalFailures: optimizeBy("conditions that are false"),
	GSIBackfill: optimizeBy("an index that is being built"), AutoscalingMax: optimizeBy("auto scaling at its end"),
	ScaleIn: optimizeBy("capacity that was taken away"), TTLStorm: optimizeBy("a flood of expired items"),
	ClientLatency: optimizeBy("the callers' own side"), RetryStorm: optimizeBy("callers that give up too early"),
}

func optimizeBy(what string) history.Disposition {
	return history.Disposition{Verdict: history.Optimize, Rule: "the limit is " + what + ": it can be changed"}
}

// sureEnough is the probability from which a kind, not the layer alone, says what to do.
const sureEnough = 0.4

// disposition answers "retry, optimize or escalate?" with the rule that says so.
func (f *facts) disposition(a history.Assessed) history.Disposition {
	stood := f.now.Sub(a.Layer.Since)
	top := history.Hypothesis{Kind: Calm}
	if len(a.Ranked) > 0 {
		top = a.Ranked[0]
	}
	if top.Kind == Calm && a.Layer.Verdict == history.LayerHealthy {
		return history.Disposition{}
	}
	if tried := f.unproven(); tried >= maxUnproven {
		return history.Disposition{Verdict: history.Escalate, Rule: fmt.Sprintf("%d changes without proven effect", tried)}
	}
	if d, ok := answers[top.Kind]; ok && top.P >= sureEnough {
		switch {
		case a.Layer.Verdict == history.LayerHealthy && !besidePath[top.Kind]:
			return history.Disposition{} // nobody suffers yet
		case !f.settled(top.Kind, a.Layer.Verdict, stood):
			return history.Disposition{}
		case d.Verdict == history.Escalate && stood < f.th.SureFor && top.Kind != AccountQuota:
			return history.Disposition{}
		case stood < f.th.SureFor && f.rivals(a.Ranked, d.Verdict):
			return history.Disposition{} // the next minutes tell which
		case a.Layer.Verdict == history.LayerTail && !f.hurts():
			return history.Disposition{} // the slowest few are no reason to act by themselves
		case a.Layer.Verdict == history.LayerThrottled && d.Verdict == history.Retry && f.metrics.fresh && !f.refusedInMinutes():
			return history.Disposition{} // which limit refuses, CloudWatch has yet to say
		case a.Layer.Verdict == history.LayerThrottled && d.Verdict == history.Optimize:
			return f.throttledDisposition(d.Rule, true)
		}
		return d
	}
	switch a.Layer.Verdict {
	case history.LayerService, history.LayerClient:
		if stood < f.th.SureFor {
			return history.Disposition{}
		}
		return history.Disposition{Verdict: history.Escalate, Rule: "layer " + a.Layer.Verdict + ": no setting of the table will help"}
	case history.LayerUnknown:
		if stood > f.th.UnknownFor {
			return history.Disposition{Verdict: history.Escalate, Rule: fmt.Sprintf("blind for more than %s", f.th.UnknownFor)}
		}
		return history.Disposition{}
	case history.LayerTail, history.LayerHealthy:
		return history.Disposition{}
	case history.LayerThrottled:
		return f.throttledDisposition("", false)
	}
	return history.Disposition{Verdict: history.Optimize, Rule: "layer " + a.Layer.Verdict}
}

// refusedInMinutes reports whether CloudWatch's minutes show refusals, and with them their reason.
func (f *facts) refusedInMinutes() bool {
	_, d := f.worst()
	return d != nil
}

// rivals reports whether the second hypothesis is about as probable as the first and asks for something else.
func (f *facts) rivals(ranked []history.Hypothesis, verdict string) bool {
	if len(ranked) < 2 || ranked[1].P < ranked[0].P/3 {
		return false
	}
	d, ok := answers[ranked[1].Kind]
	return ok && d.Verdict != verdict
}

// besidePath are the kinds that callers may not notice: what leaves a table badly, and who does not come.
var besidePath = map[string]bool{TTLStorm: true, StreamLag: true, ReplicaLag: true, KinesisCapture: true, UpstreamDrop: true}

// blindFor is how long blindness, and missingFor how long missing traffic that nobody has reported, must last to be acted on.
const blindFor, missingFor = time.Minute, 10 * time.Minute

// settled reports whether a kind that no caller suffers from has lasted long enough to be acted on.
func (f *facts) settled(kind, layer string, stood time.Duration) bool {
	switch kind {
	case CredentialsExpired, MonitoringOutage:
		return layer == history.LayerUnknown && stood >= blindFor
	case ClientLatency:
		return f.serverCleared()
	case StreamLag:
		return !slices.ContainsFunc(f.tables, func(t traffic) bool {
			_, age := f.streamBehind(t.table)
			return f.deletesUnknown(t.table, age)
		})
	case UpstreamDrop:
		since := f.believedSince(UpstreamDrop)
		return len(f.reported("down", "errors", "latency")) > 0 || !since.IsZero() && f.now.Sub(since) >= missingFor
	}
	return true
}

// serverCleared reports whether the service is known to be fast where callers are slow; people's word of slowness counts as
// long as no caller is measured.
func (f *facts) serverCleared() bool {
	measured := false
	for i := range f.clients {
		if _, late := f.late(&f.clients[i]); late {
			if f.serverOf(&f.clients[i]).flat {
				return true
			}
			measured = true
		}
	}
	return !measured
}

// hurts reports whether a caller misses its objective, or of no caller it is known.
func (f *facts) hurts() bool {
	heard := false
	for i := range f.clients {
		c := &f.clients[i]
		if _, late := f.late(c); late {
			return true
		}
		_, known := c.meets()
		heard = heard || known
	}
	return !heard
}

// maxUnproven is how many changes may fail to prove themselves before somebody else should look.
const maxUnproven = 2

// unproven counts the changes of this incident that were judged to have done nothing for it; one that did
// help starts the count anew.
func (f *facts) unproven() int {
	n := 0
	for _, c := range f.s.Changes {
		if c.Effect == nil || c.Plan.UndoOf != "" || c.Intended.Before(f.s.Incident.Detected) {
			continue
		}
		switch c.Effect.Word {
		case history.Worked, history.Helped:
			n = 0
		default:
			n++
		}
	}
	return n
}

// throttledDisposition weighs how much is refused: little that falls is what retries are for. A known cause that a change can
// mend must have been quiet for two minutes: what comes and goes with each minute's traffic comes back.
func (f *facts) throttledDisposition(rule string, known bool) history.Disposition {
	share, small, falling, quiet, clean := 0.0, f.th.SmallShare, !known, int64(0), ""
	if known {
		quiet = 60
	}
	if r, d := f.worst(); d != nil {
		if d.cause[3] > max(d.cause[0], d.cause[1], d.cause[2]) {
			return history.Disposition{Verdict: history.Escalate, Rule: "the account's quota refuses " + d.name + "s of " + r.target + ": only AWS can raise it"}
		}
		share, small = d.share, f.th.Of(r.table).SmallShare
		falling, clean = d.last < f.metrics.newest-quiet, f.cleanSince(r.table)
	}
	for _, c := range f.feeds {
		if c.fresh && c.attempts > 0 && c.throttled/c.attempts > share {
			share, falling, clean = c.throttled/c.attempts, false, ""
		}
	}
	switch {
	case share == 0 && !known:
		return history.Disposition{} // refused somewhere, but how much nobody has said yet
	case share < small && falling:
		return history.Disposition{Verdict: history.Retry, Rule: fmt.Sprintf("%.2f %% refused and falling: retries absorb it", 100*share)}
	}
	text := fmt.Sprintf("%.1f %% refused (limit %.0f %%)", 100*share, 100*small) + clean
	switch {
	case share == 0 && known:
		text = rule
	case known:
		text += "; " + rule
	}
	return history.Disposition{Verdict: history.Optimize, Rule: text}
}
