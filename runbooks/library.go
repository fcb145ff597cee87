package runbooks

import (
	"cmp"
	"embed"
	"slices"

	"github.com/ddbloop/ddbloop/history"
)

//go:embed library/*.md
var library embed.FS

// Library parses the runbooks that come with the program, by name.
func Library() ([]*Runbook, error) {
	files, err := library.ReadDir("library")
	if err != nil {
		return nil, err
	}
	var out []*Runbook
	for _, f := range files {
		name := "library/" + f.Name()
		src, err := library.ReadFile(name)
		if err != nil {
			return nil, err
		}
		r, err := Parse(name, src)
		if err != nil {
			return nil, err
		}
		out = append(out, r)
	}
	return out, nil
}

// Fit is a runbook and how well it fits what is believed.
type Fit struct {
	Runbook *Runbook
	P       float64 // probability of its kinds together, 0–1
	Target  string  // of its most probable hypothesis, "" when it has none
	rank    int     // of its first hypothesis
}

// Match orders runbooks by how probable their kinds are, the most probable first. Between equals the order of the hypotheses
// decides, so that the diagnosis and its runbook both stand first; after that, the order of the list.
func Match(list []*Runbook, ranked []history.Hypothesis) []Fit {
	out := make([]Fit, 0, len(list))
	for _, r := range list {
		fit, best := Fit{Runbook: r, rank: len(ranked)}, 0.0
		for i, h := range ranked {
			if !r.For(h.Kind) {
				continue
			}
			fit.rank = min(fit.rank, i)
			if fit.P += h.P; h.P > best {
				best, fit.Target = h.P, h.Target
			}
		}
		out = append(out, fit)
	}
	slices.SortStableFunc(out, func(a, b Fit) int { return cmp.Or(cmp.Compare(b.P, a.P), cmp.Compare(a.rank, b.rank)) })
	return out
}

// For reports whether the runbook is for an incident kind.
func (r *Runbook) For(kind string) bool {
	for _, k := range r.Kinds {
		if k == kind {
			return true
		}
	}
	return false
}
