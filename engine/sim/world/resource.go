package world

import (
	"math"

	"github.com/ddbloop/ddbloop/engine/sim/scenario"
)

// burstSeconds is how much unused capacity a provisioned table or index keeps (developer guide, "Burst capacity").
const burstSeconds = 300

// resource is a table or an index: whatever has capacity and partitions of its own.
type resource struct {
	t       *table
	index   string // "" for the table itself
	arn     string
	key     scenario.Key
	spec    scenario.Throughput // as the file has it
	set     settings
	admin   resourceAdmin
	ceiling [sides]ceiling
	buckets [sides][causes]bucket
	limits  [sides][]limit
	parts   *partitions
	use     [sides]usage
	gates   []gate // scratch of offer
	offered [sides][]float64
	series  [sides]capacitySeries

	insights   []insightMinute
	lastMinute [sides]float64 // units per second
	gone       bool           // deleted
}

// gate is what became of one client's requests at one resource in one step, as shares of what it offered.
type gate struct {
	pass    float64
	refused [causes]float64
}

// refreshLimits rebuilds the rules after a change of mode, capacity, cap or ceiling. What is unused stays, up to the new burst.
func (r *resource) refreshLimits() {
	q := r.t.w.sc.Quotas
	quota := [sides]float64{q.TableRead, q.TableWrite}
	for s := range sides {
		b := &r.buckets[s]
		r.limits[s] = r.limits[s][:0]
		add := func(c cause, rate, burst float64) {
			b[c].level = min(b[c].level, burst)
			r.limits[s] = append(r.limits[s], limit{rate: rate, burst: burst, cause: c, b: &b[c]})
		}
		if r.t.mode == scenario.Provisioned {
			rate := r.set.capacity.of(s)
			add(causeProvisioned, rate, rate*burstSeconds)
			continue
		}
		add(causeKeyRange, r.ceiling[s].rate, 0)
		if rate := r.set.max.of(s); rate > 0 {
			add(causeOnDemandMax, rate, 0)
		}
		add(causeAccount, quota[s], 0)
	}
}

// tightest is the rule that leaves least in a step of dt seconds.
func (r *resource) tightest(s side, dt float64) (float64, cause) {
	least, why := math.Inf(1), causeProvisioned
	for _, l := range r.limits[s] {
		if a := l.avail(dt); a < least {
			least, why = a, l.cause
		}
	}
	return least, why
}

// offer asks for units (by slot, over dt seconds) and says what passes. Nothing is spent until settle.
func (r *resource) offer(s side, units []float64, dt float64) []gate {
	copy(r.offered[s], units)
	total, all := 0.0, true
	for i := range r.parts.classes {
		c := &r.parts.classes[i]
		c.last[s] = ledger{}
		l := &c.last[s]
		for slot, u := range units {
			if u > 0 {
				l.offered += u * c.share[slot]
			}
		}
		l.granted = min(l.offered, max(0, partitionMax[s]*dt-c.owed[s]))
		l.refused[causeKeyRange] = l.offered - l.granted
		all = all && l.granted == l.offered
		total += l.granted * float64(len(c.members))
	}
	if left, why := r.tightest(s, dt); total > left {
		r.level(s, left, why)
		all = false
	}
	for slot := range r.gates {
		g := gate{}
		switch {
		case all:
			g.pass = 1
		case units[slot] > 0:
			for i := range r.parts.classes {
				c := &r.parts.classes[i]
				l := &c.last[s]
				if l.offered <= 0 {
					continue
				}
				share := c.share[slot] * float64(len(c.members)) / l.offered
				g.pass += share * l.granted
				for k, refused := range l.refused {
					g.refused[k] += share * refused
				}
			}
		}
		r.gates[slot] = g
	}
	return r.gates
}

// level cuts the classes' grants to one height so that their sum is left. That is adaptive capacity: a partition is refused
// for the table's sake only above what the others leave of the whole.
func (r *resource) level(s side, left float64, why cause) {
	lo, hi := 0.0, 0.0
	for i := range r.parts.classes {
		hi = max(hi, r.parts.classes[i].last[s].granted)
	}
	for range 50 {
		mid := (lo + hi) / 2
		sum := 0.0
		for i := range r.parts.classes {
			c := &r.parts.classes[i]
			sum += min(c.last[s].granted, mid) * float64(len(c.members))
		}
		if sum > left {
			hi = mid
		} else {
			lo = mid
		}
	}
	for i := range r.parts.classes {
		l := &r.parts.classes[i].last[s]
		if l.granted > lo {
			l.refused[why] += l.granted - lo
			l.granted = lo
		}
	}
}

// settle spends what was finally used (by slot) and ages the partitions' heat. Requests that another resource refused
// after this one had let them pass are not among used: they consume nothing here.
func (r *resource) settle(s side, used []float64, dt float64) {
	total := 0.0
	for slot, u := range used {
		total += u
		r.parts.asked[s][slot/2] += r.offered[s][slot]
	}
	for _, l := range r.limits[s] {
		l.spend(total, dt)
	}
	if total == 0 {
		r.use[s].idle += dt
	}
	hottest := 0.0
	for i := range r.parts.classes {
		c := &r.parts.classes[i]
		c.owed[s] = 0
		c.met[s].offered += c.last[s].offered
		c.met[s].granted += c.last[s].granted
		h := &c.heat[s]
		if c.last[s].offered > 1.005*partitionMax[s]*dt {
			*h = heat{hot: h.hot + dt}
		} else if h.hot > 0 {
			if h.calm += dt; h.calm > 60 {
				*h = heat{}
			}
		}
		hottest = max(hottest, h.hot)
	}
	after := r.t.spec.SplitAfter.Seconds()
	if hottest >= after && after > 0 && !r.t.spec.LSI {
		rates := make([]float64, len(used))
		for slot, u := range r.offered[s] {
			rates[slot] = u / dt
		}
		r.parts.splitHot(s, rates, after)
	}
	if r.t.mode == scenario.OnDemand {
		r.climb(s, dt)
	}
}
