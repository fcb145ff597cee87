package source

import (
	"fmt"
	"slices"
	"strings"

	ddbaws "github.com/ddbloop/ddbloop/engine/aws"
	"github.com/ddbloop/ddbloop/history"
)

// answer gathers the pages of one request: results by id, in whatever order and however often they come. A later value for
// the same instant overwrites an earlier one, and nothing that was received is dropped.
type answer struct {
	points map[string]map[int64]float64
	status map[string]string // the last one said
	lost   int
	pages  int
	notes  []string // the messages of the answer
}

func newAnswer() *answer {
	return &answer{points: map[string]map[int64]float64{}, status: map[string]string{}}
}

func (a *answer) add(page ddbaws.MetricPage) {
	for _, r := range page.Results {
		p := a.points[r.ID]
		if p == nil {
			p = map[int64]float64{}
			a.points[r.ID] = p
		}
		for _, v := range r.Points {
			p[v.T] = v.V
		}
		a.status[r.ID] = r.Status
		a.lost += r.Lost
	}
	for _, m := range page.Messages {
		if !slices.Contains(a.notes, m) {
			a.notes = append(a.notes, m)
		}
	}
}

// complete reports whether all of a series has come.
func (a *answer) complete(id string) bool { return a.status[id] == "Complete" }

// missing says in one line what the answer lacks, or nothing.
func (a *answer) missing(list []asked) string {
	count := map[string]int{}
	for _, q := range list {
		switch s := a.status[q.query.ID]; s {
		case "Complete":
		case "":
			count["absent"]++
		default:
			count[s]++
		}
	}
	var parts []string
	for s, n := range count {
		parts = append(parts, fmt.Sprintf("%d of %d series %s", n, len(list), s))
	}
	slices.Sort(parts)
	if a.lost > 0 {
		parts = append(parts, fmt.Sprintf("%d values were no numbers", a.lost))
	}
	return strings.Join(append(parts, a.notes...), "; ")
}

// memory holds the newest points that have been handed on, so that only what changed is handed on again.
type memory map[history.SeriesKey]map[int64]float64

// changed returns the points of a series that are new or differ, oldest first, in the catalogue's unit, and keeps them.
func (m memory) changed(q asked, points map[int64]float64) []history.Point {
	known := m[q.key]
	if known == nil {
		known = map[int64]float64{}
		m[q.key] = known
	}
	var out []history.Point
	for t, v := range points {
		v = q.measured(v)
		if old, had := known[t]; had && old == v {
			continue
		}
		known[t] = v
		out = append(out, history.Point{T: t, V: v})
	}
	slices.SortFunc(out, func(a, b history.Point) int { return int(a.T - b.T) })
	return out
}

// forget drops what lies before t: it will not be read again.
func (m memory) forget(t int64) {
	for _, known := range m {
		for at := range known {
			if at < t {
				delete(known, at)
			}
		}
	}
}
