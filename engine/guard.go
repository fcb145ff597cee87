package engine

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/ddbloop/ddbloop/engine/change"
	"github.com/ddbloop/ddbloop/engine/diagnose"
	"github.com/ddbloop/ddbloop/history"
)

// sayGuard turns the commands that hold changes or time their undo into events. e.mu is held.
func (e *Engine) sayGuard(c Command) (history.Body, error) {
	switch c := c.(type) {
	case Hold:
		if strings.TrimSpace(c.Why) == "" {
			return nil, errors.New("holding changes needs a reason")
		}
		return history.ChangesHeld{Held: true, Why: c.Why}, nil
	case Release:
		switch h := e.state.Hold; {
		case h == nil:
			return nil, errors.New("nothing is held")
		case h.File:
			return nil, fmt.Errorf("%s: remove it to go on", h.Why)
		}
		return history.ChangesHeld{Why: c.Why}, nil
	case Timer:
		ch := e.state.Change(c.ID)
		switch {
		case !e.state.Session.Armed:
			return nil, errReadOnly
		case ch == nil || ch.State != history.ChangeInForce || ch.Plan.UndoOf != "":
			return nil, fmt.Errorf("%s is not in force: no timer takes it back", c.ID)
		case ch.Plan.UndoClass == history.UndoImpossible:
			return nil, fmt.Errorf("%s cannot be undone: %s", c.ID, ch.Plan.UndoText)
		case c.After < change.LeastTimer || c.After > change.MostTimer:
			return nil, errors.New("a timer is between one minute and a day")
		}
		return history.UndoTimed{ID: c.ID, At: e.opt.Clock.Now().Add(c.After)}, nil
	case Keep:
		if ch := e.state.Change(c.ID); ch == nil || ch.UndoAt.IsZero() || ch.State != history.ChangeInForce {
			return nil, fmt.Errorf("%s has no timer", c.ID)
		}
		return history.UndoTimed{ID: c.ID}, nil
	}
	return nil, fmt.Errorf("unknown command %T", c)
}

// lookForHold looks for the hold file and says when it has come or gone. e.mu is not held meanwhile: the file may be far away, and a
// look that comes back after a newer one says nothing.
func (e *Engine) lookForHold() {
	if e.opt.Held == nil {
		return
	}
	e.mu.Lock()
	e.asked++
	n := e.asked
	e.mu.Unlock()
	why, there := e.opt.Held()
	e.mu.Lock()
	defer e.mu.Unlock()
	if n < e.heard {
		return
	}
	e.heard = n
	switch h := e.state.Hold; {
	case there && (h == nil || !h.File):
		_ = e.record(history.Actor{}, history.ChangesHeld{Held: true, Why: why, File: true})
	case !there && h != nil && h.File:
		_ = e.record(history.Actor{}, history.ChangesHeld{Why: "the hold file is gone", File: true})
	}
}

// held says why a planned change is not sent now, though it stands: a stop by name, or a guard metric after an earlier change
// to the same table. Taking a change back passes the guard, and never the stop. e.mu is held.
func (e *Engine) held(ch *history.Change) error {
	if h := e.state.Hold; h != nil {
		by := ""
		if h.By != "" {
			by = " by " + h.By
		}
		return notYet("%s is held since %sZ%s: %s", ch.Plan.ID, h.Since.UTC().Format("15:04:05"), by, h.Why)
	}
	if ch.Plan.UndoOf != "" || ch.Plan.Reason != "" {
		return nil
	}
	for _, o := range e.state.Changes {
		if o == ch || o.State != history.ChangeInForce || o.Plan.UndoOf != "" || o.From != "" || tableOf(o.Plan.Target) != tableOf(ch.Plan.Target) {
			continue
		}
		if why := e.guard(o); why != "" {
			return notYet("%s waits: %s; undo %s, or plan with a reason", ch.Plan.ID, why, o.Plan.ID)
		}
	}
	return nil
}

// guardPoints is how many minutes in a row after a change must be worse than all of as many before it for the next change to
// wait; guardMargin is how much worse.
const (
	guardPoints = 3
	guardMargin = 1.1
)

// guard says what speaks against another change after one that is in force: it was judged to have made things worse, or, while
// it has not been judged, refusals or errors have risen since, or cannot be seen.
func (e *Engine) guard(c *history.Change) string {
	now := e.opt.Clock.Now()
	if c.Effect != nil {
		if c.Effect.Word == history.Worse {
			return c.Plan.ID + " made it worse"
		}
		return ""
	}
	side := c.Plan.Side
	if side == "" {
		side = "write"
	}
	if d := diagnose.PressureOn(e.state, now, e.opt.Limits, c.Plan.Target, side); !d.Known {
		return "what " + c.Plan.ID + " did cannot be seen (" + d.Why + ")"
	}
	for _, name := range [2]string{side + "_throttles", "system_errors"} {
		if was, is, worse := rose(e.state.Get(name, c.Plan.Target, ""), c.Settled); worse {
			return fmt.Sprintf("%s of %s rose from %.3g to %.3g since %s", name, c.Plan.Target, was, is, c.Plan.ID)
		}
	}
	return ""
}

// rose compares the newest points after an instant with those before it.
func rose(sr *history.Series, at time.Time) (was, is float64, worse bool) {
	if sr == nil {
		return 0, 0, false
	}
	step := max(60, sr.Period)
	before := sr.Window(at.Unix()-(guardPoints+1)*step, at.Unix()/step*step)
	after := sr.Window(at.Unix()/step*step+step, max(sr.SettledTo, at.Unix()))
	if len(after) < guardPoints {
		return 0, 0, false
	}
	for _, p := range before {
		was = max(was, p.V)
	}
	for i, p := range after[len(after)-guardPoints:] {
		if i == 0 || p.V < is {
			is = p.V
		}
	}
	return was, is, is > guardMargin*was && is > 0
}

