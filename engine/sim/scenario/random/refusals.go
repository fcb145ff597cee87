package random

import "math"

// sided is one side of a table in use: an operation, the units that one call takes, and the names of both.
type sided struct {
	op    string
	units float64 // per call
	bytes float64 // of an item
	write bool
	more  obj // fields of the caller
}

func (s sided) word(r, w string) string {
	if s.write {
		return w
	}
	return r
}

// side picks reads or writes.
func (d *draft) side() sided {
	bytes := d.itemBytes()
	s := sided{bytes: bytes, write: d.chance(0.55), more: obj{}}
	if s.write {
		s.op, s.units = d.pick("PutItem", "UpdateItem"), math.Ceil(bytes/1024)
		s.more["item_bytes"] = bytes
		return s
	}
	switch s.op = d.pick("GetItem", "GetItem", "Query"); {
	case s.op == "Query":
		examined := math.Round(d.in(5, 60))
		s.more["examined"], s.more["returned"] = examined, examined
		s.units = max(1, math.Ceil(examined*bytes/4096)) / 2
	case d.chance(0.3):
		s.more["consistent"], s.units = true, 1
	default:
		s.units = 0.5
	}
	return s
}

// sized adds a provisioned table with the given capacity on the side, and enough on the other.
func (d *draft) sized(s sided, capacity, most float64, more obj) string {
	if more == nil {
		more = obj{}
	}
	more["item_bytes"] = s.bytes
	other := d.in(50, 2000)
	if s.write {
		return d.provisioned(other, capacity, most, more)
	}
	return d.provisioned(capacity, other, most, more)
}

// burstEnds is when a table that is asked for more than its capacity has spent what it saved in 300 s.
func burstEnds(from, capacity, demand float64) float64 {
	return from + 0.95*300*capacity/(demand-capacity)
}

func calls(units float64, s sided) float64 { return math.Round(1000*units/s.units) / 1000 }

func (d *draft) underprovisioned() {
	s := d.side()
	c := math.Ceil(d.in(8, 6000))
	demand := c * d.in(1.7, 4)
	t := d.sized(s, c, demand, nil)
	app := d.client(t, s.op, calls(c*d.in(0.25, 0.7), s), s.more)
	app["noise"] = obj{"cv": 0.01, "phi": 0.5}
	d.eyes(app, false)
	d.set(app, "rate", calls(demand, s))
	d.is(t, "throttled", "optimize", burstEnds(begin, c, demand))
	d.truth["cures"] = []string{"table." + s.word("read", "write")}
}

func (d *draft) hotPartition() {
	s := d.side()
	if s.op == "Query" {
		s.op, s.units, s.more = "GetItem", 0.5, obj{}
	}
	limit := 3000.0
	if s.write {
		limit = 1000
	}
	hot, share := limit*d.in(1.3, 3), 0.35+0.6*d.Float64()
	if d.chance(0.3) {
		share = 0.95
	}
	total := hot / share
	var t string
	if d.chance(0.6) {
		t = d.sized(s, total*d.in(1.5, 3), total, obj{"partitions": parts(total*1.5, 0) + 4})
	} else {
		peak := total
		more := obj{"item_bytes": s.bytes}
		if s.write {
			t = d.onDemand(0, peak, more)
		} else {
			t = d.onDemand(max(peak, 8000), 0, more)
		}
	}
	app := d.client(t, s.op, calls(total*d.in(0.6, 1), s), s.more)
	d.eyes(app, false)
	keys := obj{"hot": obj{"share": share, "keys": 1}}
	name := "traffic." + app["name"].(string)
	d.event(begin, obj{"set": obj{name + ".rate": calls(total, s), name + ".keys": keys}})
	d.is(t, "throttled", "optimize", begin)
	d.lever("spread_keys", obj{name + ".keys": obj{"uniform": true}})
}

