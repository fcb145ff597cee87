// Package random makes scenarios up: other tables, sizes, sides, modes, callers, objectives, noise and eyes for every incident
// kind and for calm, from a seed. What a diagnosis is worth shows on files that nobody has tuned it to. The arithmetic behind
// each is that of docs/scenarios.md; a test plays them and holds their truths against the physics.
package random

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

type obj = map[string]any

// begin is when trouble is set going, in seconds from t = 0.
const begin = 300.0

// makers holds a function for every kind; calm among them.
var makers = map[string]func(d *draft){
	"calm": (*draft).calm, "hot_partition": (*draft).hotPartition, "underprovisioned_table": (*draft).underprovisioned,
	"gsi_backpressure": (*draft).gsiBackpressure, "gsi_hot_key": (*draft).gsiHotKey, "on_demand_ramp": (*draft).onDemandRamp,
	"on_demand_cap": (*draft).onDemandCap, "account_quota": (*draft).accountQuota, "scan_storm": (*draft).scanStorm,
	"filter_drift": (*draft).filterDrift, "pagination_blowup": (*draft).pagination, "large_items": (*draft).largeItems,
	"transaction_conflicts": (*draft).conflicts, "conditional_failures": (*draft).conditions, "gsi_backfill": (*draft).gsiBackfill,
	"autoscaling_lag": (*draft).autoscalingLag, "autoscaling_max": (*draft).autoscalingMax, "scale_in": (*draft).scaleIn,
	"ttl_storm": (*draft).ttlStorm, "stream_lag": (*draft).streamLag, "replica_lag": (*draft).replicaLag,
	"kinesis_capture": (*draft).kinesisCapture, "client_latency": (*draft).clientLatency, "dns_failure": (*draft).dnsFailure,
	"service_errors": (*draft).serviceErrors, "service_latency": (*draft).serviceLatency, "retry_storm": (*draft).retryStorm,
	"request_errors": (*draft).requestErrors, "access_denied": (*draft).accessDenied, "upstream_drop": (*draft).upstreamDrop,
	"credentials_expired": (*draft).credentialsExpired, "monitoring_outage": (*draft).monitoringOutage,
}

// Kinds lists the kinds that can be made up, in alphabetical order.
func Kinds() []string {
	out := make([]string, 0, len(makers))
	for k := range makers {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}

// Name is what a made-up scenario is called: random:KIND:SEED, or random:KIND:SEED:dark for one in which CloudWatch fails from
// the beginning of the trouble on.
func Name(kind string, seed int64) string { return fmt.Sprintf("random:%s:%d", kind, seed) }

// ID is the scenario's id, which is also its file's name.
func ID(kind string, seed int64, dark bool) string {
	id := "random-" + strings.ReplaceAll(kind, "_", "-") + fmt.Sprintf("-%d", seed)
	if dark {
		id += "-dark"
	}
	return id
}

// Scenario returns the file of a made-up scenario. The error says what is wrong with kind.
func Scenario(kind string, seed int64, dark bool) ([]byte, error) {
	start, ok := makers[kind]
	if !ok {
		return nil, fmt.Errorf("no incident kind %q; hot_partition and calm are two of %d, docs/scenarios.md has all", kind, len(makers))
	}
	h := uint64(14695981039346656037)
	for _, c := range kind {
		h = (h ^ uint64(c)) * 1099511628211
	}
	d := &draft{Rand: rand.New(rand.NewPCG(uint64(seed), h)), seconds: 2400, used: map[string]bool{}}
	d.region = d.pick("eu-west-1", "eu-central-1", "us-east-1", "us-west-2", "ap-southeast-2", "ca-central-1", "sa-east-1")
	d.truth = obj{"kind": kind}
	start(d)
	d.neighbours()
	d.around()
	if dark {
		d.event(begin-60, obj{"fault": obj{"service": "cloudwatch", "error_rate": 1}})
	}
	file := obj{
		"scenario": ID(kind, seed, dark), "title": "Made up: " + kind, "seed": seed, "start": d.start(), "history": "25h", "duration": length(d.seconds),
		"region": d.region, "account": fmt.Sprintf("%012d", d.Int64N(1e12)), "tables": d.tables, "traffic": d.traffic, "truth": d.truth,
	}
	for key, part := range map[string]any{"events": d.events, "levers": d.levers} {
		if len(part.([]obj)) > 0 {
			file[key] = part
		}
	}
	for key, part := range map[string]obj{"quotas": d.quotas, "here": d.here} {
		if len(part) > 0 {
			file[key] = part
		}
	}
	return yaml.Marshal(file)
}

// draft is a scenario in the making.
type draft struct {
	*rand.Rand
	region                          string
	tables, traffic, events, levers []obj
	quotas, here, truth             obj
	seconds                         float64
	used                            map[string]bool
	quiet                           bool // no neighbours: what concerns a whole region or account must be all there is
}

// in is a number from lo to hi, each decade as likely as the next.
func (d *draft) in(lo, hi float64) float64 {
	v := lo * math.Exp(d.Float64()*math.Log(hi/lo))
	if v >= 100 {
		return math.Round(v)
	}
	scale := math.Pow(10, 2-math.Floor(math.Log10(v)))
	return math.Round(scale*v) / scale
}

func (d *draft) chance(p float64) bool { return d.Float64() < p }

func (d *draft) pick(list ...string) string { return list[d.IntN(len(list))] }

// fresh is a name that is not in use yet.
func (d *draft) fresh(list ...string) string {
	for {
		name := d.pick(list...)
		if d.used[name] {
			name = fmt.Sprintf("%s-%d", name, d.IntN(1000))
		}
		if !d.used[name] {
			d.used[name] = true
			return name
		}
	}
}

func (d *draft) start() string {
	t := time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(d.IntN(60*24*4)) * 15 * time.Minute)
	return t.Format(time.RFC3339)
}

