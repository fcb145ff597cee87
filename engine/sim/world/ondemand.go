package world

import (
	"math"

	"github.com/ddbloop/ddbloop/engine/sim/scenario"
)

// newCeiling is what a new on-demand table serves at once, in units per second (developer guide, "On-demand capacity mode").
var newCeiling = [sides]float64{12000, 4000}

const (
	climbTime    = 1800 // seconds in which the ceiling reaches a demand above it (guess)
	peakMinutes  = 30   // a peak counts as previous once it is this old
	unlimited    = 1e12
	bytesPerPart = 10e9
	mostParts    = 100_000 // of a table or index; a table that needs more meets the same limits with fewer (guess)
)

// ceiling is what an on-demand table or index serves at once on one side.
type ceiling struct {
	rate   float64
	peak   float64 // highest minute that is old enough, units per second
	recent [peakMinutes]float64
	place  int

	climbing    bool
	from        float64 // rate when the climb began
	since, rest float64 // seconds
}

// remember takes note of a minute's mean use.
func (c *ceiling) remember(rate float64) {
	c.peak = max(c.peak, c.recent[c.place])
	c.recent[c.place] = rate
	c.place = (c.place + 1) % peakMinutes
}

// highest is the highest minute seen, however recent.
func (c *ceiling) highest() float64 {
	h := c.peak
	for _, r := range c.recent {
		h = max(h, r)
	}
	return h
}

// raise lifts a ceiling to at least the given rate.
func (r *resource) raise(s side, rate float64) {
	if rate > r.ceiling[s].rate {
		r.ceiling[s].rate = rate
		r.refreshLimits()
	}
}

// climb lets the ceiling follow a demand above it: it is reached after climbTime, in a straight line.
func (r *resource) climb(s side, dt float64) {
	c := &r.ceiling[s]
	wanted := 0.0
	for _, u := range r.offered[s] {
		wanted += u / dt
	}
	if wanted <= c.rate {
		if c.climbing {
			if c.rest += dt; c.rest > minute {
				c.climbing = false
			}
		}
		return
	}
	if !c.climbing {
		c.climbing, c.from, c.since = true, c.rate, 0
	}
	c.rest = 0
	c.since += dt
	r.raise(s, c.from+(wanted-c.from)*min(1, c.since/climbTime))
}

// openCeilings sets the ceilings after the calm history, or after a switch to on-demand: the new table's, twice the previous
// peak, the warm throughput, or what was ever provisioned, whichever is the most.
func (r *resource) openCeilings(given Throughput) {
	for s := range sides {
		peak := given.of(s)
		if peak == 0 {
			peak = r.ceiling[s].highest()
		}
		r.ceiling[s].climbing = false
		r.ceiling[s].rate = max(newCeiling[s], 2*peak, r.set.warm.of(s), r.admin.most.of(s))
	}
	r.refreshLimits()
	r.widen()
}

// ripen lets old peaks count, once a minute.
func (r *resource) ripen() {
	if r.t.mode != scenario.OnDemand || r.t.w.sec <= 0 {
		return
	}
	for s := range sides {
		r.raise(s, 2*r.ceiling[s].peak)
	}
	r.widen()
}

// widen grows the partitions to what the present capacity needs.
func (r *resource) widen() {
	c := r.set.capacity
	if r.t.mode == scenario.OnDemand {
		c = Throughput{r.ceiling[reads].rate, r.ceiling[writes].rate}
	}
	r.parts.grow(partitionsFor(max(c.Read, r.set.warm.Read), max(c.Write, r.set.warm.Write), 0))
}

// partitionsFor is how many partitions so much capacity and data need: the old published formula, a guess today.
func partitionsFor(read, write, bytes float64) int {
	return int(min(mostParts, max(1, math.Ceil(read/partitionMax[reads]+write/partitionMax[writes]), math.Ceil(bytes/bytesPerPart))))
}

// of is the member of one side.
func (t Throughput) of(s side) float64 {
	if s == reads {
		return t.Read
	}
	return t.Write
}

// with returns the pair with every member of u that is not zero in place of its own.
func (t Throughput) with(u Throughput) Throughput {
	if u.Read != 0 {
		t.Read = u.Read
	}
	if u.Write != 0 {
		t.Write = u.Write
	}
	return t
}
