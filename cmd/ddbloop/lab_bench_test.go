package main

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ddbloop/ddbloop/engine"
	"github.com/ddbloop/ddbloop/engine/sim/scenario"
	"github.com/ddbloop/ddbloop/history"
)

// TestLabBesideAProbe: in a session, a lab runs beside the probes and the incident, one at a time, ends when it is told to or when it is
// done, and leaves its result in the State. Mutant: forget to record how it ended.
func TestLabBesideAProbe(t *testing.T) {
	sc, err := scenario.Parse("lab-demo.yaml", []byte(labWorld+"here:\n  probes: [{table: orders, operation: Query}]\n"), scenario.Options{})
	if err != nil {
		t.Fatal(err)
	}
	e, err := openEmbedded(sc)
	if err != nil {
		t.Fatal(err)
	}
	eng, err := e.engine(engineOptions{id: "lab", mode: "drill", journal: forgetful{}})
	if err != nil {
		t.Fatal(err)
	}
	other := filepath.Join(t.TempDir(), "one.json")
	if err := os.WriteFile(other, []byte(`{"TableName":"orders","KeyConditionExpression":"customer = :c","ExpressionAttributeValues":{":c":{"S":"customer-0"}},"Limit":1}`), 0o600); err != nil {
		t.Fatal(err)
	}
	ctx := context.Background()
	do := func(c engine.Command, want string) {
		t.Helper()
		err := eng.Do(ctx, c)
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%+v: got %v, want %q", c, err, want)
		}
	}
	e.clk.Go(func() {
		if err := e.start(ctx, eng); err != nil {
			t.Error(err)
		}
	})
	until := func(d time.Duration) { e.clk.Run(sc.Start.Add(d), nil) }
	defer e.clk.Stop()
	until(5 * time.Second)
	e.clk.Go(func() {
		do(engine.StopLab{}, "no lab runs")
		do(engine.StartLab{Probe: "nope", File: other}, "no probe")
		do(engine.StartLab{File: "nowhere.json"}, "no such file")
		do(engine.StartLab{File: other}, "")
		do(engine.StartLab{File: other}, "runs already")
	})
	until(10 * time.Second)
	var running history.Lab
	eng.View(func(s *history.State) {
		if len(s.Labs) == 1 && s.Labs[0].Result != nil {
			running = *s.Labs[0]
		}
	})
	if running.Info.ID != "L1" || running.Info.Probe != "orders-1" || !running.Finished.IsZero() || running.Result.Pairs < 5 {
		t.Fatalf("after 5 s: %+v", running)
	}
	e.clk.Go(func() { do(engine.StopLab{}, "") })
	until(12 * time.Second)
	e.clk.Go(func() { do(engine.StartLab{Probe: "orders-1", File: other}, "") })
	until(2 * time.Minute)
	eng.View(func(s *history.State) {
		if len(s.Labs) != 2 {
			t.Fatalf("%d labs", len(s.Labs))
		}
		first, second := s.Labs[0], s.Labs[1]
		if first.Finished.IsZero() || first.Result.Ended != "interrupted" || first.Result.Pairs < 5 {
			t.Errorf("told to end: %+v", first.Result)
		}
		r := second.Result
		if second.Finished.IsZero() || r.Ended != "" || r.Pairs != 60 || r.Units.Word != history.LabFewer || r.Answer == history.AnswerSame {
			t.Errorf("to its end: %+v", r)
		}
	})
}
