package diagnose_test

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/ddbloop/ddbloop/engine/diagnose"
	"github.com/ddbloop/ddbloop/history"
)

// A caller is late from a fifth above its objective on, and no more once it meets the objective itself: the verdict does not go to and
// fro between. Mutant: one limit both ways.
func TestLateUntilTheObjectiveIsMet(t *testing.T) {
	c := newScene(table()).fed(200, 100, 100, 0, 0, 20).polled(nil)
	for _, step := range []struct {
		p99  float64
		want string
	}{{110, history.LayerHealthy}, {130, history.LayerTail}, {110, history.LayerTail}, {95, history.LayerHealthy}, {110, history.LayerHealthy}} {
		if a := c.fed(11, 100, 100, 0, 0, step.p99).assess(); a.Layer.Verdict != step.want {
			t.Errorf("p99 %v ms, objective 100 ms: %s (%s), want %s", step.p99, a.Layer.Verdict, a.Layer.Why, step.want)
		}
	}
}

// A caller that gives up on its attempts early and asks again is its own tail. Mutant: a tail is nobody's until CloudWatch has spoken.
func TestWhoAsksAgainIsItsOwnTail(t *testing.T) {
	for name, c := range map[string]struct {
		attempts, timeouts float64
		want               string
	}{
		"gives up on one attempt in three": {160, 55, history.LayerClient},
		"waits":                            {100, 0, history.LayerTail},
	} {
		s := newScene(table()).fed(200, 100, 100, 0, 0, 20).polled(nil)
		for range 11 {
			s.now = s.now.Add(time.Second)
			s.put(history.FeedScraped{
				Feed: "web", Table: "orders", Seconds: 1, Calls: 100, Attempts: c.attempts, P50: 5, P99: 180, Errors: map[string]float64{"timeout": c.timeouts},
			})
		}
		if a := s.assess(); a.Layer.Verdict != c.want || (c.want == history.LayerClient) != strings.Contains(a.Layer.Why, "asks again") {
			t.Errorf("%s: %s (%s), want %s", name, a.Layer.Verdict, a.Layer.Why, c.want)
		}
	}
}

// A new scan is slow where it has room; where it takes the table to its limit, that will refuse it first. Mutant: look at the use of
// three minutes, whose first was calm.
func TestAScanThatMeetsTheLimitIsNotSlow(t *testing.T) {
	for used, want := range map[float64]string{400: history.LayerSlow, 800: history.LayerHealthy} {
		scans, slow := append([]float64{math.NaN()}, 5, 5), append([]float64{math.NaN()}, 30, 30)
		took := append([]float64{100}, used, used)
		m := metrics{"requests@orders#Scan": scans, "latency_p50@orders#Scan": slow, "consumed_read@orders": took, "requests@orders#GetItem": {100}}
		if a := newScene(table()).polled(m).assess(); a.Layer.Verdict != want {
			t.Errorf("%v of 1000 read units used: %s (%s), want %s", used, a.Layer.Verdict, a.Layer.Why, want)
		}
	}
}

// Failures that a caller has always earned, more than its objective allows, are what hurts; with nothing refused no limit is suspected.
// Mutants: only what has risen counts; suspect a limit though nothing is refused.
func TestFailuresEarnedSinceEver(t *testing.T) {
	for code, kind := range map[string]string{"ConditionalCheckFailedException": diagnose.ConditionalFailures, "Oops": ""} {
		c := newScene(table()).polled(nil)
		for range 140 {
			c.now = c.now.Add(time.Second)
			c.put(history.FeedScraped{
				Feed: "web", Table: "orders", Seconds: 1, Calls: 100, Attempts: 100, Failed: 35, P50: 5, P99: 20, Errors: map[string]float64{code: 35},
			})
		}
		a := c.assess()
		if top := a.Ranked[0]; a.Layer.Verdict != history.LayerClient || kind != "" && (top.Kind != kind || top.P < 0.9) {
			t.Errorf("%s: %s, %+v", code, a.Layer.Verdict, top)
		}
		for _, h := range a.Ranked {
			if (h.Kind == diagnose.HotPartition || h.Kind == diagnose.UnderprovisionedTab || h.Kind == diagnose.AccountQuota) && h.P > 0.05 {
				t.Errorf("%s: suspects %+v", code, h)
			}
		}
	}
}
