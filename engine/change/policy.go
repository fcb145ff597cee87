// Package change plans changes: what would be set, what it costs, how it is undone, and every reason not
// to. It decides and words; it sends nothing.
package change

import (
	"fmt"
	"slices"
	"time"

	"github.com/ddbloop/ddbloop/engine/price"
)

// Policy says what may be changed, and how far. All of it is checked when a change is planned and again when it is applied.
type Policy struct {
	Name string // what it is called on screen: built-in, or the file's path
	Hash string // of the file, or of the built-in one

	Tables        []string          // names that may be changed; none = those of the session
	Protected     []string          // names that may never be
	ProtectedTags map[string]string // a table with one of these tags may never be changed; "" = any value
	Account       string            // only in this account; "" = any
	Region        string            // only in this Region; "" = any
	Lab           bool              // an endpoint that is neither AWS's nor on this machine may be changed too
	Kinds         []string          // kinds of change that may be made, lever for all levers; none = all

	Headroom      float64 // a raise may reach this multiple of the measured demand of the last 15 minutes,
	StepFactor    float64 // or, where that is more, this multiple of the present value
	SessionFactor float64 // within this multiple of the value at the session's start
	QuotaShare    float64 // and never more than this share of the per-table quota
	Quota         int64   // per-table quota, units per second
	Cuts          bool    // capacity may be lowered while no incident is open
	Unlimited     bool    // an on-demand maximum may be removed
	ModeSwitches  int64   // of one table in 24 hours, by a session
	AutoScaling   string  // RefuseFight | RefuseManual | AllowManual
	KMSInsights   string  // Never | WithReason

	CostStep     float64 // USD per hour that one change may add
	CostSession  float64 // USD per hour that a session may add
	UnknownPrice string  // Hold | Allow
	Prices       price.List

	Spacing   time.Duration // between two changes to the same table
	InFlight  int           // changes of a session under way at the same time
	Life      time.Duration // that credentials must still have when a request is sent
	Freeze    []Window      // when nothing is changed
	HoldFile  string        // while it exists nothing is sent; "" = no such file
	TimerUndo string        // Propose | Apply: what a timer that was set after the approval may do
}

// What the policy file can say of a timer that was not part of an approval.
const (
	Propose = "propose"
	Apply   = "apply"
)

// Careful is the policy in force unless a team's file says otherwise.
var Careful = Policy{
	Name: "built-in", Hash: "built-in-1",
	Headroom: 1.5, StepFactor: 2, SessionFactor: 4, QuotaShare: 0.8, Quota: 40000, Cuts: true, ModeSwitches: 1,
	AutoScaling: RefuseFight, KMSInsights: Never, CostStep: 5, CostSession: 20, UnknownPrice: Hold,
	Spacing: 30 * time.Second, InFlight: 3, Life: 20 * time.Second, TimerUndo: Propose,
}

// Unbilled is the same policy where nobody is billed: on the embedded AWS, or on a server on this machine.
func (p Policy) Unbilled() Policy {
	p.UnknownPrice = Allow
	return p
}

// Window is a time in which nothing is changed: from one instant to another, or every week.
type Window struct {
	From, To time.Time      // an interval; zero = every week
	Days     []time.Weekday // on which a weekly window begins
	Start    time.Duration  // after midnight, in Zone
	Length   time.Duration
	Zone     *time.Location
	Why      string
}

// Holds reports whether now is in the window, and until when.
func (w Window) Holds(now time.Time) (until time.Time, in bool) {
	if len(w.Days) == 0 {
		return w.To, !now.Before(w.From) && now.Before(w.To)
	}
	local := now.In(w.Zone)
	for back := -1; back < 8; back++ { // a window of a week at most may have begun so many days ago
		// Days are counted where none lacks its midnight: in some zones clocks are set forward there.
		day := time.Date(local.Year(), local.Month(), local.Day()-back, 0, 0, 0, 0, time.UTC)
		from, last := shown(day.Add(w.Start), w.Zone)
		if end := last.Add(w.Length); slices.Contains(w.Days, day.Weekday()) && !now.Before(from) && now.Before(end) {
			return end, true
		}
	}
	return time.Time{}, false
}

// shown returns the first and the last instant at which a zone's clocks show a time, which is given as if the zone were UTC. Where
// clocks are set back over it they show it twice; where they are set forward over it they never do, and it is
// what it would be without that, or if it had been done before.
func shown(clock time.Time, zone *time.Location) (first, last time.Time) {
	var is, could []time.Time
	for _, near := range [2]time.Duration{-24 * time.Hour, 24 * time.Hour} {
		_, east := clock.Add(near).In(zone).Zone()
		at := clock.Add(-time.Duration(east) * time.Second)
		could = append(could, at)
		if _, now := at.In(zone).Zone(); now == east {
			is = append(is, at)
		}
	}
	if len(is) == 0 {
		is = could
	}
	return slices.MinFunc(is, time.Time.Compare), slices.MaxFunc(is, time.Time.Compare)
}

// Refusal says in one line why a change was held back before it was tried. Later says that what stands in its way passes by
// itself: it may be asked for again in a minute.
type Refusal struct {
	Why   string
	Later bool
}

func (r *Refusal) Error() string { return r.Why }

func refuse(format string, args ...any) *Refusal { return &Refusal{Why: fmt.Sprintf(format, args...)} }

func notYet(format string, args ...any) *Refusal {
	return &Refusal{Why: fmt.Sprintf(format, args...), Later: true}
}