// indexed adds a table with one index and a writer; the index has capacity and as many partitions as it needs.
func (d *draft) indexed(tableWrite, indexWrite, rate float64, distinct float64) (table, index string, app obj) {
	index = d.fresh("by-state", "by-owner", "by-day", "by-email", "by-shop", "by-rank")
	x := obj{
		"name": index, "key": obj{"partition": "k", "sort": "s", "distinct": distinct}, "projection": d.pick("all", "keys_only"),
		"read": math.Ceil(d.in(100, 1000)), "write": math.Ceil(indexWrite), "partitions": parts(0, max(indexWrite, rate)) + 4,
	}
	table = d.provisioned(d.in(200, 3000), tableWrite, rate*4, obj{"item_bytes": 800, "indexes": []obj{x}})
	app = d.client(table, "PutItem", rate, obj{"item_bytes": 800, "noise": obj{"cv": 0.015, "phi": 0.5}})
	d.eyes(app, false)
	return table, index, app
}

func (d *draft) gsiBackpressure() {
	c := d.in(30, 2500)
	demand := c * d.in(1.7, 4)
	t, i, app := d.indexed(demand*d.in(1.3, 3), c, c*d.in(0.3, 0.8), 40000)
	d.set(app, "rate", demand)
	d.is(t+"/"+i, "throttled", "optimize", burstEnds(begin, c, demand))
	d.truth["cures"] = []string{"index.write"}
}

func (d *draft) gsiHotKey() {
	share := 0.6 + 0.35*d.Float64()
	rate := d.in(1200, 2600) / share
	t, i, app := d.indexed(rate*d.in(1.5, 3), rate*d.in(1.6, 4), rate, 500)
	keys := "traffic." + app["name"].(string) + ".index_keys"
	d.event(begin, obj{"set": obj{keys: obj{i: obj{"hot": obj{"share": share, "keys": 1}}}}})
	d.is(t+"/"+i, "throttled", "optimize", begin)
	d.lever("roll_back", obj{keys: obj{}})
}

func (d *draft) onDemandRamp() {
	s := d.side()
	least := 12000.0
	if s.write {
		least = 4000
	}
	peak := least * d.in(0.3, 1.2)
	ceiling := max(least, 2*peak)
	more := obj{"item_bytes": s.bytes}
	var t string
	if s.write {
		t = d.onDemand(0, peak, more)
	} else {
		t = d.onDemand(peak, 0, more)
	}
	from, to, over := peak*d.in(0.5, 0.95), ceiling*d.in(1.2, 2), d.in(20, 240)
	app := d.client(t, s.op, 0, s.more)
	app["noise"] = obj{"cv": 0.01, "phi": 0.3}
	delete(app, "rate")
	app["shape"] = [][]any{{"0s", calls(from, s)}, {length(begin), calls(from, s)}, {length(begin + over), calls(to, s)}}
	d.eyes(app, false)
	d.seconds = 3600
	d.is(t, "throttled", "retry", begin+0.9*over*(ceiling-from)/(to-from))
	d.truth["cures"] = []string{"warm." + s.word("read", "write")}
}

func (d *draft) onDemandCap() {
	s := d.side()
	limit := math.Ceil(d.in(40, 3500))
	more := obj{"item_bytes": s.bytes, "max_" + s.word("read", "write"): limit, "peak_" + s.word("read", "write"): limit * 2}
	t := d.onDemand(0, 0, more)
	app := d.client(t, s.op, calls(limit*d.in(0.2, 0.7), s), s.more)
	d.eyes(app, false)
	d.set(app, "rate", calls(limit*d.in(1.15, 1.9), s))
	d.is(t, "throttled", "optimize", begin)
	d.truth["cures"] = []string{"cap." + s.word("read", "write")}
}

func (d *draft) accountQuota() {
	s := d.side()
	quota := math.Ceil(d.in(6000, 30000))
	d.quotas = obj{"table_" + s.word("read", "write"): quota}
	t := d.onDemand(0, 0, obj{"item_bytes": s.bytes, "peak_" + s.word("read", "write"): quota})
	app := d.client(t, s.op, calls(quota*d.in(0.3, 0.8), s), s.more)
	d.eyes(app, false)
	d.set(app, "rate", calls(quota*d.in(1.1, 1.7), s))
	d.is(t, "throttled", "escalate", begin)
	d.quiet = true
}

