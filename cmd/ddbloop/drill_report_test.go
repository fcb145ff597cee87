package main

import (
	"context"
	"encoding/xml"
	"errors"
	"strings"
	"testing"
)

func resultsOf() []drillResult {
	good := drillResult{
		Scenario: "a", Seed: 1, Magnitude: "base", Passed: true, Begins: "5m0s", DetectedAt: "5m4s", Disposition: "optimize",
		Truth:     drillTruth{Kind: "hot_partition", Target: "orders", Layer: "throttled", Disposition: "optimize"},
		Diagnosis: drillDiagnosis{Kind: "hot_partition", Target: "orders", P: 0.9, At: "7m0s"}, Layer: drillLayer{Verdict: "throttled"},
	}
	bad := good
	bad.Seed, bad.Passed, bad.Failed = 2, false, []string{"diagnosis"}
	bad.Diagnosis = drillDiagnosis{Kind: "calm", Target: "<&\"\x1b"}
	bad.Ranked = []drillRank{{Kind: "calm"}, {Kind: "hot_partition", Target: "orders"}}
	return []drillResult{good, bad}
}

func TestSummaryCounts(t *testing.T) {
	s := summarise(resultsOf())
	k := s.kinds[0]
	if s.passed != 1 || k.runs != 2 || k.first != 1 || k.two != 2 || k.layer != 2 || len(k.diagnosed) != 1 || s.confusions[0] != (confusion{"hot_partition", "calm", 1}) {
		t.Errorf("%+v", s)
	}
	for _, text := range []string{s.text(), s.markdown()} {
		for _, want := range []string{"50 %", "2m0s", "taken for calm 1 times", "diagnosis 1"} {
			if !strings.Contains(text, want) {
				t.Errorf("%q is not in %s", want, text)
			}
		}
	}
}

func TestJUnitIsXML(t *testing.T) {
	raw, err := junit(resultsOf())
	if err != nil {
		t.Fatal(err)
	}
	var back junitSuites
	if err := xml.Unmarshal(raw, &back); err != nil {
		t.Fatalf("%v in %s", err, raw)
	}
	if back.Tests != 2 || back.Failures != 1 || back.Suites[0].Cases[1].Failure == nil || strings.ContainsRune(string(raw), 0x1b) {
		t.Errorf("%s", raw)
	}
}

// However the jobs end, results come in the order of the jobs, and the first failure ends the rest. Mutant: show as they end.
func TestInOrder(t *testing.T) {
	jobs := make([]job, 40)
	for i := range jobs {
		jobs[i].seed = int64(i)
	}
	var shown []int64
	show := func(r drillResult) error { shown = append(shown, r.Seed); return nil }
	broken := errors.New("broken")
	run := func(_ context.Context, j job) (drillResult, error) {
		if j.seed == 30 {
			return drillResult{}, broken
		}
		return drillResult{Seed: j.seed}, nil
	}
	done, err := inOrder(context.Background(), jobs, 4, run, show)
	if !errors.Is(err, broken) || len(done) != 30 || len(shown) != 30 {
		t.Fatalf("%d done, %d shown, %v", len(done), len(shown), err)
	}
	for i, seed := range shown {
		if seed != int64(i) {
			t.Fatalf("shown %v", shown)
		}
	}
}
