package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/ddbloop/ddbloop/engine/change"
	"github.com/ddbloop/ddbloop/history"
)

// NotYet is why an approval has to wait. Its plan stands and can be approved later.
type NotYet struct{ Why string }

func (n *NotYet) Error() string { return n.Why }

func notYet(format string, args ...any) error { return &NotYet{fmt.Sprintf(format, args...)} }

// staleAfter is how long a plan may wait for its approval.
const staleAfter = 10 * time.Minute

// approve carries out one planned change: the plan is checked against the table as it is now, the intent
// is made durable, and then exactly one request leaves. What follows is followed, never sent again.
func (e *Engine) approve(ctx context.Context, c Approve) error {
	policy, err := e.policy()
	if err != nil {
		return notYet("%s not sent: %v", c.ID, err)
	}
	e.mu.Lock()
	p, err := e.approvable(c, policy)
	e.mu.Unlock()
	if err != nil {
		return err
	}
	e.lookForHold()
	seen, err := e.look(ctx, p.What, p.Target, policy)
	if err != nil {
		return notYet("%s not sent: %s cannot be read now: %v", p.ID, tableOf(p.Target), err)
	}
	if err := e.intend(c, seen, policy); err != nil {
		return err
	}
	e.opt.Clock.Go(func() { e.send(ctx, p) })
	return nil
}

// send lets the one request of a change leave, and records its answer.
func (e *Engine) send(ctx context.Context, p history.ChangePlanned) {
	var a Answer
	if onAWS(p) {
		sctx, cancel := e.opt.Clock.WithTimeout(context.WithoutCancel(ctx), lookTime)
		a = e.opt.Writer.Send(sctx, tableOf(p.Target), p.Set)
		cancel()
	} else if name, ok := strings.CutPrefix(p.What, "lever:"); ok {
		a = e.pull(ctx, name, p.After == "on")
	} else {
		a = e.ask(p)
	}
	bodies := []history.Body{history.ChangeAnswered{ID: p.ID, OK: a.OK, Unsure: a.Unsure, Code: a.Code, Text: a.Text, Request: a.Request}}
	if !onAWS(p) && a.OK {
		bodies = append(bodies, history.ChangeSettled{ID: p.ID})
	}
	e.Emit(bodies...)
	if e.opt.Hurry != nil {
		e.opt.Hurry()
	}
}

// approvable checks who approves what: a plan that still stands, seen as it is, with its token typed.
// e.mu is held.
func (e *Engine) approvable(c Approve, policy change.Policy) (history.ChangePlanned, error) {
	ch := e.state.Change(c.ID)
	switch {
	case !e.state.Session.Armed:
		return history.ChangePlanned{}, errReadOnly
	case e.broken != nil:
		return history.ChangePlanned{}, fmt.Errorf("changes are off: the journal cannot keep them (%w)", e.broken)
	case ch == nil || ch.State != history.ChangePlan:
		return history.ChangePlanned{}, fmt.Errorf("%s does not wait for approval", c.ID)
	case c.Hash != ch.Plan.Hash:
		return history.ChangePlanned{}, fmt.Errorf("%s has changed since it was shown: look again", c.ID)
	case c.Token != ch.Plan.Token:
		return history.ChangePlanned{}, fmt.Errorf("approval of %s needs %q typed in full", c.ID, ch.Plan.Token)
	case e.opt.Clock.Now().Sub(ch.Planned) > staleAfter:
		why := fmt.Sprintf("it was planned more than %d minutes ago", int(staleAfter.Minutes()))
		_ = e.record(e.opt.Actor, history.ChangeDropped{ID: c.ID, Why: why}) // while it waits, nothing else can be planned in its place
		return history.ChangePlanned{}, fmt.Errorf("%s is dropped, %s: plan it again", c.ID, why)
	case onAWS(ch.Plan) && e.opt.Writer == nil || isLever(ch.Plan.What) && e.opt.Levers == nil:
		return history.ChangePlanned{}, errReadOnly
	}
	if err := e.held(ch); err != nil {
		return history.ChangePlanned{}, err
	}
	return ch.Plan, e.spaced(ch, policy.Spacing)
}

