package world

import (
	"fmt"
	"slices"
	"time"

	"github.com/ddbloop/ddbloop/engine/sim/scenario"
)

// settings are what UpdateTable changes of a table or an index.
type settings struct {
	capacity Throughput // provisioned
	max      Throughput // on-demand caps, 0 = none
	warm     Throughput // raised by hand, 0 = derived
}

// resourceAdmin is what the control plane remembers of a table or an index.
type resourceAdmin struct {
	lastIncrease, lastDecrease time.Time
	most                       Throughput // highest capacity ever provisioned
	decreases                  allowance
	warmAt                     int64 // when a raise of the warm throughput ends, seconds since t = 0
	warmTo                     *Throughput
}

// admin is what the control plane remembers of a table.
type admin struct {
	id          string
	created     time.Time
	modeSince   time.Time
	switches    []int64 // to on-demand, seconds since t = 0
	pending     *TableUpdate
	pendingAt   int64
	conditional float64 // failed conditions in the minute so far
	insights    scenario.Insights
	items       float64 // as last counted, six-hourly
	bytes       float64
}

// allowance is the budget of capacity decreases: four a UTC day, then one more an hour, 27 a day (developer guide, "Service quotas").
type allowance struct {
	day   int64
	today int
	saved float64
	since int64
}

const (
	decreasesAtOnce = 4
	decreasesPerDay = 27
	switchesPerDay  = 4
)

// refill brings the allowance to the given Unix second.
func (a *allowance) refill(unix int64) {
	if day := unix / 86400; day != a.day || a.since == 0 {
		*a = allowance{day: day, saved: decreasesAtOnce, since: unix}
	}
	if a.saved < decreasesAtOnce {
		a.saved = min(decreasesAtOnce, a.saved+float64(unix-a.since)/3600)
	}
	a.since = unix
}

func (a *allowance) left() bool { return a.saved >= 1 && a.today < decreasesPerDay }

// Update is UpdateTable, called by the named principal. The error is an *Error. The old limits hold until the change has
// settled; a raise of the warm throughput alone leaves the table ACTIVE meanwhile.
func (w *World) Update(u TableUpdate, by string) error { return w.update(u, by, w.now) }

func (w *World) update(u TableUpdate, by string, now time.Duration) error {
	err := w.tryUpdate(u, by, now)
	w.record(now, "dynamodb", "UpdateTable", by, u.Region, u.Table, requestOf(u), err)
	return err
}

func (w *World) tryUpdate(u TableUpdate, by string, now time.Duration) error {
	if u.Region != "" && u.Region != w.sc.Region {
		return w.updateReplica(u, now)
	}
	t := w.table(u.Table)
	if t == nil {
		return &Error{"ResourceNotFoundException", "Requested resource not found: Table: " + u.Table + " not found"}
	}
	if t.pending != nil || t.building != nil && t.w.sec < t.building.from {
		return &Error{"ResourceInUseException", "Attempt to change a resource which is still in use: Table is being updated: " + u.Table}
	}
	if err := t.check(u); err != nil {
		return err
	}
	w.changes = append(w.changes, Change{At: now, By: by, Operation: "UpdateTable", Update: u})
	if t.changeIndexes(u, now) {
		return nil
	}
	settled := int64((now + t.spec.Settle + time.Second - 1) / time.Second)
	t.warm(u, settled)
	u.Warm = nil
	blocks := u.Mode != "" || u.Provisioned != nil || u.Max != nil
	u.Indexes = slices.Clone(u.Indexes)
	for i := range u.Indexes {
		u.Indexes[i].Warm = nil
		blocks = blocks || u.Indexes[i].Provisioned != nil || u.Indexes[i].Max != nil
	}
	if blocks {
		t.spendDecreases(u)
		if u.Mode == OnDemand && t.mode != OnDemand {
			t.switches = append(t.switches, w.sec)
		}
		t.pending, t.pendingAt = &u, settled
	}
	return nil
}

// each calls do for every resource that the update names, with what it would change.
func (t *table) each(u TableUpdate, do func(r *resource, u IndexUpdate) error) error {
	if err := do(t.resources[0], IndexUpdate{Provisioned: u.Provisioned, Max: u.Max, Warm: u.Warm}); err != nil {
		return err
	}
	for _, i := range u.Indexes {
		r := t.resource(i.Name)
		if r == nil || i.Name == "" {
			return &Error{"ResourceNotFoundException", "Requested resource not found: index " + i.Name + " of table " + u.Table}
		}
		if err := do(r, i); err != nil {
			return err
		}
	}
	return nil
}

func (t *table) warm(u TableUpdate, settled int64) {
	_ = t.each(u, func(r *resource, u IndexUpdate) error {
		if u.Warm != nil {
			to := r.warmNow().with(*u.Warm)
			r.admin.warmTo, r.admin.warmAt = &to, settled
		}
		return nil
	})
}

func (t *table) spendDecreases(u TableUpdate) {
	_ = t.each(u, func(r *resource, u IndexUpdate) error {
		if t.mode == Provisioned && lowers(r.set.capacity, u.Provisioned) {
			r.admin.decreases.saved--
			r.admin.decreases.today++
		}
		return nil
	})
}

