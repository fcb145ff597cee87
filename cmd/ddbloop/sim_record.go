package main

import (
	"bytes"
	"os"

	"github.com/spf13/cobra"

	"github.com/ddbloop/ddbloop/engine/sim"
)

func recordCommand() *cobra.Command {
	var magnitude, out string
	var seed int64
	c := &cobra.Command{
		Use:   "record SCENARIO",
		Short: "Write a scenario's traffic and metrics by the minute as CSV, which a scenario can replay as a trace",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			sc, err := loadScenario(args[0], magnitude)
			if err != nil {
				return err
			}
			if cmd.Flags().Changed("seed") {
				sc.Seed = seed
			}
			if out == "" {
				return sim.Record(sc, cmd.OutOrStdout())
			}
			var b bytes.Buffer
			if err := sim.Record(sc, &b); err != nil {
				return err
			}
			if err := os.WriteFile(out, b.Bytes(), 0o600); err != nil {
				return usage("--out %s: %v", out, reason(err))
			}
			return nil
		},
	}
	f := c.Flags()
	f.StringVar(&out, "out", "", "file to write; standard output without it")
	f.StringVar(&magnitude, "magnitude", "base", "low, base or high")
	f.Int64Var(&seed, "seed", 0, "another seed than the scenario's")
	return c
}
