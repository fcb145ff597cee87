package random

import "math"

// roomy adds a table of either mode that is far from any limit, and a caller of it.
func (d *draft) roomy(op string, rate float64, more obj) (table string, app obj) {
	if d.chance(0.5) {
		table = d.provisioned(rate*4+100, rate*4+100, rate*8, nil)
	} else {
		table = d.onDemand(rate*3, rate*3, nil)
	}
	app = d.client(table, op, rate, more)
	return table, app
}

func (d *draft) anyOp() string { return d.pick("GetItem", "GetItem", "PutItem", "UpdateItem") }

func (d *draft) clientLatency() {
	_, app := d.roomy(d.anyOp(), d.in(10, 1500), nil)
	d.eyes(app, true, "latency", "calls")
	way, path := timeMS(d.in(60, 400)), "traffic."+app["name"].(string)+".network."
	switch d.IntN(3) {
	case 0:
		d.slower(obj{path + "wait": way}, obj{path + "wait": "0ms"})
	case 1:
		d.slower(obj{path + "rtt": way}, obj{path + "rtt": "2ms"})
	default:
		d.slower(obj{path + "tls": way, path + "new_connections": 0.8}, obj{path + "tls": "4ms", path + "new_connections": 0.01})
	}
	if d.chance(0.3) {
		d.event(begin+d.in(60, 240), obj{"report": obj{"text": "it is slow", "about": "latency", "client": app["name"]}})
	}
	d.is("client", "client", "optimize", begin)
}

func (d *draft) slower(set, back obj) {
	d.event(begin, obj{"set": set})
	d.lever("fix_client", back)
}

func (d *draft) dnsFailure() {
	app := d.chance(0.5)
	_, c := d.roomy(d.anyOp(), d.in(10, 1500), nil)
	d.slo(c)
	c["feed"] = "1s"
	fault := obj{"network": d.brokenWay()}
	target := d.region
	if app {
		fault["where"], target = "app", "client"
	}
	d.here = obj{"network": obj{"new_connections": d.in(0.05, 0.4)}}
	d.event(begin, obj{"fault": fault})
	if d.chance(0.4) {
		d.event(begin+d.in(40, 200), obj{"report": obj{"text": "nothing works", "about": "down", "client": c["name"]}})
	}
	d.is(target, "client", "escalate", begin)
	d.quiet = true
}

func (d *draft) brokenWay() obj {
	switch d.IntN(3) {
	case 0:
		return obj{"connect": "refused"}
	case 1:
		return obj{"connect": "blackhole"}
	}
	return obj{"dns": "nxdomain"}
}

func (d *draft) serviceErrors() {
	_, app := d.roomy(d.anyOp(), d.in(20, 1500), obj{"sdk": obj{"attempts": 2, "base": "25ms", "timeout": "1s"}})
	d.eyes(app, false)
	app["slo"] = obj{"p99": "4x", "success": 0.9999}
	fault := obj{"service": "dynamodb", "error_rate": d.in(0.02, 0.5)}
	if d.chance(0.3) {
		fault["operations"] = []string{app["operation"].(string)}
	}
	d.event(begin, obj{"fault": fault})
	d.is(d.region, "service", "escalate", begin)
}

func (d *draft) serviceLatency() {
	_, app := d.roomy(d.anyOp(), d.in(20, 1500), nil)
	d.eyes(app, false)
	app["slo"] = obj{"p99": "3x", "success": 0.999}
	if d.chance(0.6) {
		d.slo(d.client(app["table"].(string), "Query", d.in(5, 100), obj{"examined": 3, "returned": 3}))
	}
	fault, layer := obj{"service": "dynamodb"}, "slow"
	switch d.IntN(4) {
	case 0:
		fault["latency"] = timeMS(d.in(50, 300))
	case 1:
		fault["latency"], fault["share"], layer = "25x", 0.04, "tail"
	default:
		fault["latency"], fault["share"] = d.pick("10x", "14x", "20x"), 0.7+0.3*d.Float64()
	}
	d.event(begin, obj{"fault": fault})
	d.is(d.region, layer, "escalate", begin)
}

