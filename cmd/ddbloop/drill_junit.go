package main

import (
	"encoding/xml"
	"fmt"
	"strings"
)

// The shape of JUnit's XML as CI systems read it: a suite per scenario, a case per run.
type (
	junitSuites struct {
		XMLName  xml.Name     `xml:"testsuites"`
		Name     string       `xml:"name,attr"`
		Tests    int          `xml:"tests,attr"`
		Failures int          `xml:"failures,attr"`
		Suites   []junitSuite `xml:"testsuite"`
	}
	junitSuite struct {
		Name     string      `xml:"name,attr"`
		Tests    int         `xml:"tests,attr"`
		Failures int         `xml:"failures,attr"`
		Time     string      `xml:"time,attr"`
		Cases    []junitCase `xml:"testcase"`
	}
	junitCase struct {
		Class   string        `xml:"classname,attr"`
		Name    string        `xml:"name,attr"`
		Time    string        `xml:"time,attr"`
		Failure *junitFailure `xml:"failure"`
	}
	junitFailure struct {
		Message string `xml:"message,attr"`
		Text    string `xml:",chardata"`
	}
)

// junit writes results, which stand in the order of their scenarios.
func junit(results []drillResult) ([]byte, error) {
	all := junitSuites{Name: "ddbloop drill"}
	seconds := map[string]float64{}
	for _, r := range results {
		if n := len(all.Suites); n == 0 || all.Suites[n-1].Name != r.Scenario {
			all.Suites = append(all.Suites, junitSuite{Name: r.Scenario})
		}
		s := &all.Suites[len(all.Suites)-1]
		took := float64(r.CPUms) / 1000
		seconds[r.Scenario] += took
		name := fmt.Sprintf("%s seed %d", r.Magnitude, r.Seed)
		if r.Try != "" {
			name += " try " + r.Try
		}
		c := junitCase{Class: "drill." + r.Scenario, Name: name, Time: fmt.Sprintf("%.3f", took)}
		if !r.Passed {
			c.Failure = &junitFailure{
				Message: strings.Join(r.Failed, ", "),
				Text: fmt.Sprintf("truth %s on %q, layer %s, %s; said %s on %q (p %.2f), layer %s, %s; mitigated %q, escalated %q, recovered %q",
					r.Truth.Kind, r.Truth.Target, r.Truth.Layer, r.Truth.Disposition, r.Diagnosis.Kind, r.Diagnosis.Target, r.Diagnosis.P,
					r.Layer.Verdict, r.Disposition, r.MitigatedAt, r.EscalatedAt, r.RecoveredAt),
			}
			s.Failures++
			all.Failures++
		}
		s.Tests++
		all.Tests++
		s.Time = fmt.Sprintf("%.3f", seconds[r.Scenario])
		s.Cases = append(s.Cases, c)
	}
	raw, err := xml.MarshalIndent(all, "", "  ")
	return append([]byte(xml.Header), append(raw, '\n')...), err
}
