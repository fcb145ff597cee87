package random

import (
	"math"
	"time"
)

func timeMS(ms float64) string {
	return (time.Duration(math.Round(ms)) * time.Millisecond).String()
}

// flowing adds a provisioned table with a writer; what leaves it is in more.
func (d *draft) flowing(rate float64, more obj) (table string, app obj) {
	table = d.provisioned(rate*3, rate*3, rate*6, more)
	app = d.client(table, d.pick("PutItem", "UpdateItem"), rate, obj{"item_bytes": 700})
	d.eyes(app, false)
	return table, app
}

func (d *draft) ttlStorm() {
	rate := d.in(50, 900)
	takes := rate * d.in(2, 4)
	over := d.in(600, 1800)
	stream := obj{"consumer": "archiver", "records_per_s": takes, "shards": 8}
	t, _ := d.flowing(rate, obj{"item_bytes": 700, "items": 40000000, "stream": stream})
	d.event(begin, obj{"expire": obj{"table": t, "items": math.Round((takes - rate + 100) * d.in(1.5, 5) * over), "over": length(over)}})
	d.is(t, "healthy", "optimize", begin)
	more := obj{}
	for k, v := range stream {
		more[k] = v
	}
	more["records_per_s"] = takes * 20
	d.lever("scale_consumer", obj{"tables." + t + ".stream": more})
}

func (d *draft) streamLag() {
	rate := d.in(20, 1500)
	t, _ := d.flowing(rate, obj{"item_bytes": 700, "stream": obj{"consumer": "projector", "records_per_s": rate * 4, "shards": 8}})
	if d.chance(0.5) {
		d.event(begin, obj{"set": obj{"tables." + t + ".stream.stuck_shards": 1 + d.IntN(4)}})
	} else {
		d.event(begin, obj{"set": obj{"tables." + t + ".stream.records_per_s": math.Ceil(rate * (0.2 + 0.5*d.Float64()))}})
	}
	d.is(t, "healthy", "escalate", begin)
}

func (d *draft) replicaLag() {
	to := d.pick("eu-west-3", "us-east-2", "ap-northeast-1")
	rate := d.in(100, 1500)
	_, app := d.flowing(rate, obj{"item_bytes": 700, "replicas": []obj{{"region": to, "read": rate * 3, "write": rate * 3}}})
	switch d.IntN(3) {
	case 0:
		d.event(begin, obj{"fault": obj{"replication": obj{"to": to, "stopped": true}}})
	case 1:
		d.event(begin, obj{"fault": obj{"replication": obj{"to": to, "latency": d.pick("20x", "50x")}}})
	default:
		d.event(begin, obj{"set": obj{"tables." + app["table"].(string) + ".replicas." + to + ".write": math.Ceil(rate * (0.1 + 0.2*d.Float64()))}})
	}
	d.is(to, "healthy", "escalate", begin)
}

func (d *draft) kinesisCapture() {
	rate := d.in(100, 1500)
	t, _ := d.flowing(rate, obj{"item_bytes": 700, "kinesis": obj{"stream": "cdc", "records_per_s": rate * 4}})
	path := "tables." + t + ".kinesis."
	switch d.IntN(3) {
	case 0:
		d.event(begin, obj{"set": obj{path + "broken": true}})
	case 1:
		d.event(begin, obj{"set": obj{path + "oversized": d.in(0.05, 0.5)}})
	default:
		d.event(begin, obj{"set": obj{path + "records_per_s": math.Ceil(rate * (0.2 + 0.5*d.Float64()))}})
	}
	d.is(t, "healthy", "escalate", begin)
}
