package diagnose

import (
	"math"
	"sort"

	"github.com/ddbloop/ddbloop/history"
)

// Incident kinds, under the names that scenarios, runbooks and drills use.
const (
	Calm                = "calm"
	HotPartition        = "hot_partition"
	UnderprovisionedTab = "underprovisioned_table"
	GSIBackpressure     = "gsi_backpressure"
	GSIHotKey           = "gsi_hot_key"
	OnDemandRamp        = "on_demand_ramp"
	OnDemandCap         = "on_demand_cap"
	AccountQuota        = "account_quota"
	ScanStorm           = "scan_storm"
	FilterDrift         = "filter_drift"
	PaginationBlowup    = "pagination_blowup"
	LargeItems          = "large_items"
	TransactionConflict = "transaction_conflicts"
	ConditionalFailures = "conditional_failures"
	GSIBackfill         = "gsi_backfill"
	AutoscalingLag      = "autoscaling_lag"
	AutoscalingMax      = "autoscaling_max"
	ScaleIn             = "scale_in"
	TTLStorm            = "ttl_storm"
	StreamLag           = "stream_lag"
	ReplicaLag          = "replica_lag"
	KinesisCapture      = "kinesis_capture"
	ClientLatency       = "client_latency"
	DNSFailure          = "dns_failure"
	ServiceErrors       = "service_errors"
	ServiceLatency      = "service_latency"
	RetryStorm          = "retry_storm"
	RequestErrors       = "request_errors"
	AccessDenied        = "access_denied"
	UpstreamDrop        = "upstream_drop"
	CredentialsExpired  = "credentials_expired"
	MonitoringOutage    = "monitoring_outage"

	somethingElse = ""
)

// ClientTarget is the target of what lies on the callers' side.
const ClientTarget = "client"

// What a piece of evidence is worth, in log odds.
const strong, clear, slight = 6.0, 2.0, 1.0

// prior is what a kind on a target is worth before anything has been seen.
const prior = -2.0

// weighed collects the evidence of one hypothesis in log odds.
type weighed struct {
	history.Hypothesis
	score float64
}

func (w *weighed) pro(weight float64, text string) { w.score += weight; w.For = append(w.For, text) }

func (w *weighed) con(weight float64, text string) {
	w.score -= weight
	w.Against = append(w.Against, text)
}

func newWeighed(kind, target string, prior float64) weighed {
	return weighed{score: prior, Hypothesis: history.Hypothesis{Kind: kind, Target: target, For: []string{}, Against: []string{}}}
}

// families weigh all kinds but calm. Each looks at one part of the request path and returns its hypotheses.
var families = []func(f *facts, layer string) []weighed{
	(*facts).capacityKinds, (*facts).onDemandKinds, (*facts).indexKinds, (*facts).queryKinds, (*facts).serviceKinds,
	(*facts).refusalKinds, (*facts).callerKinds, (*facts).flowKinds, (*facts).blindKinds,
}

// rank weighs every kind on every target and returns the five most probable. What their probabilities lack
// of 1 is "something we do not know".
func (f *facts) rank(layer string) []history.Hypothesis {
	all := []weighed{{score: -1}}
	for _, family := range families {
		all = append(all, family(f, layer)...)
	}
	all = append(all, f.calm(layer, all))
	all = strongest(all)
	var top, sum float64
	for _, w := range all {
		top = max(top, w.score)
	}
	for i := range all {
		all[i].P = math.Exp(all[i].score - top)
		sum += all[i].P
	}
	sort.SliceStable(all, func(i, j int) bool { return all[i].P > all[j].P })
	var out []history.Hypothesis
	for _, w := range all {
		if w.Kind == somethingElse {
			continue
		}
		w.P = math.Floor(1000*w.P/sum) / 1000 // never rounded up: together they are at most 1
		if out = append(out, w.Hypothesis); len(out) == 5 {
			break
		}
	}
	return out
}

// strongest keeps one of those that say the same of the same target, for reads and for writes, say: they are no rivals of
// each other.
func strongest(all []weighed) []weighed {
	place := map[[2]string]int{}
	out := all[:0]
	for _, w := range all {
		key := [2]string{w.Kind, w.Target}
		i, known := place[key]
		switch {
		case !known:
			place[key] = len(out)
			out = append(out, w)
		case w.score > out[i].score:
			out[i] = w
		}
	}
	return out
}

// calm is what a healthy request path speaks for, unless something beside it is clearly wrong.
func (f *facts) calm(layer string, others []weighed) weighed {
	w := newWeighed(Calm, "", 0)
	switch layer {
	case history.LayerTail:
		if len(f.clients) > 0 && f.hurts() {
			w.con(clear, "callers miss their objectives")
		} else {
			w.pro(strong, f.calmWords())
		}
	case history.LayerHealthy:
		w.pro(strong, f.calmWords())
	case history.LayerUnknown:
		w.con(slight, f.metrics.why+f.metrics.blind)
	default:
		w.con(strong, "layer is "+layer)
	}
	for _, o := range others {
		if o.Kind != somethingElse && o.score >= strong+prior && len(o.For) > 0 {
			w.con(strong+clear, o.For[0])
			break
		}
	}
	return w
}
