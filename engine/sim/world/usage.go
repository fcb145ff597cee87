package world

import (
	"math"

	"github.com/ddbloop/ddbloop/engine/sim/scenario"
)

// usage is one side of a table or index over the minute so far.
type usage struct {
	units, requests float64
	idle            float64 // seconds without a request
	least, most     float64 // units of one request
	events          [causes]float64
}

// add books n requests of so many units each.
func (u *usage) add(n, each float64) {
	if n <= 0 || each <= 0 {
		return
	}
	if u.requests == 0 {
		u.least, u.most = each, each
	}
	u.units += n * each
	u.requests += n
	u.least, u.most = min(u.least, each), max(u.most, each)
}

// capacitySeries are the metrics of one side of a table or index.
type capacitySeries struct {
	consumed, customer, events *series
	cause                      [causes]*series
}

// openSeries makes the resource's series.
func (r *resource) openSeries() {
	st, dims := &r.t.w.store, r.dims()
	for s := range sides {
		c := &r.series[s]
		c.consumed = st.get(Namespace, "Consumed"+s.String()+"CapacityUnits", "Count", minute, dims...)
		if s == writes {
			c.customer = st.get(Namespace, "ConsumedWriteCapacityUnits", "Count", minute, append(dims, Dim{"Source", "Customer"})...)
		}
		c.events = st.get(Namespace, s.String()+"ThrottleEvents", "Count", minute, dims...)
		for k := range causes {
			c.cause[k] = st.get(Namespace, s.String()+causeMetric[k], "Count", minute, dims...)
		}
	}
}

func (r *resource) dims() []Dim {
	dims := []Dim{{"TableName", r.t.spec.Name}}
	if r.index != "" {
		dims = append(dims, Dim{"GlobalSecondaryIndexName", r.index})
	}
	return dims
}

// closeMinute publishes the minute that began at Unix second at. Idle seconds leave zero samples, which pull Average and
// Minimum down and say nothing about requests (developer guide, "DynamoDB metrics and dimensions").
func (r *resource) closeMinute(at int64) {
	events := 0.0
	for s := range sides {
		u, c := &r.use[s], &r.series[s]
		v := sample{at: at, sum: math.Round(u.units*2) / 2, n: math.Round(u.requests) + u.idle, min: u.least, max: u.most}
		if u.idle > 0 {
			v.min = 0
		}
		c.consumed.value(v)
		if c.customer != nil {
			c.customer.value(v)
		}
		total := 0.0
		for k, n := range u.events {
			c.cause[k].count(at, n)
			total += n
		}
		c.events.count(at, total)
		events += total
		r.lastMinute[s] = u.units / minute
		r.ceiling[s].remember(u.units / minute)
		*u = usage{}
	}
	r.closeInsights(at, events)
}

// operation is what CloudWatch knows of one operation on a table, over the minute so far.
type operation struct {
	name      string
	times     mix
	throttled float64
	returned  float64
	least     float64
	most      float64
	failed    float64 // HTTP 500
	injected  float64 // of these, by fault injection

	latency, refused, items, system, induced *series
}

// op returns the table's record of an operation.
func (t *table) op(name string) *operation {
	for _, o := range t.ops {
		if o.name == name {
			return o
		}
	}
	st, dims := &t.w.store, []Dim{{"TableName", t.spec.Name}, {"Operation", name}}
	o := &operation{
		name:    name,
		latency: st.get(Namespace, "SuccessfulRequestLatency", "Milliseconds", minute, dims...),
		refused: st.get(Namespace, "ThrottledRequests", "Count", minute, dims...),
		system:  st.get(Namespace, "SystemErrors", "Count", minute, dims...),
		induced: st.get(Namespace, "FaultInjectionServiceInducedErrors", "Count", minute, dims...),
	}
	if scenario.Examines(name) {
		o.items = st.get(Namespace, "ReturnedItemCount", "Count", minute, dims...)
	}
	t.ops = append(t.ops, o)
	return o
}

// answered books n successful requests.
func (o *operation) answered(n float64, times mix, returned float64) {
	if n <= 0 {
		return
	}
	if o.items != nil {
		if o.times.count() == 0 {
			o.least, o.most = returned, returned
		}
		o.returned += n * returned
		o.least, o.most = min(o.least, returned), max(o.most, returned)
	}
	for _, part := range times {
		part.n *= n
		o.times = o.times.add(part)
	}
}

// broke books n requests that failed in the service.
func (o *operation) broke(n float64, injected bool) {
	o.failed += n
	if injected {
		o.injected += n
	}
}

// closeMinute publishes the minute that began at Unix second at.
func (o *operation) closeMinute(at int64) {
	if n := math.Round(o.times.count()); n > 0 {
		if o.items != nil {
			o.items.value(sample{at: at, sum: math.Round(o.returned), n: n, min: math.Floor(o.least), max: math.Ceil(o.most)})
		}
		o.latency.latency(at, o.times)
	}
	o.refused.count(at, o.throttled)
	o.system.count(at, o.failed)
	o.induced.count(at, o.injected)
	o.times, o.throttled, o.returned, o.failed, o.injected = nil, 0, 0, 0, 0
}

// gauge is a setting that CloudWatch samples each minute and publishes every five.
type gauge struct {
	s   *series
	now func() (float64, bool)
	sum sample
}

// watch adds a gauge.
func (w *World) watch(name, unit string, dims []Dim, now func() (float64, bool)) {
	w.gauges = append(w.gauges, &gauge{s: w.store.get(Namespace, name, unit, fiveMinute, dims...), now: now})
}

// read samples the setting.
func (g *gauge) read() {
	v, ok := g.now()
	if !ok {
		return
	}
	if g.sum.n == 0 {
		g.sum.min, g.sum.max = v, v
	}
	g.sum.sum += v
	g.sum.n++
	g.sum.min, g.sum.max = min(g.sum.min, v), max(g.sum.max, v)
}

// close publishes the five minutes that began at Unix second at.
func (g *gauge) close(at int64) {
	g.sum.at = at
	g.s.value(g.sum)
	g.sum = sample{}
}
