package sim

import (
	"encoding/csv"
	"io"
	"strconv"
	"time"

	"github.com/ddbloop/ddbloop/engine/sim/scenario"
	"github.com/ddbloop/ddbloop/engine/sim/world"
)

// Record runs a scenario without anybody watching and writes what happened by the minute as CSV: a heading row, then the time,
// every client's calls per second, and of every table and index the units used and the events refused per second. A client's
// column can be replayed as another scenario's trace.
func Record(sc *scenario.Scenario, to io.Writer) error {
	w, err := world.New(sc, uint64(sc.Seed))
	if err != nil {
		return err
	}
	w.Advance(sc.Duration)
	out := csv.NewWriter(to)
	columns := columnsOf(sc)
	heading := []string{"time"}
	for _, c := range columns {
		heading = append(heading, c.name)
	}
	if err := out.Write(heading); err != nil {
		return err
	}
	end := w.Start().Add(sc.Duration)
	for at := time.Duration(0); at+time.Minute <= sc.Duration; at += time.Minute {
		row := []string{w.Start().Add(at).UTC().Format(time.RFC3339)}
		for _, c := range columns {
			row = append(row, strconv.FormatFloat(c.read(w, at, end), 'f', 3, 64))
		}
		if err := out.Write(row); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

// column is one series of a recording, per second over the minute that begins at at.
type column struct {
	name string
	read func(w *world.World, at time.Duration, end time.Time) float64
}

func columnsOf(sc *scenario.Scenario) []column {
	var list []column
	for _, t := range sc.Traffic {
		list = append(list, column{"calls " + t.Name, func(w *world.World, at time.Duration, _ time.Time) float64 {
			m, _ := w.ClientStats(t.Name, at)
			return m.Calls / 60
		}})
	}
	metric := func(name, metric string, dims map[string]string) {
		list = append(list, column{name, func(w *world.World, at time.Duration, end time.Time) float64 {
			from := w.Start().Add(at)
			p := w.Metrics(world.Query{
				Namespace: world.Namespace, Name: metric, Dims: dims, Stat: "Sum", Period: time.Minute, From: from, To: from.Add(time.Minute),
				AskedAt: end.Add(time.Hour),
			})
			if len(p) == 0 {
				return 0
			}
			return p[0].Value / 60
		}})
	}
	for _, t := range sc.Tables {
		for _, index := range append([]scenario.Index{{}}, t.Indexes...) {
			dims, where := map[string]string{"TableName": t.Name}, t.Name
			if index.Name != "" {
				dims["GlobalSecondaryIndexName"] = index.Name
				where += "/" + index.Name
			}
			for _, side := range [2]string{"Read", "Write"} {
				metric(side+" units "+where, "Consumed"+side+"CapacityUnits", dims)
				metric(side+" throttles "+where, side+"ThrottleEvents", dims)
			}
		}
	}
	return list
}
