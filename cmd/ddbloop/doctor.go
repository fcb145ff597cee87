package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/ddbloop/ddbloop/engine/clock"
	"github.com/ddbloop/ddbloop/history/plain"
)

type doctorOptions struct {
	account  accountOptions
	sessions string
	format   string
}

func doctorCommand() *cobra.Command {
	var o doctorOptions
	c := &cobra.Command{
		Use:   "doctor [TABLE…]",
		Short: "What ddbloop can do from here: credentials, each permission, clocks, endpoints, terminal, folders, configuration",
		Long: `What ddbloop can do from here: credentials, each permission it would use, clocks, endpoints and proxies, terminal, folders,
configuration. Every permission is tried with a call that reads next to nothing; nothing is ever written, here or at AWS.
Permissions for tables are tried on the tables named, else on those of config.yaml, else on the first one listed.

Exit codes: 0 all is well, 1 something is missing, 64 input that cannot be used.`,
		RunE: func(cmd *cobra.Command, args []string) error {
			return doctor(cmd.Context(), cmd.OutOrStdout(), args, o)
		},
	}
	o.account.flags(c)
	c.Flags().StringVar(&o.sessions, "sessions", "", "folder that keeps the sessions (default $XDG_STATE_HOME/ddbloop/sessions)")
	c.Flags().StringVar(&o.format, "format", "text", "text or json (one object a finding)")
	return c
}

// Finding states.
const (
	fine    = "ok"
	note    = "note"    // nothing is wrong, but it is good to know
	skipped = "skipped" // could not be tried, and why
	lacking = "missing" // a permission
	problem = "problem"
)

// finding is one line of the doctor's.
type finding struct {
	Check  string `json:"check"`
	State  string `json:"state"`
	Text   string `json:"text"`
	Action string `json:"action,omitempty"` // IAM, of a permission
}

// report collects findings and prints each as it comes.
type report struct {
	w      io.Writer
	format string
	bad    bool
	err    error
}

func (r *report) add(check, state, format string, args ...any) {
	r.put(finding{Check: check, State: state, Text: fmt.Sprintf(format, args...)})
}

func (r *report) put(f finding) {
	r.bad = r.bad || f.State == problem || f.State == lacking
	if r.err != nil {
		return
	}
	f.Text = plain.Cap(f.Text, 300)
	if r.format == "json" {
		r.err = json.NewEncoder(r.w).Encode(f)
		return
	}
	_, r.err = fmt.Fprintf(r.w, "%-8s %-12s %s\n", f.State, f.Check, f.Text)
}

func doctor(ctx context.Context, w io.Writer, tables []string, o doctorOptions) error {
	if o.format != "text" && o.format != "json" {
		return usage("--format is text or json, not %q", o.format)
	}
	for _, t := range tables {
		if !tableName.MatchString(t) {
			return usage("%q is no table name: 3 to 255 letters, digits, dots, dashes or underscores", t)
		}
	}
	r := &report{w: w, format: o.format}
	t := r.configuration(o.account.config)
	if len(tables) == 0 {
		tables = t.tables()
	}
	r.terminal()
	r.folder(o.sessions)
	r.network()
	r.amazon(ctx, &clock.Real{}, t, tables, o.account)
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case r.err != nil:
		return r.err
	case r.bad:
		return quiet(exitFailed)
	}
	return nil
}
