package tui

import (
	"strings"
	"testing"
)

// An amount that a kind has no use for is a slip, not to be passed over. Mutant: pass it over.
func TestAnAmountThatNothingTakes(t *testing.T) {
	for text, wrong := range map[string]bool{
		"mode.on_demand 5": true, "insights 7": true, "lever:shed orders 3": true,
		"mode.on_demand": false, "cap.write none": false, "warm.read 900": false, "autoscaling.min write 9": false, "table.write 7": false,
	} {
		if _, err := parseChange(text, []string{"orders"}); wrong != (err != nil && strings.Contains(err.Error(), "takes no amount")) {
			t.Errorf("%s: %v", text, err)
		}
	}
}
