package random

import (
	"fmt"
	"math"
)

// phenomena are what looks alarming and is not.
var phenomena = []func(d *draft){
	(*draft).noisy, (*draft).daily, (*draft).batchWindow, (*draft).coldCaches, (*draft).busyOnDemand, (*draft).buildAtNight,
	(*draft).scalingAtWork, (*draft).lowTraffic, (*draft).stray, (*draft).quietening, (*draft).expiring, (*draft).tidyUp,
}

// calm has one to three tables on which something is going on that hurts nobody.
func (d *draft) calm() {
	d.truth["layer"] = "healthy"
	d.seconds = 3600
	d.quiet = true
	for range 1 + d.IntN(3) {
		phenomena[d.IntN(len(phenomena))](d)
	}
	if d.chance(0.4) {
		at := 600 + 1800*d.Float64()
		d.event(at, obj{"until": length(at + d.in(60, 300)), "fault": obj{"service": "dynamodb", "latency": d.pick("4x", "8x"), "share": d.in(0.001, 0.01)}})
	}
}

// neighbours are other tables, well and busy with themselves.
func (d *draft) neighbours() {
	if d.quiet || !d.chance(0.45) {
		return
	}
	for range 1 + d.IntN(2) {
		phenomena[[...]int{0, 1, 2, 4, 7}[d.IntN(5)]](d)
	}
}

// around is where ddbloop runs, and what its role may not do.
func (d *draft) around() {
	if d.here == nil {
		d.here = obj{}
	}
	if _, ok := d.here["network"]; !ok && d.chance(0.5) {
		d.here["network"] = obj{"rtt": timeMS(d.in(1, 60)), "new_connections": d.in(0.005, 0.05)}
	}
	if d.chance(0.15) {
		d.here["deny"] = []string{d.pick("cloudtrail:LookupEvents", "dynamodb:DescribeContributorInsights", "cloudwatch:DescribeAlarms")}
	}
}

func (d *draft) noisy() {
	rate, reads := d.in(20, 1500), d.in(20, 800)
	t := d.provisioned(reads*2, rate*5, rate*6, obj{"item_bytes": 300})
	w := d.client(t, "PutItem", rate, obj{"item_bytes": 300, "noise": obj{"cv": d.in(0.1, 0.35), "phi": 0.5}, "conditional_failures": d.in(0.001, 0.05)})
	w["slo"] = obj{"p99": "4x", "success": 0.9}
	if d.chance(0.5) {
		w["feed"] = "1s"
	}
	r := d.client(t, "GetItem", reads, obj{"noise": obj{"cv": d.in(0.1, 0.3), "phi": 0.5}, "invalid": 0.0005})
	r["slo"] = obj{"p99": "4x", "success": 0.99}
}

func (d *draft) daily() {
	rate := d.in(10, 2000)
	t := d.provisioned(rate*2, rate*4, rate*8, obj{"item_bytes": 800})
	swing := obj{"swing": d.in(0.2, 0.8), "peak": fmt.Sprintf("%02d:%02d", d.IntN(24), d.IntN(60))}
	d.eyes(d.client(t, "GetItem", rate, obj{"daily": swing}), false)
	d.slo(d.client(t, "UpdateItem", rate/3, obj{"daily": swing, "item_bytes": 800}))
}

func (d *draft) batchWindow() {
	own, batch := d.in(5, 400), d.in(2, 80)
	t := d.provisioned(d.in(100, 2000), own*2+batch*25*1.4, batch*60, obj{"item_bytes": 900})
	d.eyes(d.client(t, "UpdateItem", own, obj{"item_bytes": 900}), false)
	from := 300 + 1200*d.Float64()
	c := d.client(t, "BatchWriteItem", 0, obj{"batch": 25, "item_bytes": 900})
	delete(c, "rate")
	c["shape"] = [][]any{{"0s", 0}, {length(from), 0}, {length(from + 60), batch}, {length(from + 660), batch}, {length(from + 720), 0}}
}

func (d *draft) coldCaches() {
	usual := d.in(20, 900)
	peak := usual * d.in(3, 6)
	t := d.provisioned(usual, d.in(50, 500), peak, obj{"item_bytes": 700})
	// Half a unit a read: 300 s of the capacity that is not used pay for three minutes of what is above it.
	peak = min(peak, 2*usual*1.9)
	from := 300 + 1500*d.Float64()
	c := d.client(t, "GetItem", 0, obj{"noise": obj{"cv": 0.03, "phi": 0.6}})
	delete(c, "rate")
	c["shape"] = [][]any{{"0s", usual}, {length(from), usual}, {length(from + 20), peak}, {length(from + 180), peak}, {length(from + 300), usual}}
	d.eyes(c, false)
}

