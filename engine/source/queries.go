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

// usualOps are the operations asked for where the configuration names none. Asking for one that nobody uses costs little and
// sees at once when somebody begins to.
var usualOps = []string{"GetItem", "Query", "Scan", "PutItem", "UpdateItem", "DeleteItem", "BatchGetItem", "BatchWriteItem", "TransactWriteItems", "TransactGetItems", "ExecuteStatement"}

// asked is one series of the catalogue, or of the team's own, on one target.
type asked struct {
	signal signal.Signal
	key    history.SeriesKey
	query  ddbaws.MetricQuery
	bill   string // what AWS bills as one: a metric with its dimensions and period, whatever statistics of it are asked for
}

// OwnMetric is a CloudWatch metric of the team's own. Its signal says how to ask for it.
type OwnMetric struct {
	Signal     signal.Signal
	Target     string // table or table/index
	Op         string // client; "" = none
	Dimensions []ddbaws.Dimension
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
			q := ddbaws.MetricQuery{Namespace: s.Namespace, Metric: s.Metric, Stat: s.Stat, Period: s.Period, Dimensions: dims}
			out = append(out, asked{signal: s, key: history.SeriesKey{Signal: s.Name, Target: target, Op: op}, query: q})
		}
		switch s.Scope {
		case signal.Account:
			add("", "")
		case signal.Usage:
			add("", "", ddbaws.Dimension{Name: "Class", Value: "None"}, ddbaws.Dimension{Name: "Resource", Value: s.Resource},
				ddbaws.Dimension{Name: "Service", Value: "DynamoDB"}, ddbaws.Dimension{Name: "Type", Value: "Resource"})
		case signal.Function, signal.Capture, signal.Vector:
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
		s := o.Signal
		out = append(out, asked{signal: s, key: history.SeriesKey{Signal: s.Name, Target: o.Target, Op: o.Op}, query: ddbaws.MetricQuery{
			Namespace: s.Namespace, Metric: s.Metric, Stat: s.Stat, Period: s.Period, Dimensions: o.Dimensions,
		}})
	}
	for i := range out {
		out[i].bill = billOf(out[i].query)
	}
	// Statistics of one metric stand together, so that few of them are cut apart by the end of a request and billed twice.
	slices.SortStableFunc(out, func(a, b asked) int { return strings.Compare(a.bill, b.bill) })
	for i := range out {
		out[i].query.ID = fmt.Sprintf("q%d", i)
	}
	return out
}

// table adds what one signal asks of one table.
func (w wanted) table(s signal.Signal, t string, add func(target, op string, dims ...ddbaws.Dimension)) {
	table := ddbaws.Dimension{Name: "TableName", Value: t}
	snap, known := w.snapshot(t)
	each := func(dimension string, values ...string) {
		for _, v := range values {
			add(t, v, table, ddbaws.Dimension{Name: dimension, Value: v})
		}
	}
	switch s.Scope {
	case signal.TableOp:
		for _, op := range w.ops {
			if s.Ops == nil || slices.Contains(s.Ops, op) {
				each("Operation", op)
			}
		}
	case signal.Replica:
		each("ReceivingRegion", snap.Replicas...)
	case signal.Origin:
		if len(snap.Replicas) > 0 {
			each("Source", "Customer", "GlobalTable")
		}
	case signal.Stream:
		if snap.StreamLabel != "" {
			add(t, "", table, ddbaws.Dimension{Name: "Operation", Value: "GetRecords"}, ddbaws.Dimension{Name: "StreamLabel", Value: snap.StreamLabel})
		}
	case signal.Table:
		add(t, "", table)
	case signal.TableIndex, signal.Capped, signal.Building:
		if s.Scope == signal.TableIndex || s.Scope == signal.Capped && capped(snap.Throughput) {
			add(t, "", table)
		}
		for _, i := range snap.Indexes {
			if known && (s.Scope == signal.TableIndex || s.Scope == signal.Capped && capped(i.Throughput) || s.Scope == signal.Building && i.Status != "ACTIVE") {
				add(t+"/"+i.Name, "", table, ddbaws.Dimension{Name: "GlobalSecondaryIndexName", Value: i.Name})
			}
		}
	}
}

func capped(t history.Throughput) bool { return t.MaxRead > 0 || t.MaxWrite > 0 }

// measured turns CloudWatch's value into the catalogue's unit: a count of a period into a rate per second.
func (a asked) measured(v float64) float64 {
	if a.signal.Times != 0 {
		v *= a.signal.Times
	}
	if a.signal.PerSecond {
		return v / a.signal.Period.Seconds()
	}
	return v
}

func (a asked) period() int64 { return int64(a.signal.Period / time.Second) }

// slow reports whether the series is on the grid of five minutes.
func (a asked) slow() bool { return a.signal.Period > beat }

func billOf(q ddbaws.MetricQuery) string {
	dims := slices.Clone(q.Dimensions)
	slices.SortFunc(dims, func(x, y ddbaws.Dimension) int { return strings.Compare(x.Name, y.Name) })
	parts := []string{q.Namespace, q.Metric, q.Period.String()}
	for _, d := range dims {
		parts = append(parts, d.Name+"="+d.Value)
	}
	return strings.Join(parts, "|")
}

// billed counts metrics as AWS bills them: up to five statistics of one metric in one request are one.
func billed(list []asked) int {
	stats := map[string]int{}
	for _, a := range list {
		stats[a.bill]++
	}
	n := 0
	for _, s := range stats {
		n += (s + 4) / 5
	}
	return n
}
