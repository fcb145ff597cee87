package main

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"math"
	"os"
	"strings"
	"time"

	"github.com/charmbracelet/x/term"
	"github.com/spf13/cobra"

	ddbaws "github.com/ddbloop/ddbloop/engine/aws"
	"github.com/ddbloop/ddbloop/engine/clock"
	"github.com/ddbloop/ddbloop/engine/fleet"
	fleetscreen "github.com/ddbloop/ddbloop/tui/fleet"
	"github.com/ddbloop/ddbloop/tui/say"
)

type fleetOptions struct {
	account accountOptions
	screen  screenOptions
	format  string
	ceiling float64
}

func fleetCommand() *cobra.Command {
	var o fleetOptions
	c := &cobra.Command{
		Use:   "fleet",
		Short: "Every table of the Region, those that hurt first; enter opens watch",
		Long: `Every table of the Region, those that hurt first; enter opens watch.

` + strings.ToUpper(fleet.Pain[:1]) + fleet.Pain[1:] + `.
Nothing is called quiet that was not asked: which tables are asked for, and how often, is set by --cost-ceiling.

With --format there is one refresh and no screen. Exit codes: 0 nothing hurts, 1 something is slow or did hurt within the hour,
2 something is refused or fails, 3 some tables could not be asked, 64 input that cannot be used.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return runFleet(cmd.Context(), cmd.OutOrStdout(), o)
		},
	}
	o.account.flags(c)
	o.screen.flags(c.Flags())
	c.Flags().StringVar(&o.format, "format", "", "text or json (one object a table): one refresh, no screen")
	c.Flags().Float64Var(&o.ceiling, "cost-ceiling", fleet.DefaultCeiling, "USD that CloudWatch may cost an hour; it sets the pace")
	return c
}

// Ceilings that make sense: below a cent nothing can be asked, above $100 an hour it is a slip of the finger.
const (
	leastCeiling = 0.01
	mostCeiling  = 100
)

func runFleet(ctx context.Context, w io.Writer, o fleetOptions) error {
	if o.format != "" && o.format != "text" && o.format != "json" {
		return usage("--format is text or json, not %q", o.format)
	}
	if !(o.ceiling >= leastCeiling && o.ceiling <= mostCeiling) {
		return usage("--cost-ceiling is in USD an hour, from %g to %d, not %g", leastCeiling, mostCeiling, o.ceiling)
	}
	if _, err := readTeam(o.account.config); err != nil {
		return err
	}
	if o.format == "" && !o.screen.plain && (!term.IsTerminal(os.Stdin.Fd()) || !term.IsTerminal(os.Stdout.Fd())) {
		return usage("this is no terminal: use --plain for lines or --format json for one refresh")
	}
	clk := &clock.Real{}
	account, err := o.account.connect(ctx, clk)
	if err != nil {
		return err
	}
	cfg := fleet.Config{Clock: clk, From: account, Ceiling: o.ceiling}
	switch {
	case o.format != "":
		f := fleet.New(cfg)
		f.Refresh(ctx)
		if err := ctx.Err(); err != nil {
			return err
		}
		return printFleet(w, f.View(), o.format)
	case o.screen.plain:
		var failed error
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		cfg.Told = func(v fleet.View) {
			if failed = fleetscreen.Print(w, v, false); failed != nil {
				cancel() // the pipe is closed
			}
		}
		fleet.New(cfg).Run(ctx)
		if failed == nil {
			failed = ctx.Err()
		}
		return failed
	}
	views := make(chan fleet.View)
	ctx, cancel := context.WithCancel(ctx)
	cfg.Told = func(v fleet.View) {
		select {
		case views <- v:
		case <-ctx.Done():
		}
	}
	clk.Go(func() { fleet.New(cfg).Run(ctx) })
	defer clk.Join()
	defer cancel()
	return visit(ctx, fleetscreen.New(fleetscreen.Options{
		Views: views, Now: clk.Now, Region: account.Region(), Account: mask(accountNumber(ctx, account)), Where: elsewhere(account),
		Input: os.Stdin, Output: os.Stdout, Env: os.Environ(),
	}), o)
}

// visit shows the fleet, and the cockpit of each table that is opened, until the person leaves.
func visit(ctx context.Context, s *fleetscreen.Screen, o fleetOptions) error {
	for {
		table, err := s.Run(ctx)
		if table == "" || err != nil {
			if errors.Is(err, context.Canceled) {
				return nil
			}
			return err
		}
		if err := watch(ctx, []string{table}, watchOptions{account: o.account, screen: o.screen}); err != nil {
			return err
		}
	}
}

func mask(account string) string {
	if account == "" {
		return ""
	}
	return say.Account(account)
}

// elsewhere names the endpoint where it is not AWS's own.
func elsewhere(account *ddbaws.Account) string {
	if url := account.Endpoint("DYNAMODB"); url != "" {
		return "endpoint " + strings.TrimPrefix(strings.TrimPrefix(url, "https://"), "http://")
	}
	return ""
}

// fleetRow is one line of `ddbloop fleet --format json`. A missing value is null, never 0.
type fleetRow struct {
	Rank      int        `json:"rank"`
	Table     string     `json:"table"`
	State     string     `json:"state"`
	Why       string     `json:"why"`
	Pain      *float64   `json:"pain"`
	Throttled *float64   `json:"throttled_per_minute"`
	Failed    *float64   `json:"http_500_per_minute"`
	Operation string     `json:"operation"` // whose p99 it is
	P99       *float64   `json:"p99_ms"`
	Usual     *float64   `json:"usual_p99_ms"`
	At        time.Time  `json:"at"`
	Asked     *time.Time `json:"asked"`
	Age       *string    `json:"age"`
}

func printFleet(w io.Writer, v fleet.View, format string) error {
	if v.Listed.IsZero() {
		return &coded{exitUnknown, "the tables cannot be listed: " + strings.Join(v.Trouble, "; ")}
	}
	worst := exitOK
	if format == "text" {
		if err := fleetscreen.Print(w, v, true); err != nil {
			return err
		}
	}
	for i, r := range v.Rows {
		if e := fleetExit(r.State); rank(e) > rank(worst) {
			worst = e
		}
		if format == "text" {
			continue
		}
		row := fleetRow{
			Rank: i + 1, Table: r.Table, State: r.State, Why: r.Why, Throttled: r.Refused, Failed: r.Failed,
			Operation: r.Op, P99: r.P99, Usual: r.Usual, At: v.At,
		}
		if pain := math.Round(r.Pain*100) / 100; r.State != fleet.Unknown {
			row.Pain = &pain
		}
		if !r.Asked.IsZero() {
			row.Asked, row.Age = &r.Asked, age(v.At, r.Asked)
		}
		if err := json.NewEncoder(w).Encode(row); err != nil {
			return err
		}
	}
	return quiet(worst)
}

func fleetExit(state string) int {
	switch state {
	case fleet.Refused, fleet.Failing:
		return exitCritical
	case fleet.Slow, fleet.Over:
		return exitWarning
	case fleet.Unknown:
		return exitUnknown
	}
	return exitOK
}
