package signal_test

import (
	"testing"
	"time"

	"github.com/ddbloop/ddbloop/engine/signal"
	"github.com/ddbloop/ddbloop/history"
	"github.com/ddbloop/ddbloop/runbooks"
)

func TestCatalogue(t *testing.T) {
	seen := map[string]bool{}
	queries := map[[4]string]string{}
	for _, s := range signal.All {
		if seen[s.Name] {
			t.Errorf("%s is in the catalogue twice", s.Name)
		}
		seen[s.Name] = true
		if s.Help == "" {
			t.Errorf("%s has no help", s.Name)
		}
		if s.Source != signal.CloudWatch {
			if s.Metric != "" || s.Stat != "" || s.Zero || s.PerSecond {
				t.Errorf("%s comes from %s but says how to ask CloudWatch", s.Name, s.Source)
			}
			continue
		}
		if s.Metric == "" || s.Stat == "" || s.Unit == "" || s.Period < time.Minute || s.Period%time.Minute != 0 {
			t.Errorf("%s lacks metric, stat, unit or a period of whole minutes: %+v", s.Name, s)
		}
		// Averages and percentiles of nothing are nothing; only counts of nothing are zero.
		if s.Zero && s.Stat != "Sum" && s.Stat != "SampleCount" {
			t.Errorf("%s reads silence as zero, but is a %s", s.Name, s.Stat)
		}
		key := [4]string{s.Metric, s.Stat, string(rune('0' + s.Scope)), s.Resource}
		if other := queries[key]; other != "" {
			t.Errorf("%s and %s are the same query", s.Name, other)
		}
		queries[key] = s.Name
	}
}

// The fold derives these by itself, so both must call them the same.
func TestCatalogueKnowsWhatTheFoldDerives(t *testing.T) {
	for _, name := range []string{
		history.ReadLimit, history.WriteLimit, history.ProbeLatency, history.ProbeOK, history.ProbeThrottled, history.ProbeUnits,
		history.FeedCalls, history.FeedAttempts, history.FeedThrottled, history.FeedErrors, history.FeedFailed, history.FeedP50, history.FeedP99,
	} {
		if _, ok := signal.Find(name); !ok {
			t.Errorf("the fold derives %s, which the catalogue does not know", name)
		}
	}
	s := history.NewState()
	s.Fold(
		event(0, history.TableDescribed{Name: "orders", Table: &history.TableSnapshot{Name: "orders", Throughput: history.Throughput{Read: 1, Write: 1}}}),
		event(1, history.ProbeAnswered{Probe: "p", Table: "orders", OK: true, Total: time.Millisecond, Units: 1}),
		event(2, history.FeedScraped{Feed: "f", Table: "orders", Seconds: 1, Calls: 1, Attempts: 1, P50: 1, P99: 2}),
	)
	for _, sr := range s.Series {
		sig, ok := signal.Find(sr.Key.Signal)
		if !ok || sig.Unit != sr.Unit {
			t.Errorf("%s is in %q in the State, in the catalogue %q (known: %v)", sr.Key.Signal, sr.Unit, sig.Unit, ok)
		}
	}
}

func TestLibraryIsCleanAgainstTheRealCatalogue(t *testing.T) {
	library, err := runbooks.Library()
	if err != nil || len(library) == 0 {
		t.Fatalf("%d runbooks, %v", len(library), err)
	}
	for _, r := range library {
		for _, p := range runbooks.Lint(r, signal.Units(nil), time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC)) {
			t.Error(p)
		}
	}
}

var start = time.Unix(1_790_000_040, 0).UTC() // a full minute

func event(sec int, b history.Body) history.Event {
	return history.Event{Seq: uint64(sec + 1), At: start.Add(time.Duration(sec) * time.Second), Body: b}
}

// minutes is one poll of CloudWatch that asked for n minutes; a negative value is a minute without a point.
func minutes(name, target string, zero bool, v ...float64) history.MetricsPolled {
	u := history.SeriesUpdate{Key: history.SeriesKey{Signal: name, Target: target}, Period: 60, Zero: zero}
	for i, x := range v {
		if x >= 0 {
			u.Points = append(u.Points, history.Point{T: start.Unix() + 60*int64(i), V: x})
		}
	}
	end := start.Unix() + 60*int64(len(v))
	return history.MetricsPolled{Source: "cloudwatch", From: start.Unix(), To: end, SettledTo: end, Series: []history.SeriesUpdate{u}}
}

