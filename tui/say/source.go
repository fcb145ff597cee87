package say

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/ddbloop/ddbloop/history"
	"github.com/ddbloop/ddbloop/tui/metric"
)

// Source is how one eye stands, for people.
type Source struct {
	Name  string
	State metric.State // ok, stale, crit when it is down, none when it is off or idle
	Idle  bool         // it has nothing to ask
	Aside bool         // an optional eye: nothing depends on it
	Age   time.Duration
	Known bool   // it has answered at least once
	Text  string // reason and next try when it is not ok
}

// Word is the source's state in one word.
func (s Source) Word() string {
	switch {
	case s.Idle:
		return "idle"
	case s.State == metric.None:
		return "off"
	}
	return s.State.String()
}

// Sources lists the eyes, the worst first, the optional ones after the others, then by name. An optional eye that a permission
// keeps shut is off: it comes last, and says what it needs.
func Sources(s *history.State, now time.Time) []Source {
	var out []Source
	for _, src := range s.Sources {
		one := Source{Name: src.Name, Known: !src.LastOK.IsZero(), Age: now.Sub(src.LastOK), Aside: src.Every > 0}
		switch {
		case src.State == "denied" && one.Aside:
			one.State, one.Text = metric.None, "off: "+src.Text
			out = append(out, one)
			continue
		case src.State == "idle":
			one.State, one.Idle, one.Text = metric.None, true, "idle: "+src.Text
			out = append(out, one)
			continue
		case src.State == "down" || src.State == "denied" || src.State == "expired":
			one.State = metric.Crit
		case src.State != "ok" || !one.Known || one.Age > patience(s, src):
			one.State = metric.Stale
		}
		if why := failing(s, src); one.State == metric.Stale && why != "" {
			one.State, one.Text = metric.Crit, "down ("+why+")"
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
	rank := func(one Source) metric.State {
		if one.State == metric.None {
			return -1
		}
		return one.State
	}
	slices.SortFunc(out, func(a, b Source) int {
		return cmp.Or(cmp.Compare(rank(b), rank(a)), cmp.Compare(btoi(a.Aside), btoi(b.Aside)), cmp.Compare(a.Name, b.Name))
	})
	return out
}

// failing is what a probe's newest request came to, in a word, when it was not answered; "" for other eyes.
func failing(s *history.State, src *history.Source) string {
	name, ok := strings.CutPrefix(src.Name, "probe:")
	if p := s.Probes[name]; ok && p != nil && !p.Last.OK && !history.ThrottleCode(p.Last.Code) {
		return p.Last.Code
	}
	return ""
}

func btoi(yes bool) int {
	if yes {
		return 1
	}
	return 0
}

// Oldest returns the age of the eye that has not answered for longest, of those that verdicts rest on; false when none ever has.
func Oldest(sources []Source) (age time.Duration, ok bool) {
	for _, s := range sources {
		if s.Known && !s.Aside && (!ok || s.Age > age) {
			age, ok = s.Age, true
		}
	}
	return age, ok
}

// patience is how old an answer may be: CloudWatch is polled by the minute, DescribeTable more rarely
// while nothing moves, probes and feeds every second or two unless they say otherwise, optional eyes at their own beat.
func patience(s *history.State, src *history.Source) time.Duration {
	if src.Every > 0 {
		return 2*src.Every + usual
	}
	if probe, ok := strings.CutPrefix(src.Name, "probe:"); ok && s.Probes[probe] != nil {
		last := s.Probes[probe].Last
		return max(usual, 3*max(last.Every, last.Next))
	}
	switch src.Name {
	case "cloudwatch":
		return 2*time.Minute + max(time.Minute, time.Duration(s.Every)*time.Second)
	case "describe":
		return 2 * time.Minute
	}
	return usual
}

// usual is how old the answer of an eye may be that looks every second or two.
const usual = 20 * time.Second
