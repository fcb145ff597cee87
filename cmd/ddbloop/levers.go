package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"time"
)

// commands runs a team's levers as programs of their own. What the lever is meant to do reaches them
// through the environment only: nothing is spliced into a shell line.
type commands struct {
	levers []teamLever
}

// leverTime bounds a lever: one that takes longer counts as unanswered.
const leverTime = 2 * time.Minute

// Set implements engine.Levers.
func (c commands) Set(ctx context.Context, name string, on bool) error {
	state := "off"
	if on {
		state = "on"
	}
	for _, l := range c.levers {
		if string(l.Name) != name {
			continue
		}
		ctx, cancel := context.WithTimeout(ctx, leverTime)
		defer cancel()
		cmd := exec.CommandContext(ctx, l.Command[0], l.Command[1:]...)
		cmd.Env = append(os.Environ(), "DDBLOOP_LEVER="+name, "DDBLOOP_STATE="+state)
		cmd.WaitDelay = 5 * time.Second
		if err := cmd.Run(); err != nil {
			if ctx.Err() != nil {
				return fmt.Errorf("lever %s did not end within %s: %w", name, leverTime, ctx.Err())
			}
			return fmt.Errorf("lever %s: %w", name, err)
		}
		return nil
	}
	return fmt.Errorf("no lever %q is configured", name)
}
