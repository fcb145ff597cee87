package main

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
)

// Twenty runs of one scenario say no more about scenarios than one: two scenarios, one always right and one always wrong, leave
// everything open. Mutant: draw runs instead of scenarios.
func TestIntervalsResampleScenarios(t *testing.T) {
	var few, many []drillResult
	for i := range 40 {
		r := resultsOf()[0]
		r.Scenario = fmt.Sprint("s", i%2)
		if i%2 == 1 {
			r.Diagnosis.Kind = "calm"
		}
		few = append(few, r)
		r.Scenario = fmt.Sprint("s", i)
		many = append(many, r)
	}
	if share, from, to := shareOf(few, rightFirst); share != 0.5 || from != 0 || to != 1 {
		t.Errorf("two scenarios: %v from %v to %v", share, from, to)
	}
	if share, from, to := shareOf(many, rightFirst); share != 0.5 || from < 0.3 || to > 0.7 || from >= to {
		t.Errorf("forty scenarios: %v from %v to %v", share, from, to)
	}
}

// Every diagnosis is in one bin, p = 1 too, and the plot shows each of them. Mutant: leave the upper edge of the last bin out.
func TestCalibrationCountsAll(t *testing.T) {
	var list []drillResult
	for i, p := range []float64{0, 0.3, 0.6, 0.89, 0.9, 0.99, 1, 1} {
		r := resultsOf()[0]
		r.Scenario, r.Diagnosis.P = fmt.Sprint(i), p
		list = append(list, r)
	}
	c := calibrate(list)
	n := 0
	for _, b := range c.bins {
		n += b.runs
	}
	if n != len(list) || c.sure.runs != 4 || c.sure.right != 1 {
		t.Errorf("%d of %d runs in bins; sure %+v", n, len(list), c.sure)
	}
	plot := c.svg()
	if got := strings.Count(plot, "<circle"); got != len(c.bins) {
		t.Errorf("%d dots for %d bins", got, len(c.bins))
	}
	for d := xml.NewDecoder(strings.NewReader(plot)); ; {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatalf("%v in %s", err, plot)
		}
	}
	if !strings.Contains(c.markdown(), "| **0.9 and more** | 4 |") {
		t.Error(c.markdown())
	}
}

func TestResultsOfEarlierRuns(t *testing.T) {
	if _, err := readResults(strings.NewReader("{\"scenario\":\"a\"}\n\n{\"table\":1}\n")); err == nil || !strings.Contains(err.Error(), "line 3") {
		t.Errorf("a line that is no result: %v", err)
	}
	list, err := readResults(strings.NewReader("{\"scenario\":\"b\",\"begins\":\"5m0s\",\"onset_at\":\"5m30s\"}\n{\"scenario\":\"a\",\"seed\":2}\n{\"scenario\":\"a\",\"seed\":1}\n"))
	inOrderOfScenarios(list)
	if err != nil || len(list) != 3 || list[0].Seed != 1 || list[2].Scenario != "b" {
		t.Fatalf("%v %+v", err, list)
	}
	if text := accuracy(list); !strings.Contains(text, "dated onset from the truth: median | 30s") {
		t.Error(text)
	}
}
