package main

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"github.com/ddbloop/ddbloop/engine/clock"
	"github.com/ddbloop/ddbloop/engine/marks"
	"github.com/ddbloop/ddbloop/history/journal"
)

type markOptions struct{ table, at, config string }

// markMost is how many characters a mark's text may have.
const markMost = 1000

// markAhead is how far a mark may lie in the future: clocks of build machines differ.
const markAhead = 5 * time.Minute

func markCommand() *cobra.Command {
	var o markOptions
	c := &cobra.Command{
		Use:   "mark TEXT",
		Short: "A deploy or any other marker for the timeline of this host's sessions, from a pipeline",
		Long: `A deploy or any other marker for the timeline of this host's sessions, from a pipeline.

  ddbloop mark "deploy checkout 4.2.1" --table orders

It is kept in $XDG_STATE_HOME/ddbloop/marks.jsonl. Running sessions show it within a second or two; sessions that start
within three hours show it too. A pipeline on another host can write such lines into a file that config.yaml names: marks: FILE.`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return mark(cmd, strings.Join(args, " "), o) },
	}
	c.Flags().StringVar(&o.table, "table", "", "the table that it concerns (default: every table)")
	c.Flags().StringVar(&o.at, "at", "", "when it was, as RFC 3339, e.g. 2026-03-03T14:05:00Z (default: now)")
	c.Flags().StringVar(&o.config, "config", "", "team configuration, for the actor's name (default $XDG_CONFIG_HOME/ddbloop/config.yaml)")
	return c
}

func mark(cmd *cobra.Command, text string, o markOptions) error {
	if strings.TrimSpace(text) == "" {
		return usage("a mark needs a text: ddbloop mark \"deploy checkout 4.2.1\"")
	}
	if n := utf8.RuneCountInString(text); n > markMost {
		return usage("a mark's text has at most %d characters, not %d", markMost, n)
	}
	if o.table != "" && !tableName.MatchString(o.table) {
		return usage("--table %q is no table name: 3 to 255 letters, digits, dots, dashes or underscores", o.table)
	}
	m := marks.Mark{At: time.Now().UTC(), Text: text, Table: o.table}
	if o.at != "" {
		at, err := time.Parse(time.RFC3339, o.at)
		if err != nil {
			return usage("--at is a time as RFC 3339, e.g. 2026-03-03T14:05:00Z, not %q", o.at)
		}
		if ahead := time.Until(at); ahead > markAhead {
			return usage("--at %s is %s ahead: a mark says what has happened", o.at, ahead.Round(time.Second))
		}
		m.At = at.UTC()
	}
	t, err := readTeam(o.config)
	if err != nil {
		return err
	}
	m.By = actor(t.Actor).Name
	files := markFiles("")
	if len(files) == 0 {
		return usage("no place to keep the mark: set HOME or XDG_STATE_HOME")
	}
	err = marks.Append(cmd.Context(), &clock.Real{}, journal.OS{}, files[0], m)
	if errors.Is(err, journal.ErrBusy) {
		return fmt.Errorf("%s is being written by others: try again", files[0])
	}
	if err != nil {
		return usage("the mark cannot be kept in %s: %v", files[0], rootCause(err))
	}
	return nil
}

// markFiles are the files of marks: this host's own, and the one that the team names.
func markFiles(team string) (files []string) {
	if dir, err := stateDir(); err == nil {
		files = append(files, filepath.Join(dir, "marks.jsonl"))
	}
	if team != "" {
		files = append(files, team)
	}
	return files
}
