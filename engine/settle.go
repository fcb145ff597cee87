package engine

import (
	"fmt"
	"strings"
	"time"

	"github.com/ddbloop/ddbloop/history"
)

// lookFor is how long a change without an answer is looked for before it counts as not applied:
// DescribeTable is eventually consistent.
const lookFor = time.Minute

// How long a request that has left may go without a word before it counts as unanswered: longer than any
// request or lever is given, so that only a process that died leaves one behind.
const (
	lostRequest = time.Minute
	lostLever   = 5 * time.Minute
)

// settle follows changes that have left: DescribeTable says when they are in force, and what became of
// those whose answer was lost.
func (e *Engine) settle(now time.Time) []history.Body {
	var out []history.Body
	for _, c := range e.state.Changes {
		switch c.State {
		case history.ChangeOK:
			out = append(out, history.ChangeReconciled{ID: c.Plan.ID, Outcome: "not applied", Why: "no intent was recorded: nothing was sent"})
		case history.ChangeIntent:
			if now.Sub(c.Intended) > lostAfter(c) {
				out = append(out, history.ChangeAnswered{ID: c.Plan.ID, Unsure: true, Text: "no answer was recorded"})
			}
		case history.ChangeSentOK, history.ChangeUnsure:
			out = append(out, e.followed(c, now)...)
		}
	}
	return out
}

func lostAfter(c *history.Change) time.Duration {
	if strings.HasPrefix(c.Plan.What, "lever:") {
		return lostLever
	}
	return lostRequest
}

// followed asks for a look at the table of a change and says what it showed, once one has come.
func (e *Engine) followed(c *history.Change, now time.Time) []history.Body {
	if strings.HasPrefix(c.Plan.What, "lever:") {
		return nil // no table shows it
	}
	if e.opt.Hurry != nil {
		e.opt.Hurry()
	}
	table, index, _ := strings.Cut(c.Plan.Target, "/")
	t := e.state.Tables[table]
	if t == nil || t.Snap == nil || !t.Described.After(c.Answered) {
		return nil
	}
	return follow(c, *t.Snap, index, now)
}

// follow says what a look at the table after the answer means for a change that has left. Nothing is sent
// again, whatever it shows.
func follow(c *history.Change, snap history.TableSnapshot, index string, now time.Time) []history.Body {
	th, ok := throughputOf(snap, index)
	has := th.Write
	if strings.HasSuffix(c.Plan.What, ".read") {
		has = th.Read
	}
	unsure := c.State == history.ChangeUnsure
	is := func(outcome, why string) []history.Body {
		return []history.Body{history.ChangeReconciled{ID: c.Plan.ID, Outcome: outcome, Why: why}}
	}
	switch {
	case snap.ID != c.Plan.TableID || !ok:
		return is("overtaken", "the table or index was replaced")
	case snap.Status != "ACTIVE" && unsure:
		return is("in progress", "the table is "+snap.Status)
	case snap.Status != "ACTIVE":
		return nil
	case has == c.Plan.AfterN && unsure:
		return append(is("applied", "the table has "+c.Plan.After), history.ChangeSettled{ID: c.Plan.ID})
	case has == c.Plan.AfterN:
		return []history.Body{history.ChangeSettled{ID: c.Plan.ID}}
	case has != c.Plan.BeforeN:
		return is("overtaken", fmt.Sprintf("somebody has set %d", has))
	case now.Sub(c.Answered) >= lookFor:
		return is("not applied", "the table still has "+c.Plan.Before)
	}
	return nil
}
