package tui

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/ddbloop/ddbloop/engine"
)

// askCapacity asks for a capacity that no runbook wants. The plan that comes of it is guarded, shown and
// approved like any other.
func (m *model) askCapacity() {
	tables := m.state.Session.Tables
	label := "capacity (e.g. write 200, or TABLE/INDEX read 200)"
	if len(tables) > 1 {
		label = "capacity (TABLE or TABLE/INDEX, then e.g. write 200)"
	}
	m.askText(label, "plan the capacity", func(text string) engine.Command {
		c, _ := capacity(text, tables) // checked before
		return c
	})
	m.prompt.check = func(text string) error {
		_, err := capacity(text, tables)
		return err
	}
	m.focus, m.card = paneEffects, ""
}

// capacity reads "write 20", "orders write 20" or "orders/by-status read 20"; a single table need not be named.
func capacity(text string, tables []string) (engine.PlanChange, error) {
	f := strings.Fields(text)
	if len(f) == 2 && len(tables) == 1 {
		f = append([]string{tables[0]}, f...)
	}
	if len(f) != 3 {
		return engine.PlanChange{}, fmt.Errorf("%q is no capacity: type e.g. write 200", text)
	}
	units, err := strconv.ParseInt(f[2], 10, 64)
	switch {
	case err != nil || units < 1:
		return engine.PlanChange{}, fmt.Errorf("%q is no number of units per second: 1 or more", f[2])
	case f[1] != "read" && f[1] != "write":
		return engine.PlanChange{}, fmt.Errorf("%q is neither read nor write", f[1])
	}
	level := "table."
	if strings.Contains(f[0], "/") {
		level = "index."
	}
	return engine.PlanChange{What: level + f[1], Target: f[0], To: units}, nil
}
