package source

import (
	"cmp"
	"context"
	"slices"
	"time"

	ddbaws "github.com/ddbloop/ddbloop/engine/aws"
	"github.com/ddbloop/ddbloop/engine/signal"
)

// MetricLister finds the dimensions under which a metric is published.
type MetricLister interface {
	ListMetrics(ctx context.Context, namespace, metric string) ([][]ddbaws.Dimension, error)
}

// lookEvery is how often ListMetrics is asked. It learns of a new series within a quarter of an hour itself.
const lookEvery = 10 * time.Minute

// maxFunctions bounds how many functions are polled: an account may have thousands.
const maxFunctions = 50

// look asks ListMetrics for what DescribeTable does not tell: which functions read streams, and under which name a table's
// change capture is counted. Nothing else waits for it; a refusal leaves those series out.
func (m *Metrics) look(ctx context.Context) {
	now := m.c.Clock.Now()
	if m.c.List == nil || !m.looked.IsZero() && now.Sub(m.looked) < lookEvery {
		return
	}
	streams := slices.ContainsFunc(m.c.Tables, func(t string) bool {
		snap, ok := m.c.Snapshot(t)
		return ok && snap.Stream
	})
	if !streams && m.looked.IsZero() {
		if _, ok := m.c.Snapshot(m.c.Tables[0]); !ok {
			return // no table has been described yet
		}
	}
	m.looked = now
	list := map[signal.Scope][]found{}
	if streams {
		for _, dims := range m.listed(ctx, "iterator_age") {
			if len(dims) == 1 && dims[0].Name == "FunctionName" && len(list[signal.Function]) < maxFunctions {
				list[signal.Function] = append(list[signal.Function], found{op: dims[0].Value, dims: dims})
			}
		}
	}
	for scope, by := range map[signal.Scope]struct{ name, dimension string }{
		signal.Capture: {"kinesis_age", "DelegatedOperation"}, signal.Vector: {"vector_search_bytes", "VectorIndexName"},
	} {
		for _, dims := range m.listed(ctx, by.name) {
			x := found{dims: dims}
			for _, d := range dims {
				switch d.Name {
				case "TableName":
					x.table = d.Value
				case by.dimension:
					x.op = d.Value
				}
			}
			if slices.Contains(m.c.Tables, x.table) {
				list[scope] = append(list[scope], x)
			}
		}
	}
	for _, l := range list {
		slices.SortFunc(l, func(a, b found) int { return cmp.Or(cmp.Compare(a.table, b.table), cmp.Compare(a.op, b.op)) })
	}
	if len(list) > 0 || m.found == nil {
		m.found = list
	}
}

// listed asks under which dimensions a signal's metric is published; a refusal is as good as none.
func (m *Metrics) listed(ctx context.Context, name string) [][]ddbaws.Dimension {
	s, _ := signal.Find(name)
	sets, err := m.c.List.ListMetrics(ctx, s.Namespace, s.Metric)
	if err != nil {
		return nil
	}
	return sets
}
