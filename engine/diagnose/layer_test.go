package diagnose_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ddbloop/ddbloop/engine/diagnose"
	"github.com/ddbloop/ddbloop/history"
)

// dark is a calm scene whose CloudWatch has gone.
func dark() *scene {
	c := newScene(table()).polled(nil).waited(3 * time.Minute)
	c.put(history.SourceChanged{Name: "cloudwatch", State: "down", Text: "connection refused"})
	return c
}

func TestLayer(t *testing.T) {
	for _, c := range []struct {
		name    string
		scene   *scene
		verdict string
		why     string
	}{
		{"nothing has answered", newScene(table()), history.LayerUnknown, "CloudWatch has not answered yet"},
		{"calm", newScene(table()).polled(nil), history.LayerHealthy, "no refusals"},
		{"CloudWatch is down, the probe answers", dark().probed(5, "", ""), history.LayerUnknown, "CloudWatch down: connection refused; probe own answers 5 of 5 — that proves no health"},
		{"CloudWatch is down, nothing answers", dark(), history.LayerUnknown, "nothing else answers"},
		{"CloudWatch stands still", newScene(table()).polled(nil).waited(5 * time.Minute), history.LayerUnknown, "newest minute closed 6m30s ago"},
		// Mutant: ask nothing of the throttle series before saying healthy.
		{"nothing was said of refused writes", newScene(table()).polled(metrics{"write_throttles@orders": nil}), history.LayerUnknown, "has not said whether writes of orders are refused"},
		{"nothing was said of an index", newScene(table()).polled(metrics{"read_throttles@orders/by-status": nil}), history.LayerUnknown, "reads of orders/by-status"},
		{"the feed sees refusals in seconds", newScene(table()).polled(nil).fed(3, 100, 120, 20, 0, 20), history.LayerThrottled, "of web's attempts on orders are refused"},
		{"even while CloudWatch is dark", dark().fed(3, 100, 120, 20, 0, 20), history.LayerThrottled, "16.7 %"},
		{"refusals that stopped 11 s ago", newScene(table()).polled(nil).fed(3, 100, 120, 20, 0, 20).fed(11, 100, 100, 0, 0, 20), history.LayerHealthy, ""},
		{"two refused probes", newScene(table()).polled(nil).probed(2, "", "ThrottlingException"), history.LayerThrottled, "2 of the last 2 probes"},
		{"one refused probe", newScene(table()).polled(nil).probed(1, "", "ThrottlingException"), history.LayerHealthy, ""},
		{"CloudWatch minutes", newScene(table()).polled(metrics{"write_throttles@orders": last(2, 3)}), history.LayerThrottled, "orders: 3.0/s writes refused in 2 of the last 5 minutes"},
		{"one small minute", newScene(table()).polled(metrics{"write_throttles@orders": last(1, 0.05)}), history.LayerHealthy, ""},
		{"one grave minute", newScene(table()).polled(metrics{"write_throttles@orders": last(1, 5)}), history.LayerThrottled, ""},
		{"minutes that are over", newScene(table()).polled(metrics{"write_throttles@orders": {9, 9, 9, 0, 0}}), history.LayerHealthy, ""},
		{"AWS fails", newScene(table()).polled(metrics{"requests@orders#PutItem": {100}, "system_errors@orders#PutItem": {1}}), history.LayerService, "HTTP 500"},
		// Mutant: count minutes once per operation.
		{"AWS failed in one minute only", newScene(table()).polled(metrics{
			"requests@orders#PutItem": {100}, "requests@orders#GetItem": {100}, "requests@orders#Query": {100},
			"system_errors@orders#PutItem": last(1, 9), "system_errors@orders#GetItem": last(1, 9), "system_errors@orders#Query": last(1, 9),
		}), history.LayerHealthy, ""},
		{"probes are failed by what stands before AWS", dark().probed(4, "", "HTTP 503"), history.LayerService, "answered with HTTP 503"},
		{"probes are failed by AWS", newScene(table()).polled(nil).probed(3, "", "InternalServerError"), history.LayerService, "InternalServerError"},
		{"slow", newScene(table()).polled(metrics{"requests@orders#Query": {100}, "latency_p50@orders#Query": {4, 40, 40, 40}}), history.LayerSlow, "median 40.0 ms against 4.0 ms"},
		{"slow for one minute only", newScene(table()).polled(metrics{"requests@orders#Query": {100}, "latency_p50@orders#Query": {4, 40}}), history.LayerHealthy, ""},
		{"slow two minutes ago", newScene(table()).polled(metrics{"requests@orders#Query": {100}, "latency_p50@orders#Query": {4, 40, 40, 4}}), history.LayerHealthy, ""},
		{"only the tail", newScene(table()).polled(tailed(8, 110)), history.LayerTail, "median flat"},
		// Mutant: eight minutes are enough however high the tail.
		{"a slight tail", newScene(table()).polled(tailed(8, 90)), history.LayerHealthy, ""},
		{"a slight tail that stays", newScene(table()).polled(tailed(12, 90)), history.LayerTail, "p99 90.0 ms against 20.0 ms"},
		// Mutant: ask no caller.
		{"a tail that its caller's objective allows", querying().polled(tailed(12, 110)).fed(8, 100, 100, 0, 0, 80), history.LayerHealthy, ""},
		{"another operation's caller is in time", newScene(table()).polled(tailed(12, 110)).fed(8, 100, 100, 0, 0, 80), history.LayerTail, ""},
		{"the tail for three minutes", newScene(table()).polled(metrics{"requests@orders#Query": {100}, "latency_p50@orders#Query": {4}, "latency_p99@orders#Query": {20, 90, 90, 90}}), history.LayerHealthy, ""},
		// Mutant: let what CloudWatch said before it went dark stand.
		{"refusals, and then darkness", newScene(table()).polled(metrics{"write_throttles@orders": last(4, 9)}).waited(10 * time.Minute), history.LayerUnknown, "newest minute closed 11m30s ago"},
		{"errors, and then darkness", newScene(table()).polled(metrics{"requests@orders#PutItem": {100}, "system_errors@orders#PutItem": {1}}).waited(10 * time.Minute), history.LayerUnknown, ""},
		{"the caller fails, AWS does not", newScene(table()).polled(nil).fed(8, 100, 100, 0, 5, 20), history.LayerClient, "5.00 % of web's calls fail"},
		{"the caller is slow, AWS is not", newScene(table()).polled(nil).fed(8, 100, 100, 0, 0, 400), history.LayerClient, "web's p99 is 400 ms"},
		// Mutant: drop the test for refusals from client().
		{"a refused caller is not its own trouble", newScene(table()).polled(nil).fed(8, 100, 100, 0.1, 5, 400), history.LayerHealthy, ""},
		{"no way to AWS from here", newScene(table()).polled(nil).probed(4, "", "dns"), history.LayerClient, "reached DynamoDB (dns)"},
		{"nor to CloudWatch", dark().probed(4, "", "dns"), history.LayerClient, "(dns)"},
	} {
		got := c.scene.assess().Layer
		if got.Verdict != c.verdict || !strings.Contains(got.Why, c.why) {
			t.Errorf("%s: %s (%s), want %s (%s)", c.name, got.Verdict, got.Why, c.verdict, c.why)
		}
	}
}

