package main

import (
	"errors"
	"os"
	"path/filepath"

	"github.com/ddbloop/ddbloop/runbooks"
)

// libraryWith is the embedded library behind the runbooks of the given files; a name of theirs hides the embedded one.
func libraryWith(files ...string) ([]*runbooks.Runbook, error) {
	library, err := runbooks.Library()
	if err != nil {
		return nil, err
	}
	var own []*runbooks.Runbook
	hidden := map[string]bool{}
	for _, file := range files {
		raw, err := readFile(file)
		if err != nil {
			return nil, usage("runbook %q: %v", file, reason(err))
		}
		r, err := runbooks.Parse(file, raw)
		if err != nil {
			return nil, usage("runbook %v", firstProblem(err))
		}
		if hidden[r.Name] {
			return nil, usage("runbook %q: another file has the name %s too: rename one of them", file, r.Name)
		}
		hidden[r.Name] = true
		own = append(own, r)
	}
	for _, r := range library {
		if !hidden[r.Name] {
			own = append(own, r)
		}
	}
	return own, nil
}

// firstProblem keeps a message on one line that can be read: the rest shows when the first is mended.
func firstProblem(err error) error {
	var all runbooks.Problems
	if errors.As(err, &all) && len(all) > 0 {
		return errors.New(all[:1].Error())
	}
	return err
}

// library is the embedded one behind the team's own folder.
func (t team) library() ([]*runbooks.Runbook, error) {
	if t.Runbooks == "" {
		return libraryWith()
	}
	if _, err := os.Stat(t.Runbooks); err != nil {
		return nil, usage("runbooks folder %s: %v", t.Runbooks, reason(err))
	}
	files, err := filepath.Glob(filepath.Join(t.Runbooks, "*.md"))
	if err != nil {
		return nil, usage("runbooks folder %s: %v", t.Runbooks, err)
	}
	return libraryWith(files...)
}
