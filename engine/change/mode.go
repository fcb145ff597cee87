package change

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/ddbloop/ddbloop/history"
)

// newTable is what a table that goes on-demand serves at once at least, whatever it was provisioned for: read and write units
// per second (developer guide, "On-demand capacity mode").
var newTable = map[string]int64{"read": 12000, "write": 4000}

// mode switches how a table and all its indexes are billed.
func (sc Scene) mode(p *history.ChangePlanned, r Request) error {
	_, to, _ := strings.Cut(r.What, ".")
	table := tableOf(r.Target)
	switch {
	case to != history.OnDemand && to != history.Provisioned:
		return refuse("%s is not a change that this version can make", r.What)
	case sc.Seen.Snap.Mode == to:
		return refuse("%s is %s already: nothing to do", table, value(to, ""))
	}
	known, ours := sc.switches()
	ledger := fmt.Sprintf("AWS takes 4 switches to on-demand in 24 hours, %d known", known)
	p.Token = table
	p.Blast = "the whole table and all its indexes; the old limits hold for the minutes that the switch takes"
	p.Shows = 10 * time.Minute
	if to == history.Provisioned {
		return sc.toProvisioned(p, r, ledger, known)
	}
	switch {
	case ours >= sc.Policy.ModeSwitches:
		return refuse("the policy allows %d switches of a table's mode in 24 hours, and this session made %d", sc.Policy.ModeSwitches, ours)
	case known >= switchesPerDay:
		return refuse("%s: AWS would take no more", ledger)
	}
	where, side, err := sc.switchHelps(p, r)
	if err != nil {
		return err
	}
	res, _ := sc.Seen.resource(indexOf(where))
	p.Side, p.BeforeN = side, units(res.Throughput, side)
	p.AfterN = max(newTable[side], p.BeforeN, warmth(res.Throughput, side))
	p.Title = fmt.Sprintf("switch %s to on-demand", table)
	p.Set = []history.Setting{{Name: history.SetMode, Before: history.Provisioned, After: history.OnDemand}}
	p.Inverse = append(p.Inverse, history.Setting{Name: history.SetMode, Before: history.OnDemand, After: history.Provisioned})
	for _, index := range sc.resources() {
		for _, x := range sc.bothSides(index, "", 0) {
			p.Inverse = append(p.Inverse, history.Setting{Index: x.Index, Name: x.Name, Before: "0", After: x.Before})
		}
	}
	p.UndoClass = history.UndoLimited
	p.UndoText = "back to provisioned with the recorded capacities, at any time; " + ledger + " before this one"
	p.Blast += fmt.Sprintf("; then %s serves %d %s units/s at once and grows by itself; every request is billed", where, p.AfterN, side)
	if n := len(sc.Seen.Scaling); n > 0 {
		p.Blast += "; auto scaling stays registered and rests"
	}
	return nil
}

// resources are the table ("") and its indexes.
func (sc Scene) resources() []string {
	list := []string{""}
	for _, i := range sc.Seen.Snap.Indexes {
		list = append(list, i.Name)
	}
	return list
}

// switchHelps looks for a provisioned limit that refuses, on the table or an index: only such a one goes with the switch. The
// refusal is that of the target itself.
func (sc Scene) switchHelps(p *history.ChangePlanned, r Request) (where, side string, err error) {
	table := tableOf(r.Target)
	targets := []string{r.Target}
	for _, index := range sc.resources() {
		if goal := strings.TrimSuffix(table+"/"+index, "/"); goal != r.Target {
			targets = append(targets, goal)
		}
	}
	for _, goal := range targets {
		for _, s := range [2]string{"write", "read"} {
			if (r.Side == "" || s == r.Side) && sc.find(goal, s).limit == own {
				return goal, s, nil
			}
		}
	}
	side = sc.troubled(r, r.Target, func(string) bool { return true })
	return r.Target, side, sc.canHelp(p, "on_demand", r.Target, side)
}

// leastUnits is what provisioned mode is given at least: a table that rests is used again.
const leastUnits = 5

// toProvisioned gives the table and every index explicit capacity from what was measured: AWS would take 1 of an unset one.
func (sc Scene) toProvisioned(p *history.ChangePlanned, r Request, ledger string, known int64) error {
	in := sc.State.Incident
	if !in.Detected.IsZero() && in.Recovered.IsZero() && in.Closed.IsZero() {
		return refuse("in an incident a limit that follows demand is not exchanged for one that does not")
	}
	p.Set = []history.Setting{{Name: history.SetMode, Before: history.OnDemand, After: history.Provisioned}}
	for _, index := range sc.resources() {
		goal := strings.TrimSuffix(tableOf(r.Target)+"/"+index, "/")
		for _, side := range [2]string{history.SetRead, history.SetWrite} {
			peak, measured := sc.usedLastHour(goal, side)
			if !measured {
				return refuse("what %s used of %ss in the last hour is not known: its capacity would be a guess", goal, side)
			}
			least := int64(math.Ceil(cutHeadroom * peak))
			to := max(leastUnits, int64(math.Ceil(sc.Policy.Headroom*peak)))
			for _, x := range r.Fixed {
				if x.Index == index && x.Name == side {
					to, _ = strconv.ParseInt(x.After, 10, 64) // ours: a number
				}
			}
			switch {
			case to < least:
				return refuse("%s now uses %.0f %s units/s: %d would be too low", goal, peak, side, to)
			case to > int64(sc.Policy.QuotaShare*float64(sc.quota(side))):
				return refuse("%s would need %d %s units/s, above the policy's share of the quota", goal, to, side)
			}
			p.Set = append(p.Set, history.Setting{Index: index, Name: side, Before: "0", After: strconv.FormatInt(to, 10)})
		}
	}
	p.Title = fmt.Sprintf("switch %s to provisioned capacity", tableOf(r.Target))
	p.Inverse = []history.Setting{{Name: history.SetMode, Before: history.Provisioned, After: history.OnDemand}}
	p.UndoClass, p.UndoText = history.UndoLimited, "back to on-demand; "+ledger
	if known >= switchesPerDay {
		return refuse("%s: there would be no way back today", ledger)
	}
	p.Blast += "; what demand rises above the new capacity is refused"
	return nil
}
