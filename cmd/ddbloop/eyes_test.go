package main

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/ddbloop/ddbloop/engine/sim/scenario"
	"github.com/ddbloop/ddbloop/history"
	"github.com/ddbloop/ddbloop/tui/metric"
	"github.com/ddbloop/ddbloop/tui/say"
)

// Every eye that works says so with an age, at every minute of a calm session, and none is taken for stale or down because it
// looks once a minute, or once an hour. Mutants: an optional eye speaks only when something changed; 20 seconds for all of them.
func TestNoEyeOfACalmSessionIsStale(t *testing.T) {
	sc, err := scenario.Parse("calm.yaml", []byte(scenarioText(t, "calm")), scenario.Options{})
	if err != nil {
		t.Fatal(err)
	}
	e, err := openEmbedded(sc)
	if err != nil {
		t.Fatal(err)
	}
	eng, err := e.engine(engineOptions{id: "eyes", mode: "drill", journal: forgetful{}})
	if err != nil {
		t.Fatal(err)
	}
	e.clk.Go(func() {
		if err := e.start(context.Background(), eng); err != nil {
			t.Error(err)
		}
	})
	defer e.clk.Stop()
	for at := 90 * time.Second; at <= 12*time.Minute; at += 29 * time.Second {
		e.clk.Run(sc.Start.Add(at), nil)
		eng.View(func(s *history.State) {
			var seen []string
			for _, eye := range say.Sources(s, e.clk.Now()) {
				if seen = append(seen, eye.Name); !eye.Idle && (eye.State != metric.OK || !eye.Known) {
					t.Errorf("%s: %s is %s after %s: %s", at, eye.Name, eye.Word(), eye.Age, eye.Text)
				}
			}
			for _, name := range []string{"cloudwatch", "describe", "scaling", "cloudtrail", "alarms", "alarm history", "insights", "quotas"} {
				if !slices.Contains(seen, name) {
					t.Errorf("%s: %s is not listed: %v", at, name, seen)
				}
			}
		})
	}
}