// A missing numerator or denominator gives no value, never a zero. Mutant: let over() return 0 for d = 0.
func TestDerivedSeries(t *testing.T) {
	limit := history.TableDescribed{Name: "orders", Table: &history.TableSnapshot{Name: "orders", Throughput: history.Throughput{Write: 100}}}
	feed := func(calls, attempts, throttled float64) history.FeedScraped {
		return history.FeedScraped{
			Feed: "web", Table: "orders", Seconds: 1, Calls: calls, Attempts: attempts, Failed: calls / 4,
			Errors: map[string]float64{"ThrottlingException": throttled},
		}
	}
	used := minutes("consumed_write", "orders", false, 90, 90)
	used.SettledTo = 0 // nothing is said of refusals in the second minute
	for _, c := range []struct {
		name, signal string
		events       []history.Body
		want         []float64 // nil: the series is not known at all
	}{
		{
			"share of refusals", "write_throttle_share",
			[]history.Body{
				minutes("consumed_write", "orders", false, 90, 60, 0, -1), minutes("write_throttles", "orders", true, 10, -1, 5, 3),
			},
			[]float64{0.1, 0, 1},
		}, // a settled gap is none refused; a minute without usage is unknown
		{"refusals of the newest minute are not settled", "write_throttle_share", []history.Body{minutes("write_throttles", "orders", true, 10), used}, []float64{0.1}},
		{"nothing said of refusals", "write_throttle_share", []history.Body{minutes("consumed_write", "orders", false, 90)}, nil},
		{"nothing said of usage", "write_throttle_share", []history.Body{minutes("write_throttles", "orders", true, 10)}, nil},
		{"utilisation", "write_utilisation", []history.Body{limit, minutes("consumed_write", "orders", false, 50, -1, 90)}, []float64{0.5, 0.9}},
		{"no limit known", "write_utilisation", []history.Body{minutes("consumed_write", "orders", false, 50)}, nil},
		{"feed share", "feed_throttle_share", []history.Body{feed(8, 10, 4)}, []float64{0.4}},
		{"nobody called", "feed_throttle_share", []history.Body{feed(0, 0, 0)}, []float64{}},
		{"nobody called, so nobody succeeded", "feed_success", []history.Body{feed(0, 0, 0)}, []float64{}},
		{"success", "feed_success", []history.Body{feed(8, 8, 0)}, []float64{0.75}},
		{"retries", "retry_factor", []history.Body{feed(8, 12, 4)}, []float64{1.5}},
		{"no feed", "retry_factor", nil, nil},
	} {
		s := history.NewState()
		for i, b := range c.events {
			s.Apply(event(i, b))
		}
		got := signal.Series(s, c.signal, "orders", "")
		if (got == nil) != (c.want == nil) {
			t.Errorf("%s: %+v, want %v", c.name, got, c.want)
			continue
		}
		if got == nil {
			continue
		}
		if len(got.Points) != len(c.want) {
			t.Errorf("%s: %v, want %v", c.name, got.Points, c.want)
			continue
		}
		for i, p := range got.Points {
			if p.V != c.want[i] {
				t.Errorf("%s: %v, want %v", c.name, got.Points, c.want)
				break
			}
		}
	}
}

func TestUtilisationFollowsTheLimitOfItsTime(t *testing.T) {
	s := history.NewState()
	set := func(sec int, write int64) {
		s.Apply(event(sec, history.TableDescribed{Name: "orders", Table: &history.TableSnapshot{Name: "orders", Throughput: history.Throughput{Write: write}}}))
	}
	set(30, 100) // first seen after the first minute began: the minute before is held against it too
	set(90, 200)
	s.Apply(event(300, minutes("consumed_write", "orders", false, 50, 50, 50)))
	want := []float64{0.5, 0.5, 0.25}
	for i, p := range signal.Series(s, "write_utilisation", "orders", "").Points {
		if p.V != want[i] {
			t.Errorf("minute %d: %v, want %v", i, p.V, want[i])
		}
	}
	if v := signal.StepAt(nil, 0); v != 0 {
		t.Errorf("an unknown limit is %v", v)
	}
}

func TestSplitSignalsAreNotGuessed(t *testing.T) {
	s := history.NewState()
	probe := func(i int, name string) {
		s.Apply(event(i, history.ProbeAnswered{Probe: name, Table: "orders", OK: true, Total: time.Millisecond}))
	}
	probe(0, "a")
	if signal.Series(s, "probe_latency", "orders", "") == nil {
		t.Error("the only probe was not taken")
	}
	probe(1, "b")
	if signal.Series(s, "probe_latency", "orders", "") != nil {
		t.Error("one of two probes was taken without being asked for")
	}
	if ops := signal.Ops(s, "probe_latency", "orders"); len(ops) != 2 || ops[0] != "a" || ops[1] != "b" {
		t.Errorf("probes %v", ops)
	}
	if signal.Series(s, "no_such_signal", "orders", "") != nil {
		t.Error("a signal that is not in the catalogue has a series")
	}
}
