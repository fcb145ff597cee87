package world

import (
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/ddbloop/ddbloop/engine/sim/scenario"
)

// Application Auto Scaling for one side of a table or index: target tracking (developer guide, "Managing throughput capacity
// automatically with auto scaling"). It runs from t = 0.
type policy struct {
	r         *resource
	s         side
	min, max  float64
	target    float64 // percent; 0 = a target without a policy
	suspended bool
	created   time.Time

	above, below int     // one-minute points in a row
	peak         float64 // highest use of those that count
	due          int64   // second at which the alarm's action comes, 0 = none
	up           bool
	acting       *Activity // waits for its UpdateTable to settle
	told         int64     // second of the last activity that did nothing
}

const (
	pointsOut  = 2  // one-minute points above the target before it scales out
	pointsIn   = 15 // the same below, before it scales in
	inBelow    = 20 // percentage points below the target that count for scaling in (guess: re:Post speaks of 20 %)
	delayLeast = 60 // seconds from the second point to the action, at least (guess: 1–3 min)
	delayMore  = 120
	tellAgain  = 600 // seconds between two activities that say why nothing is done (guess)
)

// openScaling makes the policies that the scenario has.
func (w *World) openScaling() {
	for _, t := range w.tables {
		for _, r := range t.resources {
			read, write := t.spec.ReadScaling, t.spec.WriteScaling
			for _, i := range t.spec.Indexes {
				if i.Name == r.index {
					read, write = i.ReadScaling, i.WriteScaling
				}
			}
			for s, a := range [sides]*scenario.AutoScaling{read, write} {
				if a != nil {
					w.policies = append(w.policies, &policy{
						r: r, s: side(s), min: a.Min, max: a.Max, target: a.Target, suspended: a.Suspended,
						created: t.created.Add(time.Hour),
					})
				}
			}
		}
	}
}

// scale looks at the minute that has just closed, and acts where an alarm's action is due.
func (w *World) scale(closed bool) {
	if w.sec < 0 {
		return
	}
	for _, p := range w.policies {
		p.finish()
		if closed {
			p.watch()
		}
		if p.due > 0 && w.sec >= p.due {
			p.due = 0
			p.act()
		}
	}
}

func (p *policy) idle() bool {
	return p.target == 0 || p.suspended || p.r.t.mode != scenario.Provisioned || p.r.gone
}

// watch counts one-minute points above and below the target.
func (p *policy) watch() {
	used, limit := p.r.lastMinute[p.s], p.r.set.capacity.of(p.s)
	if p.idle() || limit <= 0 {
		p.above, p.below, p.due = 0, 0, 0
		return
	}
	percent := 100 * used / limit
	switch {
	case percent > p.target:
		if p.above == 0 {
			p.peak = 0
		}
		p.above, p.below = p.above+1, 0
	case percent < p.target-inBelow:
		if p.below == 0 {
			p.peak = 0
		}
		p.above, p.below = 0, p.below+1
	default:
		p.above, p.below = 0, 0
		return
	}
	p.peak = max(p.peak, used)
	ready := p.above >= pointsOut || p.below >= pointsIn
	if !ready || p.due > 0 || p.acting != nil {
		return
	}
	w := p.r.t.w
	p.up = p.above > 0
	p.due = w.sec + delayLeast + int64(draw(w.seed, hash(p.r.arn)+uint64(p.s), w.unix+w.sec, 11)*delayMore)
}

// act sets the capacity that would bring use to the target, within the policy's bounds.
func (p *policy) act() {
	if p.idle() || p.up && p.above == 0 || !p.up && p.below == 0 {
		return // the alarm has gone back meanwhile
	}
	now := p.r.set.capacity.of(p.s)
	wanted := min(max(math.Ceil(p.peak/(p.target/100)), p.min), p.max)
	if p.up && wanted <= now {
		if now >= p.max {
			p.hold("AlreadyAtMaxCapacity")
		}
		return
	}
	if !p.up && wanted >= now {
		if now <= p.min {
			p.hold("AlreadyAtMinCapacity")
		}
		return
	}
	state := "above"
	if !p.up {
		state = "below"
	}
	p.set(wanted, fmt.Sprintf("monitor alarm %s in state ALARM triggered policy $%s-scaling-policy", p.alarmName(p.up), p.r.arn), state)
}

