package main

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/spf13/cobra"

	ddbaws "github.com/ddbloop/ddbloop/engine/aws"
	"github.com/ddbloop/ddbloop/engine/signal"
	"github.com/ddbloop/ddbloop/runbooks"
)

func runbooksCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "runbooks",
		Short: "Read, begin and check runbook files",
		Args:  noCommand,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	var config string
	lint := &cobra.Command{
		Use:   "lint [FILE…]",
		Short: "Say what is wrong with runbook files, with file and line; without a file, with the team's folder and the embedded library",
		RunE: func(cmd *cobra.Command, args []string) error {
			t, err := readTeam(config)
			if err != nil {
				return err
			}
			return lintRunbooks(cmd.OutOrStdout(), t, args, time.Now())
		},
	}
	c.AddCommand(append(libraryCommands(&config), lint)...)
	c.PersistentFlags().StringVar(&config, "config", "", "team configuration: its own signals, its runbooks folder (default $XDG_CONFIG_HOME/ddbloop/config.yaml)")
	return c
}

// lintRunbooks writes a line for each problem of the files, or of the whole library where none is named. Any problem is an error.
func lintRunbooks(w io.Writer, t team, files []string, today time.Time) error {
	var list []*runbooks.Runbook
	found := 0
	tell := func(all runbooks.Problems) {
		for _, p := range all {
			fmt.Fprintln(w, p)
		}
		found += len(all)
	}
	if len(files) == 0 {
		library, err := t.library()
		if err != nil {
			return err
		}
		list = library
	}
	for _, file := range files {
		raw, err := readFile(file)
		if err != nil {
			return usage("runbook %q: %v", file, reason(err))
		}
		r, err := runbooks.Parse(file, raw)
		if all := runbooks.Problems(nil); errors.As(err, &all) {
			tell(all)
			continue
		} else if err != nil {
			return usage("runbook %q: %v", file, err)
		}
		list = append(list, r)
	}
	tables := t.tables()
	for _, s := range t.Signals {
		tables = append(tables, s.Table)
	}
	catalogue := signal.Units(named(t.own(tables)))
	for _, r := range list {
		all := append(runbooks.Lint(r, catalogue, today), variants(r, t.Probes)...)
		if tell(all); len(all) == 0 {
			fmt.Fprintf(w, "%s: fine\n", r.File)
		}
	}
	if found > 0 {
		return usage("runbooks: problems: %d", found)
	}
	return nil
}

// variants says which files of a runbook's variants are no reads that a lab could measure, and which probes the team does not have.
// Where it names none at all, they may come from --probe.
func variants(r *runbooks.Runbook, probes []teamProbe) (all runbooks.Problems) {
	for _, st := range r.Steps {
		if st.Act == nil || st.Act.Change.File == "" {
			continue
		}
		raw, err := teamInput{file: st.Act.Change.File}.read("")
		if err == nil {
			_, err = ddbaws.NewRead("", "", "", 1, raw)
		}
		name := st.Act.Change.Probe
		if name != "" && len(probes) > 0 && !slices.ContainsFunc(probes, func(p teamProbe) bool { return string(p.Name) == name }) {
			all = append(all, runbooks.Problem{File: r.File, Line: st.Line, Text: fmt.Sprintf("%s names probe %s, which the configuration does not have", st.ID, name)})
		}
		if err != nil {
			all = append(all, runbooks.Problem{File: r.File, Line: st.Line, Text: fmt.Sprintf("%s names a variant that cannot be used: %s", st.ID, oneLine(err))})
		}
	}
	return all
}
