package postmortem

import "github.com/ddbloop/ddbloop/history"

// around says what the cause that was held to the end could be taken for, what tells the two apart, and what moved around the
// onset, as the last assessment with that cause has it.
func (d *draft) around(cause history.Belief) {
	for i := len(d.events) - 1; i >= 0; i-- {
		a, ok := d.events[i].Body.(history.Assessed)
		if !ok || len(a.Ranked) == 0 || a.Ranked[0].Kind != cause.Kind || a.Ranked[0].Target != cause.Goal {
			continue
		}
		if top := a.Ranked[0]; top.Rival != "" {
			d.printf("\nIt could be taken for %s. What decides: %s.\n", inert(top.Rival), inert(top.Decider))
		}
		if len(a.Moved) > 0 {
			d.printf("\nWhat moved around the onset, first things first; that it moved first makes it no cause:\n\n")
			for _, m := range a.Moved {
				d.printf("- %s UTC, known to %s: %s\n", clock(m.At), short(m.Grain), inert(m.Text))
			}
		}
		return
	}
}
