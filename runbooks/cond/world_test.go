package cond

import (
	"testing"
	"time"

	"github.com/ddbloop/ddbloop/history"
)

// noon is the tests' now, on a full minute.
var noon = time.Date(2026, 3, 3, 12, 0, 0, 0, time.UTC)

// world is a State whose own series are the signals.
type world struct{ *history.State }

var catalogue = map[string]string{
	"write_throttles": "/s", "read_throttles": "/s", "write_keyrange_throttles": "/s", "consumed_write": "units/s",
	"consumed_read": "units/s", "write_limit": "units/s", "read_limit": "units/s", "write_utilisation": "", "read_utilisation": "",
	"latency_avg": "ms", "requests": "/s", "probe_ok": "", "probe_latency": "ms", "feed_p99": "ms", "user_errors": "/s",
}

func (w world) Unit(name string) (string, bool) {
	u, ok := catalogue[name]
	return u, ok
}

// Series answers as the engine does: with "" the only operation there is.
func (w world) Series(name, target, op string) *history.Series {
	if sr := w.Get(name, target, op); sr != nil || op != "" {
		return sr
	}
	var found *history.Series
	for _, sr := range w.State.Series {
		if sr.Key.Signal == name && sr.Key.Target == target {
			if found != nil {
				return nil
			}
			found = sr
		}
	}
	return found
}

func newWorld() world { return world{history.NewState()} }

// put adds values of consecutive intervals, the last of which ends ago before noon. gap leaves a hole.
func (w world) put(key history.SeriesKey, period int64, ago time.Duration, values ...float64) *history.Series {
	sr := &history.Series{Key: key, Unit: catalogue[key.Signal], Period: period}
	end := noon.Add(-ago).Unix()
	start := end - period*int64(len(values))
	for i, v := range values {
		if v != gap {
			sr.Merge([]history.Point{{T: start + period*int64(i), V: v}})
		}
	}
	sr.From = start
	w.State.Series[key.String()] = sr
	return sr
}

// rare makes a series one of those for which AWS publishes nothing when nothing happened, settled up to ago
// before noon.
func rare(sr *history.Series, ago time.Duration) {
	sr.Zero, sr.From, sr.SettledTo = true, 0, noon.Add(-ago).Unix()
}

const gap = -12345

func key(signal, target, op string) history.SeriesKey {
	return history.SeriesKey{Signal: signal, Target: target, Op: op}
}

func (w world) env() *Env {
	return &Env{State: w.State, Sig: w, Target: "orders", Side: "write", Now: noon}
}

func words() Words {
	list := Builtin()
	list["limit"] = []string{history.Pass, history.Fail, history.NoVerdict}
	list["one-key"] = list["limit"]
	list["route"] = []string{"slow-key", "spread"}
	return list
}

func must(t testing.TB, src string) *Expr {
	t.Helper()
	e, err := Condition(src, words())
	if err != nil {
		t.Fatalf("%s: %v", src, err)
	}
	return e
}

// asks evaluates a condition and compares the truth value and, where one is given, the reason.
func asks(t *testing.T, v *Env, src string, want Truth, why string) {
	t.Helper()
	got, text := v.Why(must(t, src))
	if got != want {
		t.Errorf("%s is %v (%s), want %v", src, got, text, want)
	}
	if why != "" && text != why {
		t.Errorf("%s says %q, want %q", src, text, why)
	}
}
