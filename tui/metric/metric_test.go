package metric_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ddbloop/ddbloop/history"
	"github.com/ddbloop/ddbloop/tui/metric"
	"github.com/ddbloop/ddbloop/tui/tuitest"
)

func titles(lines []*metric.Line) (out []string) {
	for _, l := range lines {
		quiet := ""
		if l.Quiet {
			quiet = " quiet"
		}
		out = append(out, l.Title()+" "+metric.Value(l.Value, l.Unit)+" "+l.State.String()+quiet)
	}
	return out
}

func TestLinesOfAnIncident(t *testing.T) {
	s := tuitest.Incident(true)
	state := history.NewState().Fold(s.Events...)
	want := []string{
		"checkout throttled orders 384/s crit",
		"checkout p99 orders 62ms crit",
		"checkout success orders 96.0% crit",
		"checkout calls orders 1.2k/s ok",
		"write throttles orders 420/s crit",
		"write keyrange throttles orders 420/s crit",
		"read throttles orders 0/s ok quiet",
		"write throttles orders/by-status 0/s ok quiet",
		"read throttles orders/by-status 0/s ok quiet",
		"consumed write orders 2.0k warn",
		"consumed read orders 1.5k ok",
		"consumed write orders/by-status 515 ok",
		"GetItem p99 orders 9.3ms ok",
		"PutItem p99 orders 179ms warn",
		"probe get-order orders 6.6ms ok",
		"probe get-order throttled orders 0% ok quiet",
		"GetItem system errors orders 0/s ok quiet",
		"PutItem system errors orders 0/s ok quiet",
		"conditional failures orders 0/s ok quiet",
	}
	got := titles(metric.Lines(state, s.Now(), time.Hour))
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

// TestOrderIsStable: a line that starts to move does not change the order of the others.
func TestOrderIsStable(t *testing.T) {
	keys := func(s *tuitest.Script) (out []string) {
		for _, l := range metric.Lines(history.NewState().Fold(s.Events...), s.Now(), time.Hour) {
			if !strings.Contains(l.Key, "keyrange") { // a cause appears once it is seen
				out = append(out, l.Key)
			}
		}
		return out
	}
	if d := cmp.Diff(keys(tuitest.Calm()), keys(tuitest.Incident(true))); d != "" {
		t.Error(d)
	}
}

func TestOldValuesAreStaleNotGood(t *testing.T) {
	s := tuitest.Calm()
	state := history.NewState().Fold(s.Events...)
	for _, l := range metric.Lines(state, s.Now().Add(20*time.Minute), time.Hour) {
		if l.State != metric.Stale {
			t.Errorf("%s is %v after 20 minutes without a value", l.Title(), l.State)
		}
	}
}

func TestNumbers(t *testing.T) {
	cases := map[string]string{
		metric.Value(0, "/s"): "0/s", metric.Value(412, "/s"): "412/s", metric.Value(3912, "units/s"): "3.9k", metric.Value(184.4, "ms"): "184ms",
		metric.Value(0.9994, "%"): "99.9%", metric.Value(1, "%"): "100%", metric.Value(12345, "ms"): "12s", metric.Value(1900, "ms"): "1.9s", metric.Value(999, "ms"): "999ms", metric.Value(0.004, "ms"): "<.01ms",
		metric.Number(999.7): "1.0k", metric.Number(1.5e6): "1.5M", metric.Age(41 * time.Second): "41s", metric.Age(-time.Second): "0s", metric.Age(3 * time.Hour): "3h",
	}
	for got, want := range cases {
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
