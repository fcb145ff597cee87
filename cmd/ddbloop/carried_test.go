package main

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ddbloop/ddbloop/engine/change"
	"github.com/ddbloop/ddbloop/history"
)

var carryTime = time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC)

// leftBehind keeps a session in a folder as watch does, the newer the later it is called.
func leftBehind(t *testing.T, root string, s history.SessionStarted, bodies ...history.Body) {
	t.Helper()
	w, dir, err := newJournal(root, s.ID)
	if err != nil {
		t.Fatal(err)
	}
	var events []history.Event
	for _, b := range append([]history.Body{s}, bodies...) {
		events = append(events, history.Event{At: carryTime, Body: b})
	}
	if _, err := w.Append(events...); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir(root)
	if err != nil {
		t.Fatal(err)
	}
	at := carryTime.Add(time.Duration(len(entries)) * time.Minute)
	if err := os.Chtimes(dir, at, at); err != nil {
		t.Fatal(err)
	}
}

func aPlan(id, target string) history.ChangePlanned {
	return history.ChangePlanned{ID: id, What: "table.write", Target: target, Title: id, TableID: "id-1", UndoClass: history.UndoLimited}
}

// inForceOf is a change up to where it is in force.
func inForceOf(p history.ChangePlanned) []history.Body {
	return []history.Body{p, history.ChangeApproved{ID: p.ID}, history.ChangeIntended{ID: p.ID}, history.ChangeAnswered{ID: p.ID, OK: true}, history.ChangeSettled{ID: p.ID}}
}

// TestCarriedOver reads real folders of sessions: what is in force, or nobody knows of, is carried under the name that it had first, once, and by the word of
// the newest session that knew it. What is over, planned only, of other tables or of another AWS is not.
//
// Mutants: carry what a newer session took back; carry what the session of another Region left; carry a plan; carry a probe's variant; keep the number that an undone change had there.
func TestCarriedOver(t *testing.T) {
	root := filepath.Join(t.TempDir(), "sessions")
	now := history.SessionStarted{ID: "now", Mode: "watch", Tables: []string{"orders"}, Region: "eu-west-1", Account: "123456789012"}
	session := func(id string) history.SessionStarted {
		s := now
		s.ID, s.Tables = id, []string{"orders", "carts"}
		return s
	}
	if got := carriedOver(root, now, carryTime); got != nil {
		t.Errorf("without any session %+v", got)
	}
	both := append(inForceOf(aPlan("E1", "orders")), inForceOf(aPlan("E2", "orders/by-day"))...)
	intent := []history.Body{aPlan("E3", "orders"), history.ChangeApproved{ID: "E3"}, history.ChangeIntended{ID: "E3"}}
	leftBehind(t, root, session("first"), append(append(both, intent...), aPlan("E4", "orders"))...)
	leftBehind(t, root, session("carts"), inForceOf(aPlan("E1", "carts"))...)
	other := session("other")
	other.Region = "us-east-1"
	leftBehind(t, root, other, inForceOf(aPlan("E1", "orders"))...)
	if err := os.WriteFile(filepath.Join(root, "a file"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Join(root, "no journal"), 0o700); err != nil {
		t.Fatal(err)
	}
	names := func(list []history.ChangeCarried) (out []string) {
		for _, c := range list {
			out = append(out, fmt.Sprintf("%s %s %s", c.Session, c.ID, c.State))
		}
		return out
	}
	same := func(want ...string) {
		t.Helper()
		if d := cmp.Diff(want, names(carriedOver(root, now, carryTime.Add(time.Hour)))); d != "" {
			t.Error(d)
		}
	}
	same("first E1 in force", "first E2 in force", "first E3 unsure")

	// A later session took E1 back, carried E2 on under another number, and saw that E3 had not been applied.
	carry := func(id, was, state string) history.ChangeCarried {
		return history.ChangeCarried{Plan: aPlan(id, "orders"), Session: "first", ID: was, State: state}
	}
	undo := aPlan("E4", "orders")
	undo.UndoOf = "E1"
	later := []history.Body{
		carry("E1", "E1", history.ChangeInForce), carry("E2", "E2", history.ChangeInForce), carry("E3", "E3", history.ChangeUnsure),
		history.ChangeReconciled{ID: "E3", Outcome: "not applied"},
	}
	leftBehind(t, root, session("second"), append(later, inForceOf(undo)...)...)
	same("first E2 in force")
	leftBehind(t, root, session("third"), inForceOf(aPlan("E1", "orders"))...)
	same("first E2 in force", "third E1 in force")

	// An undo that got no answer says which change it undoes, by the name that this had first; a probe of another process is none of ours.
	undo = aPlan("E5", "orders")
	undo.UndoOf = "E2"
	variant := aPlan("E6", "orders")
	variant.What = change.QueryVariant
	fourth := []history.Body{carry("E2", "E2", history.ChangeInForce), undo, history.ChangeApproved{ID: "E5"}, history.ChangeIntended{ID: "E5"}}
	leftBehind(t, root, session("fourth"), append(fourth, inForceOf(variant)...)...)
	same("third E1 in force", "first E2 in force", "fourth E5 unsure")
	if got := carriedOver(root, now, carryTime.Add(time.Hour)); got[len(got)-1].Plan.UndoOf != "first E2" {
		t.Errorf("it undoes %q", got[len(got)-1].Plan.UndoOf)
	}
	if got := carriedOver(root, now, carryTime.Add(earlierTime+time.Hour)); got != nil {
		t.Errorf("what is too old is carried: %v", names(got))
	}
}
