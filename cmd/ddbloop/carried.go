package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/ddbloop/ddbloop/engine/change"
	"github.com/ddbloop/ddbloop/history"
	"github.com/ddbloop/ddbloop/history/journal"
)

// How far back earlier sessions are looked through for changes that they left in force.
const (
	earlierSessions = 20
	earlierTime     = 14 * 24 * time.Hour
)

// carriedOver lists what the newest sessions on the same tables left in force, or without an answer, so that it can be undone from
// here. A journal that cannot be read is passed over: nothing of it is touched.
func carriedOver(root string, now history.SessionStarted, at time.Time) []history.ChangeCarried {
	entries, err := os.ReadDir(root)
	if err != nil {
		return nil // none yet
	}
	type found struct {
		dir string
		mod time.Time
	}
	var dirs []found
	for _, e := range entries {
		if info, err := e.Info(); err == nil && e.IsDir() && e.Name() != now.ID && at.Sub(info.ModTime()) < earlierTime {
			dirs = append(dirs, found{filepath.Join(root, e.Name()), info.ModTime()})
		}
	}
	slices.SortFunc(dirs, func(a, b found) int { return b.mod.Compare(a.mod) })
	var out []history.ChangeCarried
	known := map[string]bool{} // session and id of what a newer session has carried on, or ended
	for _, d := range dirs[:min(len(dirs), earlierSessions)] {
		r, err := journal.Read(journal.OS{}, d.dir)
		if err != nil || len(r.Events) == 0 {
			continue
		}
		s := history.NewState().Fold(r.Events...)
		if !sameSite(s.Session, now) {
			continue
		}
		out = append(out, left(s, r.Events, now.Tables, known)...)
	}
	slices.Reverse(out) // oldest first
	return out
}

// sameSite reports whether two sessions were on the same AWS.
func sameSite(a, b history.SessionStarted) bool {
	return a.Mode == b.Mode && a.Region == b.Region && a.Endpoints["dynamodb"] == b.Endpoints["dynamodb"] && (a.Account == b.Account || a.Account == "" || b.Account == "")
}

// left lists what a session left in force, newest first, and marks as known what it knew of others'.
func left(s *history.State, events []history.Event, tables []string, known map[string]bool) []history.ChangeCarried {
	origin := map[string]history.ChangeCarried{} // of those that it had carried on itself
	for _, e := range events {
		if c, ok := e.Body.(history.ChangeCarried); ok {
			origin[c.Plan.ID] = c
		}
	}
	first := func(id string) history.ChangeCarried {
		if o, ok := origin[id]; ok {
			return history.ChangeCarried{Session: o.Session, ID: o.ID}
		}
		return history.ChangeCarried{Session: s.Session.ID, ID: id}
	}
	var out []history.ChangeCarried
	for _, c := range slices.Backward(s.Changes) {
		carry := first(c.Plan.ID)
		if known[carry.Origin()] {
			continue
		}
		known[carry.Origin()] = true
		table, _, _ := strings.Cut(c.Plan.Target, "/")
		undone := c.Plan.UndoOf != "" && c.State == history.ChangeInForce
		if !slices.Contains(tables, table) || undone || c.Plan.What == change.QueryVariant { // a probe of another process
			continue
		}
		switch c.State {
		case history.ChangeInForce:
			carry.State = c.State
		case history.ChangeUnsure, history.ChangeIntent, history.ChangeSentOK:
			carry.State = history.ChangeUnsure // the table will tell
		default:
			continue
		}
		carry.Plan, carry.By, carry.Planned, carry.Intended = c.Plan, c.By, c.Planned, c.Intended
		carry.Answered, carry.Settled, carry.UndoAt = c.Answered, c.Settled, c.UndoAt
		if u := c.Plan.UndoOf; u != "" {
			carry.Plan.UndoOf = first(u).Origin()
		}
		out = append(out, carry)
	}
	return out
}