// propose says of changes that did harm, or nothing, that they should be taken back: once each.
func (e *Engine) propose(time.Time) []history.Body {
	var out []history.Body
	for _, c := range e.state.Changes {
		if c.State != history.ChangeInForce || c.Plan.UndoOf != "" || c.Effect == nil || c.Plan.UndoClass == history.UndoImpossible || undoOf(e.state, c.Plan.ID) != nil {
			continue
		}
		why := ""
		switch c.Effect.Word {
		case history.Worse:
			why = "it made things worse"
		case history.NoEffect:
			why = "it had no effect"
		}
		if why != "" && c.Proposed != why {
			out = append(out, history.UndoProposed{ID: c.Plan.ID, Why: why})
		}
	}
	return out
}

// timerAgain is how long a timed undo that could not be sent waits until it is tried once more.
const timerAgain = 30 * time.Second

// timers takes back the changes whose time has come: it plans the undo, and where the approval of the change covered it, or the
// policy lets a timer apply it, approves it too. e.mu is held.
func (e *Engine) timers(now time.Time) []history.Body {
	for _, c := range e.state.Changes {
		due := c.State == history.ChangeInForce && c.Plan.UndoOf == "" && !c.UndoAt.IsZero() && !now.Before(c.UndoAt)
		if !due || !e.state.Session.Armed || e.broken != nil || now.Sub(e.timed[c.Plan.ID]) < timerAgain {
			continue
		}
		if u := undoOf(e.state, c.Plan.ID); u != nil && u.State != history.ChangePlan {
			continue
		}
		e.timed[c.Plan.ID] = now
		id, by := c.Plan.ID, c.By
		covered := c.From == "" && c.Plan.UndoAfter > 0 && c.UndoAt.Equal(c.Settled.Add(c.Plan.UndoAfter))
		e.opt.Clock.Go(func() { e.timeUp(id, by, covered) })
	}
	return nil
}

// timeUp carries a timer out: it plans the undo, and approves it where that is covered.
func (e *Engine) timeUp(id, by string, covered bool) {
	ctx := context.Background()
	e.mu.Lock()
	u := undoOf(e.state, id)
	e.mu.Unlock()
	if u == nil {
		if err := e.planUndo(ctx, Undo{ID: id}); err != nil {
			return // said again in half a minute
		}
	}
	if !covered {
		p, err := e.policy()
		if err != nil || p.TimerUndo != change.Apply {
			return
		}
	}
	if yes := e.timedConsent(id, by); yes.ID != "" {
		_ = e.approve(ctx, yes) // tried again in half a minute
	}
}

// timedConsent is a timer's approval of the undo that is planned, or none: what was agreed to is to end the change, and not
// what somebody has set in its place since.
func (e *Engine) timedConsent(id, by string) (yes Approve) {
	e.mu.Lock()
	defer e.mu.Unlock()
	c, u := e.state.Change(id), undoOf(e.state, id)
	if c == nil || u == nil || u.State != history.ChangePlan {
		return yes
	}
	if onAWS(c.Plan) {
		if has, at := where(c.Plan, e.seen[u.Plan.ID]); at != reached {
			why := fmt.Sprintf("its time is up, and somebody has set %s since: %s waits for an approval", cmp.Or(has, "another value"), u.Plan.ID)
			if c.Proposed != why {
				_ = e.record(history.Actor{}, history.UndoProposed{ID: id, Why: why})
			}
			return yes
		}
	}
	if e.opt.Clock.Now().Sub(u.Planned) > staleAfter {
		_ = e.record(history.Actor{}, history.ChangeDropped{ID: u.Plan.ID, Why: "it has waited too long: it is planned again"})
		return yes
	}
	return Approve{ID: u.Plan.ID, Hash: u.Plan.Hash, Token: u.Plan.Token, timer: by + " with " + id}
}

// carried numbers the changes of earlier sessions anew.
func carried(list []history.ChangeCarried, now time.Time) []history.Body {
	var out []history.Body
	here := map[string]string{} // ids, by where a change was made first
	for i, c := range list {
		here[c.Origin()] = fmt.Sprintf("E%d", i+1)
	}
	for i, c := range list {
		c.Plan.ID, c.Plan.Expect = fmt.Sprintf("E%d", i+1), nil
		c.Plan.UndoOf = cmp.Or(here[c.Plan.UndoOf], c.Plan.UndoOf)
		if c.State == history.ChangeUnsure {
			c.Answered = now // it is looked for from now on
		}
		out = append(out, c)
	}
	return out
}

// stands says of a change of an earlier session that it is no longer in force, once the table shows it.
func (e *Engine) stands(c *history.Change) []history.Body {
	t := e.state.Tables[tableOf(c.Plan.Target)]
	if c.From == "" || t == nil || t.Snap == nil || !onAWS(c.Plan) || c.Plan.TableID != t.Snap.ID && t.Snap.ID == "" {
		return nil
	}
	_, at := where(c.Plan, change.Seen{Snap: t.Snap})
	switch {
	case c.Plan.TableID != t.Snap.ID:
		return []history.Body{history.ChangeReconciled{ID: c.Plan.ID, Outcome: "overtaken", Why: "the table was replaced since"}}
	case at == untouched || at == elsewhere:
		return []history.Body{history.ChangeReconciled{ID: c.Plan.ID, Outcome: "overtaken", Why: "it was changed again since then"}}
	}
	return nil
}
