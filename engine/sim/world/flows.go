package world

import (
	"math"
	"time"

	"github.com/ddbloop/ddbloop/engine/sim/scenario"
)

// flows are what leaves a table behind its callers' backs: expiry, the stream, change capture, replication.
type flows struct {
	changed    float64 // items written in the step so far
	lastWrites float64 // write units of the last step
	gone       float64 // items that TTL has deleted since t = 0
	conflicts  conflictCount
	expiring   []expiry
	expired    float64 // items, in the minute so far
	stream     streamFlow
	kinesis    kinesisFlow
	replicas   []*replica
}

// conflictCount is TransactionConflict: Sum counts items, SampleCount requests.
type conflictCount struct {
	sum, n float64
	carry  float64
}

func (c *conflictCount) close(t *table, at int64) {
	n := math.Round(c.n + c.carry)
	c.carry += c.n - n
	if n > 0 {
		s := t.w.store.get(Namespace, "TransactionConflict", "Count", minute, Dim{"TableName", t.spec.Name})
		each := c.sum / c.n
		s.value(sample{at: at, sum: math.Round(n * each), n: n, min: 1, max: math.Ceil(each)})
	}
	c.sum, c.n = 0, 0
}

// expiry is items that TTL deletes at a steady pace.
type expiry struct {
	left, rate float64 // items, items per second
}

// expire begins an event's deletes.
func (w *World) expire(e *scenario.Expire) {
	t := w.table(e.Table)
	over := max(e.Over, time.Second)
	t.expiring = append(t.expiring, expiry{left: e.Items, rate: e.Items / over.Seconds()})
}

// advanceFlows moves dt seconds of changes on to whoever takes them. Deletes by TTL cost no write units where they happen, yet
// they are records of the stream and writes at every replica (developer guide, "Time to Live").
func (t *table) advanceFlows(sec int64, dt float64) {
	gone := 0.0
	for i := range t.expiring {
		e := &t.expiring[i]
		n := min(e.left, e.rate*dt, max(0, t.spec.Items-t.gone-gone))
		e.left -= n
		gone += n
	}
	t.expired += gone
	t.gone += gone
	records := t.changed + gone
	t.changed = 0
	if t.spec.Stream != nil {
		t.stream.advance(t.spec.Stream, records, dt)
	}
	if t.spec.Kinesis != nil {
		t.kinesis.advance(t.spec.Kinesis, records, dt)
	}
	units := t.lastWrites + gone*max(1, math.Ceil(t.spec.ItemBytes/1024))
	for _, r := range t.replicas {
		r.advance(time.Duration(sec)*time.Second, units, dt)
	}
}

// closeFlows publishes the minute that began at Unix second at.
func (t *table) closeFlows(at int64) {
	if t.expired > 0 {
		t.w.store.get(Namespace, "TimeToLiveDeletedItemCount", "Count", minute, Dim{"TableName", t.spec.Name}).count(at, t.expired)
		t.expired = 0
	}
	if t.spec.Stream != nil {
		t.stream.closeMinute(t, at)
	}
	for _, r := range t.replicas {
		r.closeMinute(at)
	}
	if (at+minute)%fiveMinute == 0 {
		if t.spec.Kinesis != nil {
			t.kinesis.close(t, at+minute-fiveMinute)
		}
		for _, r := range t.replicas {
			r.close(at + minute - fiveMinute)
		}
	}
}

// backlog is records that wait for somebody who takes so many a second.
type backlog struct {
	waiting float64
	arrive  float64 // records per second, smoothed over five minutes
}

// advance lets records arrive and up to room be taken. It returns how old the oldest that waits is, in seconds: what waits
// came at the pace of late (a fluid has no single records to ask).
func (b *backlog) advance(records, room, dt float64) float64 {
	weight := min(1, dt/300)
	if b.arrive == 0 {
		weight = 1
	}
	b.arrive += (records/dt - b.arrive) * weight
	b.waiting = max(0, b.waiting+records-room*dt)
	if b.waiting <= 0 || b.arrive <= 0 {
		return 0
	}
	return min(b.waiting/b.arrive, 24*3600) // a stream keeps its records for a day
}

