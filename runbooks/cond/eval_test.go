package cond

import (
	"testing"
	"time"

	"github.com/ddbloop/ddbloop/history"
)

// Kleene's tables, written out: false, no data, true.
func TestTruthTables(t *testing.T) {
	all := []Truth{False, NoData, True}
	and := [3][3]Truth{{False, False, False}, {False, NoData, NoData}, {False, NoData, True}}
	or := [3][3]Truth{{False, NoData, True}, {NoData, NoData, True}, {True, True, True}}
	w := newWorld()
	w.put(key("write_throttles", "orders", ""), 60, time.Minute, 7)
	text := map[Truth]string{False: "write_throttles < 0", NoData: "read_throttles > 0", True: "write_throttles > 0"}
	for i, a := range all {
		for j, b := range all {
			asks(t, w.env(), text[a]+" and "+text[b], and[i][j], "")
			asks(t, w.env(), text[a]+" or "+text[b], or[i][j], "")
		}
	}
	for a, want := range map[Truth]Truth{False: True, NoData: NoData, True: False} {
		asks(t, w.env(), "not "+text[a], want, "")
	}
	asks(t, w.env(), "not not write_throttles > 0", True, "")
}

func TestNewestValueMustBeFresh(t *testing.T) {
	for _, c := range []struct {
		period int64
		ago    time.Duration
		want   Truth
	}{
		{60, time.Minute, True},
		{60, 4 * time.Minute, True},
		{60, 5 * time.Minute, NoData},
		{1, 15 * time.Second, True},
		{1, 16 * time.Second, NoData},
		{10, 30 * time.Second, True},
		{10, 31 * time.Second, NoData},
		{300, 12 * time.Minute, True},
		{300, 13 * time.Minute, NoData},
	} {
		w := newWorld()
		w.put(key("write_throttles", "orders", ""), c.period, c.ago, 3, 7)
		asks(t, w.env(), "write_throttles == 7/s", c.want, "")
		asks(t, w.env(), "missing(write_throttles)", map[Truth]Truth{True: False, NoData: True}[c.want], "")
	}
	w := newWorld()
	w.put(key("write_throttles", "orders", ""), 60, 10*time.Minute, 7)
	asks(t, w.env(), "write_throttles > 0", NoData, "write_throttles: no data for 10m0s")
	asks(t, w.env(), "age(write_throttles) > 9 min", True, "age(write_throttles) = 600000 ms > 9 min")
	asks(t, w.env(), "age(read_throttles) > 9 min", NoData, "read_throttles: no data")
	asks(t, w.env(), "write_throttles / 0 > 0", NoData, "")
}

func TestWindowsOverGapsSettledZerosAndStaleData(t *testing.T) {
	const src = "write_throttles > 0 for 3 of 5 min"
	for name, c := range map[string]struct {
		values  []float64
		ago     time.Duration
		settled time.Duration // 0 = not a rare signal
		want    Truth
		why     string
	}{
		"three of five":         {[]float64{9, 0, 212, 0, 5}, time.Minute, 0, True, "write_throttles 5/s > 0 in 3 of 5 min"},
		"two of five":           {[]float64{9, 0, 0, 0, 5}, time.Minute, 0, False, "write_throttles 0/s, not > 0; so in 2 of 5 min, wants 3"},
		"a gap could decide":    {[]float64{9, 0, gap, 0, 5}, time.Minute, 0, NoData, "write_throttles: no data; known in 4 of 5 min"},
		"a gap cannot decide":   {[]float64{0, 0, gap, 0, 5}, time.Minute, 0, False, ""},
		"enough despite gaps":   {[]float64{9, gap, 9, gap, 5}, time.Minute, 0, True, ""},
		"too old":               {[]float64{9, 9, 9, 9, 9}, 6 * time.Minute, 0, NoData, ""},
		"settled zeros":         {[]float64{9, gap, gap, gap, gap}, 2 * time.Minute, 2 * time.Minute, False, ""},
		"zeros not settled":     {[]float64{9, gap, gap, gap, 5}, time.Minute, 5 * time.Minute, NoData, ""},
		"late but not too late": {[]float64{9, 9, 9, 9, 9}, 3*time.Minute + 30*time.Second, 0, True, ""},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld()
			sr := w.put(key("write_throttles", "orders", ""), 60, c.ago.Truncate(time.Minute), c.values...)
			if c.settled > 0 {
				rare(sr, c.settled)
			}
			v := w.env()
			v.Now = v.Now.Add(c.ago % time.Minute)
			asks(t, v, src, c.want, c.why)
		})
	}
}

// A recovery must be sayable although metrics are minutes late: the window ends where knowledge ends.
func TestWindowEndsWithTheNewestKnownMinute(t *testing.T) {
	w := newWorld()
	rare(w.put(key("write_throttles", "orders", ""), 60, 20*time.Minute, 5), 3*time.Minute)
	asks(t, w.env(), "write_throttles == 0 for 10 of 10 min", True, "write_throttles 0/s == 0 in 10 of 10 min")
	rare(w.put(key("write_throttles", "orders", ""), 60, 20*time.Minute, 5), 5*time.Minute)
	asks(t, w.env(), "write_throttles == 0 for 10 of 10 min", NoData, "")
}

func TestSecondsAreAveragedOverAMinute(t *testing.T) {
	w := newWorld()
	values := make([]float64, 120)
	for i := range values {
		values[i] = float64(i / 60) // a minute of 0, a minute of 1
	}
	values[70] = gap
	w.put(key("probe_ok", "orders", "canary"), 1, 0, values...)
	asks(t, w.env(), "probe_ok == 1 for 1 of 2 min", True, "")
	asks(t, w.env(), "probe_ok == 1 for 2 of 2 min", False, "")
	asks(t, w.env(), "probe_ok == 1", True, "probe_ok 1 == 1")
}

