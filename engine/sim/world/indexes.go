package world

import (
	"math"
	"slices"
	"time"

	"github.com/ddbloop/ddbloop/engine/sim/scenario"
)

// building is an index that is being created: first its resources are allocated, then it is filled from the table while live
// writes already go to it (developer guide, "Adding a global secondary index to an existing table").
type building struct {
	r       *resource
	from    int64   // second at which the back-fill begins
	until   int64   // second at which the index is active
	rate    float64 // write units per second of the back-fill
	filling bool    // live writes go to it
}

// deleting is an index on its way out: nothing is written to it any more.
type deleting struct {
	view  IndexView
	until int64
}

const (
	maxIndexes   = 20              // per table (developer guide, "Quotas")
	allocateTime = 2 * time.Minute // (guess)
	fillPace     = 20000.0         // items per second of a back-fill whose time nobody gave (guess)
	fillShare    = 0.5             // of a partition and of the index's capacity that a back-fill takes at most (guess)
	fillLeast    = 5 * time.Minute // (guess)
)

// checkIndexCalls says why AWS would refuse to create or delete an index, or nil.
func (t *table) checkIndexCalls(u TableUpdate) error {
	if u.CreateIndex == nil && u.DeleteIndex == "" {
		return nil
	}
	if u.Provisioned != nil || u.Mode != "" || u.Max != nil || u.Warm != nil || len(u.Indexes) > 0 || u.CreateIndex != nil && u.DeleteIndex != "" {
		return invalid("One or more parameter values were invalid: Only one type of change can be made to a table in one UpdateTable call.")
	}
	if name := u.DeleteIndex; name != "" {
		switch {
		case t.resource(name) == nil:
			return &Error{"ResourceNotFoundException", "Requested resource not found: index " + name + " of table " + u.Table}
		case t.building != nil && (t.building.r.index != name || t.w.sec < t.building.from):
			return &Error{"ResourceInUseException", "Attempt to change a resource which is still in use: Index is being created: " + t.building.r.index}
		}
		return nil
	}
	i := u.CreateIndex
	switch {
	case t.building != nil || t.deleting != nil:
		return overQuota("Only 1 online index can be created or deleted simultaneously per table")
	case t.resource(i.Name) != nil || i.Name == "":
		return invalid("One or more parameter values were invalid: Attempting to create an index which already exists: %s", i.Name)
	case len(t.resources) > maxIndexes:
		return overQuota("the number of global secondary indexes per table is limited to %d", maxIndexes)
	case t.mode == Provisioned && (i.Provisioned.Read < 1 || i.Provisioned.Write < 1):
		return invalid("One or more parameter values were invalid: ReadCapacityUnits and WriteCapacityUnits must both be specified for index: %s", i.Name)
	}
	return nil
}

// changeIndexes begins what checkIndexCalls has let pass, and reports whether there was anything to begin.
func (t *table) changeIndexes(u TableUpdate, now time.Duration) bool {
	switch {
	case u.DeleteIndex != "":
		t.dropIndex(u.DeleteIndex)
	case u.CreateIndex != nil:
		t.createIndex(u.CreateIndex, now)
	default:
		return false
	}
	return true
}

func (t *table) createIndex(i *NewIndex, now time.Duration) {
	spec := scenario.Index{
		Name: i.Name, Key: scenario.Key(i.Key), Projection: scenario.Projection(i.Projection),
		Throughput: scenario.Throughput{Read: i.Provisioned.Read, Write: i.Provisioned.Write, MaxRead: i.Max.Read, MaxWrite: i.Max.Write, Partitions: i.Partitions},
	}
	if spec.Key.Distinct == 0 {
		spec.Key.Distinct = t.spec.Key.Distinct
	}
	allocate, fill := i.Allocate, i.Backfill
	if allocate == 0 {
		allocate = allocateTime
	}
	if fill == 0 {
		fill = max(fillLeast, time.Duration(t.spec.Items/fillPace*float64(time.Second)))
	}
	r := &resource{t: t, index: i.Name, arn: t.resources[0].arn + "/index/" + i.Name, key: spec.Key, spec: spec.Throughput}
	r.set = settings{capacity: i.Provisioned, max: i.Max}
	if t.mode == OnDemand {
		r.set.capacity = Throughput{}
	}
	r.admin.most = r.set.capacity
	r.openSeries()
	t.added = append(t.added, spec)
	t.resources = append(t.resources, r)
	t.w.openIndexGauges(t, r)
	units := max(1, math.Ceil(projectedBytes(spec.Projection, t.spec.ItemBytes)/1024))
	from := now + allocate
	t.building = &building{
		r: r, from: int64(from / time.Second), until: int64((from + fill) / time.Second),
		rate: t.spec.Items * units / fill.Seconds(),
	}
	t.rearrange()
	if t.mode == OnDemand {
		r.openCeilings(Throughput{})
	}
}

