package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"github.com/ddbloop/ddbloop/engine"
	"github.com/ddbloop/ddbloop/engine/change"
	"github.com/ddbloop/ddbloop/history"
)

type checkOptions struct {
	account accountOptions
	format  string
	wait    time.Duration
	alarm   string
}

func checkCommand() *cobra.Command {
	var o checkOptions
	c := &cobra.Command{
		Use:   "check TABLE…",
		Short: "One measurement, one verdict, no screen",
		Long: `One measurement, one verdict, no screen.

Exit codes: 0 healthy, 1 warning (slow, tail or client), 2 critical (throttled or service), 3 unknown,
64 input that cannot be used. Of several tables the worst counts, unknown last.`,
		Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			return check(cmd.Context(), cmd.OutOrStdout(), args, o)
		},
	}
	o.account.flags(c)
	c.Flags().StringVar(&o.format, "format", "text", "text or json (one object a table)")
	c.Flags().StringVar(&o.alarm, "alarm", "", "check the table of a CloudWatch alarm")
	c.Flags().DurationVar(&o.wait, "wait", 12*time.Second, "longest time to wait for answers")
	return c
}

// probing is how long probes and feeds are listened to: a verdict from them needs a few answers.
const probing = 4 * time.Second

func check(ctx context.Context, w io.Writer, tables []string, o checkOptions) error {
	if o.format != "text" && o.format != "json" {
		return usage("--format is text or json, not %q", o.format)
	}
	if o.wait <= 0 {
		return usage("--wait is a time to wait for answers, such as 12s, not %s", o.wait)
	}
	from, err := start(ctx, tables, o.alarm, o.account)
	if err != nil {
		return err
	}
	if from.alarm != nil && o.format == "text" {
		fmt.Fprintln(w, from.words())
	}
	worst := exitOK
	for _, table := range from.tables {
		r, err := checkTable(ctx, table, o)
		if err != nil {
			return err
		}
		if o.format == "json" {
			err = json.NewEncoder(w).Encode(r)
		} else {
			err = r.print(w)
		}
		if err != nil {
			return err
		}
		if rank(r.Exit) > rank(worst) {
			worst = r.Exit
		}
	}
	return quiet(worst)
}

// rank orders exit codes by how bad they are: what is known to be critical outweighs what is not known.
func rank(code int) int { return map[int]int{0: 0, 1: 1, 3: 2, 2: 3}[code] }

// forgetful is the journal of a session that leaves nothing behind.
type forgetful struct{}

func (forgetful) Append(events ...history.Event) ([]history.Event, error) { return events, nil }
func (forgetful) Flush() error                                            { return nil }

func checkTable(ctx context.Context, table string, o checkOptions) (checkResult, error) {
	s, err := openSite(ctx, []string{table}, o.account)
	if err != nil {
		return checkResult{}, err
	}
	out := &sink{}
	sources, _, err := s.sources(out)
	if err != nil {
		return checkResult{}, err
	}
	out.to, err = engine.New(engine.Options{
		Clock: s.clk, Journal: forgetful{}, Session: s.session("check", "check", false), Describer: describer{account: s.account},
		Limits: s.team.limits(), Policy: change.Careful,
	})
	if err != nil {
		return checkResult{}, err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	for _, src := range sources {
		s.clk.Go(func() { src.Run(ctx) })
	}
	began := s.clk.Now()
	need := time.Duration(0)
	if len(s.cfg.Probes)+len(s.cfg.Feeds) > 0 {
		need = probing
	}
	for {
		since, all := s.clk.Now().Sub(began), false
		out.to.View(func(st *history.State) { all = answered(st, "describe") && answered(st, "cloudwatch") })
		if (all && since >= need) || since >= o.wait {
			break
		}
		if err := s.clk.Sleep(ctx, 50*time.Millisecond); err != nil {
			return checkResult{}, err
		}
	}
	var r checkResult
	out.to.View(func(st *history.State) { r = resultOf(st, table, s.clk.Now(), s.team.limits()) })
	return r, nil
}

// answered reports whether a source has said anything, good or bad.
func answered(s *history.State, name string) bool {
	src := s.Sources[name]
	return src != nil && (!src.LastOK.IsZero() || src.State != "ok")
}

// print is the same for people.
func (r checkResult) print(w io.Writer) error {
	fmt.Fprintf(w, "%s  %s: %s\n", r.Table, r.Layer.Verdict, r.Layer.Why)
	for _, h := range r.Diagnosis {
		if h.P < 0.05 {
			continue
		}
		fmt.Fprintf(w, "  p %-5s  %s %s\n", history.Chance(h.P), h.Kind, h.Target)
		for _, t := range h.For {
			fmt.Fprintf(w, "         + %s\n", t)
		}
		for _, t := range h.Against {
			fmt.Fprintf(w, "         - %s\n", t)
		}
		if h.Decider != "" {
			fmt.Fprintf(w, "         ? or %s; what decides: %s\n", h.Rival, h.Decider)
		}
	}
	if !r.onset.IsZero() {
		fmt.Fprintf(w, "  since %s (known to %s); what moved, first things first:\n", r.onset.Format(time.RFC3339), r.grain)
		for _, m := range r.moved {
			fmt.Fprintf(w, "         %s  %s\n", m.At.Format(time.TimeOnly), m.Text)
		}
	}
	if r.Disposition.Verdict != "" {
		fmt.Fprintf(w, "  %s: %s\n", r.Disposition.Verdict, r.Disposition.Rule)
	}
	for _, s := range r.Sources {
		fmt.Fprintf(w, "  %s %s", s.Name, s.State)
		if s.Age != nil {
			fmt.Fprintf(w, ", %s old", *s.Age)
		}
		if s.Error != "" {
			fmt.Fprintf(w, ": %s", s.Error)
		}
		fmt.Fprintln(w)
	}
	return nil
}
