package main

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/ddbloop/ddbloop/history/plain"
	"github.com/ddbloop/ddbloop/runbooks"
)

// libraryCommands are those that read the library: the team's folder in front of the embedded one.
func libraryCommands(config *string) []*cobra.Command {
	library := func(do func(io.Writer, []*runbooks.Runbook, string) error) func(*cobra.Command, []string) error {
		return func(cmd *cobra.Command, args []string) error {
			t, err := readTeam(*config)
			if err != nil {
				return err
			}
			list, err := t.library()
			if err != nil {
				return err
			}
			return do(cmd.OutOrStdout(), list, strings.Join(args, ""))
		}
	}
	return []*cobra.Command{
		{
			Use: "list", Short: "Every runbook with its kinds, your team's folder first", Args: cobra.NoArgs, RunE: library(listRunbooks),
		},
		{
			Use: "show NAME", Short: "A runbook as it is written, in markdown", Args: cobra.ExactArgs(1), RunE: library(showRunbook),
		},
		{
			Use: "new KIND", Short: "A skeleton for an incident kind, to be filled in: ddbloop runbooks new retry_storm > retry-storm.md", Args: cobra.ExactArgs(1),
			RunE: library(func(w io.Writer, list []*runbooks.Runbook, kind string) error {
				return newRunbook(w, list, kind, time.Now())
			}),
		},
	}
}

func listRunbooks(w io.Writer, list []*runbooks.Runbook, _ string) error {
	t := tabwriter.NewWriter(w, 0, 8, 2, ' ', 0)
	for _, r := range list {
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\n", plain.Text(r.Name), plain.Text(strings.Join(r.Kinds, ", ")), plain.Text(r.Title), plain.Text(r.File))
	}
	return t.Flush()
}

// showRunbook prints the document line by line; what a line hides is shown.
func showRunbook(w io.Writer, list []*runbooks.Runbook, name string) error {
	var names []string
	for _, r := range list {
		if r.Name != name {
			names = append(names, r.Name)
			continue
		}
		var b strings.Builder
		for line := range strings.Lines(r.Source) {
			b.WriteString(plain.Text(strings.TrimSuffix(line, "\n")) + "\n")
		}
		_, err := io.WriteString(w, b.String())
		return err
	}
	slices.Sort(names)
	return usage("no runbook %q: %s", name, strings.Join(names, ", "))
}

// skeleton is a runbook that lints and does what can be said of any kind: it asks whether the trouble has lasted, pulls one lever, waits
// no longer than it must, and hands over. Its fields are name, day, kind and kind in words.
const skeleton = `---
runbook: %[1]s
version: 1
title: %[4]s
owner: your-team
review_by: %[2]s
kinds: [%[3]s]
---

# %[4]s

Say what happens here, how it looks from outside, and what never helps. Whoever reads this has just been woken.

## What do we see?

` + "```" + `yaml check id=trouble
ask: Is there still trouble, and is it not AWS itself?
pass: "not layer == healthy and not layer == service"
required: no
` + "```" + `

` + "```" + `yaml check id=lasting
ask: Has it lasted, and the diagnosis with it?
pass: "diagnosis == %[3]s for 2 of 2 min"
required: success
` + "```" + `

Say where to look by hand, for whoever has no data.

## Choose

` + "```" + `yaml decide id=route
ask: Is there a step of ours that helps?
rules:
  - {when: "layer == service", goto: escalate, because: "AWS itself answers with errors: nothing of ours mends that"}
  - {when: "layer == healthy for 3 of 3 min", goto: recovered, because: "the trouble has gone"}
otherwise: {goto: first-lever, because: "it is ours to take off"}
` + "```" + `

## Act

` + "```" + `yaml act id=first-lever
say: Pull the lever that takes the cause away
change: {lever: [roll_back, fix_client, limit_client, stop_job, other]}
guard: "trouble == pass"
risk: reversible
undo: Take it out of force again
idempotent: true
expect: {signal: trouble, within: 5m, harm: [{signal: feed_p99, factor: 2}]}
on_effect: recovered
on_no_effect: {undo: true, goto: escalate}
on_refused: escalate
` + "```" + `

## Recovered?

` + "```" + `yaml check id=recovered
ask: Has everything been well for ten minutes?
pass: "layer == healthy for 10 of 10 min"
required: success
on_pass: cause
` + "```" + `

## Hand over

` + "```" + `yaml act id=escalate
say: Hand over, with the numbers and the times
change: {escalate: "name who owns what is left, and how they are reached"}
risk: reversible
on_effect: cause
` + "```" + `

## For the postmortem

` + "```" + `yaml note id=cause
ask: What was it, and who did not know that it could happen?
to: causes
` + "```" + `
`

// newRunbook prints a skeleton for one of the kinds that the diagnosis tells apart. It is to be reviewed within a year.
func newRunbook(w io.Writer, list []*runbooks.Runbook, kind string, today time.Time) error {
	var kinds []string
	for _, r := range list {
		kinds = append(kinds, r.Kinds...)
	}
	slices.Sort(kinds)
	kinds = slices.Compact(kinds)
	if !slices.Contains(kinds, kind) {
		return usage("no incident kind %q: %s", kind, strings.Join(kinds, ", "))
	}
	words := strings.ReplaceAll(kind, "_", " ")
	title := strings.ToUpper(words[:1]) + words[1:]
	_, err := fmt.Fprintf(w, skeleton, strings.ReplaceAll(kind, "_", "-"), today.AddDate(1, 0, 0).Format(time.DateOnly), kind, title)
	return err
}
