package change

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/ddbloop/ddbloop/engine/diagnose"
	"github.com/ddbloop/ddbloop/engine/price"
	"github.com/ddbloop/ddbloop/history"
)

// reference is the Region whose prices stand in where a Region's own are not known, for the policy's ceilings only.
const reference = "us-east-1"

// What the policy file can say of a change whose price is not known.
const (
	Hold  = "hold"
	Allow = "allow"
)

// bill is what a change adds, as amounts that have a price.
type bill struct {
	provisioned price.Capacity // units
	onDemand    price.Capacity // request units per second
	rules       float64        // of Contributor Insights
	events      float64        // per second, that they count
	warm        price.Capacity // units, once
	most        bool           // an upper bound
}

// bill works out what a change adds.
func (sc Scene) bill(p history.ChangePlanned) bill {
	var b bill
	about, _, _ := strings.Cut(p.What, ".")
	switch about {
	case "table", "index":
		if p.What == "index.delete_backfilling" {
			res, _ := sc.Seen.resource(indexOf(p.Target))
			b.provisioned = price.Capacity{Read: -float64(res.Throughput.Read), Write: -float64(res.Throughput.Write)}
			return b
		}
		b.provisioned = deltas(p.Set)
	case "mode":
		b.provisioned = deltas(p.Set)
		sign := -1.0
		if p.Set[0].After == history.OnDemand {
			sign = 1
			for _, index := range sc.resources() {
				res, _ := sc.Seen.resource(index)
				b.provisioned.Read -= float64(res.Throughput.Read)
				b.provisioned.Write -= float64(res.Throughput.Write)
			}
		}
		for _, index := range sc.resources() {
			goal := strings.TrimSuffix(tableOf(p.Target)+"/"+index, "/")
			b.onDemand.Read += sign * sc.peak(goal, "read")
			b.onDemand.Write += sign * sc.peak(goal, "write")
		}
	case "autoscaling":
		b.most = true
		b.provisioned = oneSide(p.Side, float64(p.AfterN-p.BeforeN))
	case "cap":
		var more float64
		more, b.most = sc.letThrough(p)
		b.onDemand = oneSide(p.Side, more)
	case "warm":
		b.warm = oneSide(p.Side, float64(p.AfterN-p.BeforeN))
	case "insights":
		b.rules, b.events = sc.rules(p.Target), sc.throttled(p.Target)
		if p.Set[0].After == history.Off {
			b.rules, b.events = -b.rules, -b.events
		}
	}
	return b
}

// rules is how many rules Contributor Insights keeps for throttled keys: of partition keys, and of pairs with the sort key.
func (sc Scene) rules(target string) float64 {
	sort := sc.Seen.Snap.SortKey
	for _, i := range sc.Seen.Snap.Indexes {
		if i.Name == indexOf(target) {
			sort = i.SortKey
		}
	}
	if sort != "" {
		return 2
	}
	return 1
}

func (sc Scene) throttled(target string) float64 {
	sum := 0.0
	for _, side := range [2]string{"read", "write"} {
		sum += diagnose.PressureOn(sc.State, sc.Now, sc.Limits, target, side).Refused
	}
	return sum
}

func oneSide(side string, n float64) price.Capacity {
	if side == "read" {
		return price.Capacity{Read: n}
	}
	return price.Capacity{Write: n}
}

// deltas adds up what settings change of provisioned capacity.
func deltas(set []history.Setting) (c price.Capacity) {
	for _, x := range set {
		before, _ := strconv.ParseFloat(x.Before, 64) // of numbers only
		after, _ := strconv.ParseFloat(x.After, 64)
		switch x.Name {
		case history.SetRead:
			c.Read += after - before
		case history.SetWrite:
			c.Write += after - before
		}
	}
	return c
}

// hourly is what a bill costs an hour in a Region.
func (b bill) hourly(list price.List, region string) (usd float64, known bool) {
	a, ok1 := list.PerHour(region, b.provisioned)
	d, ok2 := list.OnDemandPerHour(region, b.onDemand)
	i, ok3 := list.InsightsPerHour(region, b.rules, b.events)
	return a + d + i, ok1 && ok2 && ok3
}

