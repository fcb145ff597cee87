package world

import (
	"testing"
	"time"

	"github.com/ddbloop/ddbloop/engine/sim/scenario"
)

// A client that has stopped leaves hundredths of a late call behind, as a fluid does. Nobody made that call.
//
// Mutant: judge a minute however few its calls.
func TestAMinuteWithoutACallMissesNoObjective(t *testing.T) {
	w := build(t, small(func(sc *scenario.Scenario) {
		sc.Traffic[0].SDK.Timeout = 60 * time.Millisecond
		sc.Traffic[0].SLO = scenario.SLO{P99: time.Nanosecond, Success: 1}
		sc.Events = []scenario.Event{{At: time.Minute, Until: scenario.Forever, Sets: setting("rate", scenario.Demand{})}}
	}))
	w.Advance(3 * time.Minute)
	for from, met := range map[time.Duration]bool{0: false, time.Minute: true} {
		m, ok := w.ClientStats("checkout", from)
		if !ok || m.Met != met {
			t.Errorf("minute %s: %+v", from, m)
		}
		if from > 0 && (m.Calls == 0 || m.Calls > 0.5) {
			t.Errorf("the fluid left %v calls", m.Calls)
		}
	}
}
