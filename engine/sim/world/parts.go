package world

import (
	"math"
	"slices"
	"sort"
)

// heat is how long one side of a partition has been refusing, in seconds, and how long it has been calm since.
type heat struct{ hot, calm float64 }

// part is one partition: a range of the hash space and what it remembers.
type part struct {
	lo, hi float64
	heat   [sides]heat
	owed   [sides]float64 // what requests from outside took of the next second
}

// class is a group of partitions that meet the same load in the same state, so that they are computed once.
type class struct {
	part
	members []int     // indexes into partitions.parts
	share   []float64 // by slot: share of its requests that falls on each member
	pool    []float64 // by client: requests that wait for another attempt at each member
	last    [sides]ledger
	met     [sides]ledger // summed up since it was attributed to keys
}

// ledger is what one member of a class saw in the last step, in units.
type ledger struct {
	offered, granted float64
	refused          [causes]float64
}

// partitions are those of one table or index.
type partitions struct {
	parts   []part // by lo
	classes []class
	load    []profile        // by client
	asked   [sides][]float64 // units, by client, in the minute so far
	follow  bool             // whether Contributor Insights counts keys
	keys    []keyCount       // by key, in the minute so far
	sum     keyCount         // over all keys
}

func newPartitions(n int) *partitions {
	p := &partitions{}
	for i := range n {
		p.parts = append(p.parts, part{lo: float64(i) / float64(n), hi: float64(i+1) / float64(n)})
	}
	return p
}

// save writes what the classes remember back to their members.
func (p *partitions) save() {
	p.attribute()
	for _, c := range p.classes {
		for _, m := range c.members {
			p.parts[m].heat, p.parts[m].owed = c.heat, c.owed
		}
	}
	p.classes = nil
}

// regroup sorts the partitions into classes under the given load.
func (p *partitions) regroup(load []profile) {
	p.save()
	p.load = load
	for s := range sides {
		if len(p.asked[s]) != len(load) {
			p.asked[s] = make([]float64, len(load))
		}
	}
	shares := make([][]float64, len(p.parts)) // only of partitions that hold a followed key
	for client, l := range load {
		for _, h := range l.heads {
			i := p.find(h.pos)
			if shares[i] == nil {
				shares[i] = make([]float64, 2*len(load))
			}
			shares[i][fresh(client)] += h.share
		}
	}
	type likeness struct {
		width float64
		heat  [sides]heat
		owed  [sides]float64
	}
	seen := map[likeness]int{}
	for i, q := range p.parts {
		share := shares[i]
		like := likeness{math.Round((q.hi-q.lo)*1e12) / 1e12, q.heat, q.owed}
		if share == nil {
			if at, ok := seen[like]; ok {
				p.classes[at].members = append(p.classes[at].members, i)
				continue
			}
			seen[like] = len(p.classes)
			share = make([]float64, 2*len(load))
		}
		for client, l := range load {
			share[fresh(client)] += l.tail * (q.hi - q.lo)
			share[retry(client)] = share[fresh(client)]
		}
		p.classes = append(p.classes, class{part: q, members: []int{i}, share: share, pool: make([]float64, len(load))})
	}
}

// find returns the partition that holds a place of the hash space.
func (p *partitions) find(pos float64) int {
	i := sort.Search(len(p.parts), func(i int) bool { return p.parts[i].hi > pos })
	return min(i, len(p.parts)-1)
}

// classOf returns the class of the partition that holds a partition value.
func (p *partitions) classOf(value string) *class {
	i := p.find(position(value))
	for c := range p.classes {
		if slices.Contains(p.classes[c].members, i) {
			return &p.classes[c]
		}
	}
	return &p.classes[0]
}

// alone returns the class of the partition that holds a partition value, in which that partition is the only member from now
// on: a request from outside is remembered there and nowhere else.
func (p *partitions) alone(value string) *class {
	c := p.classOf(value)
	if len(c.members) == 1 {
		return c
	}
	i := p.find(position(value))
	own := *c
	own.members, own.met = []int{i}, [sides]ledger{}
	own.share, own.pool = slices.Clone(c.share), slices.Clone(c.pool)
	own.lo, own.hi = p.parts[i].lo, p.parts[i].hi
	c.members = slices.DeleteFunc(c.members, func(m int) bool { return m == i })
	p.classes = append(p.classes, own)
	return &p.classes[len(p.classes)-1]
}

// grow splits the widest partitions in half until there are n: partitions are split, never merged.
func (p *partitions) grow(n int) bool {
	if len(p.parts) >= n {
		return false
	}
	p.save()
	for len(p.parts) < n {
		widest := 0
		for i, q := range p.parts {
			if q.hi-q.lo > p.parts[widest].hi-p.parts[widest].lo+1e-12 {
				widest = i
			}
		}
		q := p.parts[widest]
		p.cut(widest, (q.lo+q.hi)/2)
	}
	p.regroup(p.load)
	return true
}

// cut splits partition i at x; both halves start cool.
func (p *partitions) cut(i int, x float64) {
	q := p.parts[i]
	p.parts[i] = part{lo: q.lo, hi: x}
	p.parts = slices.Insert(p.parts, i+1, part{lo: x, hi: q.hi})
}

// splitHot splits for heat: every partition whose side s has been refusing for after seconds is cut so that its keys part.
// units are the slots' units per second. A single key cannot be parted, nor can keys that only ever rise.
func (p *partitions) splitHot(s side, units []float64, after float64) {
	var at []float64
	for c := range p.classes {
		k := &p.classes[c]
		if k.heat[s].hot < after {
			continue
		}
		k.heat[s] = heat{} // whatever comes of it, the next look is after as long again
		for _, m := range k.members {
			if x, ok := p.cutPoint(p.parts[m], s, units); ok {
				at = append(at, x...)
			}
		}
	}
	if len(at) == 0 {
		return
	}
	p.save()
	for _, x := range at {
		p.cut(p.find(x), x)
	}
	p.regroup(p.load)
}

// cutPoint says where to cut a hot partition.
func (p *partitions) cutPoint(q part, s side, units []float64) ([]float64, bool) {
	keys := map[float64]float64{} // load by place
	total := 0.0
	for client, l := range p.load {
		asked := units[fresh(client)] + units[retry(client)]
		total += asked * l.tail * (q.hi - q.lo)
		for _, h := range l.heads {
			if h.pos < q.lo || h.pos >= q.hi || asked == 0 {
				continue
			}
			if l.rising {
				return nil, false
			}
			keys[h.pos] += asked * h.share
			total += asked * h.share
		}
	}
	places := make([]float64, 0, len(keys))
	for x := range keys {
		places = append(places, x)
	}
	slices.Sort(places)
	switch len(places) {
	case 0:
		return []float64{(q.lo + q.hi) / 2}, true
	case 1:
		x := places[0]
		if keys[x] >= partitionMax[s] || keys[x] >= 0.999*total {
			return nil, false
		}
		return []float64{x, math.Nextafter(x, 2)}, true // the key alone, its neighbours beside it
	}
	best, worst, below := 0.0, math.Inf(1), 0.0
	for i, x := range places[:len(places)-1] {
		below += keys[x]
		if heavier := max(below, total-below); heavier < worst {
			best, worst = (x+places[i+1])/2, heavier
		}
	}
	return []float64{best}, true
}
