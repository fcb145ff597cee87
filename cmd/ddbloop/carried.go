package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

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
	var out []history.ChangeCarried
	for _, c := range slices.Backward(s.Changes) {
		session, id := s.Session.ID, c.Plan.ID
		if o, ok := origin[id]; ok {
			session, id = o.Session, o.ID
		}
		key := session + " " + id
		if known[key] {
			continue
		}
		known[key] = true
		table, _, _ := strings.Cut(c.Plan.Target, "/")
		if !slices.Contains(tables, table) || c.Plan.UndoOf != "" && c.State == history.ChangeInForce {
			continue
		}
		state := c.State
		switch state {
		case history.ChangeInForce, history.ChangeUnsure:
		case history.ChangeIntent, history.ChangeSentOK:
			state = history.ChangeUnsure // the table will tell
		default:
			continue
		}
		out = append(out, history.ChangeCarried{
			Plan: c.Plan, Session: session, ID: id, State: state, By: c.By, Planned: c.Planned, Intended: c.Intended, Answered: c.Answered,
			Settled: c.Settled, UndoAt: c.UndoAt,
		})
	}
	return out
}