// set asks UpdateTable for a capacity and records the activity.
func (p *policy) set(to float64, cause, _ string) {
	w, t := p.r.t.w, p.r.t
	a := p.activity(cause)
	a.Description = fmt.Sprintf("Setting %s capacity units to %.0f.", map[side]string{reads: "read", writes: "write"}[p.s], to)
	next := p.r.set.capacity
	if p.s == reads {
		next.Read = to
	} else {
		next.Write = to
	}
	u := TableUpdate{Table: t.spec.Name, Provisioned: &next}
	if p.r.index != "" {
		u = TableUpdate{Table: t.spec.Name, Indexes: []IndexUpdate{{Name: p.r.index, Provisioned: &next}}}
	}
	if err := w.update(u, AutoScalingUser, time.Duration(w.sec)*time.Second); err != nil {
		a.Status, a.Message, a.End = "Failed", "Failed to set capacity: "+err.Error(), a.Start
		p.due = w.sec + minute // it tries again as long as the alarm stands (guess)
		return
	}
	a.Status = "InProgress"
	a.Message = fmt.Sprintf("Successfully submitted the change to %.0f.", to)
	p.acting = a
	p.above, p.below = 0, 0
}

// finish closes the activity whose UpdateTable has settled.
func (p *policy) finish() {
	if p.acting == nil || p.r.t.pending != nil {
		return
	}
	w := p.r.t.w
	p.acting.Status = "Successful"
	p.acting.Message = "Successfully set capacity. Change successfully fulfilled by dynamodb."
	p.acting.End = w.start.Add(time.Duration(w.sec) * time.Second)
	p.acting = nil
}

// hold records why nothing is done.
func (p *policy) hold(code string) {
	w := p.r.t.w
	if p.told > 0 && w.sec-p.told < tellAgain {
		return
	}
	p.told = w.sec
	a := p.activity(fmt.Sprintf("monitor alarm %s in state ALARM", p.alarmName(p.up)))
	now := p.r.set.capacity.of(p.s)
	a.Description, a.Status, a.End = "Attempting to scale due to alarm triggered", "Unfulfilled", a.Start
	a.NotScaled = []NotScaled{{Code: code, Min: p.min, Max: p.max, Current: now}}
}

func (p *policy) activity(cause string) *Activity {
	w := p.r.t.w
	n := len(w.activities)
	a := &Activity{
		ID:    fmt.Sprintf("%016x-%04x", mixBits(w.seed^hash("activity")^uint64(n)), n),
		Table: p.r.t.spec.Name, Index: p.r.index, Side: map[side]string{reads: "read", writes: "write"}[p.s],
		Cause: cause, Start: w.start.Add(time.Duration(w.sec) * time.Second),
	}
	w.activities = append(w.activities, a)
	return a
}

// alarmName is how target tracking names its two alarms.
func (p *policy) alarmName(high bool) string {
	name := "TargetTracking-table/" + p.r.t.spec.Name
	if p.r.index != "" {
		name += "/index/" + p.r.index
	}
	if high {
		name += "-AlarmHigh-"
	} else {
		name += "-AlarmLow-"
	}
	return fmt.Sprintf("%s%08x", name, uint32(hash(p.r.arn+p.s.String())))
}

func (w *World) policy(table, index, side string) *policy {
	for _, p := range w.policies {
		if p.r.t.spec.Name == table && p.r.index == index && (p.s == reads) == (side == "read") {
			return p
		}
	}
	return nil
}

// Scaling lists the scalable targets with their policies.
func (w *World) Scaling() []ScalingView {
	list := make([]ScalingView, 0, len(w.policies))
	for _, p := range w.policies {
		list = append(list, ScalingView{
			Table: p.r.t.spec.Name, Index: p.r.index, Side: map[side]string{reads: "read", writes: "write"}[p.s],
			Min: p.min, Max: p.max, Target: p.target, Suspended: p.suspended, Created: p.created,
		})
	}
	return list
}

