package main

import (
	"cmp"
	"slices"
	"time"

	"github.com/ddbloop/ddbloop/engine"
	ddbaws "github.com/ddbloop/ddbloop/engine/aws"
	"github.com/ddbloop/ddbloop/engine/source"
)

// ownMetrics turns what a team told of its callers' metrics into what the poller asks for.
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
		add := func(signal, stat string) {
			out = append(out, source.OwnMetric{Signal: signal, Target: target, Client: m.Client, Query: ddbaws.MetricQuery{
				Namespace: m.Namespace, Metric: m.Metric, Dimensions: dims, Stat: stat, Period: time.Minute,
			}})
		}
		if m.What == "latency" {
			add("client_latency_p50", "p50")
			add("client_latency_p99", "p99")
		} else {
			add("client_"+m.What, "Sum")
		}
	}
	return out
}