func TestSettingsHoldUntilTheyChange(t *testing.T) {
	w := newWorld()
	w.put(key(history.WriteLimit, "orders", ""), 1, 2*time.Hour, 500)
	asks(t, w.env(), "write_limit == 500 units/s", NoData, "")
	w.Tables["orders"] = &history.Table{Described: noon.Add(-time.Minute)}
	asks(t, w.env(), "write_limit == 500 units/s", True, "")
	asks(t, w.env(), "write_limit == 500 units/s for 3 of 3 min", True, "")
	asks(t, w.env(), "peak(write_limit, 60 min) == 500 units/s", True, "")
}

func TestOfSeveralTheWorstCounts(t *testing.T) {
	w := newWorld()
	w.put(key("latency_avg", "orders", "GetItem"), 60, time.Minute, 4)
	w.put(key("latency_avg", "orders", "Query"), 60, time.Minute, 30)
	w.put(key("latency_avg", "orders", "Scan"), 60, time.Hour, 900)
	w.put(key("probe_ok", "orders", "a"), 1, 0, 1)
	w.put(key("probe_ok", "orders", "b"), 1, 0, 0)
	w.put(key("user_errors", "", ""), 60, time.Minute, 2)
	asks(t, w.env(), "latency_avg > 10 ms", True, "latency_avg 30 ms > 10 ms")
	asks(t, w.env(), "latency_avg < 10 ms", False, "")
	asks(t, w.env(), "latency_avg#GetItem < 10 ms", True, "")
	asks(t, w.env(), "latency_avg#Scan < 10 ms", NoData, "latency_avg#Scan: no data for 1h0m0s")
	asks(t, w.env(), "probe_ok > 0", False, "")
	asks(t, w.env(), "user_errors > 0", True, "")
}

func TestTargets(t *testing.T) {
	w := newWorld()
	w.put(key("write_throttles", "orders", ""), 60, time.Minute, 1)
	w.put(key("write_throttles", "orders/by-status", ""), 60, time.Minute, 2)
	table := w.env()
	asks(t, table, "write_throttles == 1/s and write_throttles@table == 1/s", True, "")
	asks(t, table, "write_throttles@index == 2/s", NoData, "")
	asks(t, table, "write_throttles@any_index == 2/s", NoData, "")
	index := w.env()
	index.Target = "orders/by-status"
	asks(t, index, "write_throttles == 2/s and write_throttles@table == 1/s and write_throttles@index == 2/s", True, "")

	snap := &history.TableSnapshot{Name: "orders"}
	w.Tables["orders"] = &history.Table{Snap: snap}
	asks(t, w.env(), "write_throttles@any_index == 0", True, "")
	snap.Indexes = []history.IndexSnapshot{{Name: "by-status"}}
	asks(t, w.env(), "write_throttles@any_index == 2/s", True, "")
	snap.Indexes = append(snap.Indexes, history.IndexSnapshot{Name: "by-day"})
	asks(t, w.env(), "write_throttles@any_index > 0", NoData, "")
}

func TestSideNames(t *testing.T) {
	w := newWorld()
	w.put(key("write_throttles", "orders", ""), 60, time.Minute, 1)
	w.put(key("consumed_read", "orders", ""), 60, time.Minute, 50)
	asks(t, w.env(), "side_throttles == 1/s", True, "side_throttles 1/s == 1/s")
	v := w.env()
	v.Side = "read"
	asks(t, v, "consumed_side == 50 units/s", True, "")
	v = w.env()
	v.Side = ""
	asks(t, v, "side_throttles > 0", NoData, "")
}

func TestWordsAndTheirPast(t *testing.T) {
	w := newWorld()
	asks(t, w.env(), "layer == throttled", NoData, "layer is unknown")
	asks(t, w.env(), "layer != throttled", NoData, "")
	asks(t, w.env(), "layer == unknown", True, "")
	asks(t, w.env(), "limit == unknown and limit != pass", NoData, "")
	w.Assessed = history.Assessed{
		Layer: history.Layer{Verdict: "throttled"}, Ranked: []history.Hypothesis{{Kind: "hot_partition", P: 0.9}},
		Disposition: history.Disposition{Verdict: "optimize"},
	}
	w.Beliefs = []history.Belief{
		{At: noon.Add(-9 * time.Minute), Layer: "healthy"},
		{At: noon.Add(-2 * time.Minute), Layer: "throttled", Kind: "hot_partition", Do: "optimize"},
	}
	asks(t, w.env(), "layer == throttled and diagnosis == hot_partition and disposition == optimize and side == write", True,
		"layer is throttled and diagnosis is hot_partition and disposition is optimize and side is write")
	asks(t, w.env(), "layer != healthy", True, "")
	asks(t, w.env(), "layer == throttled for 3 min", True, "")
	asks(t, w.env(), "layer == throttled for 4 min", False, "layer is healthy, not throttled; so in 3 of 4 min, wants 4")
	asks(t, w.env(), "layer == throttled for 11 min", False, "")
	asks(t, w.env(), "layer != service for 11 min", NoData, "")
	v := w.env()
	v.SetStep("limit", history.Pass)
	v.SetStep("route", "spread")
	asks(t, v, "limit == pass and route == spread", True, "")
	asks(t, v, "limit == fail", False, "limit is pass, not fail")
}
