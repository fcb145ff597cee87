package main

import (
	"strings"
	"testing"
	"time"

	"github.com/ddbloop/ddbloop/engine/diagnose"
)

// A table's thresholds are those for all tables but for what it sets itself. Mutant: begin a table from the defaults.
func TestThresholds(t *testing.T) {
	got, err := parseTeam([]byte("thresholds:\n  slow_factor: 3\n  sure_for: 90s\n  tables:\n    orders: {slow_floor: 40ms, bad_minutes: 4}\n"))
	if err != nil {
		t.Fatal(err)
	}
	l := got.limits()
	if l.SlowFactor != 3 || l.SureFor != 90*time.Second || l.SlowFloor != diagnose.Defaults.SlowFloor {
		t.Errorf("all tables: %+v", l)
	}
	if own := l.Of("orders"); own.SlowFloor != 40 || own.BadMinutes != 4 || own.SlowFactor != 3 {
		t.Errorf("orders: %+v", own)
	}
	if other := l.Of("carts"); other.SlowFloor != diagnose.Defaults.SlowFloor || other.BadMinutes != diagnose.Defaults.BadMinutes {
		t.Errorf("carts: %+v", other)
	}
	if l := (team{}).limits(); l.SlowFactor != diagnose.Defaults.SlowFactor {
		t.Errorf("without a config: %+v", l)
	}
}

func TestThresholdsNameTheLine(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"actor: ana\nthresholds:\n  slow: 3\n", "line 3"},
		{"thresholds:\n  slow_factor: quick\n", "line 2: thresholds: slow_factor is from 1.2 to 50"},
		{"thresholds:\n  slow_floor: 5\n", "such as 6ms"},
		{"thresholds:\n  small_share: 1.5\n", "from 0 to 1"},
		{"thresholds:\n  small_share: .nan\n", "line 2"},
		{"thresholds:\n  bad_minutes: 2.5\n", "line 2"},
		{"thresholds:\n  tables:\n    orders:\n      sure_for: 1m\n", "line 4: thresholds: sure_for is one for all tables"},
		{"thresholds:\n  tables:\n    orders: 3\n", "line 3"},
		{"thresholds: 4\n", "line 1"},
	} {
		if _, err := parseTeam([]byte(c.text)); err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%q: %v, want %q", c.text, err, c.want)
		}
	}
}
