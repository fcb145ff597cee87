package diagnose

// fill works out how much of what it is warm for each side of a table serves while it refuses.
func (f *facts) fill() {
	for i := range f.resources {
		r := &f.resources[i]
		for j := range r.sides {
			d := &r.sides[j]
			d.each = f.unitsPer(r, d.name).usual // the newest minutes of two metrics are incomplete each in its own way
			c := f.countedOn(r, d)
			if byFeed := c.served * d.each; byFeed > 0 && r.warm[j] > 0 {
				d.served, d.full = byFeed, byFeed/r.warm[j]
			}
			if d.wanted = c.calls * d.each; c.refused > 0 {
				d.repeated = min(1, max(0, 1-(c.calls-c.served)/c.refused))
			}
			end := f.metrics.newest + 60
			warm := f.memory.warmFor(r.target+"#"+d.name, f.now.Unix(), r.warm[j])
			used := f.s.Get("consumed_"+d.name, r.target, "")
			refused := f.s.Get(d.name+"_throttles", r.target, "")
			for _, p := range refused.Window(end-300, end) {
				before, _ := refused.At(p.T - 60) // the minute in which refusals began was not full to its end
				u, ok := used.At(p.T)
				if !ok || p.V <= 0 || before <= 0 {
					continue
				}
				d.served = max(d.served, u)
				if was := stepAt(warm, p.T+30); was > 0 {
					d.full = max(d.full, u/was)
				}
			}
		}
	}
}

// counted is what the callers of one side count themselves while they are refused, a second: calls, attempts that were served, and
// attempts that were refused.
type counted struct{ calls, served, refused float64 }

// countedOn adds up the feeds of one side; nothing where they are hardly refused. CloudWatch's newest minutes may lack a third of
// what is served, and its refusals count each retry.
func (f *facts) countedOn(r *resource, d *side) counted {
	var sum counted
	hardly := 0.0
	for i := range f.clients {
		c := &f.clients[i]
		if c.feed == nil || c.target != r.target || ReadOp(c.Op) != (d.name == "read") || c.feed.attempts <= 0 || c.feed.seconds < 5 {
			continue
		}
		share := c.feed.throttled / c.feed.attempts
		sum.calls += c.calls.now
		sum.served += c.attempts.now * (1 - share)
		sum.refused += c.attempts.now * share
		hardly += c.feed.throttled
	}
	if hardly < f.th.ThrottleMin {
		return counted{}
	}
	return sum
}
