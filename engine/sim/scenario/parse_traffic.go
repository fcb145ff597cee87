package scenario

import (
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

var (
	defaultNetwork = Network{RTT: 2 * time.Millisecond, DNS: time.Millisecond, TLS: 4 * time.Millisecond, NewConnections: 0.01}
	defaultSDK     = SDK{Attempts: 4, Base: 25 * time.Millisecond, Timeout: time.Second, Quota: 500}
	defaultDaily   = Daily{Peak: 20 * time.Hour}
	defaultNoise   = Noise{CV: 0.05, Phi: 0.6}
)

func (d *decoder) clients(n *yaml.Node) {
	taken := map[string]bool{}
	list(d, &d.s.Traffic, func(n *yaml.Node, t *Traffic) { d.client(n, t, taken) })(n)
}

func (d *decoder) client(n *yaml.Node, t *Traffic, taken map[string]bool) {
	*t = Traffic{
		Daily: defaultDaily, Noise: defaultNoise, Keys: Keys{Kind: Uniform},
		ItemBytes: 900, Examined: 1, Returned: 1, Pages: 1, Batch: 1,
		SDK: defaultSDK, Network: defaultNetwork, SLO: SLO{Multiple: 3, Success: 0.999},
	}
	f := d.trafficFields(t)
	f["name"] = d.unique(&t.Name, "clients", taken)
	f["table"] = d.isTable(&t.Table)
	f["slo"] = d.slo(&t.SLO)
	f["feed"] = d.feed(&t.Feed)
	f["publishes"] = d.publishes(&t.Publishes)
	seen := d.object(n, f, "name", "table", "operation")
	if seen == nil {
		return
	}
	d.oneOf(n, seen, "rate", "shape", "trace")
	if Examines(t.Operation) {
		if seen["examined"] == nil {
			t.Examined = 50
		}
		if seen["returned"] == nil {
			t.Returned = min(5, t.Examined)
		}
	}
	d.clientMakesSense(n, t, seen)
}

// clientMakesSense checks the members of a client against each other.
func (d *decoder) clientMakesSense(n *yaml.Node, t *Traffic, seen map[string]*yaml.Node) {
	at := func(name string) *yaml.Node {
		if seen[name] != nil {
			return seen[name]
		}
		return n
	}
	d.isIndex(seen["index"], t.Table, t.Index)
	if t.Index != "" && t.Operation != "" && !Examines(t.Operation) {
		d.fail(at("index"), "%s does not use an index: only Query, Scan and ExecuteStatement do", t.Operation)
	}
	if t.Index != "" && t.Consistent {
		d.fail(at("consistent"), "a global secondary index is never read consistently")
	}
	if t.Returned > t.Examined && seen["returned"] != nil && Examines(t.Operation) {
		d.fail(at("returned"), "returned is above examined: a call gets no item that it did not read")
	}
	most := map[string]float64{"BatchGetItem": 100, "BatchWriteItem": 25, "TransactGetItems": 100, "TransactWriteItems": 100}[t.Operation]
	if t.Operation != "" && t.Batch > max(1, most) {
		d.fail(at("batch"), "%s takes at most %s items a call", t.Operation, plain(max(1, most)))
	}
	if !Writes(t.Operation) && t.ConditionalFailures > 0 {
		d.fail(at("conditional_failures"), "only writes have conditions")
	}
	for _, name := range []string{"index_keys", "index_writes"} {
		if node := seen[name]; node != nil {
			d.indexNames(node, t.Table)
		}
	}
}

// indexNames checks the names in a mapping by index.
func (d *decoder) indexNames(n *yaml.Node, table string) {
	if n.Kind == yaml.MappingNode {
		for i := 0; i+1 < len(n.Content); i += 2 {
			if key := n.Content[i]; namePattern.MatchString(key.Value) {
				d.isIndex(key, table, key.Value)
			}
		}
	}
}

// trafficFields are those of a client that a set may change too.
func (d *decoder) trafficFields(t *Traffic) fields {
	return fields{
		"operation":            choice(d, &t.Operation, Operations()...),
		"index":                d.name(&t.Index),
		"rate":                 func(n *yaml.Node) { t.Demand = Demand{}; d.number(&t.Demand.Rate, 0, maxNumber)(n) },
		"shape":                d.shape(&t.Demand),
		"trace":                d.trace(&t.Demand),
		"daily":                d.daily(&t.Daily),
		"noise":                d.noise(&t.Noise),
		"keys":                 d.keys(&t.Keys),
		"index_keys":           func(n *yaml.Node) { byIndex(d, &t.IndexKeys, n, d.keys) },
		"index_writes":         func(n *yaml.Node) { byIndex(d, &t.IndexWrites, n, d.indexWrites) },
		"item_bytes":           d.number(&t.ItemBytes, 1, 400<<10),
		"consistent":           d.boolean(&t.Consistent),
		"examined":             d.number(&t.Examined, 0, maxNumber),
		"returned":             d.number(&t.Returned, 0, maxNumber),
		"pages":                d.number(&t.Pages, 1, 100_000),
		"batch":                d.number(&t.Batch, 1, 100),
		"conditional_failures": d.share(&t.ConditionalFailures),
		"conflicts":            d.share(&t.Conflicts),
		"invalid":              d.share(&t.Invalid),
		"sdk":                  d.sdk(&t.SDK),
		"network":              d.network(&t.Network),
	}
}

// byIndex reads a mapping from index names.
func byIndex[V any](d *decoder, dst *map[string]V, n *yaml.Node, read func(*V) func(n *yaml.Node)) {
	*dst = map[string]V{}
	d.mapping(n, func(key, value *yaml.Node) {
		var name string
		var v V
		d.name(&name)(key)
		read(&v)(value)
		(*dst)[name] = v
	})
}

func (d *decoder) indexWrites(dst *float64) func(n *yaml.Node) { return d.number(dst, 0, 1000) }

func (d *decoder) shape(dst *Demand) func(n *yaml.Node) {
	return func(n *yaml.Node) {
		var points []Point
		d.items(func(c *yaml.Node) {
			var p Point
			if c.Kind != yaml.SequenceNode || len(c.Content) != 2 {
				d.fail(c, "expected a point such as [10m, 3000], got %s", describe(c))
				return
			}
			d.duration(&p.At, 0, maxDuration)(c.Content[0])
			d.number(&p.Rate, 0, maxNumber)(c.Content[1])
			if len(points) > 0 && p.At < points[len(points)-1].At {
				d.fail(c.Content[0], "a shape's times go up: %s is before the last one", p.At)
			}
			points = append(points, p)
		})(n)
		if n.Kind == yaml.SequenceNode && len(n.Content) == 0 {
			d.fail(n, "expected at least one point such as [0s, 1200]")
		}
		*dst = Demand{Points: points}
	}
}

func (d *decoder) daily(dst *Daily) func(n *yaml.Node) {
	return func(n *yaml.Node) {
		*dst = defaultDaily
		d.object(n, fields{"swing": d.share(&dst.Swing), "peak": d.clock(&dst.Peak)})
	}
}

// clock reads a time of day.
func (d *decoder) clock(dst *time.Duration) func(n *yaml.Node) {
	return func(n *yaml.Node) {
		v, err := time.Parse("15:04", n.Value)
		if n.Kind != yaml.ScalarNode || err != nil {
			d.fail(n, `expected a time of day such as "20:00", got %s`, describe(n))
			return
		}
		*dst = time.Duration(v.Hour())*time.Hour + time.Duration(v.Minute())*time.Minute
	}
}

func (d *decoder) noise(dst *Noise) func(n *yaml.Node) {
	return func(n *yaml.Node) {
		*dst = defaultNoise
		d.object(n, fields{"cv": d.number(&dst.CV, 0, 5), "phi": d.number(&dst.Phi, 0, 0.999)})
	}
}

func (d *decoder) keys(dst *Keys) func(n *yaml.Node) {
	return func(n *yaml.Node) {
		k := Keys{Kind: Uniform, Keys: 1}
		var yes bool
		seen := d.object(n, fields{
			"uniform": d.boolean(&yes), "rising": d.boolean(&yes), "zipf": d.number(&k.S, 0, 10),
			"hot": func(n *yaml.Node) {
				d.object(n, fields{"share": d.share(&k.Share), "keys": d.count(&k.Keys, 1, 1e9)}, "share")
			},
		})
		switch which := d.oneOf(n, seen, "uniform", "zipf", "hot", "rising"); which {
		case "zipf":
			*dst = Keys{Kind: Zipf, S: k.S}
		case "hot":
			*dst = Keys{Kind: Hot, Share: k.Share, Keys: k.Keys}
		case "uniform", "rising":
			if node := seen[which]; node.Tag == "!!bool" && !yes {
				d.fail(node, "expected %s: true, got false", which)
			}
			*dst = Keys{Kind: map[string]KeyKind{"uniform": Uniform, "rising": Rising}[which]}
		}
	}
}

func (d *decoder) sdk(dst *SDK) func(n *yaml.Node) {
	return func(n *yaml.Node) {
		*dst = defaultSDK
		d.object(n, fields{
			"attempts": d.count(&dst.Attempts, 1, 1000), "quota": d.count(&dst.Quota, 0, 1_000_000),
			"base":    d.duration(&dst.Base, 0, time.Minute),
			"timeout": d.duration(&dst.Timeout, time.Millisecond, 10*time.Minute),
		})
	}
}

func (d *decoder) network(dst *Network) func(n *yaml.Node) {
	return func(n *yaml.Node) {
		*dst = defaultNetwork
		d.object(n, fields{
			"wait": d.duration(&dst.Wait, 0, time.Minute), "rtt": d.duration(&dst.RTT, 0, time.Minute),
			"dns": d.duration(&dst.DNS, 0, time.Minute), "tls": d.duration(&dst.TLS, 0, time.Minute),
			"new_connections": d.share(&dst.NewConnections),
		})
	}
}

func (d *decoder) slo(dst *SLO) func(n *yaml.Node) {
	return func(n *yaml.Node) {
		p99 := Latency{Times: dst.Multiple}
		d.object(n, fields{"p99": d.latency(&p99), "success": d.share(&dst.Success)})
		dst.P99, dst.Multiple = p99.Added, p99.Times
		if p99.Added > 0 {
			dst.Multiple = 0
		}
	}
}

func (d *decoder) feed(dst *time.Duration) func(n *yaml.Node) {
	return func(n *yaml.Node) {
		word := "off"
		choice(d, &word, "off", "1s")(n)
		if word == "1s" {
			*dst = time.Second
		}
	}
}

// publishes reads one metric or a list of them.
func (d *decoder) publishes(dst *[]Publish) func(n *yaml.Node) {
	one := func(n *yaml.Node, p *Publish) {
		seen := d.object(n, fields{
			"namespace":  d.match(&p.Namespace, namespacePattern, "a CloudWatch namespace"),
			"metric":     d.text(&p.Metric, 255),
			"dimensions": d.dimensions(&p.Dimensions),
			"what":       choice(d, &p.What, "latency", "calls", "attempts", "errors"),
		}, "namespace", "metric", "what")
		if node := seen["namespace"]; node != nil && strings.HasPrefix(p.Namespace, "AWS/") {
			d.fail(node, "namespaces under AWS/ are Amazon's own")
		}
	}
	return func(n *yaml.Node) {
		if n.Kind == yaml.MappingNode {
			*dst = make([]Publish, 1)
			one(n, &(*dst)[0])
			return
		}
		list(d, dst, one)(n)
	}
}

func (d *decoder) dimensions(dst *map[string]string) func(n *yaml.Node) {
	return func(n *yaml.Node) {
		*dst = map[string]string{}
		d.mapping(n, func(key, value *yaml.Node) {
			var name, v string
			d.text(&name, 255)(key)
			d.text(&v, 1024)(value)
			(*dst)[name] = v
		})
		if len(*dst) > 30 {
			d.fail(n, "a metric has at most 30 dimensions")
		}
	}
}

func (d *decoder) hasClient(name string) bool {
	return slices.ContainsFunc(d.s.Traffic, func(t Traffic) bool { return t.Name == name })
}
