package world

import (
	"fmt"

	"github.com/ddbloop/ddbloop/engine/sim/scenario"
)

// unmodelled names the first thing that a scenario asks for and this model does not do.
func unmodelled(sc *scenario.Scenario) error {
	for i := range sc.Traffic {
		if what := missingInTraffic(&sc.Traffic[i]); what != "" {
			return fmt.Errorf("traffic %s: %s is not modelled yet", sc.Traffic[i].Name, what)
		}
	}
	for i := range sc.Events {
		if what := missingInSets(sc.Events[i].Sets); what != "" {
			return fmt.Errorf("event at %s: %s is not modelled yet", sc.Events[i].At, what)
		}
	}
	for _, l := range sc.Levers {
		if what := missingInSets(l.Sets); what != "" {
			return fmt.Errorf("lever %s: %s is not modelled yet", l.Name, what)
		}
	}
	return nil
}

func missingInTraffic(c *scenario.Traffic) string {
	if _, ok := speeds[c.Operation]; !ok {
		return c.Operation
	}
	return ""
}

func missingInSets(sets []scenario.Set) string {
	for _, s := range sets {
		if name, ok := s.Value.(string); ok && s.Path.Field[0] == "operation" {
			if _, known := speeds[name]; !known {
				return name
			}
		}
	}
	return ""
}