func lowers(now Throughput, to *Throughput) bool {
	return to != nil && (to.Read < now.Read || to.Write < now.Write)
}

// settleControl puts into force what has settled by now.
func (t *table) settleControl() {
	for _, r := range t.resources {
		if a := &r.admin; a.warmTo != nil && t.w.sec >= a.warmAt {
			r.set.warm, a.warmTo = *a.warmTo, nil
			if t.mode == OnDemand {
				r.raise(reads, r.set.warm.Read)
				r.raise(writes, r.set.warm.Write)
			}
			r.widen()
		}
	}
	if t.pending == nil || t.w.sec < t.pendingAt {
		return
	}
	u := *t.pending
	t.pending = nil
	at := t.w.start.Add(time.Duration(t.w.sec) * time.Second)
	toOnDemand := u.Mode == OnDemand && t.mode != OnDemand
	if u.Mode != "" {
		t.mode = u.Mode
	}
	if toOnDemand {
		t.modeSince = at
		for _, r := range t.resources {
			r.set.capacity = Throughput{}
			r.openCeilings(Throughput{})
		}
	}
	_ = t.each(u, func(r *resource, u IndexUpdate) error {
		r.apply(u, at)
		return nil
	})
	for _, r := range t.resources {
		r.refreshLimits()
	}
}

// apply puts one resource's new settings into force.
func (r *resource) apply(u IndexUpdate, at time.Time) {
	if u.Max != nil {
		r.set.max = r.set.max.with(*u.Max)
		r.set.max = Throughput{max(0, r.set.max.Read), max(0, r.set.max.Write)} // -1 removes
	}
	if p := u.Provisioned; p != nil {
		if p.Read > r.set.capacity.Read || p.Write > r.set.capacity.Write {
			r.admin.lastIncrease = at
		}
		if lowers(r.set.capacity, p) {
			r.admin.lastDecrease = at
		}
		r.set.capacity = *p
		r.admin.most = Throughput{max(r.admin.most.Read, p.Read), max(r.admin.most.Write, p.Write)}
	}
	r.refreshLimits()
	r.widen()
}

// play carries out a control-plane call of the scenario. What AWS would refuse is refused here too and changes nothing.
func (w *World) play(c *scenario.Call, at time.Duration) {
	switch c.Operation {
	case "UpdateContributorInsights":
		_ = w.SetInsights(c.Table, c.Insights, c.By)
		return
	case "RegisterScalableTarget", "PutScalingPolicy":
		_ = w.scaleCall(ScalingCall{Table: c.Table, Index: c.Index, Side: c.Side, Min: c.Min, Max: c.Max, Suspended: c.Suspended, Target: c.Target}, c.By, at)
		return
	case "DeregisterScalableTarget":
		_ = w.Unscale(c.Table, c.Index, c.Side, c.By)
		return
	}
	t := w.table(c.Table)
	if c.DeleteIndex != "" || c.CreateIndex != nil {
		_ = w.update(indexCall(c), c.By, at)
		return
	}
	r := t.resource(c.Index)
	if r == nil {
		return // an earlier call deleted it: AWS would refuse
	}
	pair := func(read, write *float64, now Throughput) *Throughput {
		if read == nil && write == nil {
			return nil
		}
		if read != nil {
			now.Read = *read
		}
		if write != nil {
			now.Write = *write
		}
		return &now
	}
	u := IndexUpdate{
		Name:        c.Index,
		Provisioned: pair(c.Read, c.Write, r.set.capacity),
		Max:         pair(c.MaxRead, c.MaxWrite, Throughput{}),
		Warm:        pair(c.WarmRead, c.WarmWrite, Throughput{}),
	}
	call := TableUpdate{Table: c.Table, Mode: c.Mode, Provisioned: u.Provisioned, Max: u.Max, Warm: u.Warm}
	if c.Index != "" {
		call = TableUpdate{Table: c.Table, Mode: c.Mode, Indexes: []IndexUpdate{u}}
	}
	_ = w.update(call, c.By, at)
}

// indexCall is a scenario's call that creates or deletes an index.
func indexCall(c *scenario.Call) TableUpdate {
	u := TableUpdate{Table: c.Table, DeleteIndex: c.DeleteIndex}
	if i := c.CreateIndex; i != nil {
		p := i.Index.Throughput
		u.CreateIndex = &NewIndex{
			Name: i.Index.Name, Key: KeySchema(i.Index.Key), Projection: string(i.Index.Projection),
			Provisioned: Throughput{p.Read, p.Write}, Max: Throughput{p.MaxRead, p.MaxWrite}, Allocate: i.Allocate, Backfill: i.Backfill, Partitions: p.Partitions,
		}
	}
	return u
}

// tableID looks like the UUID that AWS gives a table.
func tableID(seed uint64, name string) string {
	a, b := mixBits(seed^hash(name)), mixBits(seed+hash("id/"+name))
	return fmt.Sprintf("%08x-%04x-4%03x-a%03x-%012x", uint32(a), uint16(a>>32), uint16(a>>48)&0xfff, uint16(b>>48)&0xfff, b&0xffffffffffff)
}
