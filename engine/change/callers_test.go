package change_test

import (
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ddbloop/ddbloop/engine/change"
	"github.com/ddbloop/ddbloop/history"
)

// capped is a table whose maximum refuses a caller that asks for so many calls a second: 500 are served, and 1,000 attempts are not.
func capped(calls float64) *scene {
	c := refused(history.OnDemand, "cap", 480)
	hour := slices.Repeat([]float64{480}, 60)
	c.polled(map[string][]float64{"requests@orders#PutItem": hour, "consumed_write@orders": hour})
	c.State.Session.Clients = []history.Client{{Name: "web", Table: "orders", Op: "PutItem"}}
	for i := range 10 {
		c.put(time.Duration(i-10)*time.Second, history.FeedScraped{
			Feed: "web", Table: "orders", Seconds: 1, Calls: calls, Attempts: 1500, P50: 5, P99: 40,
			Errors: map[string]float64{"ThrottlingException": 1000},
		})
	}
	return c
}

// Callers' own counts know of a demand that CloudWatch's minutes have not told yet, and which refusals only repeat a call. A raise is
// sized by the former, its cost leaves out the latter, and a demand that eases by less than a tenth drops no approved raise.
// Mutants: size by the minutes alone; bill each refusal; no room for noise; room for half.
func TestCallersCount(t *testing.T) {
	c := capped(900)
	p, err := c.Plan(change.Request{What: "cap.write", Target: "orders"})
	if err != nil || p.AfterN != 1350 {
		t.Fatalf("%+v, %v: want 1.5 × the 900 that the caller asks for", p, err)
	}
	usd := 40 * 0.4 * 3600 * 0.625e-6 // of 1,000 refusals 400 are calls
	if p.CostHour == nil || math.Abs(*p.CostHour-usd) > usd/50 || strings.HasPrefix(p.CostNote, "at most") {
		t.Errorf("cost %v (%s), want %v", p.CostHour, p.CostNote, usd)
	}
	for calls, sent := range map[float64]bool{900: true, 850: true, 600: false} {
		if err := capped(calls).Recheck(p, nil); (err == nil) != sent {
			t.Errorf("demand is at %v: %v", calls, err)
		}
	}
	bare, err := refused(history.OnDemand, "cap", 480).Plan(change.Request{What: "cap.write", Target: "orders"})
	if err != nil || !strings.HasPrefix(bare.CostNote, "at most") {
		t.Errorf("without a feed each refusal may be a retry: %s, %v", bare.CostNote, err)
	}
}