func (d *draft) gsiBackfill() {
	n := float64(3 + d.IntN(5)) // partitions, each of which gives half to the back-fill, which has enough to do to take it
	write := 1000*(n-1) - 100
	rate := n * 1000 * d.in(0.54, 0.62)
	t := d.provisioned(d.in(200, 3000), rate*1.5, rate*2, obj{"item_bytes": 700, "split_after": "60m", "items": n * 500 * 3600})
	app := d.client(t, "PutItem", rate, obj{"item_bytes": 700, "noise": obj{"cv": 0.01, "phi": 0.5}})
	d.eyes(app, false)
	allocate := d.in(30, 240)
	d.event(begin, obj{"call": obj{
		"operation": "UpdateTable", "table": t, "by": "deploy",
		"create_index": obj{"name": "by-new", "key": obj{"partition": "k", "distinct": 20000}, "projection": "all", "read": 500, "write": write, "allocate": length(allocate), "backfill": "60m"},
	}})
	d.is(t+"/by-new", "throttled", "optimize", math.Floor(begin+allocate))
	d.truth["cures"] = []string{"index.delete_backfilling"}
}

func (d *draft) autoscalingLag() {
	s := d.side()
	c := math.Ceil(d.in(20, 1500))
	demand := c * d.in(3.2, 7)
	t := d.sized(s, c, demand*1.5, obj{"autoscaling": obj{s.word("read", "write"): obj{"min": math.Ceil(c / 2), "max": math.Ceil(demand * d.in(1.6, 4)), "target": 70}}})
	app := d.client(t, s.op, calls(c*0.6, s), s.more)
	app["noise"] = obj{"cv": 0.01, "phi": 0.5}
	d.eyes(app, false)
	d.set(app, "rate", calls(demand, s))
	d.is(t, "throttled", "retry", burstEnds(begin, c, demand))
	d.truth["cures"] = []string{"autoscaling.min"}
}

func (d *draft) autoscalingMax() {
	s := d.side()
	c := math.Ceil(d.in(20, 3000))
	demand := c * d.in(1.8, 5)
	policy := obj{"min": math.Ceil(c / 2), "max": c, "target": 70}
	if d.chance(0.3) {
		policy = obj{"min": math.Ceil(c / 2), "max": math.Ceil(6 * c), "target": 70, "suspended": true}
	}
	t := d.sized(s, c, demand*1.5, obj{"autoscaling": obj{s.word("read", "write"): policy}})
	app := d.client(t, s.op, calls(c*d.in(0.5, 0.65), s), s.more)
	app["noise"] = obj{"cv": 0.01, "phi": 0.5}
	d.eyes(app, false)
	d.set(app, "rate", calls(demand, s))
	d.is(t, "throttled", "optimize", burstEnds(begin, c, demand))
	d.truth["cures"] = []string{"autoscaling.max"}
}

func (d *draft) scaleIn() {
	s := d.side()
	c := math.Ceil(d.in(40, 5000))
	demand := c * (0.5 + 0.2*d.Float64())
	less := math.Ceil(demand * (0.3 + 0.25*d.Float64()))
	t := d.sized(s, c, c, obj{"table_settle": "60s"})
	app := d.client(t, s.op, calls(demand, s), s.more)
	app["noise"] = obj{"cv": 0.01, "phi": 0.5}
	d.eyes(app, false)
	d.event(begin-120, obj{"call": obj{"operation": "UpdateTable", "table": t, s.word("read", "write"): less, "by": "cost-tool"}})
	d.is(t, "throttled", "optimize", burstEnds(begin-60, less, demand)-2)
	d.truth["cures"] = []string{"table." + s.word("read", "write")}
}
