package world

// Requests that wait for another attempt are not like fresh ones: they are those that were refused, so they fall on the
// partitions that refuse. Every client therefore has two slots at a resource, fresh requests and retries, and the pool
// remembers by partition what waits.

// fresh and retry are a client's slots; i is its place among the table's clients.
func fresh(i int) int { return 2 * i }
func retry(i int) int { return 2*i + 1 }

// recall makes n retries of client i fall as those that wait do, and takes them out of the pool.
func (p *partitions) recall(i int, n float64) {
	mass := 0.0
	for k := range p.classes {
		c := &p.classes[k]
		mass += c.pool[i] * float64(len(c.members))
	}
	for k := range p.classes {
		c := &p.classes[k]
		if mass < 1e-9 {
			c.share[retry(i)], c.pool[i] = c.share[fresh(i)], 0
			continue
		}
		c.share[retry(i)] = c.pool[i] / mass
		c.pool[i] *= max(0, 1-n/mass)
	}
}

// refile puts requests from a slot of client i into the pool: those that this resource refused on a side as its partitions
// refused them, the others as the slot's requests fall.
func (p *partitions) refile(i, slot int, s side, here, elsewhere float64) {
	refused := 0.0
	for k := range p.classes {
		c := &p.classes[k]
		refused += c.share[slot] * c.last[s].share() * float64(len(c.members))
	}
	for k := range p.classes {
		c := &p.classes[k]
		c.pool[i] += elsewhere * c.share[slot]
		if refused > 0 {
			c.pool[i] += here * c.share[slot] * c.last[s].share() / refused
		}
	}
}

// share is the part of what was offered that was refused.
func (l ledger) share() float64 {
	if l.offered <= 0 {
		return 0
	}
	return 1 - l.granted/l.offered
}

// refile tells every resource that a client's requests meet which of them will come back.
func (t *table) refile(i int, kept [2]retained) {
	c := t.clients[i]
	for half, k := range kept {
		if k.refused+k.other <= 0 {
			continue
		}
		slot := fresh(i) + half
		for at, r := range t.resources {
			s := writes
			if c.cost.read > 0 {
				s = reads
				if t.target(c) != at {
					continue
				}
			}
			share := 0.0
			if total := t.flow.refused[slot]; total > 0 {
				share = t.flow.refusedAt[at][slot] / total
			}
			r.parts.refile(i, slot, s, k.refused*share, k.refused*(1-share)+k.other)
		}
	}
}

// retained is what will be tried again of one slot's requests: what capacity refused, and what failed otherwise.
type retained struct{ refused, other float64 }
