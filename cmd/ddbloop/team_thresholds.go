package main

import (
	"fmt"
	"sort"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/ddbloop/ddbloop/engine/diagnose"
)

// teamThresholds is the part of config.yaml that says from when on something is trouble: for all tables, and for some of them.
// docs/diagnosis.md explains each.
type teamThresholds struct{ diagnose.Thresholds }

// threshold is one that a team may set.
type threshold struct {
	span      bool // a duration, else a plain number
	low, high float64
	example   string
	table     bool // may differ from table to table
	set       func(t *diagnose.Thresholds, v float64)
}

// thresholds by name. Spans are in seconds.
var thresholds = map[string]threshold{
	"slow_factor":    {low: 1.2, high: 50, example: "2.5", table: true, set: func(t *diagnose.Thresholds, v float64) { t.SlowFactor = v }},
	"slow_floor":     {span: true, low: 0.0001, high: 60, example: "6ms", table: true, set: func(t *diagnose.Thresholds, v float64) { t.SlowFloor = 1000 * v }},
	"throttle_share": {high: 1, example: "0.005", table: true, set: func(t *diagnose.Thresholds, v float64) { t.ThrottleShare = v }},
	"small_share":    {high: 1, example: "0.01", table: true, set: func(t *diagnose.Thresholds, v float64) { t.SmallShare = v }},
	"error_share":    {high: 1, example: "0.001", table: true, set: func(t *diagnose.Thresholds, v float64) { t.ErrorShare = v }},
	"bad_minutes":    {low: 1, high: 5, example: "2", table: true, set: func(t *diagnose.Thresholds, v float64) { t.BadMinutes = int(v) }},
	"healthy_for":    {span: true, low: 60, high: 86400, example: "10m", set: func(t *diagnose.Thresholds, v float64) { t.HealthyFor = seconds(v) }},
	"unknown_for":    {span: true, low: 60, high: 86400, example: "5m", set: func(t *diagnose.Thresholds, v float64) { t.UnknownFor = seconds(v) }},
	"sure_for":       {span: true, low: 0, high: 86400, example: "3m", set: func(t *diagnose.Thresholds, v float64) { t.SureFor = seconds(v) }},
}

func seconds(v float64) time.Duration { return time.Duration(v * float64(time.Second)) }

// UnmarshalYAML reads thresholds and says in which line one is not right. What is not written stands as it does by default, and
// in a table as it does for all tables.
func (t *teamThresholds) UnmarshalYAML(n *yaml.Node) error {
	t.Thresholds = diagnose.Defaults
	if n.Kind != yaml.MappingNode {
		return fmt.Errorf("line %d: thresholds: names with values, such as slow_factor: 3", n.Line)
	}
	var tables *yaml.Node
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == "tables" {
			tables = n.Content[i+1]
			continue
		}
		if err := setThreshold(&t.Thresholds, n.Content[i], n.Content[i+1], false); err != nil {
			return err
		}
	}
	if tables == nil {
		return nil
	}
	if tables.Kind != yaml.MappingNode {
		return fmt.Errorf("line %d: thresholds: tables: names of tables, each with its own thresholds", tables.Line)
	}
	own := map[string]diagnose.Thresholds{}
	for i := 0; i+1 < len(tables.Content); i += 2 {
		name, fields := tables.Content[i], tables.Content[i+1]
		if fields.Kind != yaml.MappingNode {
			return fmt.Errorf("line %d: thresholds of table %s: names with values, such as slow_factor: 3", fields.Line, name.Value)
		}
		table := t.Thresholds
		for j := 0; j+1 < len(fields.Content); j += 2 {
			if err := setThreshold(&table, fields.Content[j], fields.Content[j+1], true); err != nil {
				return err
			}
		}
		own[name.Value] = table
	}
	t.Tables = own
	return nil
}

func setThreshold(to *diagnose.Thresholds, name, value *yaml.Node, ofTable bool) error {
	th, ok := thresholds[name.Value]
	switch {
	case !ok:
		return fmt.Errorf("line %d: thresholds: no %q; there are %s", name.Line, name.Value, thresholdNames(ofTable))
	case ofTable && !th.table:
		return fmt.Errorf("line %d: thresholds: %s is one for all tables; of one table there are %s", name.Line, name.Value, thresholdNames(true))
	}
	v, err := strconv.ParseFloat(value.Value, 64)
	if th.span {
		var d time.Duration
		d, err = time.ParseDuration(value.Value)
		v = d.Seconds()
	}
	if err != nil || !(v >= th.low && v <= th.high) || name.Value == "bad_minutes" && v != float64(int(v)) {
		low, high := fmt.Sprint(th.low), fmt.Sprint(th.high)
		if th.span {
			low, high = seconds(th.low).String(), seconds(th.high).String()
		}
		return fmt.Errorf("line %d: thresholds: %s is from %s to %s, such as %s, not %q", value.Line, name.Value, low, high, th.example, value.Value)
	}
	th.set(to, v)
	return nil
}

func thresholdNames(ofTable bool) string {
	var names []string
	for name, th := range thresholds {
		if th.table || !ofTable {
			names = append(names, name)
		}
	}
	sort.Strings(names)
	return strings.Join(names, " ")
}

// limits are the thresholds in force.
func (t team) limits() diagnose.Thresholds {
	if t.Thresholds == nil {
		return diagnose.Defaults
	}
	return t.Thresholds.Thresholds
}