// cost prices the change and holds it against the policy's ceilings. What gives capacity back is never held, and neither is an
// undo.
func (sc Scene) cost(p *history.ChangePlanned) error {
	region := sc.State.Session.Region
	b := sc.bill(*p)
	list := sc.Policy.Prices
	hourly, known := b.hourly(list, region)
	held, _ := b.hourly(list, reference)
	p.CostNote = price.Format(hourly, known)
	if known {
		p.CostHour, held = &hourly, hourly
		p.CostNote += " (" + price.FormatMonth(hourly) + ")"
		if b.most {
			p.CostNote = "at most " + p.CostNote
		}
		p.CostNote += ", list price of " + list.Dated(region)
	} else {
		p.CostHeld = &held
		p.CostNote = fmt.Sprintf("no price known for %s; in %s it would be %s", region, reference, price.Format(held, true))
	}
	if b.warm != (price.Capacity{}) {
		once, ok := list.Warm(region, b.warm)
		known = known && ok
		p.CostNote = "warm throughput is charged once; no price of it is known for " + region
		if p.CostHour = nil; ok {
			p.CostOnce, p.CostHour = &once, &hourly
			p.CostNote = "once " + price.FormatTotal(once, true) + ", list price of " + list.Dated(region)
		}
	}
	adds := held > 0 || b.warm != (price.Capacity{})
	if !adds || p.UndoOf != "" {
		return nil
	}
	if !known && sc.Policy.UnknownPrice != Allow {
		return refuse("held: %s; give prices in the policy, or unknown_price: allow", p.CostNote)
	}
	return sc.ceilings(p, held)
}

// affordable is up to where a raise of one side stays within what the policy lets one change, and the session, cost an hour.
// What has no price by the hour has no such bound.
func (sc Scene) affordable(r Request, side string, now int64) (to int64, dollars float64) {
	list, region, one := sc.Policy.Prices, sc.State.Session.Region, oneSide(side, 1)
	each, most := list.PerHour, math.Inf(1)
	switch about, _, _ := strings.Cut(r.What, "."); about {
	case "cap":
		each = list.OnDemandPerHour
		most, _ = sc.refusedCalls(r.Target, side)
	case "warm":
		return math.MaxInt64, 0
	}
	unit, known := each(region, one)
	if !known {
		unit, known = each(reference, one)
	}
	dollars = min(sc.Policy.CostStep, sc.Policy.CostSession-sc.spent())
	if !known || unit <= 0 || dollars <= 0 || most*unit <= dollars {
		return math.MaxInt64, 0
	}
	return now + int64(dollars/unit), dollars
}

// letThrough is how many more units a second another maximum lets through, and whether that is at most. A lower one saves what it
// will refuse of what is served now, and nothing of what nobody uses.
func (sc Scene) letThrough(p history.ChangePlanned) (more float64, most bool) {
	if p.AfterN != Unlimited && (p.BeforeN == Unlimited || p.AfterN < p.BeforeN) {
		d := diagnose.PressureOn(sc.State, sc.Now, sc.Limits, p.Target, p.Side)
		return min(0, float64(p.AfterN)-d.Consumed), false
	}
	more, sure := sc.refusedCalls(p.Target, p.Side)
	if p.AfterN != Unlimited {
		more = min(more, float64(p.AfterN-p.BeforeN))
	}
	return more, !sure
}

// refusedCalls is what a configured maximum refuses, in units a second, without the retries among it; where no feed tells those
// apart it is an upper bound.
func (sc Scene) refusedCalls(target, side string) (perSecond float64, sure bool) {
	d := diagnose.PressureOn(sc.State, sc.Now, sc.Limits, target, side)
	return d.Cap * (1 - d.Repeated), d.Repeated > 0
}

// ceilings holds a cost against what one change and the session may add.
func (sc Scene) ceilings(p *history.ChangePlanned, hourly float64) error {
	if hourly > sc.Policy.CostStep {
		return refuse("it would cost more than the policy's $%.0f an hour for one change (%s)", sc.Policy.CostStep, p.CostNote)
	}
	if total := hourly + sc.spent(); total > sc.Policy.CostSession {
		return refuse("this session's changes would cost $%.2f an hour, above the policy's $%.0f", total, sc.Policy.CostSession)
	}
	return nil
}

// spent is what the session's changes in force add an hour. What was undone costs nothing, and its undoing earns nothing.
func (sc Scene) spent() (hourly float64) {
	for _, c := range sc.State.Changes {
		if c.State == history.ChangeInForce && c.Plan.UndoOf == "" {
			hourly += had(c.Plan)
		}
	}
	return hourly
}

// had is what a change in force adds an hour.
func had(p history.ChangePlanned) float64 {
	switch {
	case p.CostHour != nil:
		return *p.CostHour
	case p.CostHeld != nil:
		return *p.CostHeld
	}
	return 0
}
