package random_test

import (
	"testing"

	"github.com/ddbloop/ddbloop/engine/sim"
	"github.com/ddbloop/ddbloop/engine/sim/scenario"
	"github.com/ddbloop/ddbloop/engine/sim/scenario/random"
)

func TestEveryKindIsAScenario(t *testing.T) {
	for _, kind := range random.Kinds() {
		for seed := range int64(40) {
			raw, err := random.Scenario(kind, seed, seed%5 == 0)
			if err != nil {
				t.Fatal(err)
			}
			sc, err := scenario.Parse(random.ID(kind, seed, seed%5 == 0), raw, scenario.Options{})
			if err == nil {
				err = sim.Check(sc)
			}
			if err != nil {
				t.Errorf("%v\n%s", err, raw)
				break
			}
		}
	}
}

// A seed is a scenario for good: a figure in the docs can be had again. Mutant: draw from a map's order.
func TestASeedIsAScenario(t *testing.T) {
	for _, kind := range random.Kinds() {
		a, err := random.Scenario(kind, 7, false)
		b, _ := random.Scenario(kind, 7, false)
		other, _ := random.Scenario(kind, 8, false)
		if err != nil || string(a) != string(b) || string(a) == string(other) {
			t.Errorf("%s: %v, same %v, other %v", kind, err, string(a) == string(b), string(a) != string(other))
		}
	}
}