// streamFlow is the table's stream and the function that reads it, shard by shard; shards that are not stuck are alike.
type streamFlow struct {
	free, stuck backlog
	age         sample // ms, in the minute so far
}

// readingTime is how long a record waits for a function that keeps up, in seconds (guess).
const readingTime = 0.25

func (f *streamFlow) advance(s *scenario.Stream, records, dt float64) {
	shards := float64(max(1, s.Shards))
	held := min(float64(s.StuckShards), shards)
	add := func(age, n float64) {
		if n <= 0 {
			return
		}
		ms := 1000 * (age + readingTime)
		if f.age.n == 0 {
			f.age.min, f.age.max = ms, ms
		}
		f.age.sum, f.age.n = f.age.sum+ms*n*dt, f.age.n+n*dt
		f.age.min, f.age.max = min(f.age.min, ms), max(f.age.max, ms)
	}
	each := records / shards
	add(f.free.advance(each, s.RecordsPerS/shards, dt), shards-held)
	if held > 0 {
		add(f.stuck.advance(each, 0, dt), held)
	} else if f.stuck.waiting > 0 { // the shard moves again and catches up
		add(f.stuck.advance(each, s.RecordsPerS/shards, dt), 1)
	}
}

func (f *streamFlow) closeMinute(t *table, at int64) {
	v := f.age
	f.age = sample{}
	v.at = at
	t.w.store.get("AWS/Lambda", "IteratorAge", "Milliseconds", minute, Dim{"FunctionName", t.spec.Stream.Consumer}).value(v)
}

// kinesisFlow is the capture of changes into a Kinesis stream.
type kinesisFlow struct {
	queue             backlog
	age               sample // ms
	failed, throttled float64
	units             float64
}

// captureOperation is the value of the dimension DelegatedOperation (guess).
const captureOperation = "PutRecord"

func (f *kinesisFlow) advance(k *scenario.Kinesis, records, dt float64) {
	lost := records * k.Oversized
	f.failed += lost
	room := k.RecordsPerS
	if k.Broken {
		room = 0
	}
	age := f.queue.advance(records-lost, room, dt)
	if !k.Broken && f.queue.waiting > 0 {
		f.throttled += min(f.queue.waiting, max(0, records-room*dt))
	}
	ms := 1000*age + 40
	if f.age.n == 0 {
		f.age.min, f.age.max = ms, ms
	}
	f.age.sum, f.age.n = f.age.sum+ms*dt, f.age.n+dt
	f.age.min, f.age.max = min(f.age.min, ms), max(f.age.max, ms)
	f.units += records - lost
}

func (f *kinesisFlow) close(t *table, at int64) {
	dims := []Dim{{"TableName", t.spec.Name}, {"DelegatedOperation", captureOperation}}
	st := &t.w.store
	v := f.age
	v.at, v.sum, v.n = at, v.sum*5/max(1, v.n), 5
	st.get(Namespace, "AgeOfOldestUnreplicatedRecord", "Milliseconds", fiveMinute, dims...).value(v)
	if n := math.Round(f.failed); n > 0 {
		st.get(Namespace, "FailedToReplicateRecordCount", "Count", fiveMinute, dims...).value(sample{at: at, sum: n, n: n, min: 1, max: 1})
	}
	if n := math.Round(f.throttled); n > 0 {
		st.get(Namespace, "ThrottledPutRecordCount", "Count", fiveMinute, dims...).value(sample{at: at, sum: n, n: n, min: 1, max: 1})
	}
	if n := math.Round(f.units); n > 0 {
		st.get(Namespace, "ConsumedChangeDataCaptureUnits", "Count", fiveMinute, dims...).value(sample{at: at, sum: n, n: n, min: 1, max: 1})
	}
	*f = kinesisFlow{queue: f.queue}
}
