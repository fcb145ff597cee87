package runbooks

import (
	"strings"

	"github.com/ddbloop/ddbloop/history"
)

// LeverFor picks, of the team's levers that do one of the words, the one of the earliest word that has not been tried in
// this incident. tried names what fits but was, and false means that there is none left.
func LeverFor(s *history.State, words []string) (lever history.Lever, tried []string, ok bool) {
	for _, word := range words {
		for _, l := range s.Session.Levers {
			switch {
			case l.Does != word:
			case leverTried(s, l.Name):
				tried = append(tried, l.Name)
			case !ok:
				lever, ok = l, true
			}
		}
	}
	return lever, tried, ok
}

// leverTried reports whether a lever has been sent in this incident, or is on since before.
func leverTried(s *history.State, name string) bool {
	for _, c := range s.Changes {
		if c.Plan.What != kindLever+":"+name || c.Plan.UndoOf != "" || c.Intended.IsZero() {
			continue
		}
		if c.State == history.ChangeInForce || !c.Intended.Before(s.Incident.Detected) {
			return true
		}
	}
	return false
}

// noLever says in one line why an act has no lever to pull.
func noLever(words, tried []string) string {
	out := "no lever of the kind " + strings.Join(words, ", ") + " is configured"
	if len(tried) > 0 {
		out = "all levers of the kind " + strings.Join(words, ", ") + " have been tried: " + strings.Join(tried, ", ")
	}
	return out
}
