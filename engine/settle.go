package engine

import (
	"strings"
	"time"

	"github.com/ddbloop/ddbloop/history"
)

// lookFor is how long a change without an answer is looked for before it counts as not applied:
// DescribeTable is eventually consistent.
const lookFor = time.Minute

// settle follows changes that have left: DescribeTable says when they are in force, and what became of
// those whose answer was lost.
func (e *Engine) settle(now time.Time) []history.Body {
	var out []history.Body
	for _, c := range e.state.Changes {
		if c.State != history.ChangeSentOK && c.State != history.ChangeUnsure {
			continue
		}
		table, index, _ := strings.Cut(c.Plan.Target, "/")
		t := e.state.Tables[table]
		if t == nil || t.Snap == nil || !t.Described.After(c.Answered) {
			continue
		}
		if e.opt.Hurry != nil {
			e.opt.Hurry()
		}
		if b := follow(c, *t.Snap, index, now); b != nil {
			out = append(out, b)
		}
	}
	return out
}

// follow says what a fresh look at the table means for a change that has left.
func follow(c *history.Change, snap history.TableSnapshot, index string, now time.Time) history.Body {
	th, ok := throughputOf(snap, index)
	has := th.Write
	if strings.HasSuffix(c.Plan.What, ".read") {
		has = th.Read
	}
	reconciled := func(outcome, why string) history.Body {
		return history.ChangeReconciled{ID: c.Plan.ID, Outcome: outcome, Why: why}
	}
	waited := now.Sub(c.Answered)
	switch {
	case strings.HasPrefix(c.Plan.What, "lever:"):
		return nil
	case snap.ID != c.Plan.TableID || !ok:
		return reconciled("overtaken", "the table or index was replaced")
	case snap.Status != "ACTIVE":
		if c.State == history.ChangeUnsure {
			return reconciled("in progress", "the table is "+snap.Status)
		}
		return nil
	case has == c.Plan.AfterN:
		return history.ChangeSettled{ID: c.Plan.ID}
	case has == c.Plan.BeforeN && waited >= lookFor:
		return reconciled("not applied", "the table still has "+c.Plan.Before)
	case has != c.Plan.BeforeN:
		return reconciled("overtaken", "somebody set another value")
	}
	return nil
}
