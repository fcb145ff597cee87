package diagnose_test

import (
	"testing"
	"time"

	"github.com/ddbloop/ddbloop/engine/diagnose"
	"github.com/ddbloop/ddbloop/history"
)

// A service that takes requests and answers none is slow, not out of reach; one that no connection leads to is out of reach,
// though the last word of both is a time-out. Mutants: forget the wait; count a kept connection, which says nothing of the way now.
func TestSilenceAfterAConnectionIsTheService(t *testing.T) {
	for _, c := range []struct {
		name   string
		wait   time.Duration
		reused bool
		layer  string
		kind   string
	}{
		{"written and never answered", 2 * time.Second, false, history.LayerSlow, diagnose.ServiceLatency},
		{"no connection", 0, false, history.LayerClient, diagnose.DNSFailure},
		{"a kept connection that died", 2 * time.Second, true, history.LayerClient, diagnose.DNSFailure},
	} {
		s := newScene(table())
		for range 3 {
			s.now = s.now.Add(2 * time.Second)
			s.put(history.ProbeAnswered{
				Probe: "own", Table: "orders", Op: history.OpNoData, Every: time.Second, Code: "timeout",
				Total: 2 * time.Second, Wait: c.wait, Reused: c.reused,
			})
		}
		a := s.assess()
		if a.Layer.Verdict != c.layer || a.Ranked[0].Kind != c.kind {
			t.Errorf("%s: layer %s (%s), %s p %.2f", c.name, a.Layer.Verdict, a.Layer.Why, a.Ranked[0].Kind, a.Ranked[0].P)
		}
	}
}