// spaced keeps two changes to one table apart by the policy's spacing, so that their effects can be told apart. Taking a change
// back need not wait for it: harm is ended as soon as it is seen.
func (e *Engine) spaced(ch *history.Change, spacing time.Duration) error {
	table := tableOf(ch.Plan.Target)
	for _, o := range e.state.Changes {
		if o == ch || tableOf(o.Plan.Target) != table || o.Intended.IsZero() || o.Plan.ID == ch.Plan.UndoOf {
			continue
		}
		switch o.State {
		case history.ChangeIntent, history.ChangeSentOK, history.ChangeUnsure:
			return notYet("%s is still under way on %s", o.Plan.ID, table)
		}
		if since := e.opt.Clock.Now().Sub(o.Intended); since < spacing {
			return notYet("%s was sent %s ago: wait %s between changes", o.Plan.ID, since.Round(time.Second), spacing)
		}
	}
	return nil
}

// intend looks at everything once more and makes the approval and the intent durable. Nothing has left
// yet; if anything differs from what was approved, or cannot be kept, nothing will.
func (e *Engine) intend(c Approve, seen change.Seen, policy change.Policy) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	p, err := e.approvable(c, policy) // another approval may have come first
	if err != nil {
		return err
	}
	if diff := e.drift(p, seen, policy); diff != "" {
		_ = e.record(e.opt.Actor, history.ChangeDropped{ID: p.ID, Why: diff})
		return fmt.Errorf("%s not sent: %s; plan it again", p.ID, diff)
	}
	err = e.record(e.opt.Actor, history.ChangeApproved{ID: p.ID, Hash: p.Hash, Policy: policy.Hash, Timer: c.timer},
		history.ChangeIntended{ID: p.ID, Request: call(p), Undo: p.UndoText})
	if err != nil {
		_ = e.record(e.opt.Actor, history.ChangeDropped{ID: p.ID, Why: "its intent could not be recorded: nothing was sent"})
		return fmt.Errorf("%s not sent: its intent could not be recorded (%w)", p.ID, err)
	}
	return nil
}

// call names the one request of a change.
func call(p history.ChangePlanned) string {
	switch {
	case !onAWS(p):
		return p.What + " " + p.After
	case p.What == "insights":
		return "UpdateContributorInsights: " + p.Title
	case p.What == "autoscaling.target":
		return "PutScalingPolicy: " + p.Title
	case strings.HasPrefix(p.What, "autoscaling."):
		return "RegisterScalableTarget: " + p.Title
	}
	return "UpdateTable: " + p.Title
}

// drift says what differs between what a plan was made from and what is now, the guards among it; "" when
// nothing does.
func (e *Engine) drift(p history.ChangePlanned, seen change.Seen, policy change.Policy) string {
	if onAWS(p) {
		was, ok := e.seen[p.ID]
		if !ok {
			return "it was planned by another process"
		}
		if diff := differences(was, seen); diff != "" {
			return diff
		}
	}
	if err := e.scene(seen, policy).Recheck(p, e.state.Change(p.UndoOf)); err != nil {
		return err.Error()
	}
	return ""
}

// differences says what has moved between two looks.
func differences(was, is change.Seen) string {
	if was.Snap == nil || is.Snap == nil {
		return "the table was not read"
	}
	var diff []string
	for _, d := range history.Differences(cold(*was.Snap), cold(*is.Snap)) {
		diff = append(diff, d.String())
	}
	switch {
	case was.Snap.ID != is.Snap.ID:
		return "the table was replaced by another of the same name"
	case !slices.Equal(was.Scaling, is.Scaling):
		diff = append(diff, "its auto scaling is set otherwise than when it was planned")
	case was.NoScaling != is.NoScaling:
		diff = append(diff, "its auto scaling could be read then, or now, not both")
	case was.Insights != is.Insights:
		diff = append(diff, "Contributor Insights: "+was.Insights+" → "+is.Insights)
	}
	return strings.Join(diff, ", ")
}

// cold leaves out warm throughput: it grows by itself and no plan rests on it, but for one that raises it.
func cold(t history.TableSnapshot) history.TableSnapshot {
	t.Throughput.WarmRead, t.Throughput.WarmWrite = 0, 0
	t.Indexes = slices.Clone(t.Indexes)
	for i := range t.Indexes {
		t.Indexes[i].Throughput.WarmRead, t.Indexes[i].Throughput.WarmWrite = 0, 0
	}
	return t
}

// pull sets a lever. Its own failure is an answer; that it was broken off is not.
func (e *Engine) pull(ctx context.Context, name string, on bool) Answer {
	if e.opt.Levers == nil {
		return Answer{Text: "no lever can be run in this session"}
	}
	err := e.opt.Levers.Set(context.WithoutCancel(ctx), name, on)
	switch {
	case err == nil:
		return Answer{OK: true}
	case errors.Is(err, ErrUnanswered):
		return Answer{Unsure: true, Text: err.Error()}
	}
	return Answer{Code: "LeverFailed", Text: err.Error()}
}
