package diagnose_test

import (
	"math"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/ddbloop/ddbloop/engine/diagnose"
	"github.com/ddbloop/ddbloop/history"
)

// refused gives a side of a target refusals for one cause in the last four minutes.
func refused(m metrics, target, side, cause string, perSecond, used float64) metrics {
	m["consumed_"+side+"@"+target] = []float64{used}
	m[side+"_throttles@"+target] = last(4, perSecond)
	m[side+"_"+cause+"_throttles@"+target] = last(4, perSecond)
	return m
}

func TestRanking(t *testing.T) {
	onDemand := table()
	onDemand.Mode, onDemand.Throughput = "on_demand", history.Throughput{}
	reason := func(r, arn string) history.Reason {
		return history.Reason{Reason: r, Resource: "arn:aws:dynamodb:us-east-1:111122223333:table/" + arn}
	}
	throttled := "ProvisionedThroughputExceededException"
	for _, c := range []struct {
		name         string
		scene        *scene
		kind, target string
		reason       string
		p            float64 // at least
	}{
		{"calm", newScene(table()).polled(nil), diagnose.Calm, "", "", 0.8},
		{"one partition, writes", newScene(table()).polled(refused(metrics{}, "orders", "write", "keyrange", 50, 300)), diagnose.HotPartition, "orders", "TableWriteKeyRangeThroughputExceeded", 0.9},
		{"one partition, reads", newScene(table()).polled(refused(metrics{}, "orders", "read", "keyrange", 50, 300)), diagnose.HotPartition, "orders", "TableReadKeyRangeThroughputExceeded", 0.9},
		{"the table, writes", newScene(table()).polled(refused(metrics{}, "orders", "write", "provisioned", 50, 990)), diagnose.UnderprovisionedTab, "orders", "TableWriteProvisionedThroughputExceeded", 0.9},
		{"the table, reads", newScene(table()).polled(refused(metrics{}, "orders", "read", "provisioned", 50, 990)), diagnose.UnderprovisionedTab, "orders", "TableReadProvisionedThroughputExceeded", 0.9},
		{"the index", newScene(table()).polled(refused(metrics{}, "orders/by-status", "write", "provisioned", 50, 490)), diagnose.GSIBackpressure, "orders/by-status", "IndexWriteProvisionedThroughputExceeded", 0.9},
		{"one key of the index", newScene(table()).polled(refused(metrics{}, "orders/by-status", "write", "keyrange", 50, 100)), diagnose.GSIHotKey, "orders/by-status", "IndexWriteKeyRangeThroughputExceeded", 0.9},
		{"one partition of an on-demand table", newScene(onDemand).polled(refused(metrics{}, "orders", "write", "keyrange", 50, 300)), diagnose.HotPartition, "orders", "", 0.9},
		{"a probe names the table's limit", newScene(table()).polled(nil).probed(3, "", throttled, reason("TableReadProvisionedThroughputExceeded", "orders")), diagnose.UnderprovisionedTab, "orders", "TableReadProvisionedThroughputExceeded", 0.8},
		{"a probe names one partition", newScene(table()).polled(nil).probed(3, "", throttled, reason("TableReadKeyRangeThroughputExceeded", "orders")), diagnose.HotPartition, "orders", "TableReadKeyRangeThroughputExceeded", 0.8},
		{"a probe names the index", newScene(table()).polled(nil).probed(3, "by-status", throttled, reason("IndexWriteKeyRangeThroughputExceeded", "orders/index/by-status")), diagnose.GSIHotKey, "orders/by-status", "IndexWriteKeyRangeThroughputExceeded", 0.8},
	} {
		a := c.scene.assess()
		if len(a.Ranked) == 0 {
			t.Errorf("%s: nothing ranked", c.name)
			continue
		}
		top := a.Ranked[0]
		if top.Kind != c.kind || top.Target != c.target || top.P < c.p || !strings.Contains(top.Reason, c.reason) || len(top.For) == 0 {
			t.Errorf("%s: %+v, want %s on %q, %s, p ≥ %v", c.name, top, c.kind, c.target, c.reason, c.p)
		}
	}
}

