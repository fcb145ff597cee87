// Package say puts a State into short sentences that the screen and the plain stream share.
package say

import (
	"fmt"
	"sort"
	"strings"
	"time"

	"github.com/ddbloop/ddbloop/history"
	"github.com/ddbloop/ddbloop/tui/metric"
)

// Account masks an account number but for its last four digits.
func Account(id string) string {
	if id == "" {
		return "?"
	}
	if len(id) > 4 {
		id = id[len(id)-4:]
	}
	return "…" + id
}

// Tables names the session's tables, the first in full and the others by count.
func Tables(s *history.State) string {
	switch t := s.Session.Tables; len(t) {
	case 0:
		return "no table"
	case 1:
		return t[0]
	default:
		return fmt.Sprintf("%s +%d", t[0], len(t)-1)
	}
}

// NoMode is said while no DescribeTable has answered.
const NoMode = "mode ?"

// Mode is how the first table is billed: provisioned, on-demand or unknown.
func Mode(s *history.State) string {
	for _, name := range s.Session.Tables {
		if t := s.Tables[name]; t != nil && t.Snap != nil {
			return strings.ReplaceAll(t.Snap.Mode, "_", "-")
		}
	}
	return NoMode
}

// Endpoint says where requests go when it is not AWS's own endpoint; else "".
func Endpoint(s *history.State) string {
	if s.Session.Mode == "demo" || s.Session.Mode == "drill" {
		text := "embedded AWS"
		if s.Session.Speed > 0 {
			text += fmt.Sprintf(" ×%g", s.Session.Speed)
		}
		return text
	}
	var urls []string
	for _, u := range s.Session.Endpoints {
		if u != "" {
			urls = append(urls, strings.TrimPrefix(strings.TrimPrefix(u, "https://"), "http://"))
		}
	}
	sort.Strings(urls)
	if len(urls) == 0 {
		return ""
	}
	return "endpoint " + urls[0]
}

// Clock is an instant's time of day.
func Clock(t time.Time) string { return t.UTC().Format("15:04:05") }

// Since says from when on and for how long, as "since 14:02Z (29m)".
func Since(t, now time.Time) string {
	return "since " + t.UTC().Format("15:04") + "Z (" + metric.Age(now.Sub(t)) + ")"
}

// likely is how probable a cause must be before it is named as one.
const likely = 0.3

// Suspect is the most probable cause without its probability, or "" when there is none to name.
func Suspect(s *history.State) string {
	r := s.Assessed.Ranked
	if len(r) == 0 || r[0].Kind == "calm" {
		return ""
	}
	if r[0].P < likely {
		return "cause open, first guess " + r[0].Kind
	}
	return r[0].Kind + " on " + r[0].Target
}

// Diagnosis is the most probable cause and how probable it is, or "" when there is none to name.
func Diagnosis(s *history.State) string {
	text := Suspect(s)
	if text != "" {
		text += " p " + history.Chance(s.Assessed.Ranked[0].P)
	}
	return text
}

// Rival is the runner-up, or "".
func Rival(s *history.State) string {
	r := s.Assessed.Ranked
	if len(r) < 2 || r[1].P < 0.01 || Layer(s) == history.LayerHealthy {
		return ""
	}
	return "rival " + r[1].Kind + " " + history.Chance(r[1].P)
}

// Layer is the layer verdict's word; without any assessment it is unknown.
func Layer(s *history.State) string {
	if s.Assessed.Layer.Verdict == "" {
		return history.LayerUnknown
	}
	return s.Assessed.Layer.Verdict
}

// Quiet reports whether an open incident shows no more trouble, but has not stayed so for long enough.
func Quiet(s *history.State) bool {
	open := !s.Incident.Detected.IsZero() && s.Incident.Recovered.IsZero() && s.Incident.Closed.IsZero()
	return open && Layer(s) == history.LayerHealthy
}

// Onset is when what the verdict says began: the trouble, or the quiet after it; zero when all is over.
func Onset(s *history.State) time.Time {
	switch {
	case !s.Incident.Recovered.IsZero() || !s.Incident.Closed.IsZero():
		return time.Time{}
	case Quiet(s):
		return s.Assessed.Layer.Since
	case !s.Incident.Onset.IsZero():
		return s.Incident.Onset
	case !s.Assessed.Onset.IsZero():
		return s.Assessed.Onset
	case Layer(s) != history.LayerHealthy:
		return s.Assessed.Layer.Since
	}
	return time.Time{}
}

// Standing says what became of the incident: recovered, escalated, closed; "" while it is simply open.
func Standing(s *history.State) string {
	var out []string
	put := func(word string, t time.Time) {
		if !t.IsZero() {
			out = append(out, word+" "+t.UTC().Format("15:04")+"Z")
		}
	}
	put("ESCALATED", s.Incident.Escalated)
	put("RECOVERED", s.Incident.Recovered)
	if i := s.Incident; !i.Recovered.IsZero() {
		out[len(out)-1] += " after " + metric.Age(i.Recovered.Sub(i.Onset))
	}
	put("CLOSED", s.Incident.Closed)
	return strings.Join(out, " · ")
}

// Do is the disposition with the rule that says so.
func Do(s *history.State) string {
	d := s.Assessed.Disposition
	if d.Verdict == "" {
		return ""
	}
	return strings.TrimSuffix(d.Verdict+": "+d.Rule, ": ")
}

// Cost writes what a change costs, signed, per hour.
func Cost(p history.ChangePlanned) string {
	switch {
	case p.CostHour == nil:
		return "cost unknown"
	case *p.CostHour < 0:
		return fmt.Sprintf("−$%.2f/h", -*p.CostHour)
	}
	return fmt.Sprintf("+$%.2f/h", *p.CostHour)
}

// Span writes a duration roughly: 45s, 3m, 2h.
func Span(d time.Duration) string {
	if d <= 0 {
		return "at once"
	}
	return metric.Age(d)
}

// Percent writes a relative change, signed.
func Percent(v float64) string {
	sign := "+"
	if v < 0 {
		sign, v = "−", -v
	}
	if v >= 10 {
		return fmt.Sprintf("%s%.0f×", sign, v+1)
	}
	return fmt.Sprintf("%s%.0f%%", sign, v*100)
}
