package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

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
	e.mu.Lock()
	p, err := e.approvable(c)
	e.mu.Unlock()
	if err != nil {
		return err
	}
	table, index, _ := strings.Cut(p.Target, "/")
	lever, isLever := strings.CutPrefix(p.What, "lever:")
	var snap history.TableSnapshot
	if !isLever {
		dctx, cancel := e.opt.Clock.WithTimeout(ctx, 10*time.Second)
		snap, err = e.opt.Describer.Describe(dctx, table)
		cancel()
		if err != nil {
			return notYet("%s not sent: %s cannot be read now: %v", p.ID, table, err)
		}
	}
	if err := e.intend(c, snap); err != nil {
		return err
	}
	e.opt.Clock.Go(func() {
		var a Answer
		if isLever {
			a = e.pull(ctx, lever, p.After == "on")
		} else {
			read, write := throughput(p, snap, index)
			sctx, cancel := e.opt.Clock.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
			a = e.opt.Writer.SetThroughput(sctx, table, index, read, write)
			cancel()
		}
		bodies := []history.Body{history.ChangeAnswered{ID: p.ID, OK: a.OK, Unsure: a.Unsure, Code: a.Code, Text: a.Text, Request: a.Request}}
		if isLever && a.OK {
			bodies = append(bodies, history.ChangeSettled{ID: p.ID})
		}
		e.Emit(bodies...)
		if e.opt.Hurry != nil {
			e.opt.Hurry()
		}
	})
	return nil
}

// approvable checks who approves what: a plan that still stands, seen as it is, with its token typed.
// e.mu is held.
func (e *Engine) approvable(c Approve) (history.ChangePlanned, error) {
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
		return history.ChangePlanned{}, fmt.Errorf("%s was planned more than %d minutes ago: plan it again", c.ID, int(staleAfter.Minutes()))
	case strings.HasPrefix(ch.Plan.What, "lever:") && e.opt.Levers == nil || !strings.HasPrefix(ch.Plan.What, "lever:") && e.opt.Writer == nil:
		return history.ChangePlanned{}, errReadOnly
	}
	return ch.Plan, e.spaced(ch)
}

// spaced keeps two changes to one table apart, so that their effects can be told apart. Taking a change
// back need not wait for it: harm is ended as soon as it is seen.
func (e *Engine) spaced(ch *history.Change) error {
	table, _, _ := strings.Cut(ch.Plan.Target, "/")
	for _, o := range e.state.Changes {
		other, _, _ := strings.Cut(o.Plan.Target, "/")
		if o == ch || other != table || o.Intended.IsZero() || o.Plan.ID == ch.Plan.UndoOf {
			continue
		}
		switch o.State {
		case history.ChangeIntent, history.ChangeSentOK, history.ChangeUnsure:
			return notYet("%s is still under way on %s", o.Plan.ID, table)
		}
		if since := e.opt.Clock.Now().Sub(o.Intended); since < e.opt.Policy.Spacing {
			return notYet("%s was sent %s ago: wait %s between changes", o.Plan.ID, since.Round(time.Second), e.opt.Policy.Spacing)
		}
	}
	return nil
}

// intend looks at everything once more and makes the approval and the intent durable. Nothing has left
// yet; if anything differs from what was approved, or cannot be kept, nothing will.
func (e *Engine) intend(c Approve, snap history.TableSnapshot) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	p, err := e.approvable(c) // another approval may have come first
	if err != nil {
		return err
	}
	if diff := e.drift(p, snap); diff != "" {
		_ = e.record(e.opt.Actor, history.ChangeDropped{ID: p.ID, Why: diff})
		return fmt.Errorf("%s not sent: %s; plan it again", p.ID, diff)
	}
	request := "UpdateTable " + p.Title
	if strings.HasPrefix(p.What, "lever:") {
		request = p.What + " " + p.After
	}
	err = e.record(e.opt.Actor, history.ChangeApproved{ID: p.ID, Hash: p.Hash},
		history.ChangeIntended{ID: p.ID, Request: request, Undo: p.UndoText})
	if err != nil {
		_ = e.record(e.opt.Actor, history.ChangeDropped{ID: p.ID, Why: "its intent could not be recorded: nothing was sent"})
		return fmt.Errorf("%s not sent: its intent could not be recorded (%w)", p.ID, err)
	}
	return nil
}

// drift says what differs between what a plan was made from and what is now, the guards among it; "" when
// nothing does.
func (e *Engine) drift(p history.ChangePlanned, snap history.TableSnapshot) string {
	if !strings.HasPrefix(p.What, "lever:") {
		was, ok := e.seen[p.ID]
		switch diff := history.Differences(cold(was), cold(snap)); {
		case !ok:
			return "it was planned by another process"
		case snap.ID != p.TableID:
			return "the table was replaced by another of the same name"
		case len(diff) > 0:
			return strings.Join(diff, ", ")
		}
	}
	if err := e.scene(&snap).Recheck(p, e.state.Change(p.UndoOf)); err != nil {
		return err.Error()
	}
	return ""
}

// cold leaves out warm throughput: it grows by itself and no plan rests on it.
func cold(t history.TableSnapshot) history.TableSnapshot {
	t.Throughput.WarmRead, t.Throughput.WarmWrite = 0, 0
	t.Indexes = slices.Clone(t.Indexes)
	for i := range t.Indexes {
		t.Indexes[i].Throughput.WarmRead, t.Indexes[i].Throughput.WarmWrite = 0, 0
	}
	return t
}

func throughputOf(snap history.TableSnapshot, index string) (history.Throughput, bool) {
	if index == "" {
		return snap.Throughput, true
	}
	for _, i := range snap.Indexes {
		if i.Name == index {
			return i.Throughput, true
		}
	}
	return history.Throughput{}, false
}

// throughput is the pair that AWS wants: the side that changes, and the other one as it is.
func throughput(p history.ChangePlanned, snap history.TableSnapshot, index string) (read, write int64) {
	t, _ := throughputOf(snap, index)
	if strings.HasSuffix(p.What, ".read") {
		return p.AfterN, t.Write
	}
	return t.Read, p.AfterN
}

// pull sets a lever. Its own failure is an answer; a timeout is not.
func (e *Engine) pull(ctx context.Context, name string, on bool) Answer {
	if e.opt.Levers == nil {
		return Answer{Text: "no lever can be run in this session"}
	}
	err := e.opt.Levers.Set(context.WithoutCancel(ctx), name, on)
	switch {
	case err == nil:
		return Answer{OK: true}
	case errors.Is(err, context.DeadlineExceeded):
		return Answer{Unsure: true, Text: err.Error()}
	}
	return Answer{Code: "LeverFailed", Text: err.Error()}
}