// A reason names one resource: neither an index of the same name on another table nor a table of the
// index's name. Mutant: compare the last part of the ARN only.
func TestReasonsNameOneResource(t *testing.T) {
	for _, arn := range []string{"returns/index/by-status", "by-status"} {
		c := newScene(table()).polled(nil).probed(3, "by-status", "ThrottlingException",
			history.Reason{Reason: "IndexWriteKeyRangeThroughputExceeded", Resource: "arn:aws:dynamodb:us-east-1:111122223333:table/" + arn})
		for _, h := range c.assess().Ranked {
			if h.Kind == diagnose.GSIHotKey && len(h.For) > 0 {
				t.Errorf("a reason about %s speaks for %s: %v", arn, h.Target, h.For)
			}
		}
	}
}

// The two kinds that share a resource are told apart by the cause that refuses more, and the weaker one
// names the evidence against it.
func TestMixedCauses(t *testing.T) {
	m := refused(metrics{}, "orders", "write", "keyrange", 60, 900)
	m["write_throttles@orders"] = last(4, 70)
	m["write_provisioned_throttles@orders"] = last(4, 10)
	a := newScene(table()).polled(m).assess()
	p := map[string]history.Hypothesis{}
	for _, h := range a.Ranked {
		p[h.Kind] = h
	}
	hot, full := p[diagnose.HotPartition], p[diagnose.UnderprovisionedTab]
	if hot.P < 0.5 || full.P >= hot.P || len(hot.Against) == 0 || len(full.Against) == 0 {
		t.Errorf("hot %+v\nfull %+v", hot, full)
	}
}

// Refusals that only a caller sees speak softly: the cause is a guess and is called one.
func TestUnpublishedCause(t *testing.T) {
	for _, c := range []struct {
		used       float64
		kind, side string
	}{{900, diagnose.UnderprovisionedTab, "write"}, {200, diagnose.HotPartition, "write"}} {
		a := newScene(table()).polled(metrics{"consumed_write@orders": {c.used}}).fed(5, 100, 150, 50, 0, 20).assess()
		top := a.Ranked[0]
		if top.Kind != c.kind || top.P >= 0.8 || !strings.Contains(strings.Join(top.For, " "), "not published yet") {
			t.Errorf("%v used: %+v", c.used, top)
		}
	}
	// Refusals whose causes are all missing are evidence against no cause. Mutant: read them as zeros.
	m := metrics{"write_throttles@orders": last(4, 50), "consumed_write@orders": {990}}
	for _, cause := range []string{"provisioned", "keyrange", "cap", "account"} {
		m["write_"+cause+"_throttles@orders"] = nil
	}
	if top := newScene(table()).polled(m).assess().Ranked[0]; top.Reason != "TableWriteProvisionedThroughputExceeded" || top.P >= 0.8 {
		t.Errorf("a full table, no cause published: %+v", top)
	}
}

// An index that has lived on its burst for one minute is short, though three minutes together used what it has, and though one partition
// refuses a few. Mutant: hold the mean of three minutes against the limit.
func TestAMinuteOfBurstIsShortCapacity(t *testing.T) {
	m := refused(metrics{}, "orders/by-status", "write", "keyrange", 10, 0)
	m["consumed_write@orders/by-status"] = []float64{200, 200, 1000}
	if top := newScene(table()).polled(m).assess().Ranked[0]; top.Kind != diagnose.GSIBackpressure {
		t.Errorf("%+v", top)
	}
}

func TestOnDemandHasNoProvisionedLimit(t *testing.T) {
	snap := table()
	snap.Mode, snap.Throughput = "on_demand", history.Throughput{}
	snap.Indexes[0].Throughput = history.Throughput{}
	a := newScene(snap).polled(nil).fed(5, 100, 150, 50, 0, 20).assess()
	for _, h := range a.Ranked {
		if (h.Kind == diagnose.UnderprovisionedTab || h.Kind == diagnose.GSIBackpressure) && (h.P > 0.01 || len(h.Against) == 0) {
			t.Errorf("%+v", h)
		}
	}
	if p := diagnose.PressureOn(history.NewState(), start, diagnose.Defaults, "orders", "write"); p.Known || p.Why == "" {
		t.Errorf("an empty State knows %+v", p)
	}
}

