package world

import (
	"fmt"
	"time"
)

// Control-plane calls are recorded by CloudTrail and found by LookupEvents about five minutes later (CloudTrail user guide,
// "typically within an average of about 5 minutes"); from three to eight is a guess.
const (
	trailSoonest = 3 * time.Minute
	trailSpread  = 5 * time.Minute
)

// AutoScalingUser is the principal under which Application Auto Scaling changes capacity.
const AutoScalingUser = "AWSServiceRoleForApplicationAutoScaling_DynamoDBTable"

// record notes a call, accepted or refused.
func (w *World) record(at time.Duration, source, name, by, region, table string, request map[string]any, err error) {
	n := int64(len(w.trail))
	a, b := mixBits(w.seed^hash("trail")^uint64(n)), mixBits(uint64(n)+hash(name))
	if region == "" {
		region = w.sc.Region
	}
	e := TrailEvent{
		ID: fmt.Sprintf("%08x-%04x-4%03x-9%03x-%012x", uint32(a), uint16(a>>32), uint16(a>>48)&0xfff, uint16(b>>48)&0xfff, b&0xffffffffffff),
		At: w.start.Add(at), Region: region, Name: name, Source: source + ".amazonaws.com", User: by, Table: table, Request: request,
	}
	late := trailSoonest + time.Duration(draw(w.seed, hash("trail"), n, 1)*float64(trailSpread))
	e.Shown = e.At.Add(late.Round(time.Second))
	if refused, ok := err.(*Error); ok && refused != nil { //nolint:errorlint // the world's errors are never wrapped
		e.Error = refused.Code
	}
	w.trail = append(w.trail, e)
}

// Trail lists the control-plane calls so far, oldest first; CloudTrail shows each from its Shown on.
func (w *World) Trail() []TrailEvent { return w.trail }

// requestOf is what an UpdateTable asked for, as CloudTrail writes it.
func requestOf(u TableUpdate) map[string]any {
	m := map[string]any{"tableName": u.Table}
	if u.Mode != "" {
		m["billingMode"] = map[Mode]string{Provisioned: "PROVISIONED", OnDemand: "PAY_PER_REQUEST"}[u.Mode]
	}
	pair := func(t Throughput, read, write string) map[string]any {
		return map[string]any{read: t.Read, write: t.Write}
	}
	settings := func(m map[string]any, p, limit, warm *Throughput) {
		if p != nil {
			m["provisionedThroughput"] = pair(*p, "readCapacityUnits", "writeCapacityUnits")
		}
		if limit != nil {
			m["onDemandThroughput"] = pair(*limit, "maxReadRequestUnits", "maxWriteRequestUnits")
		}
		if warm != nil {
			m["warmThroughput"] = pair(*warm, "readUnitsPerSecond", "writeUnitsPerSecond")
		}
	}
	settings(m, u.Provisioned, u.Max, u.Warm)
	var indexes []any
	for _, i := range u.Indexes {
		one := map[string]any{"indexName": i.Name}
		settings(one, i.Provisioned, i.Max, i.Warm)
		indexes = append(indexes, map[string]any{"update": one})
	}
	if u.CreateIndex != nil {
		indexes = append(indexes, map[string]any{"create": map[string]any{"indexName": u.CreateIndex.Name}})
	}
	if u.DeleteIndex != "" {
		indexes = append(indexes, map[string]any{"delete": map[string]any{"indexName": u.DeleteIndex}})
	}
	if indexes != nil {
		m["globalSecondaryIndexUpdates"] = indexes
	}
	return m
}
