package scenario

import (
	"cmp"
	"slices"
	"time"

	"go.yaml.in/yaml/v3"
)

func (d *decoder) fault(n *yaml.Node) *Fault {
	f := &Fault{Where: WhereBoth, Code: "InternalServerError", Latency: Latency{Times: 1}, Share: 1}
	kms := ""
	var operations []*yaml.Node // read when the service is known
	seen := d.object(n, fields{
		"where":         choice(d, &f.Where, WhereApp, WhereHere, WhereBoth),
		"service":       choice(d, &f.Service, services...),
		"operations":    list(d, &operations, func(n *yaml.Node, v **yaml.Node) { *v = n }),
		"tables":        list(d, &f.Tables, func(n *yaml.Node, v *string) { d.isTable(v)(n) }),
		"error_rate":    d.share(&f.ErrorRate),
		"code":          d.match(&f.Code, codePattern, "an error code such as InternalServerError"),
		"throttle_rate": d.share(&f.ThrottleRate),
		"latency":       d.latency(&f.Latency),
		"share":         d.share(&f.Share),
		"injected":      d.boolean(&f.Injected),
		"results":       choice(d, &f.Results, "partial", "internal", "empty"),
		"delay":         d.duration(&f.Delay, time.Second, 24*time.Hour),
		"network":       func(n *yaml.Node) { f.Network = d.networkFault(n) },
		"access":        choice(d, &f.Access, "denied", "expired"),
		"kms":           choice(d, &kms, "disabled"),
		"replication":   func(n *yaml.Node) { f.Replication = d.replicationFault(n) },
		"skew":          d.duration(&f.Skew, -24*time.Hour, 24*time.Hour),
	})
	f.KMS = kms != ""
	for _, node := range operations {
		if node.Kind != yaml.ScalarNode || !slices.Contains(faultable(f.Service), node.Value) {
			d.fail(node, "expected an operation of %s such as Query or GetMetricData, got %s", cmp.Or(f.Service, "AWS"), describe(node))
		}
		f.Operations = append(f.Operations, node.Value)
	}
	if what := d.oneOf(n, seen, "service", "network", "access", "kms", "replication", "skew"); what != "" {
		d.faultMakesSense(n, f, what, seen)
	}
	return f
}

var faultMembers = map[string][]string{
	"service": {
		"operations", "tables", "error_rate", "code", "throttle_rate", "latency", "share", "injected", "results", "delay",
	},
	"access": {"operations"},
	"kms":    {"tables"},
}

func (d *decoder) faultMakesSense(n *yaml.Node, f *Fault, what string, seen map[string]*yaml.Node) {
	for name, node := range seen {
		if name != what && name != "where" && !slices.Contains(faultMembers[what], name) {
			d.fail(node, "a fault of %s has no %s", what, name)
		}
	}
	if node := seen["skew"]; node != nil && f.Skew == 0 {
		d.fail(node, "a skew of nothing is no fault")
	}
	if what != "service" {
		return
	}
	for _, name := range []string{"results", "delay"} {
		if node := seen[name]; node != nil && f.Service != "" && f.Service != "cloudwatch" {
			d.fail(node, "only cloudwatch has %s", name)
		}
	}
	if f.Service != "dynamodb" && f.Service != "" && seen["tables"] != nil {
		d.fail(seen["tables"], "%s is not told apart by table", f.Service)
	}
	effects := []string{"error_rate", "throttle_rate", "latency", "results", "delay"}
	if !slices.ContainsFunc(effects, func(e string) bool { return seen[e] != nil }) {
		d.fail(n, "the fault does nothing: expected error_rate, throttle_rate, latency, results or delay")
	}
	if seen["code"] != nil && seen["error_rate"] == nil {
		d.fail(seen["code"], "code belongs to error_rate")
	}
	if seen["share"] != nil && seen["latency"] == nil {
		d.fail(seen["share"], "share belongs to latency")
	}
	if f.ErrorRate+f.ThrottleRate > 1 {
		d.fail(n, "error_rate and throttle_rate are more than all requests")
	}
}

func (d *decoder) networkFault(n *yaml.Node) *NetworkFault {
	f := &NetworkFault{}
	reset := ""
	seen := d.object(n, fields{
		"dns": func(n *yaml.Node) {
			if f.NXDomain = n.Value == "nxdomain"; !f.NXDomain {
				d.duration(&f.DNS, time.Millisecond, time.Hour)(n)
			}
		},
		"connect": choice(d, &f.Connect, "refused", "blackhole"),
		"loss":    d.share(&f.Loss),
		"reset":   choice(d, &reset, "after_apply"),
		"drip":    d.number(&f.Drip, 1, maxNumber),
	})
	f.ResetAfter = reset != ""
	if seen != nil && len(seen) == 0 {
		d.fail(n, "expected dns, connect, loss, reset or drip")
	}
	return f
}

func (d *decoder) replicationFault(n *yaml.Node) *ReplicationFault {
	f := &ReplicationFault{Latency: Latency{Times: 1}}
	seen := d.object(n, fields{
		"to":      d.match(&f.To, regionPattern, "a replica's region"),
		"latency": d.latency(&f.Latency),
		"stopped": d.boolean(&f.Stopped),
	}, "to")
	d.oneOf(n, seen, "latency", "stopped")
	if node := seen["to"]; node != nil && f.To != "" && !d.hasReplica(f.To) {
		d.fail(node, "no table has a replica in %s", f.To)
	}
	return f
}

func (d *decoder) hasReplica(region string) bool {
	return slices.ContainsFunc(d.s.Tables, func(t Table) bool {
		return slices.ContainsFunc(t.Replicas, func(r Replica) bool { return r.Region == region })
	})
}
