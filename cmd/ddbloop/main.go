// Command ddbloop is the terminal cockpit for DynamoDB incidents.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"

	"github.com/spf13/cobra"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	err := root().ExecuteContext(ctx)
	stop()
	if errors.Is(err, context.Canceled) {
		os.Exit(exitInterrupted) // whoever pressed Ctrl-C knows
	}
	if err != nil && err.Error() != "" {
		fmt.Fprintln(os.Stderr, "ddbloop:", oneLine(err))
	}
	os.Exit(codeOf(err))
}

func root() *cobra.Command {
	c := &cobra.Command{
		Use:   "ddbloop",
		Short: "The terminal cockpit for DynamoDB incidents: measure, adjust, repeat",
		Long: `The terminal cockpit for DynamoDB incidents: measure, adjust, repeat.

Start here, without an AWS account:

  ddbloop demo                 an incident under way on the embedded AWS
  ddbloop demo --list          the other scenarios

Then on your own tables, read-only unless you allow changes:

  ddbloop fleet                every table of the Region, those that hurt first
  ddbloop check orders         one measurement, one verdict
  ddbloop watch orders         the cockpit`,
		Version:       version(),
		SilenceUsage:  true,
		SilenceErrors: true,
		Args:          noCommand,
		RunE:          func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	c.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return usage("%v; see %s --help", err, cmd.CommandPath())
	})
	c.CompletionOptions.HiddenDefaultCmd = true
	c.AddCommand(
		demoCommand(), watchCommand(), checkCommand(), fleetCommand(), doctorCommand(), labCommand(), markCommand(),
		drillCommand(), simCommand(), postmortemCommand(),
	)
	c.AddCommand(policyCommand(), runbooksCommand())
	argsAsUsage(c)
	return c
}

func argsAsUsage(c *cobra.Command) {
	for _, sub := range c.Commands() {
		sub.Args = asUsage(sub.Args)
		argsAsUsage(sub)
	}
}

// noCommand names what was typed in place of a command.
func noCommand(_ *cobra.Command, args []string) error {
	if len(args) > 0 {
		return usage("no command %q; see ddbloop --help", args[0])
	}
	return nil
}

// asUsage gives a wrong number of arguments the exit code of unusable input.
func asUsage(check cobra.PositionalArgs) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if check == nil {
			return nil
		}
		err := check(cmd, args)
		if c := (*coded)(nil); errors.As(err, &c) {
			return err
		}
		if err != nil {
			return usage("%v; see %s --help", err, cmd.CommandPath())
		}
		return nil
	}
}

// version is the module's version, or "dev" for a build from a checkout.
func version() string {
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" && info.Main.Version != "(devel)" {
		return info.Main.Version
	}
	return "dev"
}
