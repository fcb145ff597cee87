package change

import (
	"fmt"
	"time"

	"github.com/ddbloop/ddbloop/history"
)

// What AWS lets a table or an index be changed how often (developer guide, "Service quotas"): capacity may be lowered four times
// a UTC day, once more for each hour that passes, at most 27 times; a table may be switched to on-demand four times in 24 hours.
const (
	decreasesAtOnce = 4
	decreasesPerDay = 27
	switchesPerDay  = 4
)

// allowance is how often a capacity can still be lowered just now, at least.
type allowance struct {
	left  int64
	words string
}

// decreases counts for the table ("") or an index: both have an allowance of their own. DescribeTable tells how many were used
// today and when the last one was; of those in between the least favourable is assumed.
func (sc Scene) decreases(index string) allowance {
	r, _ := sc.Seen.resource(index)
	left := decreasesLeft(r.DecreasesToday, r.LastDecrease, sc.Now)
	text := fmt.Sprintf("AWS takes %d more decreases now (%d used today, one more an hour)", left, r.DecreasesToday)
	switch {
	case left == 1:
		text = fmt.Sprintf("AWS takes one more decrease now (%d used today, one more an hour)", r.DecreasesToday)
	case left == 0 && r.DecreasesToday >= decreasesPerDay:
		text = fmt.Sprintf("AWS takes no more decreases today (%d used): the next after midnight UTC", r.DecreasesToday)
	case left == 0:
		text = fmt.Sprintf("AWS takes no decrease now (%d used today): the next at %s", r.DecreasesToday, nextDecrease(r, sc.Now).Format("15:04Z"))
	}
	return allowance{left, text}
}

func nextDecrease(r history.IndexSnapshot, now time.Time) time.Time {
	if r.LastDecrease.IsZero() {
		return now.UTC().Truncate(time.Hour).Add(time.Hour)
	}
	return r.LastDecrease.Add(time.Hour).UTC()
}

// decreasesLeft is the least that AWS must still take.
func decreasesLeft(used int64, last, now time.Time) int64 {
	day := now.UTC().Truncate(24 * time.Hour)
	if last.Before(day) && !last.IsZero() {
		used = 0 // of a day before
	}
	left := max(0, decreasesAtOnce-used)
	if hours := int64(now.Sub(last) / time.Hour); !last.IsZero() && used > 0 {
		left = max(left, min(decreasesAtOnce, hours))
	}
	return max(0, min(left, decreasesPerDay-used))
}

// switches counts this table's switches to on-demand of the last 24 hours, as far as they are known: DescribeTable tells the
// last one, this session its own.
func (sc Scene) switches() (known, ours int64) {
	since := sc.Now.Add(-24 * time.Hour)
	last := sc.Seen.Snap.ModeSince
	for _, c := range sc.State.Changes {
		if tableOf(c.Plan.Target) != sc.Seen.Snap.Name || c.Intended.Before(since) {
			continue
		}
		for _, x := range c.Plan.Set {
			if x.Name == history.SetMode && x.After == history.OnDemand && counts(c) {
				known, ours = known+1, ours+1
				if !c.Settled.IsZero() && last.Before(c.Settled.Add(10*time.Minute)) {
					last = time.Time{} // the one that DescribeTable tells of
				}
			}
		}
	}
	if last.After(since) {
		known++
	}
	return known, ours
}

// counts reports whether AWS has, or may have, carried a change out.
func counts(c *history.Change) bool {
	switch c.State {
	case history.ChangePlan, history.ChangeIsDropped, history.ChangeFailed, history.ChangeNot, history.ChangeOK:
		return false
	}
	return true
}
