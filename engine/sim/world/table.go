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
	flows

	building *building
	deleting *deleting
	added    []scenario.Index // by calls
	dropped  []string         // names of indexes that calls deleted
}

// flow is the scratch of one step, by slot.
type flow struct {
	due       [][]cohort // by client
	arrived   []float64
	offered   []float64   // what reaches capacity
	requests  []float64   // offered, then what is left of them
	refused   []float64   // requests that capacity refused
	refusedAt [][]float64 // the same by resource
	units     []float64
}

func newFlow(clients, resources int) flow {
	room := func() []float64 { return make([]float64, 2*clients) }
	f := flow{due: make([][]cohort, clients), arrived: room(), offered: room(), requests: room(), refused: room(), units: room()}
	for range resources {
		f.refusedAt = append(f.refusedAt, room())
	}
	return f
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
	t.build(dt)
	f := &t.flow
	for i, c := range t.clients {
		f.due[i] = c.arrivals(sec, dt)
		f.arrived[fresh(i)], f.arrived[retry(i)] = f.due[i][0].n, 0
		for _, a := range f.due[i][1:] {
			f.arrived[retry(i)] += a.n
		}
		if n := f.arrived[retry(i)]; n > 0 {
			for at, r := range t.resources {
				if c.cost.read == 0 || t.target(c) == at {
					r.parts.recall(i, n)
				}
			}
		}
		for slot := fresh(i); slot <= retry(i); slot++ {
			f.offered[slot] = f.arrived[slot] * (1 - c.invalidShare()) * (1 - c.fault.ErrorRate) * (1 - c.fault.ThrottleRate)
			if c.bar != nil {
				f.offered[slot] = 0
			}
			f.requests[slot] = f.offered[slot]
			f.refused[slot] = 0
		}
	}
	t.advanceReads(dt)
	t.advanceWrites(dt)
	for i, c := range t.clients {
		t.book(c, i)
	}
	t.advanceFlows(sec, dt)
}

// book tells a client and the metrics what became of its requests.
func (t *table) book(c *client, i int) {
	f := &t.flow
	ends := [2]fate{t.fateOf(c, fresh(i)), t.fateOf(c, retry(i))}
	if kept := c.finish(f.due[i], ends); kept != [2]retained{} {
		t.refile(i, kept)
	}
	o, items := t.op(c.now.Operation), c.items()
	for half, end := range ends {
		n := f.arrived[fresh(i)+half] / items
		c.invalid += n * end.invalid
		if c.bar != nil && c.bar.arrives {
			c.invalid += n * end.barred
		}
		passed := n * end.pass
		if items > 1 { // an answer says 200 as long as one item got through
			passed = n * (end.pass + end.refused - allRefused(end.refused, items))
		}
		failed := passed * c.now.ConditionalFailures
		torn := (passed - failed) * c.now.Conflicts
		t.conditional += failed
		t.conflicts.sum += torn * max(1, c.now.Batch)
		t.conflicts.n += torn
		c.invalid += torn // they count as user errors too (developer guide, "DynamoDB metrics and dimensions")
		o.answered(passed-failed-torn, c.server, c.now.Returned/max(1, c.now.Pages))
		o.throttled += n * (allRefused(end.refused, items) + end.pushed)
		o.broke(n*end.broken, c.fault.Injected)
		if scenario.Writes(c.now.Operation) {
			t.changed += (passed - failed - torn) * max(1, c.now.Batch)
		}
	}
}

// fateOf is what became of the requests of one slot.
func (t *table) fateOf(c *client, slot int) fate {
	if c.bar != nil {
		return fate{barred: 1}
	}
	valid := 1 - c.invalidShare()
	sound := valid * (1 - c.fault.ErrorRate)
	served := sound * (1 - c.fault.ThrottleRate)
	refused := 0.0
	if n := t.flow.offered[slot]; n > 0 {
		refused = t.flow.refused[slot] / n
	}
	return fate{
		invalid: c.invalidShare(), broken: valid - sound, pushed: sound - served,
		pass: served * (1 - refused), refused: served * refused,
	}
}

func (t *table) advanceReads(dt float64) {
	f := &t.flow
	for at, r := range t.resources {
		for slot := range f.units {
			f.units[slot] = 0
		}
		for i, c := range t.clients {
			if c.cost.read > 0 && t.target(c) == at {
				f.units[fresh(i)], f.units[retry(i)] = f.requests[fresh(i)]*c.cost.read, f.requests[retry(i)]*c.cost.read
			}
		}
		t.stage(at, reads, dt)
		for slot := range f.units {
			if f.units[slot] > 0 {
				each := t.clients[slot/2].cost.read
				f.units[slot] = f.requests[slot] * each
				r.use[reads].add(f.requests[slot], each)
			}
		}
		r.settle(reads, f.units, dt)
	}
}

// advanceWrites offers every write to the table first and to each index after it. What any of them refuses consumes nothing
// anywhere; so nothing is spent before the last has been asked.
func (t *table) advanceWrites(dt float64) {
	f := &t.flow
	for at := range t.resources {
		for slot := range f.units {
			f.units[slot] = f.requests[slot] * t.clients[slot/2].cost.writeAt(at)
		}
		t.stage(at, writes, dt)
	}
	for at, r := range t.resources {
		for slot := range f.units {
			each := t.clients[slot/2].cost.writeAt(at)
			f.units[slot] = f.requests[slot] * each
			r.use[writes].add(f.requests[slot], each)
		}
		if at == 0 {
			t.lastWrites = 0
			for _, u := range f.units {
				t.lastWrites += u
			}
		}
		r.settle(writes, f.units, dt)
	}
}

// stage takes from the requests in flight what one resource refuses.
func (t *table) stage(at int, s side, dt float64) {
	f, r := &t.flow, t.resources[at]
	for slot, g := range r.offer(s, f.units, dt) {
		if f.units[slot] <= 0 {
			if s == writes || at == 0 {
				f.refusedAt[at][slot] = 0
			}
			continue
		}
		lost := 0.0
		for k, share := range g.refused {
			n := f.requests[slot] * share
			r.use[s].events[k] += n
			lost += n
		}
		f.refused[slot] += lost
		f.refusedAt[at][slot] = lost
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
	t.conflicts.close(t, at)
	t.closeFlows(at)
}
