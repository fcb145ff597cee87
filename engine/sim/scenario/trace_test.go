package scenario

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"
)

func TestTrace(t *testing.T) {
	const file = "scenario: traced\ntables: [{name: t, key: {partition: id}}]\n" +
		"traffic: [{name: c, table: t, operation: GetItem, trace: {file: r.csv, %s}}]\ntruth: {kind: calm, layer: healthy}\n"
	for _, c := range []struct {
		options, csv string
		want         []float64
		err          string
	}{
		{"scale: 1", "rate\n1\n2.5\n", []float64{1, 2.5}, ""},
		{"scale: 0.5", "4\n2", []float64{2, 1}, ""},
		{"column: 2", "time,rate\n14:00, 7\n14:01,8\n", []float64{7, 8}, ""},
		{"column: 3", "1,2\n", nil, "line 1: there is no column 3"},
		{"scale: 1", "rate\n1\n\nx\n", nil, "line 4: expected a rate"},
		{"scale: 1", "1\n-2\n", nil, "line 2: expected a rate"},
		{"scale: 1", "rate\nNaN\n", nil, "line 2: expected a rate"},
		{"scale: 1", "rate\n", nil, "no numbers in column 1"},
		{"scale: 1", "", nil, "no numbers in column 1"},
		{"scale: 1", "\"unclosed", nil, `extraneous or missing`},
	} {
		open := func(path string) ([]byte, error) { return []byte(c.csv), nil }
		s, err := Parse("traced", fmt.Appendf(nil, file, c.options), Options{OpenFile: open})
		if c.err != "" {
			if err == nil || !strings.Contains(err.Error(), c.err) {
				t.Errorf("%q: error %v, want %q", c.csv, err, c.err)
			}
			continue
		}
		if err != nil {
			t.Errorf("%q: %v", c.csv, err)
			continue
		}
		var got []float64
		for i, p := range s.Traffic[0].Demand.Points {
			got = append(got, p.Rate)
			if p.At != time.Duration(i)*time.Minute {
				t.Errorf("%q: point %d at %s", c.csv, i, p.At)
			}
		}
		if !reflect.DeepEqual(got, c.want) || !s.Traffic[0].Demand.Held {
			t.Errorf("%q: %v, want %v", c.csv, got, c.want)
		}
	}
}

func TestTraceNeedsAFolder(t *testing.T) {
	data := []byte("scenario: x\ntables: [{name: t, key: {partition: id}}]\n" +
		"traffic: [{name: c, table: t, operation: GetItem, trace: {file: r.csv}}]\ntruth: {kind: calm, layer: healthy}\n")
	if _, err := Parse("x", data, Options{}); err == nil || !strings.Contains(err.Error(), "only a scenario file has traces beside it") {
		t.Errorf("%v", err)
	}
}
