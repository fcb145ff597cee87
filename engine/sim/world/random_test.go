package world

import (
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/ddbloop/ddbloop/engine/sim/scenario"
	"github.com/ddbloop/ddbloop/engine/sim/scenario/random"
)

// A made-up scenario is only worth something if its truth is the physics'. Mutant: leave the burst out of burstEnds.
func TestMadeUpTruthsHold(t *testing.T) {
	seeds := int64(2)
	if n, err := strconv.ParseInt(os.Getenv("DDBLOOP_SEEDS"), 10, 64); err == nil {
		seeds = n
	}
	for _, kind := range random.Kinds() {
		for seed := range seeds {
			t.Run(random.ID(kind, seed, false), func(t *testing.T) {
				raw, err := random.Scenario(kind, seed, false)
				if err != nil {
					t.Fatal(err)
				}
				sc, err := scenario.Parse(random.ID(kind, seed, false), raw, scenario.Options{})
				if err != nil {
					t.Fatal(err)
				}
				sc.History = 2 * time.Hour // enough for the calm p99
				playTruth(t, build(t, sc), sc)
			})
		}
	}
}

// playTruth plays a scenario to its end, or to the first refusal.
func playTruth(t *testing.T, w *World, sc *scenario.Scenario) {
	t.Helper()
	onset, at := time.Duration(-1), time.Duration(0)
	for at < sc.Duration && onset < 0 {
		at += time.Second
		w.Advance(at)
		if refusedNow(w) > 0 {
			onset = at - time.Second
		}
	}
	calm := sc.Truth.Begins - time.Minute
	if sc.Truth.Kind == "calm" {
		calm = sc.Duration
	}
	for _, c := range w.clients {
		for m := time.Duration(0); m+time.Minute <= min(calm, at); m += time.Minute {
			if s, _ := w.ClientStats(c.now.Name, m); s.Calls > 0 && !s.Met {
				t.Errorf("%s misses its objective in the calm minute %s: %+v", c.now.Name, m, s)
				break
			}
		}
	}
	switch d := onset - sc.Truth.Begins; {
	case sc.Truth.Kind != "calm" && sc.Truth.Layer == "throttled":
		// What is saved for bursts ends a little later with the demand that a seed draws.
		if onset < 0 || d < 0 || d > 2*time.Minute {
			t.Errorf("first throttle at %s, truth says %s", onset, sc.Truth.Begins)
		}
	case onset >= 0:
		t.Errorf("throttles at %s, though the layer is %s", onset, sc.Truth.Layer)
	case sc.Truth.Kind != "calm":
		hurtsAsItSays(t, w, sc)
	}
}
