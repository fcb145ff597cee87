package world

import (
	"math"
	"slices"
	"time"

	"github.com/ddbloop/ddbloop/engine/sim/scenario"
)

// replica is the table's copy in another region. Replicated writes take write capacity there; what does not fit waits, and
// replication falls behind (developer guide, "Global tables: how it works"). Its indexes take what they are given (guess).
type replica struct {
	t       *table
	region  string
	set     *Throughput // by UpdateTable in that region; nil: as the scenario says
	bucket  bucket
	queue   float64 // write units that wait
	pace    float64 // write units per second, smoothed
	stalled float64 // seconds for which nothing has been replicated
	applied float64 // units, in the minute so far
	refused float64 // units refused at first, in the minute so far
	latency sample  // ms
	pending *Throughput
	due     int64
}

// replicationBase is how long a write takes to another region when nothing is in the way, in seconds (guess; AWS says
// "typically within a second").
const replicationBase = 0.8

// regional is the namespace under which the store keeps a replica's metrics.
func regional(region, namespace string) string { return region + "\x00" + namespace }

func (t *table) openReplicas() {
	for _, r := range t.spec.Replicas {
		x := &replica{t: t, region: r.Region}
		x.bucket.level = x.capacity().Write * burstSeconds
		t.replicas = append(t.replicas, x)
	}
}

func (r *replica) spec() scenario.Replica {
	i := slices.IndexFunc(r.t.spec.Replicas, func(x scenario.Replica) bool { return x.Region == r.region })
	if i < 0 {
		return scenario.Replica{Region: r.region}
	}
	return r.t.spec.Replicas[i]
}

func (r *replica) capacity() Throughput {
	if r.set != nil {
		return *r.set
	}
	s := r.spec()
	return Throughput{s.Read, s.Write}
}

// replicationTrouble is what faults do to replication to a region now.
type replicationTrouble struct {
	times   float64 // of the base latency; 0 = as it was
	added   time.Duration
	stopped bool
}

func (w *World) replication(region string, at time.Duration) replicationTrouble {
	var out replicationTrouble
	for _, e := range w.events {
		f := e.Fault
		if f == nil || f.Replication == nil || f.Replication.To != region || at < e.At || at >= e.Until {
			continue
		}
		out = replicationTrouble{times: f.Replication.Latency.Times, added: f.Replication.Latency.Added, stopped: f.Replication.Stopped}
	}
	return out
}

// advance replicates dt seconds of writes, in units.
func (r *replica) advance(at time.Duration, units, dt float64) {
	if r.pending != nil && r.t.w.sec >= r.due {
		r.set, r.pending = r.pending, nil
	}
	trouble := r.t.w.replication(r.region, at)
	weight := min(1, dt/60)
	if r.pace == 0 {
		weight = 1
	}
	r.pace += (units/dt - r.pace) * weight
	r.queue += units
	room := math.Inf(1)
	if r.t.mode == scenario.Provisioned {
		rate := r.capacity().Write
		room = r.bucket.level + rate*dt
		defer func(before float64) {
			r.bucket.level = min(max(0, r.bucket.level+rate*dt-(before-r.queue)), rate*burstSeconds)
		}(r.queue)
	}
	if trouble.stopped {
		room = 0
	}
	done := min(r.queue, room)
	r.queue -= done
	r.applied += done
	if !trouble.stopped && r.queue > 0 { // each unit that does not fit is refused once a second
		r.refused += min(r.queue, max(r.pace, units/dt)*dt)
	}
	late := replicationBase
	if trouble.times > 0 {
		late *= trouble.times
	}
	late += trouble.added.Seconds()
	if r.stalled += dt; done > 0 || r.queue <= 0 {
		r.stalled = 0
	}
	if r.pace > 0 {
		late += max(r.stalled, r.queue/max(r.pace, 1e-9))
	}
	ms := 1000 * min(late, 24*3600)
	if r.latency.n == 0 {
		r.latency.min, r.latency.max = ms, ms
	}
	r.latency.sum, r.latency.n = r.latency.sum+ms*dt, r.latency.n+dt
	r.latency.min, r.latency.max = min(r.latency.min, ms), max(r.latency.max, ms)
}