func (d *draft) busyOnDemand() {
	peak := d.in(2500, 9000)
	t := d.onDemand(0, peak, obj{"item_bytes": 300})
	d.eyes(d.client(t, "PutItem", peak*d.in(1.1, 1.6), obj{"item_bytes": 300}), false)
}

func (d *draft) buildAtNight() {
	rate := d.in(5, 250)
	t := d.provisioned(500, 1500, 3000, obj{"item_bytes": 700})
	d.eyes(d.client(t, "PutItem", rate, obj{"item_bytes": 700}), false)
	d.event(300+900*d.Float64(), obj{"call": obj{
		"operation": "UpdateTable", "table": t, "by": "deploy",
		"create_index": obj{"name": "by-region", "key": obj{"partition": "r", "distinct": 20000}, "projection": "all", "read": 500, "write": 1500, "allocate": "2m", "backfill": "25m"},
	}})
}

func (d *draft) scalingAtWork() {
	rate := d.in(30, 900)
	c := rate * 1.6
	t := d.provisioned(c, c, c*4, obj{"item_bytes": 700, "autoscaling": obj{"write": obj{"min": math.Ceil(c / 3), "max": math.Ceil(c * 6), "target": 70}}})
	w := d.client(t, "PutItem", 0, obj{"item_bytes": 700})
	delete(w, "rate")
	from := 300 + 600*d.Float64()
	w["shape"] = [][]any{{"0s", rate}, {length(from), rate}, {length(from + 1200), rate * d.in(1.3, 2)}}
	d.eyes(w, false)
}

func (d *draft) lowTraffic() {
	rate := d.in(0.05, 2)
	t := d.provisioned(10, 10, 10, nil)
	if d.chance(0.4) {
		d.tables[len(d.tables)-1] = obj{"name": t, "mode": "on_demand", "item_bytes": 700, "items": 8000, "key": obj{"partition": "pk", "distinct": 8000}}
	}
	d.eyes(d.client(t, "GetItem", rate, nil), false)
	d.slo(d.client(t, "PutItem", rate/2, obj{"item_bytes": 500}))
}

// stray is a refusal now and then, which retries absorb.
func (d *draft) stray() {
	t, app := d.roomy(d.anyOp(), d.in(20, 900), nil)
	d.eyes(app, false)
	for range 2 {
		at := 300 + 2400*d.Float64()
		d.event(at, obj{"until": length(at + d.in(20, 120)), "fault": obj{"service": "dynamodb", "tables": []string{t}, "throttle_rate": d.in(0.0002, 0.001)}})
	}
}

// quietening is a day that ends: traffic falls to half or a third within half an hour.
func (d *draft) quietening() {
	rate := d.in(10, 1500)
	_, app := d.roomy(d.anyOp(), rate, nil)
	delete(app, "rate")
	app["shape"] = [][]any{{"0s", rate}, {"10m0s", rate}, {"40m0s", math.Round(rate*d.in(0.35, 0.6)*100) / 100}}
	d.eyes(app, false)
}

// expiring is a table that always deletes a few expired items, with a stream that keeps up.
func (d *draft) expiring() {
	rate := d.in(50, 900)
	t, _ := d.flowing(rate, obj{"item_bytes": 700, "items": 4000000, "stream": obj{"consumer": "indexer", "records_per_s": rate * 8, "shards": 4}})
	d.event(300, obj{"expire": obj{"table": t, "items": math.Round(rate * 900 * d.in(0.05, 0.5)), "over": "25m0s"}})
}

// tidyUp is a capacity that is lowered, with enough left.
func (d *draft) tidyUp() {
	rate := d.in(20, 900)
	t := d.provisioned(rate*4, rate*5, rate*8, obj{"item_bytes": 700})
	d.eyes(d.client(t, "PutItem", rate, obj{"item_bytes": 700}), false)
	d.event(300+900*d.Float64(), obj{"call": obj{"operation": "UpdateTable", "table": t, "write": math.Ceil(rate * 1.6), "by": "cost-tool"}})
}
