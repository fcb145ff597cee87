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

// Each change that was tried is in the row of what the truth calls it, with what became of it. Mutants: count a run without a change; take
// a cut for a raise's row.
func TestTriesAreCounted(t *testing.T) {
	run := func(try string, failed []string, changes ...drillChange) drillResult {
		return drillResult{
			Try: try, Failed: failed, Changes: changes, Refused: []drillRefused{{Kind: "table.write"}},
			Truth: drillTruth{Kind: "hot_partition", Cures: []string{"lever:a"}, Futile: []string{"table.write@orders"}, Harmful: []string{"table.write.down"}},
		}
	}
	text := triesTable(countTries([]drillResult{
		run("", nil),
		run("lever:a", nil, drillChange{Kind: "lever:a", AppliedAt: "6m0s", Verdict: "worked"}),
		run("lever:a", []string{"ending"}, drillChange{Kind: "lever:a", AppliedAt: "6m0s", Verdict: "unproven"}),
		run("table.write@orders", nil),
		run("table.write.down", nil, drillChange{Kind: "table.write", AppliedAt: "6m0s", Verdict: "worse", Undone: true}),
	}))
	for _, want := range []string{
		"| cure | `lever` | 2 | 50.0 % | unproven 1, worked 1 |", "| futile | `table.write` | 1 | 100.0 % | refused 1 |",
		"| harmful | `table.write.down` | 1 | 100.0 % | worse, undone 1 |", "| **all** | | 4 | 75.0 % | |",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in %s", want, text)
		}
	}
	if triesTable(countTries([]drillResult{run("", nil)})) != "" {
		t.Error("a table of nothing")
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

// A change that the truth names is tried under the truth's own words, however it was asked for, so that it is judged and counted as such;
// a cut is no raise. Mutants: compare the texts; compare without Down; compare the targets of levers.
func TestATryIsKnownByWhatItIs(t *testing.T) {
	sc, err := loadScenario("hot-partition", "")
	if err != nil {
		t.Fatal(err)
	}
	at := "@" + sc.Truth.Target
	for try, want := range map[string]string{
		"table.write" + at: "table.write", "table.write": "table.write", "lever:limit-hot-tenant" + at: "lever:limit-hot-tenant",
		"lever:limit-hot-tenant@client": "lever:limit-hot-tenant", "table.write.down" + at: "table.write.down" + at, "table.read" + at: "table.read" + at,
	} {
		list, err := triesOf(sc, try)
		if err != nil || len(list) != 1 || list[0].String() != want {
			t.Errorf("%s: %v, %v, want %s", try, list, err, want)
		}
	}
}

// Rows come one by one and stand under their heads all the same; nothing is printed before the first. Mutants: lay each row out for
// itself; print the head at once.
func TestRowsStandUnderTheirHeads(t *testing.T) {
	var out strings.Builder
	show := tableOf(&out)
	if out.Len() > 0 {
		t.Errorf("before any result: %q", out.String())
	}
	for i, r := range resultsOf() {
		r.Try, r.Passed = []string{"table.write", ""}[i], true
		if err := show(r); err != nil {
			t.Fatal(err)
		}
	}
	lines := strings.Split(out.String(), "\n")
	for col, cell := range map[string][]string{"RESULT": {"passed", "passed"}, "DIAGNOSIS": {"hot_partition", "calm"}} {
		for i, want := range cell {
			if at := strings.Index(lines[0], col); !strings.HasPrefix(lines[i+1][at:], want) {
				t.Errorf("%s of row %d:\n%s", col, i, out.String())
			}
		}
	}
}
