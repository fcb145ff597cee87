package change

import (
	"strings"
	"time"

	"github.com/ddbloop/ddbloop/history"
)

// lever plans what a team's own command does outside AWS.
func (sc Scene) lever(p *history.ChangePlanned, name string, r Request) error {
	for _, l := range sc.State.Session.Levers {
		if l.Name != name {
			continue
		}
		zero := 0.0
		p.Title, p.CostHour, p.CostNote = l.Title, &zero, "outside AWS: no AWS cost"
		p.Before, p.After = history.Off, "on"
		on, last := leverOn(sc.State, r.What)
		switch {
		case r.Undo != nil:
			p.Before, p.After = "on", history.Off
		case last != nil:
			return refuse("nobody knows whether lever %s is on: %s got no answer; undo it first", name, last.Plan.ID)
		case on:
			return refuse("lever %s is on already: nothing to do", name)
		}
		p.UndoClass, p.UndoText = history.UndoReady, "set lever "+name+" back to "+p.Before
		p.Shows = 2 * time.Minute
		p.Blast = "callers of " + tableOf(r.Target) + " (" + l.Does + ")"
		return nil
	}
	return refuse("no lever %q is configured", name)
}

func isLever(what string) bool { return strings.HasPrefix(what, "lever:") }

// leverOn reports whether a lever was left on by this session, or else the change that left it unknown.
func leverOn(s *history.State, what string) (on bool, lost *history.Change) {
	for _, c := range s.Changes {
		if c.Plan.What != what {
			continue
		}
		switch c.State {
		case history.ChangeInForce:
			on, lost = c.Plan.After == "on", nil
		case history.ChangeUnsure:
			lost = c
		}
	}
	return on, lost
}