// A long incident must not become its own usual level. Mutant: compare with the last hour whatever happened in it.
func TestSlowForLongIsStillSlow(t *testing.T) {
	c := newScene(table())
	slow := make([]float64, past)
	for i := range slow {
		if slow[i] = 4; i >= 20 {
			slow[i] = 40
		}
	}
	m := metrics{"requests@orders#Query": {100}, "latency_p50@orders#Query": slow}
	c.polled(m)
	if v := c.assess().Layer.Verdict; v != history.LayerSlow {
		t.Fatalf("%s after 20 slow minutes", v)
	}
	c.put(history.IncidentDetected{Onset: start.Add(20 * time.Minute)})
	long := history.SeriesUpdate{Key: history.SeriesKey{Signal: "latency_p50", Target: "orders", Op: "Query"}, Period: 60}
	for i := range 100 {
		long.Points = append(long.Points, history.Point{T: start.Unix() + 60*int64(i+20), V: 40})
	}
	used := history.SeriesUpdate{Key: history.SeriesKey{Signal: "consumed_write", Target: "orders"}, Period: 60, Points: long.Points}
	c.now = start.Add(121 * time.Minute)
	c.put(history.MetricsPolled{Source: "cloudwatch", From: start.Unix(), SettledTo: c.now.Unix(), Series: []history.SeriesUpdate{long, used}})
	if got := c.assess().Layer; got.Verdict != history.LayerSlow {
		t.Errorf("%s (%s) after 100 slow minutes", got.Verdict, got.Why)
	}
}