// openIndexGauges publishes the settings of an index that was not there at the start, and the progress of its building.
func (w *World) openIndexGauges(t *table, r *resource) {
	for s := range sides {
		w.watch("Provisioned"+s.String()+"CapacityUnits", "Count", r.dims(), func() (float64, bool) {
			return r.set.capacity.of(s), t.mode == Provisioned && !r.gone
		})
	}
	progress := func() (float64, bool) {
		b := t.building
		if b == nil || b.r != r {
			return 0, false
		}
		return 100 * min(1, max(0, float64(w.sec-b.from)/float64(b.until-b.from))), true
	}
	w.watch("OnlineIndexPercentageProgress", "Count", r.dims(), progress)
	for _, name := range [2]string{"OnlineIndexConsumedWriteCapacity", "OnlineIndexThrottleEvents"} {
		w.watch(name, "Count", r.dims(), func() (float64, bool) { // both are 0 while an index is built, says AWS today
			_, ok := progress()
			return 0, ok
		})
	}
}

func (t *table) dropIndex(name string) {
	v, _ := t.w.Describe(t.spec.Name)
	for _, i := range v.Indexes {
		if i.Name == name {
			i.Status, i.Backfilling = Deleting, false
			t.deleting = &deleting{view: i, until: t.w.sec + int64(t.spec.Settle/time.Second)}
		}
	}
	r := t.resource(name)
	r.gone = true
	if t.building != nil && t.building.r == r {
		t.building = nil
	}
	t.dropped = append(t.dropped, name)
	t.added = slices.DeleteFunc(t.added, func(i scenario.Index) bool { return i.Name == name })
	t.resources = slices.DeleteFunc(t.resources, func(x *resource) bool { return x == r })
	t.rearrange()
}

// shaped is a table as the scenario has it now, with the indexes that calls have made and without those that they deleted.
func (t *table) shaped(spec *scenario.Table) *scenario.Table {
	if len(t.added) == 0 && len(t.dropped) == 0 {
		return spec
	}
	own := *spec
	own.Indexes = slices.DeleteFunc(slices.Clone(spec.Indexes), func(i scenario.Index) bool {
		return slices.Contains(t.dropped, i.Name) || slices.ContainsFunc(t.added, func(a scenario.Index) bool { return a.Name == i.Name })
	})
	own.Indexes = append(own.Indexes, t.added...)
	return &own
}

// rearrange sizes everything anew after an index has come or gone.
func (t *table) rearrange() {
	t.spec = t.shaped(t.spec)
	t.flow = newFlow(len(t.clients), len(t.resources))
	for _, r := range t.resources {
		if r.gates != nil {
			continue
		}
		slots := 2 * len(t.clients)
		r.gates = make([]gate, slots)
		for s := range sides {
			r.offered[s] = make([]float64, slots)
		}
		r.refreshLimits()
		parts := r.spec.Partitions
		if parts == 0 {
			parts = partitionsFor(max(r.set.capacity.Read, r.set.warm.Read), max(r.set.capacity.Write, r.set.warm.Write), r.bytes())
		}
		r.parts = newPartitions(parts)
	}
	for _, c := range t.clients {
		c.refresh()
	}
	t.regroup(t.w.epoch)
}

// build moves an index under construction on by dt seconds: the back-fill takes its part of the index's
// partitions. It costs none of the index's own capacity (developer guide: its metric excludes the writes of a build).
func (t *table) build(dt float64) {
	if t.deleting != nil && t.w.sec >= t.deleting.until {
		t.deleting = nil
	}
	b := t.building
	if b == nil || t.w.sec < b.from {
		return
	}
	if t.w.sec >= b.until {
		t.building = nil
		for _, c := range t.clients {
			c.refresh()
		}
		return
	}
	if !b.filling {
		b.filling = true
		for _, c := range t.clients {
			c.refresh()
		}
	}
	for i := range b.r.parts.classes {
		c := &b.r.parts.classes[i]
		c.owed[writes] += min(b.rate*(c.hi-c.lo), fillShare*partitionMax[writes]) * dt
	}
}

// unreadable reports whether an index cannot be queried: it is gone, or not there yet.
func (t *table) unreadable(index string) bool {
	return index != "" && (t.resource(index) == nil || t.building != nil && t.building.r.index == index)
}
