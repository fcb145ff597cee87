package main

import (
	"cmp"
	"slices"
	"time"

	"github.com/ddbloop/ddbloop/engine"
	ddbaws "github.com/ddbloop/ddbloop/engine/aws"
	"github.com/ddbloop/ddbloop/engine/price"
	"github.com/ddbloop/ddbloop/engine/signal"
	"github.com/ddbloop/ddbloop/engine/source"
	"github.com/ddbloop/ddbloop/history"
)

// ownMetrics turns what a team told of its own metrics into what the poller asks for.
func ownMetrics(list []engine.OwnMetric) []source.OwnMetric {
	var out []source.OwnMetric
	for _, m := range list {
		target := m.Table
		if m.Index != "" {
			target += "/" + m.Index
		}
		var dims []ddbaws.Dimension
		for name, value := range m.Dimensions {
			dims = append(dims, ddbaws.Dimension{Name: name, Value: value})
		}
		slices.SortFunc(dims, func(a, b ddbaws.Dimension) int { return cmp.Compare(a.Name, b.Name) })
		out = append(out, source.OwnMetric{
			Target: target, Op: m.Client, Dimensions: dims,
			Signal: signal.Signal{
				Name: m.Signal, Unit: m.Unit, Source: signal.Own, Period: cmp.Or(m.Period, time.Minute), Namespace: m.Namespace,
				Metric: m.Metric, Stat: m.Stat, Times: m.Times, PerSecond: m.Unit == "/s", Zero: m.Zero,
			},
		})
	}
	return out
}

// prices are what the calls that measure cost in a Region; nil where the list price is not known.
func prices(region string) *history.Prices {
	metric, okM := price.Of(region, price.MetricData)
	unit, okU := price.Of(region, price.OnDemandRead)
	if !okM || !okU {
		return nil
	}
	return &history.Prices{Metric: metric.USD, ReadUnit: unit.USD}
}

// named are the team's own signals as the journal keeps them: what a later reader needs to know of their names.
func named(list []engine.OwnMetric) []history.OwnSignal {
	var out []history.OwnSignal
	for _, m := range list {
		if _, known := signal.Find(m.Signal); known {
			continue // the catalogue's own name for what callers publish
		}
		target := m.Table
		if m.Index != "" {
			target += "/" + m.Index
		}
		out = append(out, history.OwnSignal{Name: m.Signal, Unit: m.Unit, Target: target, Help: m.Namespace + " " + m.Metric + ", " + m.Stat})
	}
	return out
}
