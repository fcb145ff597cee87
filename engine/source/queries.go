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

const namespace = "AWS/DynamoDB"

// usualOps are the operations asked for where the configuration names none. Asking for one that nobody uses costs little and
// sees at once when somebody begins to.
var usualOps = []string{"GetItem", "Query", "Scan", "PutItem", "UpdateItem", "DeleteItem", "BatchGetItem", "BatchWriteItem"}

// asked is one series of the catalogue on one target.
type asked struct {
	signal signal.Signal
	key    history.SeriesKey
	query  ddbaws.MetricQuery
}

// plan lists every CloudWatch series of the tables, in a fixed order. CloudWatch adds nothing up over a missing dimension, so
// each index is asked for by itself; the lists of tables and indexes come from DescribeTable, never from ListMetrics, which
// forgets and is late.
func plan(tables []string, snapshot func(string) (history.TableSnapshot, bool), ops []string) []asked {
	var out []asked
	for _, s := range signal.All {
		if s.Source != signal.CloudWatch {
			continue
		}
		add := func(target, op string, dims ...ddbaws.Dimension) {
			out = append(out, asked{
				signal: s, key: history.SeriesKey{Signal: s.Name, Target: target, Op: op},
				query: ddbaws.MetricQuery{Namespace: namespace, Metric: s.Metric, Stat: s.Stat, Period: s.Period, Dimensions: dims},
			})
		}
		if s.Scope == signal.Account {
			add("", "")
			continue
		}
		for _, t := range tables {
			table := ddbaws.Dimension{Name: "TableName", Value: t}
			if s.Scope == signal.TableOp {
				for _, op := range ops {
					add(t, op, table, ddbaws.Dimension{Name: "Operation", Value: op})
				}
				continue
			}
			add(t, "", table)
			if snap, ok := snapshot(t); ok && s.Scope == signal.TableIndex {
				for _, i := range snap.Indexes {
					add(t+"/"+i.Name, "", table, ddbaws.Dimension{Name: "GlobalSecondaryIndexName", Value: i.Name})
				}
			}
		}
	}
	for i := range out {
		out[i].query.ID = fmt.Sprintf("q%d", i)
	}
	return out
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