func TestVerdictKeepsItsAge(t *testing.T) {
	c := newScene(table()).polled(nil)
	first := c.assess().Layer.Since
	c.waited(30 * time.Second)
	if got := c.assess().Layer.Since; !got.Equal(first) {
		t.Errorf("healthy since %s, was %s", got, first)
	}
	c.fed(3, 100, 120, 20, 0, 20)
	if got := c.assess().Layer; got.Verdict != history.LayerThrottled || !got.Since.Equal(c.now) {
		t.Errorf("%+v at %s", got, c.now)
	}
}

// Mutants: date refusals with the present, a new onset each second; date a ramp from its middle.
func TestOnset(t *testing.T) {
	minute := func(i int) time.Time { return start.Add(time.Duration(i) * time.Minute) }
	feed := newScene(table()).polled(nil)
	refusedAt := feed.now.Add(21 * time.Second)
	feed.fed(20, 100, 100, 0, 0, 20).fed(30, 100, 120, 20, 0, 20)
	both := newScene(table()).polled(metrics{"write_throttles@orders": last(1, 30)})
	both.now = minute(past - 1)
	both.fed(25, 100, 100, 0, 0, 20).fed(100, 100, 120, 20, 0, 20)
	probe := newScene(table()).polled(nil)
	probeAt := probe.now.Add(6 * time.Second)
	probe.probed(5, "", "").probed(4, "", "ThrottlingException")
	for _, c := range []struct {
		name  string
		scene *scene
		want  time.Time
	}{
		{"feed seconds", feed, refusedAt},
		{"CloudWatch minutes", newScene(table()).polled(metrics{"write_throttles@orders": last(7, 3)}), minute(past - 7)},
		{"the second within the minute", both, minute(past - 1).Add(26 * time.Second)},
		{"minutes go further back than the feed", newScene(table()).polled(metrics{"write_throttles@orders": last(7, 3)}).fed(5, 100, 120, 20, 0, 20), minute(past - 7)},
		{"an earlier trouble is another", newScene(table()).polled(metrics{"write_throttles@orders": append(last(12, 3)[:past-8], 0, 0, 0, 0, 0, 0, 4, 4)}), minute(past - 2)},
		{"probe seconds", probe, probeAt},
		{"latency since three minutes", newScene(table()).polled(metrics{"requests@orders#Query": {100}, "latency_p50@orders#Query": {4, 40, 40, 40}}), minute(past - 3)},
		{"latency that rises slowly", newScene(table()).polled(metrics{"requests@orders#Query": {100}, "latency_p50@orders#Query": {4, 8, 12, 16, 20, 24, 28}}), minute(past - 6)},
		{"calm", newScene(table()).polled(nil), time.Time{}},
	} {
		if got := c.scene.assess().Onset; !got.Equal(c.want) {
			t.Errorf("%s: %s, want %s", c.name, got.Format(time.TimeOnly), c.want.Format(time.TimeOnly))
		}
	}
}

