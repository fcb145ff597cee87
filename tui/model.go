package tui

import (
	"context"

	tea "charm.land/bubbletea/v2"

	"github.com/ddbloop/ddbloop/history"
)

// model is the root of the screen.
type model struct {
	ctx    context.Context
	o      Options
	events Events
	state  *history.State
}

func newModel(ctx context.Context, o Options, events Events) *model {
	return &model{ctx: ctx, o: o, events: events, state: history.NewState()}
}

func (m *model) Init() tea.Cmd { return nil }

func (m *model) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	if k, ok := msg.(tea.KeyPressMsg); ok && k.String() == "q" {
		return m, tea.Quit
	}
	return m, nil
}

func (m *model) View() tea.View { return tea.NewView("") }
