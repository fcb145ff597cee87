package world

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/ddbloop/ddbloop/engine/sim/scenario"
)

// layer is a scenario layer with its end: an event's, or a lever's.
type layer struct {
	scenario.Layer
	until time.Duration
}

// lever is a scenario lever and the layer it put into force last, -1 for none yet.
type lever struct {
	spec  *scenario.Lever
	on    bool
	layer int
	ready time.Duration
}

// openLayers readies the events' sets and the levers.
func (w *World) openLayers() {
	for i := range w.events {
		w.addLayer(&w.events[i])
	}
	for i := range w.sc.Levers {
		w.levers = append(w.levers, lever{spec: &w.sc.Levers[i], layer: -1})
	}
}

func (w *World) addLayer(e *scenario.Event) {
	w.store.late.add(w, e)
	if len(e.Sets) > 0 {
		w.layers = append(w.layers, layer{scenario.Layer{Sets: e.Sets, From: e.At, Over: e.Over}, e.Until})
	}
}

// Inject adds an event that the scenario does not have. It happens at its time, or with the next second where that has passed.
// What the model does not do is an error.
func (w *World) Inject(e scenario.Event) error {
	if what := missingInSets(e.Sets); what != "" {
		return fmt.Errorf("event: %s is not modelled yet", what)
	}
	e.At = max(e.At, time.Duration(w.sec)*time.Second)
	at := len(w.events)
	for at > w.nextEvent && w.events[at-1].At > e.At {
		at--
	}
	w.events = slices.Insert(w.events, at, e)
	w.addLayer(&e)
	return nil
}

// refresh brings every setting to the second that begins now.
func (w *World) refresh() {
	t := time.Duration(w.sec) * time.Second
	var inForce []int
	moving := false
	for i, l := range w.layers {
		if l.From <= t && t < l.until {
			inForce = append(inForce, i)
			moving = moving || l.Moving(t)
		}
	}
	slices.SortStableFunc(inForce, func(a, b int) int { return int(min(max(w.layers[a].From-w.layers[b].From, -1), 1)) })
	epoch := w.risingEpoch()
	faults := w.faultChanges(t)
	if faults == w.faults && slices.Equal(inForce, w.inForce) && !moving && !w.moving && epoch == w.epoch {
		return
	}
	regroup := epoch != w.epoch
	w.inForce, w.moving, w.epoch, w.faults = inForce, moving, epoch, faults
	stack := make([]scenario.Layer, len(inForce))
	for i, at := range inForce {
		stack[i] = w.layers[at].Layer
	}
	state := w.sc.State(stack, t)
	w.here = state.Here
	for i, t := range w.tables {
		t.spec = t.shaped(&state.Tables[i])
	}
	for i, c := range w.clients {
		was := c.now
		c.now = &state.Traffic[i]
		c.refresh()
		c.size()
		regroup = regroup || was.Keys != c.now.Keys || !maps.Equal(was.IndexKeys, c.now.IndexKeys) ||
			was.Operation != c.now.Operation || was.Index != c.now.Index
	}
	if regroup {
		for _, t := range w.tables {
			t.regroup(epoch)
		}
	}
}

// faultChanges counts the begins and ends of faults so far, so that a change of the count is a change of what is in force.
func (w *World) faultChanges(t time.Duration) int {
	n := 0
	for i := range w.events {
		if e := &w.events[i]; e.Fault != nil {
			if e.At <= t {
				n++
			}
			if e.Until <= t {
				n++
			}
		}
	}
	return n
}

// risingEpoch counts the moves of ever-rising keys.
func (w *World) risingEpoch() int64 { return (w.unix + w.sec) / risingMove }

// playEvents carries out the calls that are due.
func (w *World) playEvents() {
	for w.nextEvent < len(w.events) {
		e := &w.events[w.nextEvent]
		if e.At > time.Duration(w.sec)*time.Second {
			return
		}
		w.nextEvent++
		switch {
		case e.Call != nil:
			w.play(e.Call, e.At)
		case e.Expire != nil:
			w.expire(e.Expire)
		case e.Alarm != "":
			w.setOff(e.Alarm, e.At)
		}
	}
}

// Levers lists the scenario's levers in file order.
func (w *World) Levers() []Lever {
	list := make([]Lever, len(w.levers))
	for i, l := range w.levers {
		list[i] = Lever{Name: l.spec.Name, Title: l.spec.Title, Does: l.spec.Does, Delay: l.spec.Delay, On: l.on, Ready: l.ready}
		if l.layer >= 0 {
			in := w.layers[l.layer]
			list[i].InForce = in.From <= w.now && w.now < in.until
		}
	}
	return list
}

// SetLever takes a lever into force or out of it, both after its delay, and returns when, since t = 0. Asking twice is
// asking once. An unknown name is an error.
func (w *World) SetLever(name string, on bool) (time.Duration, error) {
	i := slices.IndexFunc(w.levers, func(l lever) bool { return l.spec.Name == name })
	if i < 0 {
		return 0, fmt.Errorf("lever %q: the scenario has no such lever", name)
	}
	l := &w.levers[i]
	if l.on == on {
		return l.ready, nil
	}
	l.on, l.ready = on, w.now+l.spec.Delay
	if on {
		l.layer = len(w.layers)
		w.layers = append(w.layers, layer{scenario.Layer{Sets: l.spec.Sets, From: l.ready}, scenario.Forever})
	} else {
		w.layers[l.layer].until = l.ready
	}
	return l.ready, nil
}
