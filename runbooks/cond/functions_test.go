package cond

import (
	"testing"
	"time"

	"github.com/ddbloop/ddbloop/history"
)

func gives(t *testing.T, v *Env, src string, want float64, known bool) {
	t.Helper()
	e, err := Number(src, words())
	if err != nil {
		t.Fatal(err)
	}
	if x, ok := v.Number(e); ok != known || (ok && (x < want-1e-9 || x > want+1e-9)) {
		t.Errorf("%s is %v (%v), want %v (%v)", src, x, ok, want, known)
	}
}

func TestFunctionsOverWindows(t *testing.T) {
	w := newWorld()
	w.put(key("consumed_write", "orders", ""), 60, 2*time.Minute, 100, 300, gap, 200, 400)
	v := w.env()
	gives(t, v, "peak(consumed_write, 4 min)", 400, true)
	gives(t, v, "lowest(consumed_write, 4 min)", 200, true)
	gives(t, v, "avg(consumed_write, 5 min)", 250, true)
	gives(t, v, "avg(consumed_write, 8 min)", 250, true)
	gives(t, v, "avg(consumed_write, 9 min)", 0, false) // fewer than half of the minutes are known
	gives(t, v, "slope(consumed_write, 5 min)", 50, true)
	gives(t, v, "slope(consumed_write, 2 min)", 0, false)
	gives(t, v, "max(consumed_write, 450 units/s, 3 * consumed_write)", 1200, true)
	gives(t, v, "min(consumed_write, 450 units/s)", 400, true)
	gives(t, v, "max(consumed_write, consumed_read)", 0, false)
	gives(t, v, "peak(2 * consumed_write + 1 units/s, 4 min)", 801, true)
	gives(t, v, "-consumed_write / 4", -100, true)
	gives(t, v, "1.5 s", 1500, true)
}

// The base is what was usual before the trouble, however long the trouble has lasted.
func TestBaseLooksBeforeTheTrouble(t *testing.T) {
	w := newWorld()
	values := make([]float64, 120)
	for i := range values {
		values[i] = 10
		if i >= 60 {
			values[i] = 90 // for the last hour
		}
	}
	w.put(key("latency_avg", "orders", "GetItem"), 60, time.Minute, values...)
	gives(t, w.env(), "base(latency_avg, 30 min)", 90, true)
	w.Incident.Onset = noon.Add(-61 * time.Minute)
	gives(t, w.env(), "base(latency_avg, 30 min)", 10, true)
	gives(t, w.env(), "base(latency_avg)", 10, true)
	w.Incident.Onset = noon.Add(-115 * time.Minute)
	gives(t, w.env(), "base(latency_avg)", 0, false)
}

// A refused Query of 40 units is 40 units of demand, not one.
func TestRefusedEventsAsUnits(t *testing.T) {
	w := newWorld()
	w.put(key("read_throttles", "orders", ""), 60, time.Minute, 5, 10)
	w.put(key("consumed_read", "orders", ""), 60, time.Minute, 800, 800)
	gives(t, w.env(), "as_units(read_throttles)", 10, true)
	w.put(key("requests", "orders", "Query"), 60, time.Minute, 10, 15)
	w.put(key("requests", "orders", "GetItem"), 60, time.Minute, 10, 5)
	w.put(key("requests", "orders", "PutItem"), 60, time.Minute, 9, 900)
	gives(t, w.env(), "as_units(read_throttles)", 400, true)
	gives(t, w.env(), "peak(consumed_read + as_units(read_throttles), 2 min)", 1200, true)
	w.put(key("requests", "orders", "GetItem"), 60, time.Minute, 5000, 5000)
	gives(t, w.env(), "as_units(read_throttles)", 10, true) // never less than one
	gives(t, w.env(), "as_units(write_throttles)", 0, false)
}

func TestReasonsCarryTheNumbers(t *testing.T) {
	w := newWorld()
	w.put(key("write_throttles", "orders", ""), 60, time.Minute, 3, 212, 0.4561)
	w.put(key("latency_avg", "orders", "GetItem"), 60, time.Minute, 12.345)
	asks(t, w.env(), "write_throttles < 1/s and latency_avg > 10 ms", True, "write_throttles 0.456/s < 1/s and latency_avg 12.3 ms > 10 ms")
	asks(t, w.env(), "write_throttles > 1/s and latency_avg > 10 ms", False, "write_throttles 0.456/s, not > 1/s")
	asks(t, w.env(), "write_throttles > 1/s or latency_avg > 10 ms", True, "latency_avg 12.3 ms > 10 ms")
	asks(t, w.env(), "latency_avg > 2 * peak(latency_avg, 1 min)", False, "latency_avg 12.3 ms, not > 2 * peak(latency_avg, 1 min) = 24.7 ms")
	asks(t, w.env(), "read_throttles > 0 or consumed_read > 0", NoData, "read_throttles: no data or consumed_read: no data")
	asks(t, w.env(), "not missing(write_throttles)", True, "write_throttles 0.456/s is there")
	asks(t, w.env(), "missing(write_throttles) or missing(read_throttles)", True, "read_throttles: no data")
	for x, want := range map[float64]string{0: "0/s", 1234567: "1234567/s", 0.00012345: "0.000123/s", -2.5: "-2.5/s", 1e300: "1" + zeros(300) + "/s"} {
		if got := Format(x, "/s"); got != want {
			t.Errorf("%v is written %s, want %s", x, got, want)
		}
	}
}

func zeros(n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = '0'
	}
	return string(b)
}

func TestMissingSourcesNeverPassAGate(t *testing.T) {
	v := newWorld().env()
	for _, src := range []string{
		"write_throttles == 0", "write_throttles >= 0", "not write_throttles > 0", "write_throttles == 0 for 1 of 10 min",
		"peak(write_throttles, 5 min) == 0", "slope(write_throttles) <= 0", "base(latency_avg) >= 0", "write_throttles@any_index == 0",
		"age(write_throttles) < 1 h", "diagnosis != hot_partition", "disposition != escalate",
	} {
		asks(t, v, src, NoData, "")
	}
	v.State.Series["x"] = nil
	asks(t, v, "write_throttles == 0", NoData, "")
	v.Target = ""
	asks(t, &Env{State: history.NewState(), Sig: newWorld(), Now: time.Time{}}, "write_throttles@index > 0 for 5 min", NoData, "")
}
