package scenario

import (
	"cmp"
	"slices"
	"time"

	"go.yaml.in/yaml/v3"
)

func (d *decoder) tables(n *yaml.Node) {
	taken := map[string]bool{}
	list(d, &d.s.Tables, func(n *yaml.Node, t *Table) { d.table(n, t, taken) })(n)
	if len(d.s.Tables) == 0 && n.Kind == yaml.SequenceNode {
		d.fail(n, "expected at least one table")
	}
}

func (d *decoder) table(n *yaml.Node, t *Table, taken map[string]bool) {
	*t = Table{
		Mode: OnDemand, Items: 1_000_000, ItemBytes: 900, Insights: InsightsOff,
		SplitAfter: 10 * time.Minute, Settle: 90 * time.Second,
	}
	var indexes *yaml.Node
	f := d.throughputFields(&t.Throughput)
	for name, read := range d.tableFields(t) {
		f[name] = read
	}
	f["name"] = d.unique(&t.Name, "tables", taken)
	f["key"] = d.key(&t.Key)
	f["mode"] = choice(d, &t.Mode, Provisioned, OnDemand)
	f["peak_read"] = d.number(&t.Throughput.PeakRead, 0, maxNumber)
	f["peak_write"] = d.number(&t.Throughput.PeakWrite, 0, maxNumber)
	f["lsi"] = d.boolean(&t.LSI)
	f["split_after"] = d.duration(&t.SplitAfter, 0, maxDuration)
	f["table_settle"] = d.duration(&t.Settle, 0, 24*time.Hour)
	f["contributor_insights"] = choice(d, &t.Insights, InsightsOff, InsightsThrottled, InsightsAccessed)
	f["customer_kms"] = d.boolean(&t.CustomerKMS)
	f["autoscaling"] = d.autoscaling(&t.ReadScaling, &t.WriteScaling)
	f["replicas"] = d.replicas(t)
	f["indexes"] = func(n *yaml.Node) { indexes = n }
	seen := d.object(n, f, "name", "key")
	d.capacity(seen, t.Mode)
	for _, side := range []string{"read", "write"} {
		if node := seen[side]; t.Mode == Provisioned && (node == nil || isZero(node)) {
			d.fail(cmp.Or(node, n), "a provisioned table needs a %s of at least 1", side)
		}
	}
	if t.Key.Distinct == 0 {
		t.Key.Distinct = max(1, int(t.Items))
	}
	if indexes != nil { // the mode may stand below them
		d.indexes(indexes, t)
	}
}

// tableFields are those of a table that a set may change too.
func (d *decoder) tableFields(t *Table) fields {
	return fields{
		"items":      d.number(&t.Items, 0, 1e12),
		"item_bytes": d.number(&t.ItemBytes, 1, 400<<10),
		"stream":     d.stream(&t.Stream),
		"kinesis":    d.kinesis(&t.Kinesis),
	}
}

func (d *decoder) indexes(n *yaml.Node, t *Table) {
	taken := map[string]bool{}
	list(d, &t.Indexes, func(n *yaml.Node, x *Index) {
		seen := d.index(n, x, taken, nil)
		d.capacity(seen, t.Mode)
		if t.Mode == Provisioned { // AWS knows no less
			x.Throughput.Read, x.Throughput.Write = max(1, x.Throughput.Read), max(1, x.Throughput.Write)
		}
		if x.Key.Distinct == 0 {
			x.Key.Distinct = t.Key.Distinct
		}
	})(n)
}

// index reads an index; extra are the members that only some indexes have.
func (d *decoder) index(n *yaml.Node, x *Index, taken map[string]bool, extra fields) map[string]*yaml.Node {
	*x = Index{Projection: ProjectAll}
	f := d.throughputFields(&x.Throughput)
	f["name"] = d.unique(&x.Name, "indexes", taken)
	f["key"] = d.key(&x.Key)
	f["projection"] = choice(d, &x.Projection, ProjectAll, ProjectKeysOnly, ProjectInclude)
	f["autoscaling"] = d.autoscaling(&x.ReadScaling, &x.WriteScaling)
	for name, read := range extra {
		f[name] = read
	}
	return d.object(n, f, "name", "key")
}

func (d *decoder) throughputFields(t *Throughput) fields {
	return fields{
		"read": d.number(&t.Read, 0, maxNumber), "write": d.number(&t.Write, 0, maxNumber),
		"max_read": d.number(&t.MaxRead, 0, maxNumber), "max_write": d.number(&t.MaxWrite, 0, maxNumber),
		"warm_read": d.number(&t.WarmRead, 0, maxNumber), "warm_write": d.number(&t.WarmWrite, 0, maxNumber),
		"partitions": d.count(&t.Partitions, 0, 10_000),
	}
}