func length(seconds float64) string { return (time.Duration(seconds) * time.Second).String() }

// table adds a table and returns its name.
func (d *draft) table(o obj) string {
	name := d.fresh("accounts", "ads", "audit", "basket", "beacons", "billing", "cards", "claims", "devices", "drafts", "fares", "games",
		"ledger", "likes", "menus", "orders", "parcels", "plans", "posts", "prefs", "quotes", "rides", "scores", "seats", "tokens", "trips", "users", "votes")
	o["name"] = name
	items := math.Round(d.in(2e4, 2e7))
	put(o, "items", items)
	put(o, "key", obj{"partition": d.pick("id", "owner", "key", "tenant", "pk"), "distinct": max(1000, math.Round(items*d.in(0.05, 1)))})
	put(o, "item_bytes", d.itemBytes())
	if d.chance(0.2) {
		put(o, "contributor_insights", "throttled")
	}
	d.tables = append(d.tables, o)
	return name
}

func put(o obj, key string, v any) {
	if _, ok := o[key]; !ok {
		o[key] = v
	}
}

func (d *draft) itemBytes() float64 { return d.in(100, 2000) }

// parts is a number of partitions that carry a demand in units per second without one of them becoming hot.
func parts(read, write float64) float64 { return math.Ceil(1 + 2*(read/3000+write/1000)) }

// provisioned adds a table of its own capacity whose partitions are no limit.
func (d *draft) provisioned(read, write, most float64, more obj) string {
	o := obj{"mode": "provisioned", "read": math.Ceil(read), "write": math.Ceil(write), "partitions": parts(max(read, most), max(write, most)), "table_settle": length(d.in(30, 120))}
	for k, v := range more {
		o[k] = v
	}
	return d.table(o)
}

// onDemand adds an on-demand table that has seen the given peaks.
func (d *draft) onDemand(read, write float64, more obj) string {
	o := obj{"mode": "on_demand"}
	if read > 0 {
		o["peak_read"] = math.Ceil(read)
	}
	if write > 0 {
		o["peak_write"] = math.Ceil(write)
	}
	for k, v := range more {
		o[k] = v
	}
	return d.table(o)
}

// client adds a caller and returns it.
func (d *draft) client(table, operation string, rate float64, more obj) obj {
	o := obj{
		"name":  d.fresh("api", "app", "batcher", "checkout", "console", "crawler", "gateway", "ingest", "jobs", "mobile", "portal", "reader", "sync", "web", "worker", "writer"),
		"table": table, "operation": operation, "rate": rate, "noise": obj{"cv": d.in(0.01, 0.05), "phi": 0.6},
	}
	for k, v := range more {
		o[k] = v
	}
	d.traffic = append(d.traffic, o)
	return o
}

// slo gives a caller an objective: several times its own calm p99.
func (d *draft) slo(c obj) { c["slo"] = obj{"p99": d.pick("3x", "4x", "5x"), "success": 0.999} }

// eyes gives a caller an objective and, mostly, a feed or metrics of its own; what lists those that must be heard of.
func (d *draft) eyes(c obj, must bool, what ...string) {
	d.slo(c)
	switch p := d.Float64(); {
	case p < 0.55:
		c["feed"] = "1s"
	case p < 0.8 || must:
		d.publish(c, what...)
	}
}

func (d *draft) publish(c obj, what ...string) {
	if len(what) == 0 {
		what = []string{"latency", "calls", "errors"}
	}
	var list []obj
	for _, w := range what {
		list = append(list, obj{"namespace": "Team", "metric": "Call" + strings.ToUpper(w[:1]) + w[1:], "dimensions": obj{"App": c["name"]}, "what": w})
	}
	c["publishes"] = list
}

func (d *draft) event(at float64, o obj) {
	o["at"] = length(at)
	d.events = append(d.events, o)
}

// set changes a caller's fields from the beginning of the trouble on.
func (d *draft) set(c obj, field string, v any) {
	d.event(begin, obj{"set": obj{"traffic." + c["name"].(string) + "." + field: v}})
}

// is states the truth. begins is in seconds.
func (d *draft) is(target, layer, disposition string, begins float64) {
	d.truth["target"], d.truth["layer"], d.truth["disposition"], d.truth["begins"] = target, layer, disposition, length(begins)
	d.seconds = max(d.seconds, begins+1800)
}

// lever adds something that people can do outside AWS: setting fields back, say.
func (d *draft) lever(does string, set obj) {
	d.levers = append(d.levers, obj{"name": "fix-" + does[:3], "title": "what the team keeps for this", "does": does, "set": set, "delay": length(d.in(10, 60))})
	d.truth["cures"] = []string{"lever:fix-" + does[:3]}
}
