// Package change plans changes: what would be set, what it costs, how it is undone, and every reason not
// to. It decides and words; it sends nothing.
package change

import (
	"fmt"
	"time"
)

// Policy is the built-in careful policy. All of it is checked when a change is planned and again when it
// is applied.
type Policy struct {
	Headroom      float64       // a raise may reach this multiple of the measured demand of the last 15 minutes,
	StepFactor    float64       // or, where that is more, this multiple of the present value
	SessionFactor float64       // within this multiple of the value at the session's start
	QuotaShare    float64       // and never more than this share of the per-table quota
	Quota         int64         // per-table quota, units per second
	CostStep      float64       // USD per hour that one change may add
	CostSession   float64       // USD per hour that a session may add
	Spacing       time.Duration // between two changes to the same table
}

// Careful is the policy in force unless a team's file says otherwise.
var Careful = Policy{Headroom: 1.5, StepFactor: 2, SessionFactor: 4, QuotaShare: 0.8, Quota: 40000, CostStep: 5, CostSession: 20, Spacing: 30 * time.Second}

// Refusal says in one line why a change was held back before it was tried.
type Refusal struct{ Why string }

func (r *Refusal) Error() string { return r.Why }

func refuse(format string, args ...any) *Refusal { return &Refusal{fmt.Sprintf(format, args...)} }
