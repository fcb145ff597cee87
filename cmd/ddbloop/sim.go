package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/ddbloop/ddbloop/engine/clock"
	"github.com/ddbloop/ddbloop/engine/sim"
	"github.com/ddbloop/ddbloop/engine/sim/world"
)

type simOptions struct {
	listen    string
	speed     float64
	seed      int64
	magnitude string
	start     string
	from      time.Duration
	remote    bool
}

func simCommand() *cobra.Command {
	var o simOptions
	c := &cobra.Command{
		Use:   "sim SCENARIO",
		Short: "Serve the embedded AWS on a local port, for any other client",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return simulate(cmd.Context(), args[0], o, cmd.Flags().Changed("seed"))
		},
	}
	c.AddCommand(recordCommand())
	f := c.Flags()
	f.BoolVar(&o.remote, "remote", false, "serve on an address that others can reach: signatures are not checked, and the control endpoint obeys anyone")
	f.StringVar(&o.listen, "listen", "127.0.0.1:8000", "address to serve on; port 0 picks one")
	f.Float64Var(&o.speed, "speed", 1, "simulated seconds per second")
	f.Int64Var(&o.seed, "seed", 0, "another seed than the scenario's")
	f.StringVar(&o.magnitude, "magnitude", "base", "low, base or high")
	f.DurationVar(&o.from, "from", 0, "begin this long after the scenario's start; with --start now, that is where the world's clock meets this machine's")
	f.StringVar(&o.start, "start", "now", "simulated start: now, or file for the scenario's own")
	return c
}

func simulate(ctx context.Context, name string, o simOptions, seeded bool) error {
	if math.IsNaN(o.speed) || o.speed <= 0 || o.speed > 1000 {
		return usage("--speed is above 0 and at most 1000, not %g", o.speed)
	}
	sc, err := loadScenario(name, o.magnitude)
	if err != nil {
		return err
	}
	if seeded {
		sc.Seed = o.seed
	}
	if err := within(sc, o.from); err != nil {
		return err
	}
	switch o.start {
	case "now":
		sc.Start = time.Now().UTC().Truncate(time.Second).Add(-o.from)
	case "file":
	default:
		return usage("--start is now or file, not %q", o.start)
	}
	if !o.remote {
		if err := loopback(o.listen); err != nil {
			return err
		}
	}
	w, err := sim.New(sc)
	if err != nil {
		return usage("scenario %s: %v", sc.Name, err)
	}
	l, err := net.Listen("tcp", o.listen)
	if err != nil {
		return usage("--listen %s: %v", o.listen, rootCause(err))
	}
	clk := clock.NewScaled(sc.Start.Add(o.from), o.speed, time.Now)
	w.Inspect(clk, func(*world.World) {}) // what lies before is computed before anybody asks
	url := "http://" + l.Addr().String()
	for _, service := range []string{"DYNAMODB", "CLOUDWATCH", "APPLICATION_AUTO_SCALING", "CLOUDTRAIL"} {
		fmt.Fprintf(os.Stdout, "export AWS_ENDPOINT_URL_%s=%s\n", service, url)
	}
	// The AWS CLI knows the second name of the Region only.
	fmt.Fprintf(os.Stdout, "export AWS_REGION=%s AWS_DEFAULT_REGION=%[1]s AWS_ACCESS_KEY_ID=embedded AWS_SECRET_ACCESS_KEY=embedded\n", sc.Region)
	fmt.Fprintln(os.Stdout, "ready")
	serve := w.Serve
	if o.remote {
		serve = w.ServeRemote
	}
	err = serve(ctx, l, clk)
	if errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}

// loopback keeps the embedded AWS off the network: it checks no signature.
func loopback(addr string) error {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return usage("--listen %q: HOST:PORT is wanted, e.g. 127.0.0.1:8000", addr)
	}
	if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return usage("--listen %s: only loopback addresses are served, e.g. 127.0.0.1:8000; --remote serves others too", addr)
	}
	return nil
}
