package say

import (
	"strings"
	"time"

	"github.com/ddbloop/ddbloop/history"
	"github.com/ddbloop/ddbloop/tui/metric"
)

// Role is what a line of the reasoning behind the verdict tells.
type Role int

// The roles. Cause to Decides come once for each candidate; when it began stands after the first of them.
const (
	Verdict Role = iota // the layer and why
	Ranked              // all candidates in one line, most probable first
	Calm                // how probable it is that nothing is wrong
	Cause               // a candidate, most probable first
	For                 // evidence for it
	Against             // evidence against it
	Like                // what it could be taken for
	Decides             // the check that would separate the two
	Began               // when the trouble began, how finely that is known
	First               // heads the Moved
	Moved               // what changed around the beginning, in order of time
	Advice              // what to do, and the rule that says so
	Ended               // what ended the incident
)

// Reason is one line of the reasoning.
type Reason struct {
	Role Role
	Text string
}

// Lead is the word before a reason's text.
func (r Reason) Lead() string {
	return [...]string{"verdict", "ranked", "calm", "suspect", "for", "against", "like", "decides", "began", "first", "", "do", "ended"}[r.Role]
}

const (
	named  = 0.01 // how probable a candidate must be to be listed
	argued = 0.05 // and to have its evidence told
	// possible is how probable a candidate must be for another to be taken for it.
	possible = 0.005
)

// Why is what the verdict rests on: the candidates with the evidence for and against each, what the first could be taken for and what
// decides between the two, when it began, and what moved first. Empty while nothing has been assessed.
func Why(s *history.State, now time.Time) []Reason {
	if s.AssessedAt.IsZero() {
		return nil
	}
	a := s.Assessed
	out := []Reason{{Verdict, strings.TrimSuffix(Layer(s)+": "+a.Layer.Why, ": ")}}
	var all []string
	for _, h := range a.Ranked {
		if h.P >= named {
			all = append(all, history.Chance(h.P)+" "+told(a, h))
		}
	}
	if len(all) > 0 {
		out = append(out, Reason{Ranked, strings.Join(all, ", ")})
	}
	for i, h := range a.Ranked {
		if h.P >= argued {
			out = append(out, candidate(a, h)...)
		}
		if i == 0 { // when it began matters more than what is less probable
			out = append(out, timing(s, now)...)
		}
	}
	if len(a.Ranked) == 0 {
		out = append(out, timing(s, now)...)
	}
	if text := Do(s); text != "" {
		out = append(out, Reason{Advice, text})
	}
	if s.Attributed != nil {
		out = append(out, Reason{Ended, s.Attributed.String()})
	}
	return out
}

// timing says when it began and what moved around then. That something moved first makes it no cause.
func timing(s *history.State, now time.Time) (out []Reason) {
	a := s.Assessed
	if a.Onset.IsZero() && Quiet(s) && !s.Incident.Onset.IsZero() {
		out = append(out, Reason{Began, Clock(s.Incident.Onset) + "Z, " + metric.Age(now.Sub(s.Incident.Onset)) + " ago"})
	}
	if !a.Onset.IsZero() {
		text := Clock(a.Onset) + "Z"
		if a.Grain > 0 {
			text += ", known to " + metric.Age(a.Grain)
		}
		out = append(out, Reason{Began, text + ", " + metric.Age(now.Sub(a.Onset)) + " ago"})
	}
	if len(a.Moved) > 0 {
		out = append(out, Reason{First, "to move, in order; that something moved first makes it no cause:"})
	}
	for _, m := range a.Moved {
		text := Clock(m.At) + "Z"
		if m.Grain > 0 {
			text += " ±" + metric.Age(m.Grain)
		}
		out = append(out, Reason{Moved, text + "  " + m.Text})
	}
	return out
}

// told names a candidate, with its target where another of the same kind is listed too.
func told(a history.Assessed, h history.Hypothesis) string {
	for _, other := range a.Ranked {
		if other.Kind == h.Kind && other.Target != h.Target && other.P >= named {
			return h.Kind + " on " + h.Target
		}
	}
	return h.Kind
}

func candidate(a history.Assessed, h history.Hypothesis) []Reason {
	role, text := Cause, "p "+history.Chance(h.P)+" "+h.Kind
	if h.Kind == "calm" {
		role, text = Calm, "p "+history.Chance(h.P)
	}
	if h.Target != "" {
		text += " on " + h.Target
	}
	if h.Reason != "" {
		text += ", which DynamoDB calls " + h.Reason
	}
	out := []Reason{{role, text}}
	for _, e := range h.For {
		out = append(out, Reason{For, e})
	}
	for _, e := range h.Against {
		out = append(out, Reason{Against, e})
	}
	if h.Rival == "" {
		return out
	}
	like := h.Rival
	for _, other := range a.Ranked {
		if other.Kind == h.Rival {
			if other.P < possible {
				return out
			}
			like += " (p " + history.Chance(other.P) + ")"
			break
		}
	}
	out = append(out, Reason{Like, like})
	if h.Decider != "" {
		out = append(out, Reason{Decides, h.Decider})
	}
	return out
}
