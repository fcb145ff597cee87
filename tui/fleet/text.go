// Package fleet shows the tables of a Region, those that hurt first: as a screen, and as lines for pipes.
package fleet

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/ddbloop/ddbloop/engine/fleet"
	"github.com/ddbloop/ddbloop/tui/draw"
	"github.com/ddbloop/ddbloop/tui/metric"
	"github.com/ddbloop/ddbloop/tui/say"
)

// none stands for what is not known.
const none = "-"

func number(v *float64) string {
	if v == nil {
		return none
	}
	return metric.Number(*v)
}

func pain(r fleet.Row) string {
	if r.State == fleet.Unknown {
		return none
	}
	return metric.Number(r.Pain)
}

func latency(r fleet.Row) string {
	if r.P99 == nil {
		return none
	}
	text := metric.Value(*r.P99, "ms")
	if r.Usual != nil {
		text += " (" + metric.Value(*r.Usual, "ms") + ")"
	}
	return text
}

func age(now, at time.Time) string {
	if at.IsZero() {
		return none
	}
	return metric.Age(now.Sub(at))
}

// Line is a table in words.
func Line(r fleet.Row, now time.Time) string {
	parts := []string{
		fmt.Sprintf("%s %s, pain %s", r.Table, r.State, pain(r)), "throttled " + number(r.Refused) + "/min",
		"HTTP 500 " + number(r.Failed) + "/min", strings.TrimSpace(r.Op + " p99 " + latency(r)), "asked " + age(now, r.Asked) + " ago",
	}
	if r.Asked.IsZero() {
		parts = parts[:len(parts)-1]
	}
	return draw.Clean(strings.Join(append(parts, r.Why), ", "))
}

// Summary counts the tables by state.
func Summary(v fleet.View) string {
	if v.Listed.IsZero() {
		return "the list of tables is not known"
	}
	if len(v.Rows) == 0 {
		return "no tables in this Region"
	}
	count := map[string]int{}
	for _, r := range v.Rows {
		count[r.State]++
	}
	var parts []string
	for _, s := range fleet.States {
		if count[s] > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", count[s], s))
		}
	}
	return strings.Join(parts, ", ")
}

// Pace says how often is asked, and what it costs.
func Pace(v fleet.View) string {
	text := fmt.Sprintf("refresh every %s", metric.Age(v.Every))
	if v.Round > v.Every {
		text += fmt.Sprintf(", every table in %s", metric.Age(v.Round))
	}
	return text + fmt.Sprintf(", $%.2f this hour of at most $%.2f, %d CloudWatch calls", v.USDHour, v.Ceiling, v.Calls)
}

// most is how many tables are printed at each refresh; those beyond it are counted.
const most = 50

// Print writes a refresh as lines: what hurts or is not known, and how many are quiet.
func Print(w io.Writer, v fleet.View, all bool) error {
	var b strings.Builder
	line := func(kind, text string) {
		fmt.Fprintf(&b, "%s %-8s %s\n", say.Clock(v.At), kind, draw.Clean(text))
	}
	line("fleet", Summary(v))
	line("pace", Pace(v))
	for _, t := range v.Trouble {
		line("missing", t)
	}
	printed, quiet := 0, 0
	for _, r := range v.Rows {
		if !all && (printed == most || r.State == fleet.Quiet || r.State == fleet.NoRefusals) {
			quiet++
			continue
		}
		printed++
		line("table", Line(r, v.At))
	}
	switch {
	case quiet > 0 && printed == 0:
		line("table", fmt.Sprintf("%d in all; none of them hurts", quiet))
	case quiet > 0:
		line("table", fmt.Sprintf("%d more; none of them hurts more than these", quiet))
	}
	_, err := io.WriteString(w, b.String())
	return err
}
