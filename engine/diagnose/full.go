package diagnose

// fill works out how much of what it is warm for each side of a table serves while it refuses.
func (f *facts) fill() {
	for i := range f.resources {
		r := &f.resources[i]
		for j := range r.sides {
			d := &r.sides[j]
			d.each = f.unitsPer(r, d.name).now
			if byFeed := f.servedNow(r, d); byFeed > 0 && r.warm[j] > 0 {
				d.served, d.full = byFeed, byFeed/r.warm[j]
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

// servedNow is what a table serves at least, in units a second, by what its callers count themselves while it refuses them; 0 = not
// known. CloudWatch's newest minutes may lack a third of it.
func (f *facts) servedNow(r *resource, d *side) float64 {
	served, refused := 0.0, 0.0
	for i := range f.clients {
		c := &f.clients[i]
		if c.feed == nil || c.target != r.target || ReadOp(c.Op) != (d.name == "read") || c.feed.attempts <= 0 || c.feed.seconds < 5 {
			continue
		}
		served += c.attempts.now * (1 - c.feed.throttled/c.feed.attempts)
		refused += c.feed.throttled
	}
	if refused < f.th.ThrottleMin {
		return 0
	}
	return served * d.each
}
