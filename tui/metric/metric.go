// Package metric chooses what of a State's series a person should see, in a stable order, with a value, a
// limit, an age and a state word. The screen and the plain stream share it.
package metric

import (
	"time"

	"github.com/ddbloop/ddbloop/engine/signal"
	"github.com/ddbloop/ddbloop/history"
	"github.com/ddbloop/ddbloop/tui/chart"
)

// State is how a line stands.
type State int

// The states, best first.
const (
	OK State = iota
	None
	Stale
	Warn
	Crit
)

// String returns the state's word.
func (s State) String() string { return [...]string{"ok", "none", "stale", "warn", "crit"}[s] }

// Line is one series as people see it.
type Line struct {
	Key    string // stable: signal@target#op
	Name   string // what, without the target
	Short  string // the same where room is scarce; "" = Name
	Target string // table, table/index, with the operation, probe or client
	Unit   string // "/s", "ms", "units/s", "%" or ""
	Agg    chart.Agg
	Series *history.Series
	Second *history.Series    // a companion, its value shown beside: the median of a latency
	Cap    *history.Series    // a limit, as a step series
	Before [2]*history.Series // the same yesterday and a week ago, laid over today; nil where it is not known
	Goal   float64            // a fixed limit where Cap is nil; 0 = none

	Value  float64 // newest, if Known
	Known  bool
	Aside  float64 // Second's newest, if it has one
	Paired bool
	Limit  float64 // in force now; 0 = none
	Top    float64 // largest of the window
	End    time.Time
	State  State
	Newest bool // CloudWatch has not counted all of Value yet: it may still grow
	Quiet  bool // nothing but zeros, or nothing, in the window

	judge func(*Line, []history.Point) State
}

// Title names the line with its target.
func (l *Line) Title() string { return l.Name + " " + l.Target }

// Age returns how old the newest value is.
func (l *Line) Age(now time.Time) time.Duration { return now.Sub(l.End) }

// LimitAt returns the limit in force at an instant; 0 = none.
func (l *Line) LimitAt(t int64) float64 {
	if l.Cap != nil {
		return step(l.Cap, t)
	}
	return l.Goal
}

// Points returns the known values of a window in Unix seconds.
func (l *Line) Points(from, to int64) []history.Point { return l.Series.Window(from, to) }

// At returns the value of the interval that covers t, and its start.
func (l *Line) At(t int64) (history.Point, bool) {
	if l.Series == nil || l.Series.Period <= 0 {
		return history.Point{}, false
	}
	at := t - t%l.Series.Period
	v, ok := l.Series.At(at)
	return history.Point{T: at, V: v}, ok
}

// read fills in what is worked out from the series. Values after now, which only a replay has, are left out.
func (l *Line) read(now time.Time, window time.Duration) {
	to := now.Unix() + 1
	pts := l.Series.Window(now.Add(-window).Unix(), to)
	l.Quiet = true
	for _, p := range pts {
		if p.V != 0 {
			l.Quiet = false
		}
		l.Top = max(l.Top, p.V)
	}
	last, ok := l.Series.Last()
	if !ok {
		l.State = None
		return
	}
	l.Value, l.Known = last.V, true
	l.End = time.Unix(last.T+l.Series.Period, 0).UTC()
	l.Newest = l.Series.Period >= 60 && l.Age(now) < growing
	l.Limit = l.LimitAt(last.T)
	if l.Second != nil {
		if p, ok := l.Second.Last(); ok {
			l.Aside, l.Paired = p.V, true
		}
	}
	switch {
	case l.Age(now) > signal.Stale(time.Duration(l.Series.Period)*time.Second):
		l.State = Stale
	case l.judge != nil:
		l.State = l.judge(l, pts)
	}
}

// growing is how long after its end a minute may still be counted up: it shows before all of it has come.
const growing = 3 * time.Minute

// Reading is the newest value as people read it: one that may still grow has a mark before it.
func (l *Line) Reading() string {
	if l.Newest {
		return "~" + Value(l.Value, l.Unit)
	}
	return Value(l.Value, l.Unit)
}

// Then returns the value of an earlier day at the time of the newest one.
func (l *Line) Then(day int) (float64, bool) {
	b := l.Before[day]
	if b == nil || !l.Known {
		return 0, false
	}
	t := l.End.Unix() - 1
	return b.At(t - t%b.Period)
}

func step(limit *history.Series, t int64) float64 {
	v := 0.0
	for i, p := range limit.Points {
		if p.T > t && i > 0 {
			break
		}
		v = p.V
	}
	return v
}
