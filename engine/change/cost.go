package change

import (
	"fmt"
	"strings"

	"github.com/ddbloop/ddbloop/engine/price"
	"github.com/ddbloop/ddbloop/history"
)

// reference is the Region whose prices stand in where a Region's own are not known.
const reference = "us-east-1"

// cost prices the change and holds it against the policy's ceilings. What gives capacity back is never held.
func (sc Scene) cost(p *history.ChangePlanned) error {
	region := sc.State.Session.Region
	hourly, known := price.PerHour(region, added(*p))
	note := price.Format(hourly, known) + ", list price of " + price.Checked
	if known {
		p.CostHour = &hourly
	} else {
		hourly, _ = price.PerHour(reference, added(*p)) // held against the ceilings, never shown as this Region's
		note = fmt.Sprintf("no price known for %s; in %s it would be %s", region, reference, price.Format(hourly, true))
	}
	p.CostNote = note
	if hourly <= 0 {
		return nil
	}
	if hourly > sc.Policy.CostStep {
		return refuse("it would cost more than the policy's $%.0f an hour for one change (%s)", sc.Policy.CostStep, note)
	}
	total := hourly
	for _, c := range sc.State.Changes {
		if c.State != history.ChangeInForce || c.Plan.UndoOf != "" { // what was undone costs nothing, and its undoing earns nothing
			continue
		}
		had, ok := price.PerHour(region, added(c.Plan))
		if !ok {
			had, _ = price.PerHour(reference, added(c.Plan))
		}
		total += had
	}
	if total > sc.Policy.CostSession {
		return refuse("this session's changes would cost $%.2f an hour, above the policy's $%.0f", total, sc.Policy.CostSession)
	}
	return nil
}

// added is the capacity that a plan adds; a lever adds none.
func added(p history.ChangePlanned) price.Capacity {
	d := float64(p.AfterN - p.BeforeN)
	if strings.HasSuffix(p.What, ".read") {
		return price.Capacity{Read: d}
	}
	return price.Capacity{Write: d}
}