func (d *draft) retryStorm() {
	rate := d.in(50, 1000)
	t := d.onDemand(20*rate, 10*rate, nil)
	app := d.client(t, d.pick("PutItem", "UpdateItem"), rate, obj{"item_bytes": 400})
	d.slo(app)
	app["feed"] = "1s"
	patient := obj{"attempts": 4, "base": "25ms", "timeout": "1s"}
	d.set(app, "sdk", obj{"attempts": 8 + d.IntN(5), "base": "5ms", "timeout": d.pick("4ms", "5ms"), "quota": 0})
	d.is("client", "client", "optimize", begin)
	d.lever("cut_retries", obj{"traffic." + app["name"].(string) + ".sdk": patient})
}

func (d *draft) requestErrors() {
	if d.chance(0.5) {
		_, app := d.roomy(d.anyOp(), d.in(10, 900), nil)
		d.eyes(app, true, "errors", "calls")
		d.set(app, "invalid", d.in(0.05, 0.9))
		d.is(app["table"].(string), "client", "escalate", begin)
		return
	}
	rate := d.in(10, 500)
	t := d.provisioned(rate*4, rate*4, rate*8, obj{"indexes": []obj{{"name": "by-mail", "key": obj{"partition": "mail", "distinct": 600000}, "projection": "all", "read": rate * 4, "write": rate * 4}}})
	app := d.client(t, "Query", rate, obj{"index": "by-mail", "examined": 1, "returned": 1})
	d.eyes(app, true, "errors", "calls")
	d.event(begin, obj{"call": obj{"operation": "UpdateTable", "table": t, "delete_index": "by-mail", "by": "clean-up"}})
	d.is(t, "client", "escalate", begin)
}

func (d *draft) accessDenied() {
	t, app := d.roomy(d.anyOp(), d.in(10, 900), nil)
	d.slo(app)
	app["feed"] = "1s"
	if d.chance(0.3) {
		d.tables[len(d.tables)-1]["customer_kms"] = true
		d.event(begin, obj{"fault": obj{"kms": "disabled", "tables": []string{t}}})
	} else {
		d.event(begin, obj{"fault": obj{"access": "denied", "operations": []string{app["operation"].(string)}, "where": "app"}})
		d.quiet = true
	}
	d.is(t, "client", "escalate", begin)
}

func (d *draft) upstreamDrop() {
	_, app := d.roomy(d.anyOp(), d.in(30, 1500), nil)
	d.eyes(app, true, "calls", "errors")
	d.slo(d.client(app["table"].(string), d.anyOp(), math.Round(d.in(2, 60)), nil))
	d.set(app, "rate", math.Round(app["rate"].(float64)*d.in(0.001, 0.08)))
	layer := "healthy"
	if d.chance(0.5) {
		d.event(begin+d.in(120, 400), obj{"report": obj{"text": "nobody comes", "about": "down", "client": app["name"]}})
		layer = "client"
	}
	d.is("client", layer, "escalate", begin)
}

func (d *draft) credentialsExpired() {
	_, app := d.roomy(d.anyOp(), d.in(10, 900), nil)
	d.slo(app)
	d.event(begin, obj{"fault": obj{"access": "expired", "where": "here"}})
	d.is(d.region, "unknown", "escalate", begin)
	d.quiet = true
}

func (d *draft) monitoringOutage() {
	_, app := d.roomy(d.anyOp(), d.in(10, 900), nil)
	d.eyes(app, false)
	delete(app, "publishes")
	fault := obj{"service": "cloudwatch"}
	switch d.IntN(3) {
	case 0:
		fault["error_rate"] = 1
	case 1:
		fault["delay"] = "20m"
	default:
		fault["results"] = d.pick("empty", "internal")
	}
	d.event(begin, obj{"fault": fault})
	d.is(d.region, "unknown", "escalate", begin)
	d.quiet = true
}
