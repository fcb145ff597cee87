package world

import (
	"slices"
)

// Tables lists the tables' names, sorted.
func (w *World) Tables() []string {
	names := make([]string, len(w.tables))
	for i, t := range w.tables {
		names[i] = t.spec.Name
	}
	slices.Sort(names)
	return names
}

// Quotas are the account's limits.
func (w *World) Quotas() Quotas {
	q := w.sc.Quotas
	return Quotas{Table: Throughput{q.TableRead, q.TableWrite}, Account: Throughput{q.AccountRead, q.AccountWrite}}
}

// Changes lists the accepted control-plane calls, oldest first.
func (w *World) Changes() []Change { return slices.Clone(w.changes) }

// Describe shows a table, or false when there is none of that name.
func (w *World) Describe(name string) (TableView, bool) {
	t := w.table(name)
	if t == nil {
		return TableView{}, false
	}
	r := t.resources[0]
	v := TableView{
		Name: name, ARN: r.arn, ID: t.id, Created: t.created,
		Status: t.status(), Mode: t.mode, ModeSince: t.modeSince,
		Provisioned: r.provision(), Max: r.set.max, Warm: r.warmNow(), WarmStatus: r.warmStatus(),
		Key: KeySchema(r.key), LSI: t.spec.LSI,
		Items: int64(t.items), Bytes: int64(t.bytes),
		Insights: string(t.insights), CustomerKMS: t.spec.CustomerKMS, Stream: t.spec.Stream != nil || len(t.replicas) > 0,
	}
	if t.spec.Kinesis != nil {
		v.Kinesis = t.spec.Kinesis.Stream
	}
	for _, x := range t.replicas {
		v.Replicas = append(v.Replicas, ReplicaView{x.region, Active})
	}
	for i, r := range t.resources[1:] {
		spec := t.spec.Indexes[i]
		v.Indexes = append(v.Indexes, IndexView{
			Name: r.index, ARN: r.arn, Status: t.indexStatus(r.index),
			Backfilling: t.building != nil && t.building.r == r && t.w.sec >= t.building.from,
			Provisioned: r.provision(), Max: r.set.max, Warm: r.warmNow(), WarmStatus: r.warmStatus(),
			Key: KeySchema(r.key), Projection: string(spec.Projection),
			Items: int64(t.items), Bytes: int64(t.items * projectedBytes(spec.Projection, t.spec.ItemBytes)),
		})
	}
	if t.deleting != nil {
		v.Indexes = append(v.Indexes, t.deleting.view)
	}
	return v, true
}

// status is the table's state. A disabled key shows at once (guess: DynamoDB notices within minutes).
func (t *table) status() Status {
	if t.spec.CustomerKMS && t.w.keyDisabled(t.spec.Name) {
		return Locked
	}
	if t.pending != nil || t.deleting != nil || t.building != nil && t.w.sec < t.building.from {
		return Updating
	}
	return Active
}

func (t *table) indexStatus(name string) Status {
	if t.building != nil && t.building.r.index == name {
		return Creating
	}
	if t.pending != nil && slices.ContainsFunc(t.pending.Indexes, func(u IndexUpdate) bool { return u.Name == name }) {
		return Updating
	}
	return Active
}

func (r *resource) provision() Provision {
	a := &r.admin
	a.decreases.refill(r.t.w.unix + r.t.w.sec)
	return Provision{
		Throughput: r.set.capacity, LastIncrease: a.lastIncrease, LastDecrease: a.lastDecrease, DecreasesToday: a.decreases.today,
	}
}

// warmNow is what the resource serves instantly: raised by hand, or what its mode gives it (guess for provisioned tables).
func (r *resource) warmNow() Throughput {
	c := r.set.capacity
	if r.t.mode == OnDemand {
		c = Throughput{min(r.ceiling[reads].rate, unlimited), min(r.ceiling[writes].rate, unlimited)}
	}
	return Throughput{max(c.Read, r.set.warm.Read), max(c.Write, r.set.warm.Write)}
}

func (r *resource) warmStatus() Status {
	if r.admin.warmTo != nil {
		return Updating
	}
	return Active
}

// provisioned adds up the capacity of every table and index in provisioned mode.
func (w *World) provisioned() Throughput {
	var sum Throughput
	for _, t := range w.tables {
		if t.mode != Provisioned {
			continue
		}
		for _, r := range t.resources {
			sum.Read += r.set.capacity.Read
			sum.Write += r.set.capacity.Write
		}
	}
	return sum
}

// openAccountSeries makes the five-minute series: settings of tables and indexes, quotas and their use.
func (w *World) openAccountSeries() {
	for s := range sides {
		for _, t := range w.tables {
			for _, r := range t.resources {
				w.watch("Provisioned"+s.String()+"CapacityUnits", "Count", r.dims(), func() (float64, bool) {
					return r.set.capacity.of(s), t.mode == Provisioned
				})
				w.watch("OnDemandMax"+s.String()+"RequestUnits", "Count", r.dims(), func() (float64, bool) {
					return r.set.max.of(s), t.mode == OnDemand && r.set.max.of(s) > 0
				})
			}
		}
		q := w.Quotas()
		name := s.String()
		w.watch("AccountMax"+name+"s", "Count", nil, func() (float64, bool) { return q.Account.of(s), true })
		w.watch("AccountMaxTableLevel"+name+"s", "Count", nil, func() (float64, bool) { return q.Table.of(s), true })
		w.watch("AccountProvisioned"+name+"CapacityUtilization", "Percent", nil, func() (float64, bool) {
			return 100 * w.provisioned().of(s) / q.Account.of(s), true
		})
		w.watch("MaxProvisionedTable"+name+"CapacityUtilization", "Percent", nil, func() (float64, bool) {
			most := 0.0
			for _, t := range w.tables {
				for _, r := range t.resources {
					most = max(most, r.set.capacity.of(s))
				}
			}
			return 100 * most / q.Table.of(s), true
		})
	}
}

// ItemBytes is the present mean size of a table's items; 0 for a table that does not exist.
func (w *World) ItemBytes(table string) float64 {
	if t := w.table(table); t != nil {
		return t.spec.ItemBytes
	}
	return 0
}
