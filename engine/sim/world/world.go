package world

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/ddbloop/ddbloop/engine/sim/scenario"
)

// World is one embedded AWS account in one region. Build it with New.
type World struct {
	sc    *scenario.Scenario
	seed  uint64
	start time.Time
	unix  int64         // start in Unix seconds
	now   time.Duration // what Advance was last told
	sec   int64         // the next second to compute, since t = 0

	store   store
	tables  []*table
	clients []*client
	gauges  []*gauge
	probe   *rand.Rand
	users   *series // UserErrors
	invalid float64 // user errors from outside, in the minute so far
	changes []Change
	trail   []TrailEvent

	policies    []*policy
	activities  []*Activity
	alarms      []*alarm
	alarmEvents []AlarmEvent

	here      scenario.Here
	events    []scenario.Event // of the scenario, and those that were injected
	layers    []layer
	inForce   []int // indexes into layers, oldest first
	moving    bool
	faults    int // begins and ends of faults so far
	levers    []lever
	nextEvent int
	epoch     int64

	hurt        bool
	isMitigated bool
	mitigated   time.Duration
	refusedAt   time.Duration // first second in which capacity refused a caller; negative for none
}

// Check reports what a scenario asks for and this model does not do.
func Check(sc *scenario.Scenario) error {
	if err := unmodelled(sc); err != nil {
		return fmt.Errorf("scenario %s: %w", sc.Name, err)
	}
	return nil
}

// New builds the world of a scenario, computes its calm history in steps of a minute and stands at t = 0. What the scenario
// asks for and this model does not do is an error.
func New(sc *scenario.Scenario, seed uint64) (*World, error) {
	if err := Check(sc); err != nil {
		return nil, err
	}
	w := &World{sc: sc, seed: seed, start: sc.Start.UTC().Truncate(time.Second), here: sc.Here, refusedAt: -1}
	w.unix = w.start.Unix()
	w.events = slices.Clone(sc.Events)
	w.store = store{seed: seed, byKey: map[string]*series{}}
	w.probe = stream(seed, "probe")
	w.users = w.store.get(Namespace, "UserErrors", "Count", minute)
	for i := range sc.Tables {
		w.tables = append(w.tables, w.newTable(&sc.Tables[i]))
	}
	for i := range sc.Traffic {
		c := w.newClient(&sc.Traffic[i])
		c.t.clients = append(c.t.clients, c)
		w.clients = append(w.clients, c)
	}
	for _, t := range w.tables {
		t.open()
		t.openReplicas()
	}
	w.openAccountSeries()
	w.openScaling()
	w.openAlarms()
	w.openLayers()
	w.sec = (w.unix-int64(sc.History/time.Second))/minute*minute - w.unix
	w.epoch = w.risingEpoch()
	for _, t := range w.tables {
		t.regroup(w.epoch)
	}
	w.computeHistory()
	return w, nil
}

// newTable makes a table as the scenario has it at t = 0.
func (w *World) newTable(spec *scenario.Table) *table {
	t := &table{w: w, spec: spec, mode: spec.Mode}
	t.insights = spec.Insights
	t.id = tableID(w.seed, spec.Name)
	t.created = w.start.Add(-w.sc.History - 90*24*time.Hour)
	t.items, t.bytes = spec.Items, spec.Items*spec.ItemBytes
	arn := fmt.Sprintf("arn:aws:dynamodb:%s:%s:table/%s", w.sc.Region, w.sc.Account, spec.Name)
	t.resources = append(t.resources, &resource{t: t, arn: arn, key: spec.Key, spec: spec.Throughput})
	for _, i := range spec.Indexes {
		t.resources = append(t.resources, &resource{t: t, index: i.Name, arn: arn + "/index/" + i.Name, key: i.Key, spec: i.Throughput})
	}
	for _, r := range t.resources {
		p := r.spec
		r.set = settings{
			capacity: Throughput{p.Read, p.Write},
			max:      Throughput{p.MaxRead, p.MaxWrite},
			warm:     Throughput{p.WarmRead, p.WarmWrite},
		}
		r.admin.most = r.set.capacity
		if t.mode == OnDemand {
			r.ceiling[reads].rate, r.ceiling[writes].rate = unlimited, unlimited // until the history has shown the previous peak
		}
		r.openSeries()
	}
	return t
}

