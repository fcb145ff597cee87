package tui

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ddbloop/ddbloop/engine"
	"github.com/ddbloop/ddbloop/engine/change"
	"github.com/ddbloop/ddbloop/tui/theme"
)

// askChange asks for a change that no runbook wants. The plan that comes of it is guarded, shown and
// approved like any other.
func (m *model) askChange() {
	tables := m.state.Session.Tables
	label := "change (e.g. write 200, or KIND, TABLE or TABLE/INDEX, amount)"
	if len(tables) > 1 {
		label = "change (TABLE or TABLE/INDEX, then e.g. write 200; or KIND, target, amount)"
	}
	m.askText(label, "plan the change", func(text string) engine.Command {
		c, _ := parseChange(text, tables) // checked before
		return c
	})
	m.prompt.check = func(text string) error {
		_, err := parseChange(text, tables)
		return err
	}
	m.focus, m.card = paneEffects, ""
}

// parseChange reads "write 20", "orders/by-status read 20", or a kind with what it needs: "cap.write 300", "mode.on_demand",
// "autoscaling.max orders write 900", "cap.write none". "undo 20m" has it taken back by itself, "because …" gives a reason. A single
// table need not be named.
func parseChange(text string, tables []string) (c engine.PlanChange, err error) {
	words, reason, _ := strings.Cut(" "+strings.TrimSpace(text)+" ", " because ")
	c.Reason = strings.TrimSpace(reason)
	f := strings.Fields(words)
	if i := slices.Index(f, "undo"); i >= 0 && i == len(f)-2 {
		if c.UndoAfter, err = time.ParseDuration(f[i+1]); err != nil || c.UndoAfter < time.Minute {
			return c, fmt.Errorf("%q is no time until it is taken back: 1m or more", f[i+1])
		}
		f = f[:i]
	}
	if len(f) > 0 && (slices.Contains(change.Kinds, f[0]) || strings.HasPrefix(f[0], "lever:")) {
		c.What, f = f[0], f[1:]
	}
	if len(f) > 0 && f[0] != "read" && f[0] != "write" && !amountLike(f[0]) {
		c.Target, f = f[0], f[1:]
	} else if len(tables) == 1 {
		c.Target = tables[0]
	}
	if len(f) > 0 && (f[0] == "read" || f[0] == "write") {
		c.Side, f = f[0], f[1:]
	}
	amount := ""
	if len(f) > 0 {
		amount, f = f[0], f[1:]
	}
	switch {
	case len(f) > 0 || c.Target == "":
		return c, fmt.Errorf("%q is no change: type e.g. write 200", text)
	case c.What == "":
		return capacity(c, text, amount)
	case amount != "" && !slices.ContainsFunc([]string{"table.", "index.", "cap.", "warm.", "autoscaling."}, func(of string) bool { return strings.HasPrefix(c.What, of) }):
		return c, fmt.Errorf("%s takes no amount, and %q is one", c.What, amount)
	case amount == "none":
		c.To = change.Unlimited
	case amount != "":
		c.To, err = units(amount)
	}
	return c, err
}

func amountLike(s string) bool {
	_, err := strconv.ParseInt(s, 10, 64)
	return err == nil || s == "none"
}

// capacity is a change that names no kind: a capacity.
func capacity(c engine.PlanChange, text, amount string) (engine.PlanChange, error) {
	if c.Side == "" || amount == "" {
		return c, fmt.Errorf("%q is no change: type e.g. write 200", text)
	}
	level := "table."
	if strings.Contains(c.Target, "/") {
		level = "index."
	}
	var err error
	c.What, c.Side = level+c.Side, ""
	c.To, err = units(amount)
	return c, err
}

func units(s string) (int64, error) {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n < 1 {
		return 0, fmt.Errorf("%q is no number of units per second: 1 or more", s)
	}
	return n, nil
}

// askTimer asks when the change in force is to be taken back, or ends its timer.
func (m *model) askTimer() {
	c := m.inForce()
	if c == nil {
		return
	}
	label := "take " + c.Plan.ID + " back in (e.g. 20m)"
	if !c.UndoAt.IsZero() {
		label += ", or keep"
	}
	length := func(text string) (engine.Command, error) {
		if text == "keep" {
			return engine.Keep{ID: c.Plan.ID}, nil
		}
		d, err := time.ParseDuration(text)
		if err != nil || d < time.Minute {
			return nil, errors.New("that is no time: 1m or more, as 20m or 1h30m, or keep")
		}
		return engine.Timer{ID: c.Plan.ID, After: d}, nil
	}
	m.askText(label, "timer of "+c.Plan.ID, func(text string) engine.Command {
		cmd, _ := length(text) // checked before
		return cmd
	})
	m.prompt.check = func(text string) error {
		_, err := length(text)
		return err
	}
}

// hold stops all that has not been sent, or lets it go on.
func (m *model) hold() {
	h := m.state.Hold
	switch {
	case h == nil:
		m.askText("hold every change because", "hold", func(text string) engine.Command { return engine.Hold{Why: text} })
	case h.File:
		m.say(theme.Warn, h.Why+": remove it to go on")
	default:
		m.askText("let changes go on because", "release", func(text string) engine.Command { return engine.Release{Why: text} })
	}
}
