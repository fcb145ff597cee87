package metric

import (
	"sort"

	"github.com/ddbloop/ddbloop/history"
)

// What the words mean. They colour a row; the verdict above the charts is the engine's.
const (
	seriousRate  = 1.0 // refusals or server errors per second
	nearLimit    = 0.9 // share of a limit
	slowerFactor = 3.0 // times its own lower quartile of the window, which outlasts a long trouble
	slowerByMs   = 5.0 // and by at least this much
)

// refusals are never good news: any now is a warning, one a second and more is critical, and a warning
// stands while the window's newest five values hold one.
func refusals(l *Line, pts []history.Point) State {
	switch {
	case l.Value >= seriousRate:
		return Crit
	case l.Value > 0:
		return Warn
	}
	for _, p := range pts[max(0, len(pts)-5):] {
		if p.V > 0 {
			return Warn
		}
	}
	return OK
}

// load compares with the limit in force.
func load(l *Line, _ []history.Point) State {
	switch {
	case l.Limit <= 0:
		return OK
	case l.Value >= l.Limit:
		return Crit
	case l.Value >= nearLimit*l.Limit:
		return Warn
	}
	return OK
}

// slow compares with the objective where there is one, else with the line's own lower quartile.
func slow(l *Line, pts []history.Point) State {
	if l.Limit > 0 {
		return load(l, pts)
	}
	values := make([]float64, len(pts))
	for i, p := range pts {
		values[i] = p.V
	}
	sort.Float64s(values)
	if n := len(values); n >= 5 {
		if m := values[n/4]; l.Value > slowerFactor*m && l.Value > m+slowerByMs {
			return Warn
		}
	}
	return OK
}

// success compares with the objective; without one only a share of failures above 1 % is said.
func success(l *Line, _ []history.Point) State {
	goal := l.Goal
	if goal == 0 {
		goal = 0.99
	}
	switch {
	case l.Value >= goal:
		return OK
	case l.Goal == 0:
		return Warn
	}
	return Crit
}
