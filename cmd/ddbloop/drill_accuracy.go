package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/ddbloop/ddbloop/engine/diagnose"
)

// grain is the finest eye that can tell a kind from its look-alikes, where the team has it.
type grain int

const (
	bySeconds grain = iota // a probe, a feed, or what AWS answers to this shell
	byMinutes              // CloudWatch's metrics of 60 s
	byFive                 // CloudWatch's metrics of 300 s
)

var grains = map[string]grain{
	diagnose.AccessDenied: bySeconds, diagnose.ClientLatency: bySeconds, diagnose.DNSFailure: bySeconds, diagnose.PaginationBlowup: bySeconds,
	diagnose.RequestErrors: bySeconds, diagnose.RetryStorm: bySeconds, diagnose.UpstreamDrop: bySeconds, diagnose.CredentialsExpired: bySeconds,
	diagnose.ServiceLatency: bySeconds, diagnose.ReplicaLag: byFive, diagnose.KinesisCapture: byFive,
}

var grainNames = [...]string{"a probe or feed can see it", "60 s metrics alone tell", "300 s metrics alone tell"}

func grainOf(kind string) grain {
	if g, ok := grains[kind]; ok {
		return g
	}
	return byMinutes
}

// accuracy is what all runs say together, as a table of figures.
func accuracy(results []drillResult) string {
	var b strings.Builder
	b.WriteString("| figure | value | 95 % interval |\n| --- | --- | --- |\n")
	for _, row := range []struct {
		name string
		so   func(drillResult) bool
	}{
		{"kind and target first", rightFirst},
		{"kind and target among the first two", func(r drillResult) bool {
			return rightFirst(r) || len(r.Ranked) > 1 && r.Ranked[1].Kind == r.Truth.Kind && r.Ranked[1].Target == r.Truth.Target
		}},
		{"layer right", func(r drillResult) bool { return r.Layer.Verdict == r.Truth.Layer }},
		{"disposition right", func(r drillResult) bool { return r.Truth.Disposition == "" || r.Disposition == r.Truth.Disposition }},
		{"no false alarm", func(r drillResult) bool { return r.FalseAlarms == 0 }},
	} {
		share, from, to := shareOf(results, row.so)
		fmt.Fprintf(&b, "| %s | %s | %s to %s |\n", row.name, percent(share), percent(from), percent(to))
	}
	spans, onsets := [3][]time.Duration{}, []time.Duration{}
	for _, r := range results {
		begins, err := time.ParseDuration(r.Begins)
		if err != nil {
			continue
		}
		if at, err := time.ParseDuration(r.Diagnosis.At); err == nil && rightFirst(r) {
			g := grainOf(r.Truth.Kind)
			spans[g] = append(spans[g], at-begins)
		}
		if at, err := time.ParseDuration(r.OnsetAt); err == nil {
			onsets = append(onsets, (at - begins).Abs())
		}
	}
	for g, list := range spans {
		if len(list) > 0 {
			fmt.Fprintf(&b, "| from onset to the right diagnosis, where %s: median | %s | p90 %s |\n", grainNames[g], quantileOf(list, 0.5), quantileOf(list, 0.9))
		}
	}
	if len(onsets) > 0 {
		fmt.Fprintf(&b, "| distance of the dated onset from the truth: median | %s | p90 %s |\n", quantileOf(onsets, 0.5), quantileOf(onsets, 0.9))
	}
	return b.String()
}

// earlier reads the results of earlier runs, one JSON object a line.
func earlier(paths []string) ([]drillResult, error) {
	var out []drillResult
	for _, path := range paths {
		f, err := openFile(path)
		if err != nil {
			return nil, usage("--results %s: %v", path, reason(err))
		}
		list, err := readResults(f)
		_ = f.Close() // only read
		if err != nil {
			return nil, usage("--results %s: %v", path, err)
		}
		out = append(out, list...)
	}
	return out, nil
}

func readResults(r io.Reader) ([]drillResult, error) {
	var out []drillResult
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, 1<<22)
	for n := 1; lines.Scan(); n++ {
		if len(strings.TrimSpace(lines.Text())) == 0 {
			continue
		}
		var d drillResult
		if err := json.Unmarshal(lines.Bytes(), &d); err != nil || d.Scenario == "" {
			return nil, errors.New("line " + fmt.Sprint(n) + " is no result of `ddbloop drill --format json`")
		}
		out = append(out, d)
	}
	return out, lines.Err()
}

// inOrderOfScenarios sorts results that came from several places: by scenario, magnitude and seed.
func inOrderOfScenarios(list []drillResult) {
	slices.SortStableFunc(list, func(a, b drillResult) int {
		if c := strings.Compare(a.Scenario, b.Scenario); c != 0 {
			return c
		}
		if c := strings.Compare(a.Magnitude, b.Magnitude); c != 0 {
			return c
		}
		return int(a.Seed - b.Seed)
	})
}
