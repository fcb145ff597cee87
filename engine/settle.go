package engine

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/ddbloop/ddbloop/engine/change"
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
		case history.ChangeInForce:
			out = append(out, e.stands(c)...)
		case history.ChangeSentOK, history.ChangeUnsure:
			out = append(out, e.followed(c, now)...)
		}
	}
	return out
}

func lostAfter(c *history.Change) time.Duration {
	if onAWS(c.Plan) {
		return lostRequest
	}
	return lostLever
}

// followed asks for a look at the table of a change and says what it showed, once one has come.
func (e *Engine) followed(c *history.Change, now time.Time) []history.Body {
	if !onAWS(c.Plan) {
		return nil // no table shows it
	}
	if scaling, insights := change.Needs(c.Plan.What); insights || scaling && isScaling(c.Plan.What) {
		e.lookAfter(c, now)
		return nil
	}
	if e.opt.Hurry != nil {
		e.opt.Hurry()
	}
	t := e.state.Tables[tableOf(c.Plan.Target)]
	if t == nil || t.Snap == nil || !t.Described.After(c.Answered) {
		return nil
	}
	return follow(c, change.Seen{Snap: t.Snap}, now)
}

func isScaling(what string) bool { return strings.HasPrefix(what, "autoscaling.") }

// lookEvery is how often the engine looks itself after a change that DescribeTable does not show.
const lookEvery = 2 * time.Second

// lookAfter reads what a change is about, off the loop, and records what that shows. e.mu is held.
func (e *Engine) lookAfter(c *history.Change, now time.Time) {
	id, plan := c.Plan.ID, c.Plan
	if now.Sub(e.looks[id]) < lookEvery {
		return
	}
	e.looks[id] = now.Add(lookTime) // none beside it
	e.opt.Clock.Go(func() {
		seen, err := e.look(context.Background(), plan.What, plan.Target, change.Policy{})
		e.mu.Lock()
		defer e.mu.Unlock()
		then := e.opt.Clock.Now()
		e.looks[id] = then
		c := e.state.Change(id)
		if err != nil || seen.NoScaling != "" || seen.NoInsights != "" || c == nil || !then.After(c.Answered) {
			return
		}
		if c.State != history.ChangeSentOK && c.State != history.ChangeUnsure {
			return
		}
		var bodies []history.Body
		for _, d := range seen.Scaling {
			if old := e.state.Scaling[d.Target+"#"+d.Side]; old == nil || *old != d {
				bodies = append(bodies, d)
			}
		}
		_ = e.record(history.Actor{}, append(bodies, follow(c, seen, then)...)...)
	})
}

// follow says what a look after the answer means for a change that has left. Nothing is sent
// again, whatever it shows.
func follow(c *history.Change, seen change.Seen, now time.Time) []history.Body {
	unsure := c.State == history.ChangeUnsure
	is := func(outcome, why string) []history.Body {
		return []history.Body{history.ChangeReconciled{ID: c.Plan.ID, Outcome: outcome, Why: why}}
	}
	switch {
	case seen.Snap.ID == "" && c.Plan.TableID != "":
		return nil // which table this is was not said
	case seen.Snap.ID != c.Plan.TableID:
		return is("overtaken", "the table or index was replaced")
	}
	has, found := where(c.Plan, seen)
	moving := seen.Moving(settings(c.Plan))
	switch {
	case found == gone:
		return is("overtaken", "the table or index was replaced")
	case moving != "" && unsure:
		return is("in progress", moving)
	case moving != "":
		return nil
	case found == reached && waits(c, seen, now):
		if unsure {
			return is("applied", "it has "+c.Plan.After+"; auto scaling has yet to act on it")
		}
		return nil
	case found == reached && unsure:
		return append(is("applied", "it has "+c.Plan.After), history.ChangeSettled{ID: c.Plan.ID})
	case found == reached:
		return []history.Body{history.ChangeSettled{ID: c.Plan.ID}}
	case found == elsewhere:
		return is("overtaken", "somebody has set "+has)
	case now.Sub(c.Answered) >= lookFor:
		return is("not applied", "it still has "+c.Plan.Before)
	}
	return nil
}

// actsWithin is how long auto scaling is given to act on a new maximum or target before the change counts as in force all the
// same: two minutes of points, its alarm's delay and the table's own update.
const actsWithin = 10 * time.Minute

// waits reports whether a change of auto scaling has yet to move the capacity: until then no limit has moved.
func waits(c *history.Change, seen change.Seen, now time.Time) bool {
	if what := c.Plan.What; what != "autoscaling.max" && what != "autoscaling.target" || c.Plan.UndoOf != "" || now.Sub(c.Answered) > actsWithin {
		return false
	}
	_, index, _ := strings.Cut(c.Plan.Target, "/")
	v, ok := seen.Value(history.Setting{Index: index, Name: c.Plan.Side})
	return ok && !atLeast(v, strconv.FormatInt(c.Plan.BeforeN+1, 10))
}

// standing is where a change's settings stand, all together.
type standing int

const (
	reached   standing = iota // all as they were to be
	untouched                 // all as they were before
	elsewhere                 // something else
	gone                      // what they are of is no more
)

// where compares what is now with a plan's settings, and names the first value that is neither of both.
func where(p history.ChangePlanned, seen change.Seen) (has string, at standing) {
	done, undone := true, true
	for _, x := range settings(p) {
		if !x.Changed() {
			continue
		}
		v, ok := seen.Value(x)
		if !ok {
			return "", gone
		}
		risen := strings.HasPrefix(x.Name, "warm_") && atLeast(v, x.After) // it also grows by itself
		if v != x.After && !risen {
			done = false
		}
		if v != x.Before {
			undone = false
		}
		if v != x.After && v != x.Before && !risen && has == "" {
			has = v
		}
	}
	switch {
	case done:
		return "", reached
	case undone:
		return "", untouched
	case has == "":
		has = "a part of it"
	}
	return has, elsewhere
}

func atLeast(v, want string) bool {
	n, err1 := strconv.ParseInt(v, 10, 64)
	m, err2 := strconv.ParseInt(want, 10, 64)
	return err1 == nil && err2 == nil && n >= m
}

// settings are what a change sets. A plan of an older version holds one side's capacity as numbers.
func settings(p history.ChangePlanned) []history.Setting {
	if len(p.Set) > 0 {
		return p.Set
	}
	_, side, _ := strings.Cut(p.What, ".")
	_, index, _ := strings.Cut(p.Target, "/")
	return []history.Setting{{Index: index, Name: side, Before: strconv.FormatInt(p.BeforeN, 10), After: strconv.FormatInt(p.AfterN, 10)}}
}
