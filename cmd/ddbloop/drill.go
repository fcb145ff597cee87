package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/ddbloop/ddbloop/engine"
	"github.com/ddbloop/ddbloop/engine/sim"
	"github.com/ddbloop/ddbloop/engine/sim/scenario"
	"github.com/ddbloop/ddbloop/engine/sim/scenario/random"
	"github.com/ddbloop/ddbloop/engine/sim/scenarios"
	"github.com/ddbloop/ddbloop/history"
	"github.com/ddbloop/ddbloop/runbooks"
)

type drillOptions struct {
	seeds     int
	seed      int64
	magnitude string
	try       string
	think     time.Duration
	runbooks  []string
	format    string
	out       string
	all       bool
	jobs      int
	until     string // decision | end
	summary   string // file for the summary in markdown
	junit     string // file for JUnit XML
	plot      string // file for the reliability plot
	random    int    // made-up scenarios of each kind
	from      int64  // the first of their seeds
	kinds     []string
	results   []string // files of earlier results
}

// Where a drill ends.
const (
	untilDecision = "decision"
	untilEnd      = "end"
)

// exitDrill is drill's own code for input that cannot be used.
const exitDrill = 2

func drillCommand() *cobra.Command {
	var o drillOptions
	c := &cobra.Command{
		Use:   "drill SCENARIO…",
		Short: "Run scenarios on a simulated clock with the runbook on autopilot, scored against their truth",
		RunE: func(cmd *cobra.Command, args []string) error {
			debug.SetGCPercent(400) // a drill is short and small: memory is cheaper than time
			one := cmd.Flags().Changed("seed")
			if err := drill(cmd.Context(), cmd.OutOrStdout(), args, o, one); err != nil {
				if codeOf(err) == exitUnusable {
					return &coded{exitDrill, err.Error()}
				}
				return err
			}
			return nil
		},
	}
	f := c.Flags()
	f.IntVar(&o.seeds, "seeds", 0, "run the file's seed and this many more")
	f.Int64Var(&o.seed, "seed", 0, "run exactly this seed")
	f.StringVar(&o.magnitude, "magnitude", "base", "low, base, high or all")
	f.StringVar(&o.try, "try", "", "make this CHANGE[@TARGET] instead of the autopilot's first; all = each that the truth names")
	f.DurationVar(&o.think, "think", 15*time.Second, "time between a plan and its approval")
	f.StringArrayVar(&o.runbooks, "runbook", nil, "use this runbook file in front of the library; may be given again")
	f.StringVar(&o.until, "until", untilEnd, "decision ends a run at its first change, escalation or word that waiting is right: enough to score the diagnosis, and several times cheaper")
	f.StringVar(&o.format, "format", "table", "table or json (one object a line)")
	f.BoolVar(&o.all, "all", false, "run every embedded scenario")
	f.IntVar(&o.jobs, "jobs", runtime.NumCPU(), "runs at the same time, each a process of its own")
	f.StringVar(&o.summary, "summary", "", "write accuracy by kind, times and confusions to this markdown file")
	f.StringVar(&o.plot, "calibration", "", "draw what was said against what was so into this SVG file")
	f.IntVar(&o.random, "random", 0, "make up this many scenarios of every kind and run them")
	f.Int64Var(&o.from, "random-from", 1, "seed of the first made-up scenario")
	f.StringArrayVar(&o.kinds, "kind", nil, "make up this kind only; may be given again")
	f.StringArrayVar(&o.results, "results", nil, "count the JSON lines of an earlier run in; may be given again, also without any scenario")
	f.StringVar(&o.junit, "junit", "", "write the results to this file as JUnit XML")
	f.StringVar(&o.out, "out", "", "keep journals and postmortems in this folder")
	return c
}

// job is one run that is asked for.
type job struct {
	sc   *scenario.Scenario
	from string // as it was asked for: a name or a path
	seed int64
	try  *scenario.Change
}