// newClient makes one of the scenario's callers.
func (w *World) newClient(spec *scenario.Traffic) *client {
	c := &client{w: w, t: w.table(spec.Table), now: spec, rng: stream(w.seed, "client/"+spec.Name), tokens: float64(spec.SDK.Quota)}
	if spec.Feed > 0 {
		c.feed = newFeed(spec.Name)
	}
	for _, p := range spec.Publishes {
		names := make([]string, 0, len(p.Dimensions))
		for name := range p.Dimensions {
			names = append(names, name)
		}
		slices.Sort(names)
		dims := make([]Dim, len(names))
		for i, name := range names {
			dims[i] = Dim{name, p.Dimensions[name]}
		}
		unit := "Count"
		if p.What == "latency" {
			unit = "Milliseconds"
		}
		c.app = append(c.app, &appSeries{what: p.What, s: w.store.get(p.Namespace, p.Metric, unit, minute, dims...)})
	}
	c.refresh()
	c.size()
	return c
}

// open readies a table for its clients: limits, partitions and full buckets.
func (t *table) open() {
	slots := 2 * len(t.clients)
	t.flow = newFlow(len(t.clients), len(t.resources))
	for _, r := range t.resources {
		r.gates = make([]gate, slots)
		for s := range sides {
			r.offered[s] = make([]float64, slots)
		}
		r.refreshLimits()
		for s := range sides {
			for _, l := range r.limits[s] {
				l.b.level = l.burst
			}
		}
		parts := r.spec.Partitions
		if parts == 0 {
			c := r.expected()
			parts = partitionsFor(max(c.Read, r.set.warm.Read), max(c.Write, r.set.warm.Write), r.bytes())
		}
		r.parts = newPartitions(parts)
		r.parts.follow = t.insights != scenario.InsightsOff && t.w.sc.History <= insightsKept*time.Second
	}
}

// expected is the capacity that the partitions must carry at t = 0. On demand it is what the ceiling will be, as far as the
// traffic of the history can be foreseen.
func (r *resource) expected() Throughput {
	if r.t.mode == Provisioned {
		return r.set.capacity
	}
	sum := Throughput{r.spec.PeakRead, r.spec.PeakWrite}
	if sum == (Throughput{}) {
		for _, c := range r.t.clients {
			rate := c.now.Demand.At(-time.Second) * max(1, c.now.Pages) * (1 + c.now.Daily.Swing)
			if c.now.Index == r.index {
				sum.Read += rate * c.cost.read
			}
			sum.Write += rate * c.cost.writeAt(slices.Index(r.t.resources, r))
		}
	}
	return Throughput{max(newCeiling[reads], 2*sum.Read), max(newCeiling[writes], 2*sum.Write)}
}

// bytes is the size of the table or of what the index holds of it.
func (r *resource) bytes() float64 {
	size := r.t.spec.ItemBytes
	for _, i := range r.t.spec.Indexes {
		if i.Name == r.index {
			size = projectedBytes(i.Projection, size)
		}
	}
	return r.t.spec.Items * size
}

func (w *World) table(name string) *table {
	for _, t := range w.tables {
		if t.spec.Name == name {
			return t
		}
	}
	return nil
}

// resource returns the table itself for "", or the index of that name, or nil.
func (t *table) resource(index string) *resource {
	for _, r := range t.resources {
		if r.index == index {
			return r
		}
	}
	return nil
}

// Start is the simulated wall clock at t = 0.
func (w *World) Start() time.Time { return w.start }

// Now is the simulated time since t = 0 that Advance was last told.
func (w *World) Now() time.Duration { return w.now }

// Key is the partition value number i of a table ("" for index) or an index: the values that the model's own traffic uses,
// hottest first. It is "" for an unknown table or index.
func (w *World) Key(table, index string, i int) string {
	if t := w.table(table); t != nil {
		if r := t.resource(index); r != nil {
			return keyName(r.key.Partition, i)
		}
	}
	return ""
}

// Network is the path to AWS now, from ddbloop's shell or from the table's first client. It is the same to every service.
func (w *World) Network(from Where, table string) NetworkState {
	n := w.here.Network
	if t := w.table(table); from == FromApp && t != nil && len(t.clients) > 0 {
		n = t.clients[0].now.Network
	}
	return w.pathAt(w.now, from, n)
}
