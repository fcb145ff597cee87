package say

import (
	"sort"
	"time"

	"github.com/ddbloop/ddbloop/history"
	"github.com/ddbloop/ddbloop/tui/metric"
)

// Source is how one eye stands, for people.
type Source struct {
	Name  string
	State metric.State // ok, stale, or crit when it is down
	Age   time.Duration
	Known bool   // it has answered at least once
	Text  string // reason and next try when it is not ok
}

// Sources lists the eyes, the worst first, then by name.
func Sources(s *history.State, now time.Time) []Source {
	var out []Source
	for _, src := range s.Sources {
		one := Source{Name: src.Name, Known: !src.LastOK.IsZero(), Age: now.Sub(src.LastOK)}
		switch {
		case src.State == "down" || src.State == "denied" || src.State == "expired":
			one.State = metric.Crit
		case src.State != "ok" || !one.Known || one.Age > patience(s, src.Name):
			one.State = metric.Stale
		}
		if src.State != "ok" {
			one.Text = src.State
			if src.Reason != "" && src.Reason != src.State {
				one.Text += " (" + src.Reason + ")"
			}
			if wait := src.Retry.Sub(now); wait > 0 {
				one.Text += ", retry in " + metric.Age(wait)
			}
		}
		out = append(out, one)
	}
	sort.Slice(out, func(i, j int) bool {
		if out[i].State != out[j].State {
			return out[i].State > out[j].State
		}
		return out[i].Name < out[j].Name
	})
	return out
}

// Oldest returns the age of the eye that has not answered for longest; false when none ever has.
func Oldest(sources []Source) (age time.Duration, ok bool) {
	for _, s := range sources {
		if s.Known && (!ok || s.Age > age) {
			age, ok = s.Age, true
		}
	}
	return age, ok
}

// patience is how old an answer may be: CloudWatch is polled by the minute, DescribeTable more rarely
// while nothing moves, probes and feeds every second or two.
func patience(s *history.State, name string) time.Duration {
	switch name {
	case "cloudwatch":
		return 2*time.Minute + max(time.Minute, time.Duration(s.Every)*time.Second)
	case "describe":
		return 2 * time.Minute
	}
	return 20 * time.Second
}
