package world

import "time"

const refusalLatency = time.Duration(refusalTime * float64(time.Second))

// demand is what one request from outside asks of one resource.
type demand struct {
	r     *resource
	s     side
	key   string
	units float64
}

// Admit offers one request from outside the model at the present moment. It draws on the same buckets as the clients and
// shows in the same metrics. An unknown table is a ResourceNotFoundException in the Outcome, an unknown index a
// ValidationException.
func (w *World) Admit(q Request) Outcome {
	t := w.table(q.Table)
	if t == nil {
		w.invalid++
		return refusal("ResourceNotFoundException", "Requested resource not found")
	}
	asks, missing := t.demands(q)
	if missing != "" {
		w.invalid++
		return refusal("ValidationException", "The table does not have the specified index: "+missing)
	}
	o := t.op(q.Operation)
	f := w.Fault(q.From, "dynamodb", q.Operation, q.Table)
	if f.KeyDisabled {
		w.invalid++
		return refusal("AccessDeniedException", "KMS key access denied error: the customer managed key of table "+q.Table+" is disabled.")
	}
	if luck := w.probe.Float64(); luck < f.ErrorRate {
		o.broke(1, f.Injected)
		return Outcome{Exception: f.Code, Message: "The request processing has failed because of an unknown error, exception or failure.", Status: 500, Latency: refusalLatency}
	} else if luck < f.ErrorRate+f.ThrottleRate {
		o.throttled++
		out := refusal("ThrottlingException", "Rate exceeded")
		out.Throttled = true
		return out
	}
	for _, d := range asks {
		why, refused := d.refused(w.probe.Float64())
		if !refused {
			continue
		}
		d.r.use[d.s].events[why]++
		if !q.Part {
			o.throttled++
		}
		return t.throttled(d, why)
	}
	for _, d := range asks {
		d.take()
	}
	times := f.slow(serverTime(q.Operation, float64(q.Bytes), 1))
	if !q.Part {
		o.answered(1, times, float64(q.Returned))
	}
	return Outcome{Latency: seconds(times.quantile(w.probe.Float64())), Status: 200}
}

// demands lists what a request asks of the table and its indexes, the table first; or the name of an index that is not there.
func (t *table) demands(q Request) ([]demand, string) {
	var asks []demand
	if q.ReadUnits > 0 {
		r := t.resource(q.Index)
		if r == nil {
			return nil, q.Index
		}
		asks = append(asks, demand{r, reads, q.PartitionKey, q.ReadUnits})
	}
	if q.WriteUnits > 0 {
		asks = append(asks, demand{t.resources[0], writes, q.PartitionKey, q.WriteUnits})
	}
	for _, i := range q.IndexWrites {
		r := t.resource(i.Index)
		if r == nil || i.Index == "" {
			return nil, i.Index
		}
		if i.Units > 0 {
			asks = append(asks, demand{r, writes, i.PartitionKey, i.Units})
		}
	}
	return asks, ""
}

// refused decides by the luck u in [0, 1): the request shares the fate of the clients' requests at its partition in the last
// second, and beyond that there must be units left.
func (d demand) refused(u float64) (cause, bool) {
	if d.key != "" {
		c := d.r.parts.classOf(d.key)
		if l := c.last[d.s]; l.offered > 0 {
			for k, n := range l.refused {
				if u -= n / l.offered; u < 0 {
					return cause(k), true
				}
			}
		}
		if c.owed[d.s]+d.units > partitionMax[d.s] {
			return causeKeyRange, true
		}
	} else {
		for i := range d.r.parts.classes { // a scan page meets any partition
			c := &d.r.parts.classes[i]
			l := c.last[d.s]
			if l.offered <= 0 {
				continue
			}
			weight := float64(len(c.members)) * (c.hi - c.lo)
			for k, n := range l.refused {
				if u -= weight * n / l.offered; u < 0 {
					return cause(k), true
				}
			}
		}
	}
	for _, l := range d.r.limits[d.s] {
		if !l.has(d.units) {
			return l.cause, true
		}
	}
	return 0, false
}

// take spends the units of a request that nobody refused.
func (d demand) take() {
	if d.key != "" {
		d.r.parts.alone(d.key).owed[d.s] += d.units
	}
	for _, l := range d.r.limits[d.s] {
		l.take(d.units)
	}
	d.r.use[d.s].add(1, d.units)
}

// throttled is AWS's answer to a request that a resource refused.
func (t *table) throttled(d demand, why cause) Outcome {
	o := refusal("ProvisionedThroughputExceededException", "The level of configured provisioned throughput for the table was exceeded. "+
		"Consider increasing your provisioning level with the UpdateTable API.")
	if t.mode == OnDemand {
		o = refusal("ThrottlingException", "Throughput exceeds the current capacity of your table or index.")
	}
	what := "Table"
	if d.r.index != "" {
		what = "Index"
	}
	o.Throttled = true
	o.Reasons = []Reason{{what + d.s.String() + causeReason[why], d.r.arn}}
	return o
}

func refusal(class, message string) Outcome {
	return Outcome{Exception: class, Message: message, Status: 400, Latency: refusalLatency}
}

// CountError records a request from outside that was refused for what it asked ("ConditionalCheckFailedException",
// "ValidationException"), so that the table's and the account's error metrics show it.
func (w *World) CountError(table, code string) {
	if t := w.table(table); t != nil && code == "ConditionalCheckFailedException" {
		t.conditional++
		return
	}
	w.invalid++
}
