package scenario

import (
	"slices"
	"time"

	"go.yaml.in/yaml/v3"
)

func (d *decoder) here(n *yaml.Node) { d.object(n, d.hereFields(&d.s.Here)) }

func (d *decoder) hereFields(h *Here) fields {
	return fields{
		"network": d.network(&h.Network),
		"deny": list(d, &h.Deny, func(n *yaml.Node, v *string) {
			d.match(v, actionPattern, "an IAM action such as cloudtrail:LookupEvents")(n)
		}),
		"probes": list(d, &h.Probes, d.probe),
	}
}

func (d *decoder) probe(n *yaml.Node, p *Probe) {
	*p = Probe{Operation: "GetItem", Every: time.Second}
	d.object(n, fields{
		"table":     d.isTable(&p.Table),
		"operation": choice(d, &p.Operation, probeOperations...),
		"every":     d.duration(&p.Every, 100*time.Millisecond, time.Hour),
		"hot":       d.boolean(&p.Hot),
	}, "table")
}

func (d *decoder) alarms(n *yaml.Node) {
	taken := map[string]bool{}
	list(d, &d.s.Alarms, func(n *yaml.Node, a *Alarm) {
		*a = Alarm{Stat: "Sum", Period: time.Minute, Datapoints: 2, Of: 5, Missing: "notBreaching"}
		seen := d.object(n, fields{
			"name":       d.unique(&a.Name, "alarms", taken),
			"metric":     d.match(&a.Metric, codePattern, "a metric's name"),
			"dimensions": d.dimensions(&a.Dimensions),
			"stat":       d.match(&a.Stat, statPattern, "Sum, Average, Minimum, Maximum, SampleCount or a percentile such as p99"),
			"over":       d.number(&a.Over, -1e12, 1e12),
			"period":     d.duration(&a.Period, 10*time.Second, 24*time.Hour),
			"datapoints": d.count(&a.Datapoints, 1, 1440),
			"of":         d.count(&a.Of, 1, 1440),
			"missing":    choice(d, &a.Missing, "breaching", "notBreaching", "ignore", "missing"),
		}, "name", "metric")
		if seen == nil {
			return
		}
		if seen["of"] == nil {
			a.Of = max(a.Of, a.Datapoints)
		}
		if a.Datapoints > a.Of {
			d.fail(n, "more datapoints than of: %d of %d", a.Datapoints, a.Of)
		}
		if a.Period != 10*time.Second && a.Period != 30*time.Second && a.Period%time.Minute != 0 {
			d.fail(n, "a period is 10s, 30s or whole minutes, not %s", a.Period)
		}
	})(n)
}

func (d *decoder) levers(n *yaml.Node) {
	taken := map[string]bool{}
	list(d, &d.s.Levers, func(n *yaml.Node, l *Lever) {
		d.object(n, fields{
			"name":  d.unique(&l.Name, "levers", taken),
			"title": d.text(&l.Title, 200),
			"does":  choice(d, &l.Does, leverKinds...),
			"set":   d.sets(&l.Sets),
			"delay": d.duration(&l.Delay, 0, 24*time.Hour),
		}, "name", "title", "does", "set")
	})(n)
}

func (d *decoder) hasLever(name string) bool {
	return slices.ContainsFunc(d.s.Levers, func(l Lever) bool { return l.Name == name })
}
