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

// proof is what shows that the service does its part: what it serves, refuses and fails of it, and how fast.
func (f *facts) proof() string {
	var served, refused, failed float64
	slowest, most := "", 0.0
	for i := range f.tables {
		for _, o := range f.tables[i].ops {
			served, failed = served+o.rate.now, failed+o.errors.now
			if o.p50.known() && o.p50.usual > 0 && o.rate.now > 0 && o.p50.now/o.p50.usual > most {
				most, slowest = o.p50.now/o.p50.usual, fmt.Sprintf("%s takes %.1f ms at the server, usually %.1f", o.name, o.p50.now, o.p50.usual)
			}
		}
	}
	for _, r := range f.resources {
		for _, d := range r.sides {
			if d.bad > 0 {
				refused += d.throttles
			}
		}
	}
	parts := []string{fmt.Sprintf("%s served, %s refused, %s failed with HTTP 500", rate(served), rate(refused), rate(failed))}
	if slowest != "" {
		parts = append(parts, slowest)
	}
	for i := range f.probes {
		if p := &f.probes[i]; p.fresh && !p.noData && p.total > 0 {
			parts = append(parts, fmt.Sprintf("probe %s is answered %d of %d times, in %.1f ms", p.name, p.ok, p.total, p.server.now))
			break
		}
	}
	return strings.Join(parts, "; ")
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