// closeMinute publishes the replica's own minute, in its region.
func (r *replica) closeMinute(at int64) {
	st, dims, ns := &r.t.w.store, []Dim{{"TableName", r.t.spec.Name}}, regional(r.region, Namespace)
	v := sample{at: at, sum: math.Round(r.applied), n: max(1, math.Round(r.applied)), min: 1, max: 1}
	st.get(ns, "ConsumedWriteCapacityUnits", "Count", minute, dims...).value(v)
	st.get(ns, "ConsumedWriteCapacityUnits", "Count", minute, append(dims, Dim{"Source", "GlobalTable"})...).value(v)
	if r.refused > 0 {
		st.get(ns, "WriteThrottleEvents", "Count", minute, dims...).count(at, r.refused)
		st.get(ns, "Write"+causeMetric[causeProvisioned], "Count", minute, dims...).count(at, r.refused)
	}
	r.applied, r.refused = 0, 0
}

// close publishes the five minutes that began at Unix second at.
func (r *replica) close(at int64) {
	st, name := &r.t.w.store, Dim{"TableName", r.t.spec.Name}
	v := r.latency
	r.latency = sample{}
	v.at = at
	if v.n > 0 {
		v.sum, v.n = v.sum*5/v.n, 5
	}
	st.get(Namespace, "ReplicationLatency", "Milliseconds", fiveMinute, name, Dim{"ReceivingRegion", r.region}).value(v)
	if c := r.capacity(); r.t.mode == scenario.Provisioned {
		for s := range sides {
			n := c.of(s)
			st.get(regional(r.region, Namespace), "Provisioned"+s.String()+"CapacityUnits", "Count", fiveMinute, name).value(sample{at: at, sum: 5 * n, n: 5, min: n, max: n})
		}
	}
}

// Regions lists the account's regions, the scenario's own first, then those of replicas, sorted.
func (w *World) Regions() []string {
	var others []string
	for _, t := range w.tables {
		for _, r := range t.replicas {
			others = append(others, r.region)
		}
	}
	slices.Sort(others)
	return append([]string{w.sc.Region}, slices.Compact(others)...)
}

func (w *World) replica(region, name string) *replica {
	t := w.table(name)
	if t == nil {
		return nil
	}
	for _, r := range t.replicas {
		if r.region == region {
			return r
		}
	}
	return nil
}

// DescribeIn shows a table in a region: the table itself, or its replica there.
func (w *World) DescribeIn(region, name string) (TableView, bool) {
	if region == "" || region == w.sc.Region {
		return w.Describe(name)
	}
	r := w.replica(region, name)
	if r == nil {
		return TableView{}, false
	}
	v, _ := w.Describe(name)
	v.ARN = "arn:aws:dynamodb:" + region + ":" + w.sc.Account + ":table/" + name
	v.Status, v.Indexes = Active, nil
	if r.pending != nil {
		v.Status = Updating
	}
	v.Provisioned = Provision{Throughput: r.capacity()}
	if r.t.mode == OnDemand {
		v.Provisioned.Throughput = Throughput{}
	}
	v.Replicas = []ReplicaView{{w.sc.Region, Active}}
	for _, x := range r.t.replicas {
		if x != r {
			v.Replicas = append(v.Replicas, ReplicaView{x.region, Active})
		}
	}
	return v, true
}

// updateReplica is UpdateTable in another region: its capacity is its own.
func (w *World) updateReplica(u TableUpdate, now time.Duration) error {
	r := w.replica(u.Region, u.Table)
	switch {
	case r == nil:
		return &Error{"ResourceNotFoundException", "Requested resource not found: Table: " + u.Table + " not found"}
	case r.pending != nil:
		return &Error{"ResourceInUseException", "Attempt to change a resource which is still in use: Table is being updated: " + u.Table}
	case u.Provisioned == nil || r.t.mode != Provisioned:
		return invalid("Only the provisioned throughput of a replica can be changed in its own region here.")
	case *u.Provisioned == r.capacity():
		return invalid("The provisioned throughput for the table will not change. The requested value equals the current value.")
	}
	to := *u.Provisioned
	r.pending, r.due = &to, int64((now+r.t.spec.Settle+time.Second-1)/time.Second)
	return nil
}
