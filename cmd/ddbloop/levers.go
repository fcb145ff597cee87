package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"syscall"
	"time"

	"github.com/ddbloop/ddbloop/engine"
)

// commands runs a team's levers as programs of their own. What the lever is meant to do reaches them
// through the environment only: nothing is spliced into a shell line.
type commands struct {
	levers []teamLever
	within time.Duration // a lever that takes longer counts as unanswered; 0 = leverTime
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
		within := cmp.Or(c.within, leverTime)
		ctx, cancel := context.WithTimeout(ctx, within)
		defer cancel()
		cmd := exec.CommandContext(ctx, l.Command[0], l.Command[1:]...)
		cmd.Env = append(os.Environ(), "DDBLOOP_LEVER="+name, "DDBLOOP_STATE="+state)
		// A session of its own has no terminal: it can neither draw on the screen nor take keys, and a line that drops or a Ctrl-C
		// does not break it off half way.
		cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
		cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) } // with all that it has started
		err := cmd.Run()
		switch ended := (*exec.ExitError)(nil); {
		case err == nil:
			return nil
		case ctx.Err() != nil:
			return fmt.Errorf("lever %s did not end within %s: %w", name, within, engine.ErrUnanswered)
		case errors.As(err, &ended) && !ended.Exited():
			return fmt.Errorf("lever %s was killed (%w): %w", name, err, engine.ErrUnanswered)
		}
		return fmt.Errorf("lever %s: %w", name, err)
	}
	return fmt.Errorf("no lever %q is configured", name)
}