// Activities lists the scaling activities so far, oldest first.
func (w *World) Activities() []Activity {
	list := make([]Activity, len(w.activities))
	for i, a := range w.activities {
		list[i] = *a
	}
	return list
}

// Scale is RegisterScalableTarget or PutScalingPolicy, called by the named principal. Registering pulls the capacity into
// [min, max] at once (API reference, RegisterScalableTarget). The error is an *Error.
func (w *World) Scale(c ScalingCall, by string) error { return w.scaleCall(c, by, w.now) }

func (w *World) scaleCall(c ScalingCall, by string, at time.Duration) error {
	name := "RegisterScalableTarget"
	if c.Target != nil {
		name = "PutScalingPolicy"
	}
	err := w.applyScaling(c, at)
	request := map[string]any{"resourceId": resourceID(c.Table, c.Index), "scalableDimension": c.Side}
	for key, v := range map[string]*float64{"minCapacity": c.Min, "maxCapacity": c.Max, "targetValue": c.Target} {
		if v != nil {
			request[key] = *v
		}
	}
	if c.Suspended != nil {
		request["suspended"] = *c.Suspended
	}
	w.record(at, "application-autoscaling", name, by, c.Region, c.Table, request, err)
	return err
}

func resourceID(table, index string) string {
	if index != "" {
		return "table/" + table + "/index/" + index
	}
	return "table/" + table
}

func (w *World) applyScaling(c ScalingCall, at time.Duration) error {
	t := w.table(c.Table)
	if t == nil || t.resource(c.Index) == nil {
		return &Error{"ValidationException", "ResourceId is not valid: " + resourceID(c.Table, c.Index)}
	}
	p := w.policy(c.Table, c.Index, c.Side)
	if c.Target != nil {
		switch {
		case p == nil:
			return &Error{"ObjectNotFoundException", "No scalable target registered for service namespace: dynamodb, resource ID: " + resourceID(c.Table, c.Index)}
		case *c.Target < 20 || *c.Target > 90:
			return invalid("Target utilization must be between 20 and 90 percent.")
		}
		p.target = *c.Target
		return nil
	}
	if p == nil {
		if c.Min == nil || c.Max == nil {
			return invalid("MinCapacity and MaxCapacity are required to register a new scalable target.")
		}
		s := reads
		if c.Side == "write" {
			s = writes
		}
		p = &policy{r: t.resource(c.Index), s: s, created: w.start.Add(at)}
	}
	lo, hi := p.min, p.max
	if c.Min != nil {
		lo = *c.Min
	}
	if c.Max != nil {
		hi = *c.Max
	}
	if lo < 1 || hi < lo {
		return invalid("MinCapacity %s must be at least 1 and no more than MaxCapacity %s.", whole(lo), whole(hi))
	}
	p.min, p.max = lo, hi
	if c.Suspended != nil {
		p.suspended = *c.Suspended
	}
	if !slices.Contains(w.policies, p) {
		w.policies = append(w.policies, p)
	}
	if now := p.r.set.capacity.of(p.s); !p.suspended && t.mode == scenario.Provisioned && (now < lo || now > hi) {
		p.set(min(max(now, lo), hi), "minimum or maximum capacity was changed", "")
	}
	return nil
}

// Unscale is DeregisterScalableTarget; the policy goes with it.
func (w *World) Unscale(table, index, side, by string) error {
	p := w.policy(table, index, side)
	var err error
	if p == nil {
		err = &Error{"ObjectNotFoundException", "No scalable target found for service namespace: dynamodb, resource ID: " + resourceID(table, index)}
	} else {
		w.policies = slices.DeleteFunc(w.policies, func(x *policy) bool { return x == p })
	}
	w.record(w.now, "application-autoscaling", "DeregisterScalableTarget", by, "", table, map[string]any{"resourceId": resourceID(table, index)}, err)
	return err
}
