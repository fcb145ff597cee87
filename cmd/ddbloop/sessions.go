package main

import (
	"errors"
	"os"
	"os/user"
	"path/filepath"

	"github.com/ddbloop/ddbloop/history"
	"github.com/ddbloop/ddbloop/history/journal"
)

// sessionsDir is where sessions are kept.
func sessionsDir(given string) (string, error) {
	if given != "" {
		return given, nil
	}
	dir, err := stateDir()
	if err != nil {
		return "", usage("no place to keep the session: set HOME or XDG_STATE_HOME, or pass --sessions DIR")
	}
	return filepath.Join(dir, "sessions"), nil
}

// stateDir is what ddbloop keeps on this host for this user.
func stateDir() (string, error) {
	if dir := os.Getenv("XDG_STATE_HOME"); dir != "" {
		return filepath.Join(dir, "ddbloop"), nil
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return "", err
	}
	return filepath.Join(home, ".local", "state", "ddbloop"), nil
}

// newJournal creates the journal of a new session.
func newJournal(root, id string) (*journal.Writer, string, error) {
	dir := filepath.Join(root, id)
	w, err := journal.Create(journal.OS{}, dir, journal.Meta{Session: id, Version: version()})
	if err != nil {
		return nil, "", usage("the session cannot be kept in %s: %v; pass --sessions DIR", root, rootCause(err))
	}
	return w, dir, nil
}

func rootCause(err error) error {
	for {
		next := errors.Unwrap(err)
		if next == nil {
			return err
		}
		err = next
	}
}

// actor is who sits at this screen: the configured name, else the OS user.
func actor(configured string) history.Actor {
	if configured != "" {
		return history.Actor{Name: configured}
	}
	if u, err := user.Current(); err == nil {
		return history.Actor{Name: u.Username}
	}
	return history.Actor{Name: "someone"}
}
