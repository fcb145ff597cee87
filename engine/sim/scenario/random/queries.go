package random

import "math"

func (d *draft) scanStorm() {
	bytes := d.itemBytes()
	page := math.Floor(1 << 20 / bytes)
	units := math.Ceil(page*bytes/4096) / 2
	scan := obj{"examined": page, "returned": page, "sdk": obj{"attempts": 10, "base": "50ms", "timeout": "5s"}}
	scans := math.Max(1, math.Round(d.in(2, 30)))
	c := scans * units * (0.3 + 0.3*d.Float64())
	own := c * (0.2 + 0.4*d.Float64())
	t := d.provisioned(c, d.in(50, 500), scans*units*2, obj{"item_bytes": bytes})
	app := d.client(t, "GetItem", math.Round(2*own), obj{"noise": obj{"cv": 0.01, "phi": 0.5}})
	d.eyes(app, false)
	export := d.client(t, "Scan", 0, scan)
	export["noise"] = obj{"cv": 0.01, "phi": 0.5}
	d.set(export, "rate", scans)
	d.is(t, "throttled", "optimize", 0.97*burstEnds(begin, math.Ceil(c), scans*units+own))
	name := export["name"].(string)
	d.lever("stop_job", obj{"traffic." + name + ".rate": 0})
}

func (d *draft) filterDrift() {
	bytes := d.in(200, 900)
	from := math.Round(d.in(10, 60))
	to := math.Round(d.in(700, 1000) * 1024 / bytes)
	rate := d.in(8, 90)
	units := math.Ceil(to*bytes/4096) / 2
	more := obj{"examined": from, "returned": math.Round(d.in(2, from)), "noise": obj{"cv": 0.03, "phi": 0.6}}
	var t, target string
	switch {
	case d.chance(0.4):
		t = d.onDemand(rate*units, 0, obj{"item_bytes": bytes, "indexes": []obj{{"name": "by-device", "key": obj{"partition": "device", "sort": "at", "distinct": 90000}, "projection": "all"}}})
		more["index"], target = "by-device", t+"/by-device"
	case d.chance(0.5):
		t = d.onDemand(rate*units, 0, obj{"item_bytes": bytes})
		target = t
	default:
		t = d.provisioned(rate*units*1.6, d.in(100, 2000), rate*units*2, obj{"item_bytes": bytes})
		target = t
	}
	app := d.client(t, "Query", rate, more)
	app["slo"] = obj{"p99": "2x", "success": 0.999}
	if d.chance(0.6) {
		app["feed"] = "1s"
	}
	if d.chance(0.5) {
		d.slo(d.client(t, "PutItem", d.in(5, 90), obj{"item_bytes": bytes}))
	}
	name := "traffic." + app["name"].(string) + ".examined"
	over := obj{"set": obj{name: to}}
	if d.chance(0.7) {
		over["over"] = length(d.in(120, 700))
	}
	d.event(begin, over)
	d.is(target, "slow", "optimize", begin)
	d.lever("roll_back", obj{name: from})
}

func (d *draft) pagination() {
	rate, pages := d.in(5, 300), math.Round(d.in(5, 20))
	examined := math.Round(d.in(10, 80))
	var t string
	if d.chance(0.5) {
		t = d.provisioned(rate*pages*40+500, d.in(100, 1000), 9000, nil)
	} else {
		t = d.onDemand(rate*pages*40, 0, nil)
	}
	app := d.client(t, "Query", rate, obj{"examined": examined, "returned": examined, "pages": 1})
	d.eyes(app, true, "latency", "calls")
	app["slo"] = obj{"p99": "3x", "success": 0.999}
	if d.chance(0.5) {
		d.slo(d.client(t, "PutItem", d.in(1, 80), nil))
	}
	d.set(app, "pages", pages)
	d.is(t, "client", "optimize", begin)
	d.lever("roll_back", obj{"traffic." + app["name"].(string) + ".pages": 1})
}

func (d *draft) largeItems() {
	from, to := d.in(500, 4000), d.in(180000, 350000)
	writes := d.in(1, 4)
	t := d.onDemand(20000, writes*to/1024*1.5, obj{"item_bytes": from, "items": 200000})
	shop := d.client(t, d.pick("UpdateItem", "PutItem"), writes, obj{"item_bytes": from})
	shop["slo"] = obj{"p99": "2x", "success": 0.999}
	view := d.client(t, "GetItem", d.in(5, 60), nil)
	view["slo"] = obj{"p99": "2x", "success": 0.999}
	for _, c := range []obj{shop, view} {
		if d.chance(0.6) {
			c["feed"] = "1s"
		}
	}
	set := func(v float64) obj {
		return obj{"tables." + t + ".item_bytes": v, "traffic." + shop["name"].(string) + ".item_bytes": v}
	}
	d.event(begin, obj{"over": length(d.in(60, 600)), "set": set(to)})
	d.is(t, "slow", "optimize", begin)
	d.lever("roll_back", set(from))
}

func (d *draft) conflicts() {
	rate := d.in(5, 200)
	batch := math.Round(d.in(2, 6))
	t := d.provisioned(d.in(200, 2000), rate*batch*2*3, rate*batch*8, obj{"item_bytes": 700})
	app := d.client(t, "TransactWriteItems", rate, obj{"batch": batch, "item_bytes": 700, "conflicts": d.in(0.001, 0.01)})
	app["slo"] = obj{"success": 0.97}
	d.maybe(app)
	if d.chance(0.6) {
		d.slo(d.client(t, d.pick("GetItem", "Query"), d.in(5, 100), obj{"examined": 1, "returned": 1}))
	}
	d.set(app, "conflicts", d.in(0.12, 0.6))
	d.is(t, "client", "optimize", begin)
	d.lever("limit_client", obj{"traffic." + app["name"].(string) + ".conflicts": 0.004})
}

// maybe gives a caller a feed, metrics, or neither.
func (d *draft) maybe(c obj) {
	switch p := d.Float64(); {
	case p < 0.4:
		c["feed"] = "1s"
	case p < 0.7:
		d.publish(c, "errors", "calls")
	}
}

func (d *draft) conditions() {
	rate := d.in(5, 900)
	t := d.provisioned(d.in(200, 2000), rate*3, rate*4, obj{"item_bytes": 700})
	if d.chance(0.4) {
		d.tables[len(d.tables)-1] = obj{"name": t, "mode": "on_demand", "item_bytes": 700, "items": 800000, "key": obj{"partition": "pk", "distinct": 800000}}
	}
	app := d.client(t, d.pick("PutItem", "UpdateItem"), rate, obj{"item_bytes": 700, "conditional_failures": d.in(0.001, 0.03)})
	app["slo"] = obj{"success": 0.95}
	d.maybe(app)
	d.set(app, "conditional_failures", d.in(0.2, 0.8))
	d.is(t, "client", "optimize", begin)
	d.lever("stop_job", obj{"traffic." + app["name"].(string) + ".conditional_failures": 0.01})
}
