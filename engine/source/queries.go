package source

import (
	"fmt"
	"slices"
	"strings"
	"time"

	ddbaws "github.com/ddbloop/ddbloop/engine/aws"
	"github.com/ddbloop/ddbloop/engine/signal"
	"github.com/ddbloop/ddbloop/history"
)

// The namespaces of the catalogue.
const (
	namespace       = "AWS/DynamoDB"
	lambdaNamespace = "AWS/Lambda"
)

// usualOps are the operations asked for where the configuration names none. Asking for one that nobody uses costs little and
// sees at once when somebody begins to.
var usualOps = []string{"GetItem", "Query", "Scan", "PutItem", "UpdateItem", "DeleteItem", "BatchGetItem", "BatchWriteItem", "TransactWriteItems", "TransactGetItems", "ExecuteStatement"}

// asked is one series of the catalogue on one target.
type asked struct {
	signal signal.Signal
	key    history.SeriesKey
	query  ddbaws.MetricQuery
}

// OwnMetric is a metric that an application publishes about itself.
type OwnMetric struct {
	Signal string // client_calls, client_latency_p99 … of the catalogue
	Target string // table or table/index
	Client string
	Query  ddbaws.MetricQuery // namespace, metric, dimensions, statistic
}

// wanted is what a poll asks for: the tables with what is known of them, and what was found besides.
type wanted struct {
	tables   []string
	snapshot func(string) (history.TableSnapshot, bool)
	ops      []string
	own      []OwnMetric
	found    map[signal.Scope][]found
}

// found is a set of dimensions that ListMetrics told of: no other call knows it.
type found struct {
	table string // "" for a function
	op    string
	dims  []ddbaws.Dimension
}

// plan lists every CloudWatch series of the tables, in a fixed order. CloudWatch adds nothing up over a missing dimension, so
// each index is asked for by itself; the lists of tables and indexes come from DescribeTable, never from ListMetrics, which
// forgets and is late.
func plan(w wanted) []asked {
	var out []asked
	for _, s := range signal.All {
		if s.Source != signal.CloudWatch {
			continue
		}
		add := func(target, op string, dims ...ddbaws.Dimension) {
			q := ddbaws.MetricQuery{Namespace: namespace, Metric: s.Metric, Stat: s.Stat, Period: s.Period, Dimensions: dims}
			if s.Scope == signal.Function {
				q.Namespace = lambdaNamespace
			}
			out = append(out, asked{signal: s, key: history.SeriesKey{Signal: s.Name, Target: target, Op: op}, query: q})
		}
		switch s.Scope {
		case signal.Account:
			add("", "")
		case signal.Function, signal.Capture:
			for _, x := range w.found[s.Scope] {
				add(x.table, x.op, x.dims...)
			}
		default:
			for _, t := range w.tables {
				w.table(s, t, add)
			}
		}
	}
	for _, o := range w.own {
		s, _ := signal.Find(o.Signal)
		s.Period, s.PerSecond, s.Zero = time.Minute, s.Unit == "/s", s.Unit == "/s"
		out = append(out, asked{signal: s, key: history.SeriesKey{Signal: o.Signal, Target: o.Target, Op: o.Client}, query: o.Query})
	}
	for i := range out {
		out[i].query.ID = fmt.Sprintf("q%d", i)
	}
	return out
}

// table adds what one signal asks of one table.
func (w wanted) table(s signal.Signal, t string, add func(target, op string, dims ...ddbaws.Dimension)) {
	table := ddbaws.Dimension{Name: "TableName", Value: t}
	snap, known := w.snapshot(t)
	switch s.Scope {
	case signal.TableOp:
		for _, op := range w.ops {
			if s.Ops == nil || slices.Contains(s.Ops, op) {
				add(t, op, table, ddbaws.Dimension{Name: "Operation", Value: op})
			}
		}
		return
	case signal.Replica:
		for _, region := range snap.Replicas {
			add(t, region, table, ddbaws.Dimension{Name: "ReceivingRegion", Value: region})
		}
		return
	case signal.Building:
	default:
		add(t, "", table)
	}
	if !known || s.Scope == signal.Table {
		return
	}
	for _, i := range snap.Indexes {
		if s.Scope == signal.Building && i.Status == "ACTIVE" {
			continue
		}
		add(t+"/"+i.Name, "", table, ddbaws.Dimension{Name: "GlobalSecondaryIndexName", Value: i.Name})
	}
}

// measured turns CloudWatch's value into the catalogue's unit: a count of a period into a rate per second.
func (a asked) measured(v float64) float64 {
	if a.signal.PerSecond {
		return v / a.signal.Period.Seconds()
	}
	return v
}

func (a asked) period() int64 { return int64(a.signal.Period / time.Second) }

// billed counts metrics as AWS bills them: up to five statistics of one metric in one request are one.
func billed(list []asked) int {
	stats := map[string]int{}
	for _, a := range list {
		var dims []string
		for _, d := range a.query.Dimensions {
			dims = append(dims, d.Name+"="+d.Value)
		}
		slices.Sort(dims)
		stats[a.query.Metric+"|"+strings.Join(dims, "|")]++
	}
	n := 0
	for _, s := range stats {
		n += (s + 4) / 5
	}
	return n
}
