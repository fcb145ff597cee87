package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/ddbloop/ddbloop/engine"
	"github.com/ddbloop/ddbloop/engine/clock"
	"github.com/ddbloop/ddbloop/engine/sim/scenarios"
	"github.com/ddbloop/ddbloop/history"
	"github.com/ddbloop/ddbloop/runbooks"
)

type demoOptions struct {
	list      bool
	format    string
	speed     float64
	seed      int64
	magnitude string
	from      time.Duration
	policy    string
	screen    screenOptions
}

const defaultScenario = "hot-partition"

// joinAfter is how long an incident has been under way when the demo lets a person join.
const joinAfter = 2 * time.Minute

func demoCommand() *cobra.Command {
	var o demoOptions
	c := &cobra.Command{
		Use:   "demo [SCENARIO]",
		Short: "The cockpit on the embedded AWS with an incident under way; no account needed",
		Args:  cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if o.list {
				return listScenarios(cmd.OutOrStdout(), o.format)
			}
			name := defaultScenario
			if len(args) == 1 {
				name = args[0]
			}
			return demo(cmd.Context(), name, o, cmd.Flags().Changed)
		},
	}
	f := c.Flags()
	f.BoolVar(&o.list, "list", false, "list the embedded scenarios")
	f.StringVar(&o.format, "format", "text", "with --list: text or json")
	f.Float64Var(&o.speed, "speed", 1, "simulated seconds per second")
	f.Int64Var(&o.seed, "seed", 0, "another seed than the scenario's")
	f.StringVar(&o.magnitude, "magnitude", "base", "low, base or high")
	f.DurationVar(&o.from, "from", 0, "join at this time after the scenario's start (default: 2m after the incident began)")
	f.StringVar(&o.policy, "policy", "", "what may be changed, to try a policy of your own (default: the built-in careful policy)")
	o.screen.flags(f)
	return c
}

// listScenarios prints what can be played.
func listScenarios(w io.Writer, format string) error {
	type row struct {
		Scenario string   `json:"scenario"`
		Title    string   `json:"title"`
		Kind     string   `json:"kind"`
		Tables   []string `json:"tables"`
	}
	if format != "text" && format != "json" {
		return usage("--format is text or json, not %q", format)
	}
	tw := tabwriter.NewWriter(w, 0, 8, 2, ' ', 0)
	for _, name := range scenarios.Names() {
		sc, err := loadScenario(name, "base")
		if err != nil {
			return err
		}
		r := row{sc.Name, sc.Title, sc.Truth.Kind, []string{}}
		for _, t := range sc.Tables {
			r.Tables = append(r.Tables, t.Name)
		}
		if format == "json" {
			if err := json.NewEncoder(w).Encode(r); err != nil {
				return err
			}
			continue
		}
		fmt.Fprintf(tw, "%s\t%s\n", r.Scenario, r.Title)
	}
	return tw.Flush()
}

func demo(ctx context.Context, name string, o demoOptions, changed func(string) bool) error {
	if math.IsNaN(o.speed) || o.speed <= 0 || o.speed > 1000 {
		return usage("--speed is above 0 and at most 1000, not %g", o.speed)
	}
	sc, err := loadScenario(name, o.magnitude)
	if err != nil {
		return err
	}
	if changed("seed") {
		sc.Seed = o.seed
	}
	join := o.from
	if !changed("from") && sc.Truth.Kind != calmKind {
		join = sc.Truth.Begins + joinAfter
	}
	if err := within(sc, join); err != nil {
		return err
	}
	library, err := libraryWith()
	if err != nil {
		return err
	}
	world, err := openEmbedded(sc)
	if err != nil {
		return err
	}
	world.marks, world.baselines = markFiles(""), true
	if err := world.allow(o.policy); err != nil {
		return err
	}
	root, err := sessionsDir(o.screen.sessions)
	if err != nil {
		return err
	}
	id := sessionID(time.Now(), sc.Name, rand.New(rand.NewPCG(rand.Uint64(), 0)))
	j, dir, err := newJournal(root, id)
	if err != nil {
		return err
	}
	defer func() { _ = j.Close() }() // flushed every second; an error now has nobody to hear it
	eng, err := world.engine(engineOptions{
		journal: j, id: id, mode: "demo", speed: o.speed, library: library, actor: actor(""), watched: true, dir: dir,
	})
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	ended := make(chan struct{})
	loop := &pacedLoop{Engine: eng, clk: world.clk}
	screen := newScreen(loop, world.clk.Now, o.screen, dir)
	var started error
	go func() {
		defer close(ended)
		if started = world.start(ctx, eng); started != nil {
			cancel()
			return
		}
		world.clk.Run(sc.Start.Add(join), func() bool { return ctx.Err() != nil }) // what lies before is computed at once
		world.clk.RunPaced(ctx, wall{}, func() float64 { return o.speed })
	}()
	err = screen.run(ctx)
	cancel()
	<-ended
	if started != nil {
		return started
	}
	return screen.goodbye(os.Stdout, err)
}

// pacedLoop hands commands to the engine on its simulated clock.
type pacedLoop struct {
	*engine.Engine
	clk *clock.Virtual
}

// Do implements engine.Loop.
func (p *pacedLoop) Do(ctx context.Context, c engine.Command) error {
	var err error
	if !p.clk.Do(ctx, func() { err = p.Engine.Do(ctx, c) }) {
		return ctx.Err()
	}
	return err
}

// wall is the pace of a demo.
type wall struct{}

func (wall) Now() time.Time                         { return time.Now() }
func (wall) After(d time.Duration) <-chan time.Time { return time.After(d) }

// engineOptions are what differs between the sessions on the embedded world.
type engineOptions struct {
	journal engine.Journal
	id      string
	mode    string
	speed   float64
	library []*runbooks.Runbook
	actor   history.Actor
	watched bool
	dir     string
}