// What is slow for one table need not be for another. Mutant: ask the session's thresholds.
func TestThresholdsOfATable(t *testing.T) {
	c := newScene(table()).polled(metrics{"requests@orders#Query": {100}, "latency_p50@orders#Query": {4, 40, 40, 40}})
	patient := diagnose.Defaults
	patient.SlowFloor = 100
	th := diagnose.Defaults
	for name, want := range map[string]string{"orders": history.LayerHealthy, "carts": history.LayerSlow} {
		th.Tables = map[string]diagnose.Thresholds{name: patient}
		if got := diagnose.Assess(c.s, c.now, th).Layer; got.Verdict != want {
			t.Errorf("patience with %s: %s (%s), want %s", name, got.Verdict, got.Why, want)
		}
	}
}

// When people are in pain and the service is clean, the verdict says so with its numbers; while CloudWatch has not said whether
// requests are refused, nobody can. Mutant: look at reports before what CloudWatch is silent about.
func TestNotDynamoDB(t *testing.T) {
	clean := metrics{"requests@orders#Query": {100}, "latency_p50@orders#Query": {4}}
	c := newScene(table()).polled(clean)
	c.put(history.Reported{Text: "checkout hangs", About: "latency"})
	a := c.assess()
	for _, want := range []string{"not DynamoDB", "100/s served, 0.0/s refused, 0.0/s failed", "Query takes 4.0 ms at the server, usually 4.0"} {
		if a.Layer.Verdict != history.LayerClient || !strings.Contains(a.Layer.Why, want) {
			t.Errorf("%q is not in %s: %s", want, a.Layer.Verdict, a.Layer.Why)
		}
	}
	silent := newScene(table()).polled(metrics{"requests@orders#Query": {100}, "write_throttles@orders": nil})
	silent.put(history.Reported{Text: "checkout hangs", About: "latency"})
	if got := silent.assess().Layer; got.Verdict != history.LayerUnknown {
		t.Errorf("refusals not known, and the verdict is %s: %s", got.Verdict, got.Why)
	}
}

// The look-alike and what decides stand with the first in rank. Mutant: name the nearest look-alike though another is second.
func TestRivals(t *testing.T) {
	m := refused(metrics{}, "orders", "write", "keyrange", 60, 900)
	m["write_provisioned_throttles@orders"] = last(4, 40)
	a := newScene(table()).polled(m).assess()
	top := a.Ranked[0]
	if top.Kind != diagnose.HotPartition || top.Rival == "" || top.Decider == "" {
		t.Errorf("%+v", top)
	}
	if a.Ranked[1].Kind == diagnose.UnderprovisionedTab && top.Rival != diagnose.UnderprovisionedTab {
		t.Errorf("the second is %s, the rival %s", a.Ranked[1].Kind, top.Rival)
	}
	if calm := newScene(table()).polled(nil).assess().Ranked[0]; calm.Rival != "" {
		t.Errorf("calm has the rival %s", calm.Rival)
	}
}

// tailed has the p99 of queries at v ms in the last n minutes, their median as ever.
func tailed(n int, v float64) metrics {
	return metrics{"requests@orders#Query": {100}, "latency_p50@orders#Query": {4}, "latency_p99@orders#Query": append([]float64{20}, slices.Repeat([]float64{v}, n)...)}
}

// querying is a new scene whose caller makes queries.
func querying() *scene {
	c := newScene(table())
	c.s.Session.Clients[0].Op = "Query"
	return c
}

// What hurts comes before that CloudWatch is dark. Mutant: weigh the darkness as if no other eye saw anything.
func TestWhatHurtsComesBeforeTheDark(t *testing.T) {
	a := dark().fed(8, 100, 150, 50, 0, 20).assess()
	if a.Layer.Verdict != history.LayerThrottled || a.Ranked[0].Kind == diagnose.MonitoringOutage {
		t.Errorf("%s, %+v", a.Layer.Verdict, a.Ranked[0])
	}
}