func drill(ctx context.Context, w io.Writer, args []string, o drillOptions, oneSeed bool) error {
	if o.format != "json" && o.format != "table" {
		return usage("--format is table or json, not %q", o.format)
	}
	switch {
	case o.until != "" && o.until != untilEnd && o.until != untilDecision:
		return usage("--until is decision or end, not %q", o.until)
	case o.until == untilDecision && o.try != "":
		return usage("--try judges a change: it cannot end with --until decision")
	case o.jobs < 1 || o.jobs > 256:
		return usage("--jobs is a number from 1 to 256, not %d", o.jobs)
	case o.random < 0 || o.random > 10000:
		return usage("--random is a number of scenarios of each kind, not %d", o.random)
	case o.all:
		args = append(scenarios.Names(), args...)
	}
	args = append(args, o.madeUp()...)
	if len(args) == 0 && len(o.results) == 0 {
		return usage("name a scenario, a file, or --all; `ddbloop demo --list` shows the embedded ones")
	}
	jobs, err := jobsOf(args, o, oneSeed)
	if err != nil {
		return err
	}
	before, err := earlier(o.results)
	if err != nil {
		return err
	}
	library, err := libraryWith(o.runbooks...)
	if err != nil {
		return err
	}
	if err := o.reportable(); err != nil {
		return err
	}
	run := func(ctx context.Context, j job) (drillResult, error) { return runDrill(ctx, j, library, o) }
	if o.jobs > 1 && len(jobs) > 1 {
		if run, err = separately(o); err != nil {
			return err
		}
	}
	show := tableOf(w)
	if o.format == "json" {
		show = func(r drillResult) error { return json.NewEncoder(w).Encode(r) }
	}
	done, err := inOrder(ctx, jobs, o.jobs, run, show)
	if err == nil {
		done = append(before, done...)
		inOrderOfScenarios(done)
		err = o.report(w, done)
	}
	if err != nil {
		return err
	}
	if slices.ContainsFunc(done, func(r drillResult) bool { return !r.Passed }) {
		return quiet(exitFailed)
	}
	return nil
}

// madeUp names the scenarios that are to be made up.
func (o drillOptions) madeUp() []string {
	kinds := o.kinds
	if len(kinds) == 0 {
		kinds = random.Kinds()
	}
	var out []string
	for seed := o.from; seed < o.from+int64(o.random); seed++ {
		for _, k := range kinds {
			out = append(out, random.Name(k, seed))
		}
	}
	return out
}

// reportable refuses files that could not be written once all has run.
func (o drillOptions) reportable() error {
	for _, f := range []struct{ flag, path string }{{"--summary", o.summary}, {"--calibration", o.plot}, {"--junit", o.junit}} {
		if f.path == "" {
			continue
		}
		if err := writable(f.path); err != nil {
			return usage("%s %s: %v", f.flag, f.path, reason(err))
		}
	}
	return nil
}

// report writes what was asked for besides the results.
func (o drillOptions) report(w io.Writer, done []drillResult) error {
	sum := summarise(done)
	if o.format == "table" {
		if _, err := io.WriteString(w, "\n"+sum.text()); err != nil {
			return err
		}
	}
	if o.summary != "" {
		if err := os.WriteFile(o.summary, []byte(sum.markdown()), 0o600); err != nil {
			return usage("--summary %s: %v", o.summary, reason(err))
		}
	}
	if o.plot != "" {
		if err := os.WriteFile(o.plot, []byte(sum.calibration.svg()), 0o600); err != nil {
			return usage("--calibration %s: %v", o.plot, reason(err))
		}
	}
	if o.junit != "" {
		raw, err := junit(done)
		if err == nil {
			err = os.WriteFile(o.junit, raw, 0o600)
		}
		if err != nil {
			return usage("--junit %s: %v", o.junit, reason(err))
		}
	}
	return nil
}

// jobsOf reads all files before anything runs: one that is unusable stops them all.
func jobsOf(args []string, o drillOptions, oneSeed bool) ([]job, error) {
	magnitudes := []string{o.magnitude}
	if o.magnitude == "all" {
		magnitudes = []string{"low", "base", "high"}
	}
	if o.seeds < 0 {
		return nil, usage("--seeds is a number of further seeds, not %d", o.seeds)
	}
	var jobs []job
	for _, arg := range args {
		for _, m := range magnitudes {
			sc, err := loadScenario(arg, m)
			if err != nil {
				return nil, err
			}
			if err := sim.Check(sc); err != nil {
				return nil, usage("%s: %v", arg, err)
			}
			tries, err := triesOf(sc, o.try)
			if err != nil {
				return nil, err
			}
			first, n := sc.Seed, o.seeds
			if oneSeed {
				first, n = o.seed, 0
			}
			for seed := first; seed <= first+int64(n); seed++ {
				for _, t := range tries {
					jobs = append(jobs, job{sc, arg, seed, t})
				}
			}
		}
	}
	if len(jobs) == 0 && len(args) > 0 {
		return nil, usage("--try all: the truth of %s names no change; name one: --try CHANGE[@TARGET]", strings.Join(args, ", "))
	}
	return jobs, nil
}

// triesOf lists the changes to try on a scenario; one nil means the autopilot's own.
func triesOf(sc *scenario.Scenario, try string) ([]*scenario.Change, error) {
	if try == "" {
		return []*scenario.Change{nil}, nil
	}
	var named []*scenario.Change
	for _, list := range [][]scenario.Change{sc.Truth.Cures, sc.Truth.Futile, sc.Truth.Harmful} {
		for i := range list {
			named = append(named, &list[i])
		}
	}
	if try == "all" {
		return named, nil
	}
	c, err := sc.ParseChange(try)
	if err != nil {
		return nil, usage("--try %s: %v", try, err)
	}
	for _, known := range named { // what the truth names is called as there, however it was asked for: results are scored by it
		if known.Same(c) {
			return []*scenario.Change{known}, nil
		}
	}
	return []*scenario.Change{&c}, nil
}