// A late point overwrites: a verdict that rested on a provisional value goes with it.
func TestLatePoints(t *testing.T) {
	c := newScene(table()).polled(refused(metrics{}, "orders", "write", "keyrange", 50, 300))
	end := start.Unix() + past*60
	next := history.MetricsPolled{Source: "cloudwatch", From: start.Unix(), SettledTo: end + 60}
	for name, v := range map[string]float64{"consumed_write": 300, "write_throttles": 20, "write_provisioned_throttles": 0, "write_keyrange_throttles": 20} {
		u := history.SeriesUpdate{Key: history.SeriesKey{Signal: name, Target: "orders"}, Period: 60, Zero: name != "consumed_write"}
		for i := range int64(5) {
			u.Points = append(u.Points, history.Point{T: end - 240 + 60*i, V: v})
		}
		next.Series = append(next.Series, u)
	}
	c.now = c.now.Add(time.Minute)
	c.put(next)
	if p := diagnose.PressureOn(c.s, c.now, diagnose.Defaults, "orders", "write"); p.Refused != 20 || p.KeyRange != 20 || p.Provisioned != 0 {
		t.Errorf("%+v", p)
	}
	if d := diagnose.PeakDemand(c.s, c.now, "orders", "write", 15*time.Minute); d != 320 {
		t.Errorf("peak demand %v, want 300 used and 20 refused", d)
	}
}

// Whatever the State holds: no panic, one of the seven words, unknown while nothing has answered, and
// probabilities that are some. Mutant: treat silence as health.
func TestAssessIsTotal(t *testing.T) {
	words := map[string]bool{
		history.LayerUnknown: true, history.LayerService: true, history.LayerThrottled: true, history.LayerSlow: true,
		history.LayerTail: true, history.LayerClient: true, history.LayerHealthy: true,
	}
	number := rapid.OneOf(rapid.Just(0.0), rapid.Float64Range(0, 2000), rapid.Just(math.Inf(1)), rapid.Just(math.NaN()))
	rapid.Check(t, func(t *rapid.T) {
		c := newScene(table())
		if rapid.Bool().Draw(t, "empty session") {
			c = &scene{s: history.NewState(), now: start}
		}
		names := []string{
			"consumed_read@orders", "consumed_write@orders", "write_throttles@orders", "write_keyrange_throttles@orders",
			"write_provisioned_throttles@orders", "write_throttles@orders/by-status", "requests@orders#Query", "system_errors@orders#Query", "latency_p50@orders#Query",
		}
		answered := false
		for range rapid.IntRange(0, 6).Draw(t, "steps") {
			switch rapid.IntRange(0, 4).Draw(t, "kind") {
			case 0:
				m := metrics{}
				for _, n := range rapid.SliceOfDistinct(rapid.SampledFrom(names), rapid.ID[string]).Draw(t, "names") {
					if m[n] = rapid.SliceOfN(number, 1, past).Draw(t, n); len(m[n])%5 == 0 {
						m[n] = nil
					}
				}
				c.polled(m)
				answered = true
			case 1:
				v := number.Draw(t, "v")
				c.fed(rapid.IntRange(1, 12).Draw(t, "n"), v, number.Draw(t, "attempts"), number.Draw(t, "throttled"), number.Draw(t, "failed"), v)
				answered = true
			case 2:
				code := rapid.SampledFrom([]string{"", "dns", "ThrottlingException", "InternalServerError", "AccessDenied"}).Draw(t, "code")
				c.probed(rapid.IntRange(1, 12).Draw(t, "n"), "", code, history.Reason{Reason: "x", Resource: rapid.String().Draw(t, "arn")})
				answered = true
			case 3:
				c.waited(time.Duration(rapid.Int64Range(-60, 600).Draw(t, "s")) * time.Second)
			case 4:
				c.put(history.SourceChanged{Name: "cloudwatch", State: rapid.SampledFrom([]string{"ok", "down", "expired"}).Draw(t, "state"), Text: "x"})
			}
		}
		a := c.assess()
		if !words[a.Layer.Verdict] {
			t.Fatalf("verdict %q", a.Layer.Verdict)
		}
		if !answered && a.Layer.Verdict != history.LayerUnknown {
			t.Fatalf("%s (%s), though nothing has answered", a.Layer.Verdict, a.Layer.Why)
		}
		sum := 0.0
		for _, h := range a.Ranked {
			if !(h.P >= 0 && h.P <= 1) {
				t.Fatalf("%s has p %v", h.Kind, h.P)
			}
			sum += h.P
		}
		if sum > 1+1e-9 {
			t.Fatalf("probabilities sum to %v", sum)
		}
	})
}
