package world

import (
	"github.com/ddbloop/ddbloop/engine/sim/scenario"
)

// table is one table with its indexes and the clients that call it.
type table struct {
	w         *World
	spec      *scenario.Table // as it stands, layers applied
	mode      scenario.Mode
	resources []*resource // the table itself, then its indexes in file order
	clients   []*client
	ops       []*operation
	admin
	flow flow
}

// flow is the scratch of one step, by client slot.
type flow struct {
	due      [][]cohort
	requests []float64 // offered, then what is left of them
	refused  []float64 // share of the offered requests
	arrived  []float64
	offered  []float64 // what reaches capacity
	units    []float64
}

func (t *table) conditionalSeries() *series {
	return t.w.store.get(Namespace, "ConditionalCheckFailedRequests", "Count", minute, Dim{"TableName", t.spec.Name})
}

// target is the resource a client's reads meet, by place in resources.
func (t *table) target(c *client) int {
	for i, r := range t.resources {
		if r.index == c.now.Index {
			return i
		}
	}
	return 0
}

// regroup recomputes how the clients' requests fall on the partitions.
func (t *table) regroup(epoch int64) {
	for i, r := range t.resources {
		load := make([]profile, len(t.clients))
		for slot, c := range t.clients {
			switch {
			case scenario.Writes(c.now.Operation) && i == 0:
				load[slot] = newProfile(c.now.Keys, r.key, epoch)
			case scenario.Writes(c.now.Operation):
				load[slot] = newProfile(c.now.KeysOn(r.index), r.key, epoch)
			case t.target(c) == i && c.now.Operation == "Scan":
				load[slot] = profile{tail: 1} // a scan visits every partition
			case t.target(c) == i:
				load[slot] = newProfile(c.now.Keys, r.key, epoch)
			}
		}
		r.parts.regroup(load)
	}
}

// advance computes dt seconds from sec on: arrivals, admission at the table and then at its indexes, and what the clients make of it.
func (t *table) advance(sec int64, dt float64) {
	f := &t.flow
	for slot, c := range t.clients {
		f.due[slot] = c.arrivals(sec, dt)
		n := 0.0
		for _, a := range f.due[slot] {
			n += a.n
		}
		f.arrived[slot] = n
		f.offered[slot] = n * (1 - c.now.Invalid) * (1 - c.fault.ErrorRate) * (1 - c.fault.ThrottleRate)
		f.requests[slot] = f.offered[slot]
		f.refused[slot] = 0
	}
	t.advanceReads(dt)
	t.advanceWrites(dt)
	for slot, c := range t.clients {
		t.book(c, slot)
	}
}

// book tells a client and the metrics what became of its requests.
func (t *table) book(c *client, slot int) {
	f := &t.flow
	n, valid := f.arrived[slot], 1-c.now.Invalid
	sound := valid * (1 - c.fault.ErrorRate)
	served := sound * (1 - c.fault.ThrottleRate)
	end := fate{
		invalid: c.now.Invalid, broken: valid - sound, pushed: sound - served,
		pass: served * (1 - f.refused[slot]), refused: served * f.refused[slot],
	}
	c.finish(f.due[slot], end)
	c.invalid += n * end.invalid
	failed := n * end.pass * c.now.ConditionalFailures
	t.conditional += failed
	o := t.op(c.now.Operation)
	o.answered(n*end.pass-failed, c.server, c.now.Returned/max(1, c.now.Pages))
	o.throttled += n * (end.refused + end.pushed)
	o.broke(n*end.broken, c.fault.Injected)
}

func (t *table) advanceReads(dt float64) {
	f := &t.flow
	for i, r := range t.resources {
		for slot, c := range t.clients {
			f.units[slot] = 0
			if c.cost.read > 0 && t.target(c) == i {
				f.units[slot] = f.requests[slot] * c.cost.read
			}
		}
		t.stage(r, reads, dt)
		for slot, c := range t.clients {
			if f.units[slot] > 0 {
				f.units[slot] = f.requests[slot] * c.cost.read
				r.use[reads].add(f.requests[slot], c.cost.read)
			}
		}
		r.settle(reads, f.units, dt)
	}
}

// advanceWrites offers every write to the table first and to each index after it. What any of them refuses consumes nothing
// anywhere; so nothing is spent before the last has been asked.
func (t *table) advanceWrites(dt float64) {
	f := &t.flow
	for i, r := range t.resources {
		for slot, c := range t.clients {
			f.units[slot] = f.requests[slot] * c.cost.writeAt(i)
		}
		t.stage(r, writes, dt)
	}
	for i, r := range t.resources {
		for slot, c := range t.clients {
			each := c.cost.writeAt(i)
			f.units[slot] = f.requests[slot] * each
			r.use[writes].add(f.requests[slot], each)
		}
		r.settle(writes, f.units, dt)
	}
}

// stage takes from the requests in flight what one resource refuses.
func (t *table) stage(r *resource, s side, dt float64) {
	f := &t.flow
	for slot, g := range r.offer(s, f.units, dt) {
		if f.units[slot] <= 0 {
			continue
		}
		for k, share := range g.refused {
			n := f.requests[slot] * share
			r.use[s].events[k] += n
			f.refused[slot] += n / f.offered[slot]
		}
		f.requests[slot] *= g.pass
	}
}

// writeAt is what one request costs at the resource in place i: the table, then its indexes.
func (k cost) writeAt(i int) float64 {
	if i == 0 {
		return k.write
	}
	return k.index[i-1]
}

// closeMinute publishes the minute that began at Unix second at.
func (t *table) closeMinute(at int64) {
	for _, r := range t.resources {
		r.closeMinute(at)
	}
	for _, o := range t.ops {
		o.closeMinute(at)
	}
	t.conditionalSeries().count(at, t.conditional)
	t.conditional = 0
}
