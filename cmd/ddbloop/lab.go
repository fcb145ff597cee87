package main

import (
	"cmp"
	"context"
	crand "crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	ddbaws "github.com/ddbloop/ddbloop/engine/aws"
	"github.com/ddbloop/ddbloop/engine/clock"
	"github.com/ddbloop/ddbloop/engine/lab"
	"github.com/ddbloop/ddbloop/history"
	"github.com/ddbloop/ddbloop/history/journal"
)

type labOptions struct {
	profile, region string
	a, b            labInput
	pages           int
	limits          lab.Limits
	seed            uint64
	format, export  string
	demo            bool
}

// labInput is one variant as the flags say it.
type labInput struct{ flag, file, statement string }

func labCommand() *cobra.Command {
	o := labOptions{a: labInput{flag: "a"}, b: labInput{flag: "b"}}
	d := lab.Limits{}.Defaults()
	c := &cobra.Command{
		Use:   "lab --a FILE --b FILE",
		Short: "Two variants of a read, side by side: time, read units, answer",
		Long: `Two variants of a read, side by side: time, read units, answer.

Each file is a request as the AWS CLI takes it with --cli-input-json: a GetItem, a Query, a Scan with a Limit, or an
ExecuteStatement with one SELECT. Both are sent in turn, in an order that a coin decides, under one budget of read units. Nothing is
written, and no item is shown or kept. Exit codes: 0 measured, 1 requests that failed ended it or
neither is better and one was to be exported, 64 input that cannot be used, 130 broken off by Ctrl-C: what was found by then is printed.

  ddbloop lab --demo           without an AWS account
  ddbloop lab --a by-status.json --b by-customer.json --export winner.json`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if !cmd.Flags().Changed("seed") {
				o.seed = rand.Uint64()
			}
			return runLab(cmd.Context(), cmd.OutOrStdout(), o)
		},
	}
	f := c.Flags()
	f.StringVar(&o.a.file, "a", "", "file with variant A, as the AWS CLI's --cli-input-json")
	f.StringVar(&o.b.file, "b", "", "file with variant B")
	f.StringVar(&o.a.statement, "a-statement", "", "variant A as a PartiQL SELECT")
	f.StringVar(&o.b.statement, "b-statement", "", "variant B as a PartiQL SELECT")
	f.IntVar(&o.pages, "pages", 0, "pages that each is followed over (default 20; of a Scan 1)")
	f.IntVar(&o.limits.Rounds, "rounds", d.Rounds, "pairs to measure")
	f.Float64Var(&o.limits.Units, "units", d.Units, "read units per second that both together may use")
	f.Float64Var(&o.limits.Total, "total", 0, "read units that they may use altogether (default 120 times --units)")
	f.DurationVar(&o.limits.Within, "within", d.Within, "longest time to measure")
	f.DurationVar(&o.limits.Every, "every", d.Every, "from pair to pair, at least")
	f.DurationVar(&o.limits.Timeout, "timeout", d.Timeout, "of one call with all its pages")
	f.BoolVar(&o.limits.Throttled, "throttled", false, "go on although a request is throttled")
	f.Uint64Var(&o.seed, "seed", 0, "of the coin (default: another each time)")
	f.StringVar(&o.format, "format", "text", "text or json")
	f.StringVar(&o.export, "export", "", "file to write the better variant to, for --cli-input-json")
	f.BoolVar(&o.demo, "demo", false, "a filter against a key, on the embedded AWS")
	f.StringVar(&o.profile, "profile", "", "AWS profile")
	f.StringVar(&o.region, "region", "", "AWS Region")
	return c
}

func runLab(ctx context.Context, w io.Writer, o labOptions) error {
	if err := o.check(); err != nil {
		return err
	}
	report, bench, err := o.measure(ctx)
	if err != nil {
		return err
	}
	if o.format == "json" {
		err = json.NewEncoder(w).Encode(report)
	} else {
		err = report.print(w)
	}
	if err != nil {
		return err
	}
	code := exitOK
	switch {
	case ctx.Err() != nil:
		code = exitInterrupted
	case report.Result.Failed:
		code = exitFailed
	}
	if err := o.exportWinner(w, report.Result, bench, code); err != nil {
		return err
	}
	return quiet(code)
}

