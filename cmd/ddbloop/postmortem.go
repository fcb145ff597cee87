package main

import (
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"github.com/ddbloop/ddbloop/history/journal"
	"github.com/ddbloop/ddbloop/history/postmortem"
)

func postmortemCommand() *cobra.Command {
	var out, sessions string
	c := &cobra.Command{
		Use:   "postmortem [SESSION]",
		Short: "Write the markdown draft of a session; the newest, if none is named",
		Args:  cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			root, err := sessionsDir(sessions)
			if err != nil {
				return err
			}
			id := ""
			if len(args) == 1 {
				id = args[0]
			}
			return writePostmortem(cmd.OutOrStdout(), root, id, out)
		},
	}
	c.Flags().StringVarP(&out, "output", "o", "", "folder to write to (default: the session's own)")
	c.Flags().StringVar(&sessions, "sessions", "", "folder that keeps the sessions (default $XDG_STATE_HOME/ddbloop/sessions)")
	return c
}

// writePostmortem folds a session's journal and writes its draft. What the journal lost is said in it.
func writePostmortem(w io.Writer, root, id, out string) error {
	s, err := findSession(root, id)
	if err != nil {
		return err
	}
	if out != "" {
		if err := os.MkdirAll(out, 0o700); err != nil {
			return usage("-o %s: %v", out, reason(err))
		}
	}
	path, err := postmortem.File(journal.OS{}, s.Dir, out)
	if err != nil {
		return usage("the draft of session %s cannot be written: %v", s.ID, rootCause(err))
	}
	fmt.Fprintln(w, path)
	return nil
}

// findSession returns the named session, or the newest.
func findSession(root, id string) (journal.Session, error) {
	list, err := journal.Sessions(journal.OS{}, root)
	if err != nil {
		return journal.Session{}, usage("sessions in %s cannot be listed: %v", root, rootCause(err))
	}
	if id == "" {
		if len(list) == 0 {
			return journal.Session{}, usage("no session in %s yet: ddbloop demo makes one", root)
		}
		return list[0], nil
	}
	for _, s := range list {
		if s.ID == id {
			return s, nil
		}
	}
	return journal.Session{}, usage("no session %q in %s", id, root)
}
