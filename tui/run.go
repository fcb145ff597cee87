package tui

import (
	"context"
	"errors"
	"fmt"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"

	"github.com/ddbloop/ddbloop/tui/plain"
	"github.com/ddbloop/ddbloop/tui/theme"
)

// Run draws the cockpit until the person quits or ctx ends, and restores the terminal however it ends. On
// a terminal that cannot move its cursor (TERM=dumb) it prints the plain stream instead.
func Run(ctx context.Context, o Options) error { return run(ctx, o) }

func run(ctx context.Context, o Options, more ...tea.ProgramOption) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	events := o.Events
	if events == nil {
		events = o.Loop.Subscribe()
	}
	defer events.Close()
	if theme.Lookup(o.Env, "TERM") == "dumb" {
		return plain.StreamEvents(ctx, o.Output, events, o.Now)
	}
	options := []tea.ProgramOption{
		tea.WithContext(ctx), tea.WithEnvironment(o.Env), tea.WithFPS(30),
		tea.WithInput(o.Input), tea.WithOutput(o.Output),
	}
	if theme.Lookup(o.Env, "NO_COLOR") != "" {
		options = append(options, tea.WithColorProfile(colorprofile.ASCII))
	}
	_, err := tea.NewProgram(newModel(ctx, o, events), append(options, more...)...).Run()
	switch {
	case err == nil, errors.Is(err, tea.ErrInterrupted):
		return nil
	case errors.Is(err, tea.ErrProgramPanic):
		return fmt.Errorf("the screen crashed (the session is in its journal; ddbloop postmortem reads it): %w", err)
	case ctx.Err() != nil:
		return ctx.Err()
	}
	return fmt.Errorf("the screen stopped: %w", err)
}
