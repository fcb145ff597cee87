package scenario

import (
	"reflect"
	"slices"
	"time"
)

// Layer is a group of sets in force from a time on: an event's, or a lever's.
type Layer struct {
	Sets []Set
	From time.Duration
	Over time.Duration // numbers move to their value linearly over this long
}

// Moving reports whether the layer's numbers are still on their way at t.
func (l Layer) Moving(t time.Duration) bool { return t < l.From+l.Over }

// State is what sets may change.
type State struct {
	Tables  []Table
	Traffic []Traffic
	Here    Here
}

// State returns the fields as they stand at t with the given layers in force, oldest
// first, so that the newest wins. The scenario itself never changes, and what the
// result shares with it must not be written to.
//
// While a layer still moves (see Moving) the result holds for t alone; otherwise it
// holds until the layers change.
func (s *Scenario) State(layers []Layer, t time.Duration) State {
	st := State{Tables: slices.Clone(s.Tables), Traffic: slices.Clone(s.Traffic), Here: s.Here}
	for _, l := range layers {
		share := 1.0
		if l.Over > 0 {
			share = min(1, max(0, float64(t-l.From)/float64(l.Over)))
		}
		for _, set := range l.Sets {
			ref := st.lookup(set.Path)
			if ref.ptr == nil {
				continue
			}
			if demand, ok := ref.ptr.(*Demand); ok {
				demand.move(set, l.From, t, share)
			} else {
				move(ref.ptr, set.Value, share)
			}
			ref.close()
		}
	}
	return st
}

// move takes *dst the given share of the way to v: numbers linearly, anything else at once.
func move(dst, v any, share float64) {
	switch p := dst.(type) {
	case *float64:
		if to, ok := v.(float64); ok {
			*p += (to - *p) * share
		}
	case *int:
		if to, ok := v.(int); ok {
			*p += int(float64(to-*p) * share)
		}
	case *time.Duration:
		if to, ok := v.(time.Duration); ok {
			*p += time.Duration(float64(to-*p) * share)
		}
	default:
		if to := reflect.ValueOf(dst).Elem(); reflect.TypeOf(v) == to.Type() {
			to.Set(reflect.ValueOf(v))
		}
	}
}

// move takes a rate to its new value from whatever the demand below says at t.
func (d *Demand) move(set Set, from, t time.Duration, share float64) {
	was := d.At(t)
	next, ok := set.Value.(Demand)
	switch {
	case !ok:
		return
	case set.FromStart:
		next = next.shifted(from)
	case len(next.Points) == 0:
		next.Rate = was + (next.Rate-was)*share
	}
	*d = next
}