func (o labOptions) check() error {
	l := o.limits
	switch {
	case o.format != "text" && o.format != "json":
		return usage("--format is text or json, not %q", o.format)
	case l.Rounds < 1 || l.Rounds > 100000:
		return usage("--rounds is a number from 1 to 100000, not %d", l.Rounds)
	case !(l.Units > 0) || l.Units > 40000 || !(l.Total >= 0) || l.Total > 1e9:
		return usage("--units is above 0 and at most 40000 read units a second, and --total not below 0")
	case l.Within <= 0 || l.Timeout <= 0 || l.Every < 10*time.Millisecond:
		return usage("--within and --timeout are above 0, and --every is at least 10ms")
	case o.demo && (o.a != labInput{flag: "a"} || o.b != labInput{flag: "b"}):
		return usage("--demo brings its own variants: leave out --a and --b, or --demo")
	}
	if o.export == "" {
		return nil
	}
	if info, err := os.Stat(filepath.Dir(o.export)); err != nil || !info.IsDir() {
		return usage("--export %s: there is no folder %s", o.export, filepath.Dir(o.export))
	}
	if info, err := os.Stat(o.export); err == nil && info.IsDir() {
		return usage("--export %s is a folder: name a file", o.export)
	}
	return nil
}

// measure runs the lab on AWS, or on the embedded one.
func (o labOptions) measure(ctx context.Context) (labReport, lab.Bench, error) {
	chance := rand.New(rand.NewPCG(o.seed, 3)).Float64
	if o.demo {
		return demoLab(ctx, o.limits, chance)
	}
	bench, err := o.bench()
	if err != nil {
		return labReport{}, bench, err
	}
	clk := &clock.Real{}
	account, err := ddbaws.Connect(ctx, ddbaws.Options{Profile: o.profile, Region: o.region, Clock: clk})
	switch {
	case ctx.Err() != nil:
		return labReport{}, bench, ctx.Err()
	case err != nil:
		return labReport{}, bench, usage("%v", err)
	}
	c := lab.Config{Clock: clk, From: account, Chance: chance, Bench: bench, Region: account.Region(), Limits: o.limits, Secret: labSecret()}
	snap, err := account.DescribeTable(ctx, bench.A.Table)
	switch f := ddbaws.Classify(err); {
	case f.Reason == ddbaws.Missing:
		return labReport{}, bench, usage("there is no table %s in %s: check the name, --region and --profile", ddbaws.Clean(bench.A.Table), account.Region())
	case err == nil:
		c.Keys = lab.KeysOf(snap)
	}
	return reportOf(c, lab.Run(ctx, c)), bench, nil
}

// labSecret keys the hashes by which answers are compared; it is forgotten with the process.
func labSecret() []byte {
	secret := make([]byte, 32)
	_, _ = crand.Read(secret) // never fails
	return secret
}

func (o labOptions) bench() (lab.Bench, error) {
	a, err := o.a.variant(o.pages)
	if err != nil {
		return lab.Bench{}, err
	}
	b, err := o.b.variant(o.pages)
	if err != nil {
		return lab.Bench{}, err
	}
	bench, err := lab.NewBench(a, b)
	if err != nil {
		return bench, usage("%v", err)
	}
	return bench, nil
}

// variant reads what a flag names.
func (i labInput) variant(pages int) (lab.Variant, error) {
	switch {
	case (i.file == "") == (i.statement == ""):
		return lab.Variant{}, usage("variant %s is wanted as --%[1]s FILE or as --%[1]s-statement SELECT, one of them; ddbloop lab --demo needs neither", i.flag)
	case i.file == "":
		raw, err := json.Marshal(map[string]string{"Statement": i.statement})
		return lab.Variant{Name: "--" + i.flag + "-statement", Op: "ExecuteStatement", Pages: pages, Input: raw}, err
	}
	raw, err := teamInput{file: i.file}.read("")
	if err != nil {
		return lab.Variant{}, usage("--%s: %v", i.flag, err)
	}
	return lab.Variant{Name: filepath.Base(i.file), Pages: pages, Input: raw}, nil
}

// exportWinner writes the better variant, where there is one. Its error has the lab's own exit code, where that is not 0.
func (o labOptions) exportWinner(w io.Writer, r history.LabResult, bench lab.Bench, code int) error {
	if o.export == "" {
		return nil
	}
	read := bench.A
	switch r.Winner {
	case "":
		return &coded{cmp.Or(code, exitFailed), fmt.Sprintf("nothing is exported to %s: neither variant is better (%s)", o.export, r.Verdict)}
	case "b":
		read = bench.B
	}
	raw, err := read.Input()
	if err != nil {
		return err
	}
	if err := journal.WriteFile(journal.OS{}, o.export, append(raw, '\n')); err != nil {
		return usage("--export %s: %v", o.export, reason(err))
	}
	if o.format == "text" {
		fmt.Fprintf(w, "\nexported: aws dynamodb %s --cli-input-json file://%s\n", read.Command(), o.export)
	}
	return nil
}