// runDrill plays one scenario from t = 0 until the autopilot is done or the file's duration has passed.
func runDrill(ctx context.Context, j job, library []*runbooks.Runbook, o drillOptions) (drillResult, error) {
	began := cpu()
	sc := *j.sc
	sc.Seed = j.seed
	w, err := openEmbedded(&sc)
	if err != nil {
		return drillResult{}, err
	}
	w.freely()
	rec, err := newRecorder(o.out, &sc, j, w.clk.Now())
	if err != nil {
		return drillResult{}, err
	}
	eng, err := w.engine(engineOptions{journal: rec, id: rec.id, mode: "drill", library: library})
	if err != nil {
		return drillResult{}, err
	}
	pilot := &engine.Autopilot{Engine: eng, Think: o.think}
	if j.try != nil {
		pilot.Try = planOf(*j.try)
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	if err := w.start(ctx, eng); err != nil {
		return drillResult{}, err
	}
	w.clk.Go(func() { pilot.Run(ctx) })
	w.clk.Run(sc.Start.Add(sc.Duration), func() bool {
		return ctx.Err() != nil || pilot.Ended() || tryEnded(pilot, rec) || o.until == untilDecision && rec.decided()
	})
	run := &drillRun{sc: &sc, seed: j.seed, state: rec.state, assessed: rec.assessed, events: rec.events, tryID: pilot.TryID, short: o.until == untilDecision}
	if j.try != nil {
		run.try = j.try.String()
	}
	run.mitigated, run.cured = w.mitigated()
	run.refused = w.refused()
	w.clk.Stop()
	out := run.score()
	if out.Postmortem, err = rec.close(); err != nil {
		return out, err
	}
	out.CPUms = (cpu() - began).Milliseconds()
	return out, ctx.Err()
}

// planOf is the command that plans a scenario's change.
func planOf(c scenario.Change) *engine.PlanChange {
	return &engine.PlanChange{What: c.Kind, Target: c.Target(), Side: c.Side, Down: c.Down}
}

// tryEnded reports whether a tried change has been refused, or judged for good.
func tryEnded(p *engine.Autopilot, rec *recorder) bool {
	if p.Try == nil || !p.Tried() {
		return false
	}
	if p.TryID == "" {
		return true
	}
	c := rec.state.Change(p.TryID)
	if c == nil || c.Effect == nil {
		return false
	}
	return judgedForGood(c, rec.state.Now)
}

// judgedForGood reports whether a change's verdict stands: it was taken back, or a quarter of an hour has passed in which what faded
// or came late would have shown.
func judgedForGood(c *history.Change, now time.Time) bool {
	return !c.Undone.IsZero() || now.Sub(c.Settled) > 15*time.Minute && c.Effect.Word != history.Worse
}

// cpu is the processor time that this process has used.
func cpu() time.Duration {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// tableOf prints results for people, each as it comes: the columns are as wide as most of them need.
func tableOf(w io.Writer) func(drillResult) error {
	row := func(cells ...any) error {
		_, err := fmt.Fprintln(w, strings.TrimRight(fmt.Sprintf("%-22v  %-4v  %-9v  %-18v  %-7v  %-8v  %-32v  %-4v  %-26v  %-9v  %-9v  %v", cells...), " "))
		return err
	}
	head := sync.OnceValue(func() error {
		return row("SCENARIO", "SEED", "MAGNITUDE", "TRY", "RESULT", "DETECTED", "DIAGNOSIS", "P", "CHANGES", "MITIGATED", "RECOVERED", "CPU")
	})
	return func(r drillResult) error {
		result := "passed"
		if !r.Passed {
			result = "FAILED " + strings.Join(r.Failed, ",")
		}
		var changes []string
		for _, c := range r.Changes {
			changes = append(changes, c.Kind+"="+c.Verdict)
		}
		if r.Try != "" && len(changes) == 0 {
			changes = []string{map[bool]string{true: "refused", false: "not made"}[len(r.Refused) > 0]}
		}
		if err := head(); err != nil {
			return err
		}
		return row(r.Scenario, r.Seed, r.Magnitude, r.Try, result, r.DetectedAt, r.Diagnosis.Kind+" "+r.Diagnosis.Target,
			fmt.Sprintf("%.2f", r.Diagnosis.P), strings.Join(changes, " "), r.MitigatedAt, r.RecoveredAt, fmt.Sprintf("%dms", r.CPUms))
	}
}
