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
		if sets, err := m.c.List.ListMetrics(ctx, lambdaNamespace, "IteratorAge"); err == nil {
			for _, dims := range sets {
				if len(dims) == 1 && dims[0].Name == "FunctionName" && len(list[signal.Function]) < maxFunctions {
					list[signal.Function] = append(list[signal.Function], found{op: dims[0].Value, dims: dims})
				}
			}
		}
	}
	if sets, err := m.c.List.ListMetrics(ctx, namespace, "AgeOfOldestUnreplicatedRecord"); err == nil {
		for _, dims := range sets {
			x := found{dims: dims}
			for _, d := range dims {
				switch d.Name {
				case "TableName":
					x.table = d.Value
				case "DelegatedOperation":
					x.op = d.Value
				}
			}
			if slices.Contains(m.c.Tables, x.table) {
				list[signal.Capture] = append(list[signal.Capture], x)
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