// capacity checks that the mode allows the capacities that are written.
func (d *decoder) capacity(seen map[string]*yaml.Node, mode Mode) {
	wrong, why := []string{"max_read", "max_write"}, "caps are for on_demand tables"
	if mode == OnDemand {
		wrong, why = []string{"read", "write"}, "the table is on_demand and has no such capacity"
	}
	for _, name := range wrong {
		if node := seen[name]; node != nil && !isZero(node) {
			d.fail(node, "no %s here: %s", name, why)
		}
	}
}

func isZero(n *yaml.Node) bool {
	var v float64
	return isNumber(n) && n.Decode(&v) == nil && v == 0
}

func (d *decoder) key(k *Key) func(n *yaml.Node) {
	return func(n *yaml.Node) {
		d.object(n, fields{
			"partition": d.match(&k.Partition, attributePattern, "an attribute's name"),
			"sort":      d.match(&k.Sort, attributePattern, "an attribute's name"),
			"distinct":  d.count(&k.Distinct, 1, 1e12),
		}, "partition")
	}
}

func (d *decoder) autoscaling(read, write **AutoScaling) func(n *yaml.Node) {
	side := func(dst **AutoScaling) func(n *yaml.Node) {
		return func(n *yaml.Node) {
			a := AutoScaling{Target: 70}
			d.object(n, fields{
				"min": d.number(&a.Min, 1, maxNumber), "max": d.number(&a.Max, 1, maxNumber),
				"target": d.number(&a.Target, 20, 90), "suspended": d.boolean(&a.Suspended),
			}, "min", "max")
			if a.Max < a.Min {
				d.fail(n, "max is below min")
			}
			*dst = &a
		}
	}
	return func(n *yaml.Node) { d.object(n, fields{"read": side(read), "write": side(write)}) }
}

func (d *decoder) stream(dst **Stream) func(n *yaml.Node) {
	return func(n *yaml.Node) {
		s := Stream{Shards: 1}
		d.object(n, fields{
			"consumer":      d.match(&s.Consumer, attributePattern, "a function's name"),
			"records_per_s": d.number(&s.RecordsPerS, 0, maxNumber),
			"shards":        d.count(&s.Shards, 1, 10_000),
			"stuck_shards":  d.count(&s.StuckShards, 0, 10_000),
		}, "consumer", "records_per_s")
		if n.Tag != partialTag && s.StuckShards > s.Shards {
			d.fail(n, "more stuck_shards than shards")
		}
		*dst = &s
	}
}

func (d *decoder) kinesis(dst **Kinesis) func(n *yaml.Node) {
	return func(n *yaml.Node) {
		var k Kinesis
		d.object(n, fields{
			"stream":        d.match(&k.Stream, attributePattern, "a stream's name"),
			"records_per_s": d.number(&k.RecordsPerS, 0, maxNumber),
			"oversized":     d.share(&k.Oversized),
			"broken":        d.boolean(&k.Broken),
		}, "stream", "records_per_s")
		*dst = &k
	}
}

func (d *decoder) replicas(t *Table) func(n *yaml.Node) {
	return list(d, &t.Replicas, func(n *yaml.Node, r *Replica) {
		seen := d.object(n, fields{
			"region": d.match(&r.Region, regionPattern, "a region such as us-east-1"),
			"read":   d.number(&r.Read, 0, maxNumber), "write": d.number(&r.Write, 0, maxNumber),
		}, "region")
		node := seen["region"]
		if node == nil || r.Region == "" {
			return
		}
		if slices.ContainsFunc(t.Replicas, func(o Replica) bool { return o.Region == r.Region }) {
			d.fail(node, "there are two replicas in %s", r.Region)
		}
		if r.Region == d.s.Region {
			d.fail(node, "%s is the scenario's own region", r.Region)
		}
	})
}

// hasTable reports whether the file has the table.
func (d *decoder) hasTable(name string) bool { return d.tableOf(name) != nil }

func (d *decoder) tableOf(name string) *Table {
	i := slices.IndexFunc(d.s.Tables, func(t Table) bool { return t.Name == name })
	if i < 0 {
		return nil
	}
	return &d.s.Tables[i]
}

// hasIndex reports whether the table has the index, or gets it by a call.
func (d *decoder) hasIndex(table, index string) bool {
	t := d.tableOf(table)
	return t != nil && (slices.ContainsFunc(t.Indexes, func(x Index) bool { return x.Name == index }) ||
		slices.Contains(d.created[table], index))
}

// isTable reads the name of a table that must exist.
func (d *decoder) isTable(dst *string) func(n *yaml.Node) {
	return func(n *yaml.Node) {
		d.name(dst)(n)
		if *dst != "" && !d.hasTable(*dst) {
			d.fail(n, "there is no table %s", *dst)
		}
	}
}

// isIndex checks, once the file is read, that the table has the index.
func (d *decoder) isIndex(n *yaml.Node, table, index string) {
	d.later(func() {
		if n != nil && index != "" && d.hasTable(table) && !d.hasIndex(table, index) {
			d.fail(n, "table %s has no index %s", table, index)
		}
	})
}
