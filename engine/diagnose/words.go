package diagnose

import (
	"fmt"
	"strings"

	"github.com/ddbloop/ddbloop/engine/signal"
	"github.com/ddbloop/ddbloop/history"
)

// whatAnswers says which eyes still see while CloudWatch is dark.
func (f *facts) whatAnswers() string {
	var parts []string
	for _, p := range f.probes {
		if p.fresh && p.total > 0 {
			what := "probe"
			if p.noData && p.ok > 0 {
				what = "the way to DynamoDB is open: probe"
			}
			parts = append(parts, fmt.Sprintf("%s %s answers %d of %d", what, p.name, p.ok, p.total))
		}
	}
	if d := f.s.Sources["describe"]; d != nil && f.now.Sub(d.LastOK) <= 2*f.th.ProbeFresh {
		parts = append(parts, "DescribeTable answers")
	}
	if len(parts) == 0 {
		return "; nothing else answers either"
	}
	return "; " + strings.Join(parts, ", ") + " — that proves no health"
}

func (f *facts) calmWords() string {
	var worst float64
	where := ""
	for _, r := range f.resources {
		for _, d := range r.sides {
			if d.util > worst {
				worst, where = d.util, d.name+" of "+r.target
			}
		}
	}
	text := "no refusals, no errors, latency at its usual level"
	if where != "" {
		text += fmt.Sprintf("; busiest: %s at %.0f %%", where, 100*worst)
	}
	return text
}

func rate(v float64) string {
	switch {
	case v >= 1000:
		return fmt.Sprintf("%.1fk/s", v/1000)
	case v >= 10:
		return fmt.Sprintf("%.0f/s", v)
	default:
		return fmt.Sprintf("%.1f/s", v)
	}
}

func opsOf(s *history.State, table string) []string { return signal.Ops(s, "requests", table) }
