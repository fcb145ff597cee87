package scenario

import (
	"maps"
	"slices"
	"time"
)

// Layer is a group of sets in force from a time on: an event's, or a lever's.
type Layer struct {
	Sets []Set
	From time.Duration
	Over time.Duration // numbers move to their value linearly over this long
}

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
		for _, set := range l.Sets {
			st.apply(set, l, t)
		}
	}
	return st
}

// Moving reports whether a layer's numbers are still on their way at t.
func (l Layer) Moving(t time.Duration) bool { return t < l.From+l.Over }

func (st *State) apply(set Set, l Layer, t time.Duration) {
	m := motion{share: 1, t: t, from: l.From, fromStart: set.FromStart}
	if l.Over > 0 {
		m.share = min(1, max(0, float64(t-l.From)/float64(l.Over)))
	}
	switch set.Path.Scope {
	case ScopeHere:
		st.Here.set(set.Path.Field, set.Value, m)
	case ScopeTraffic:
		if i := slices.IndexFunc(st.Traffic, func(c Traffic) bool { return c.Name == set.Path.Name }); i >= 0 {
			st.Traffic[i].set(set.Path.Field, set.Value, m)
		}
	case ScopeTables:
		if i := slices.IndexFunc(st.Tables, func(c Table) bool { return c.Name == set.Path.Name }); i >= 0 {
			st.Tables[i].set(set.Path.Field, set.Value, m)
		}
	}
}

// motion is how far a value has moved from what lies below it.
type motion struct {
	share     float64 // 0: still the old value, 1: the new one
	t         time.Duration
	from      time.Duration
	fromStart bool
}

// put writes v to *dst if it has dst's type, and reports whether it had.
func put[T any](dst *T, v any) bool {
	value, ok := v.(T)
	if ok {
		*dst = value
	}
	return ok
}

func (m motion) number(dst *float64, v any) bool {
	old := *dst
	if !put(dst, v) {
		return false
	}
	*dst = old + (*dst-old)*m.share
	return true
}

func (m motion) integer(dst *int, v any) bool {
	old := *dst
	if !put(dst, v) {
		return false
	}
	*dst = old + int(float64(*dst-old)*m.share)
	return true
}

func (m motion) duration(dst *time.Duration, v any) bool {
	old := *dst
	if !put(dst, v) {
		return false
	}
	*dst = old + time.Duration(float64(*dst-old)*m.share)
	return true
}

// demand moves a rate from whatever the demand below it says at this instant.
func (m motion) demand(dst *Demand, v any) bool {
	old := *dst
	if !put(dst, v) {
		return false
	}
	switch {
	case m.fromStart:
		*dst = dst.shifted(m.from)
	case len(dst.Points) == 0 && m.share < 1:
		was := old.At(m.t)
		dst.Rate = was + (dst.Rate-was)*m.share
	}
	return true
}

// set writes a client's field and reports whether there is such a field for such a value.
func (t *Traffic) set(field []string, v any, m motion) bool {
	switch {
	case len(field) == 1:
		return t.setWhole(field[0], v, m)
	case len(field) == 2 && field[0] == "index_writes":
		w := t.WritesTo(field[1])
		if !m.number(&w, v) {
			return false
		}
		t.IndexWrites = with(t.IndexWrites, field[1], w)
		return true
	case len(field) == 2 && field[0] == "index_keys":
		k := t.KeysOn(field[1])
		if !put(&k, v) {
			return false
		}
		t.IndexKeys = with(t.IndexKeys, field[1], k)
		return true
	case field[0] == "network":
		return t.Network.set(field[1:], v, m)
	case field[0] == "sdk":
		return t.SDK.set(field[1:], v, m)
	case field[0] == "keys":
		return t.Keys.set(field[1:], v, m)
	case field[0] == "daily" && len(field) == 2 && field[1] == "swing":
		return m.number(&t.Daily.Swing, v)
	case field[0] == "daily" && len(field) == 2 && field[1] == "peak":
		return m.duration(&t.Daily.Peak, v)
	case field[0] == "noise" && len(field) == 2 && field[1] == "cv":
		return m.number(&t.Noise.CV, v)
	case field[0] == "noise" && len(field) == 2 && field[1] == "phi":
		return m.number(&t.Noise.Phi, v)
	}
	return false
}

func (t *Traffic) setWhole(field string, v any, m motion) bool {
	switch field {
	case "rate", "shape", "trace":
		return m.demand(&t.Demand, v)
	case "operation":
		return put(&t.Operation, v)
	case "index":
		return put(&t.Index, v)
	case "daily":
		return put(&t.Daily, v)
	case "noise":
		return put(&t.Noise, v)
	case "keys":
		return put(&t.Keys, v)
	case "index_keys":
		return put(&t.IndexKeys, v)
	case "index_writes":
		return put(&t.IndexWrites, v)
	case "consistent":
		return put(&t.Consistent, v)
	case "sdk":
		return put(&t.SDK, v)
	case "network":
		return put(&t.Network, v)
	}
	dst := map[string]*float64{
		"item_bytes": &t.ItemBytes, "examined": &t.Examined, "returned": &t.Returned,
		"pages": &t.Pages, "batch": &t.Batch, "conditional_failures": &t.ConditionalFailures,
		"conflicts": &t.Conflicts, "invalid": &t.Invalid,
	}[field]
	return dst != nil && m.number(dst, v)
}

// set makes the keys of the kind the path names and moves its numbers.
func (k *Keys) set(field []string, v any, m motion) bool {
	next := *k
	switch {
	case len(field) == 1 && field[0] == "zipf":
		if next.Kind != Zipf {
			next = Keys{Kind: Zipf}
		}
		if !m.number(&next.S, v) {
			return false
		}
	case len(field) == 1 && field[0] == "hot":
		if !put(&next, v) {
			return false
		}
	case len(field) == 2 && field[0] == "hot":
		if next.Kind != Hot {
			next = Keys{Kind: Hot, Keys: 1}
		}
		if !(field[1] == "share" && m.number(&next.Share, v)) && !(field[1] == "keys" && m.integer(&next.Keys, v)) {
			return false
		}
	default:
		return false
	}
	*k = next
	return true
}

func (n *Network) set(field []string, v any, m motion) bool {
	if len(field) != 1 {
		return false
	}
	if field[0] == "new_connections" {
		return m.number(&n.NewConnections, v)
	}
	dst := map[string]*time.Duration{"wait": &n.Wait, "rtt": &n.RTT, "dns": &n.DNS, "tls": &n.TLS}[field[0]]
	return dst != nil && m.duration(dst, v)
}

func (s *SDK) set(field []string, v any, m motion) bool {
	if len(field) != 1 {
		return false
	}
	switch field[0] {
	case "attempts":
		return m.integer(&s.Attempts, v)
	case "quota":
		return m.integer(&s.Quota, v)
	case "base":
		return m.duration(&s.Base, v)
	case "timeout":
		return m.duration(&s.Timeout, v)
	}
	return false
}

func (h *Here) set(field []string, v any, m motion) bool {
	switch {
	case field[0] == "network" && len(field) == 1:
		return put(&h.Network, v)
	case field[0] == "network":
		return h.Network.set(field[1:], v, m)
	case field[0] == "deny" && len(field) == 1:
		return put(&h.Deny, v)
	case field[0] == "probes" && len(field) == 1:
		return put(&h.Probes, v)
	}
	return false
}

// set writes a table's field. What a pointer leads to is copied first: the scenario shares it.
func (t *Table) set(field []string, v any, m motion) bool {
	switch {
	case field[0] == "items" && len(field) == 1:
		return m.number(&t.Items, v)
	case field[0] == "item_bytes" && len(field) == 1:
		return m.number(&t.ItemBytes, v)
	case field[0] == "stream" && len(field) == 1:
		return put(&t.Stream, v)
	case field[0] == "kinesis" && len(field) == 1:
		return put(&t.Kinesis, v)
	case field[0] == "stream" && len(field) == 2 && t.Stream != nil:
		stream := *t.Stream
		t.Stream = &stream
		return stream.set(field[1], v, m)
	case field[0] == "kinesis" && len(field) == 2 && t.Kinesis != nil:
		kinesis := *t.Kinesis
		t.Kinesis = &kinesis
		return kinesis.set(field[1], v, m)
	case field[0] == "replicas" && len(field) == 3 && field[2] == "write":
		i := slices.IndexFunc(t.Replicas, func(r Replica) bool { return r.Region == field[1] })
		if i < 0 {
			return false
		}
		t.Replicas = slices.Clone(t.Replicas)
		return m.number(&t.Replicas[i].Write, v)
	}
	return false
}

func (s *Stream) set(field string, v any, m motion) bool {
	switch field {
	case "consumer":
		return put(&s.Consumer, v)
	case "records_per_s":
		return m.number(&s.RecordsPerS, v)
	case "shards":
		return m.integer(&s.Shards, v)
	case "stuck_shards":
		return m.integer(&s.StuckShards, v)
	}
	return false
}

func (k *Kinesis) set(field string, v any, m motion) bool {
	switch field {
	case "stream":
		return put(&k.Stream, v)
	case "records_per_s":
		return m.number(&k.RecordsPerS, v)
	case "oversized":
		return m.number(&k.Oversized, v)
	case "broken":
		return put(&k.Broken, v)
	}
	return false
}

// with returns a copy of m that has the value under the key.
func with[V any](m map[string]V, key string, value V) map[string]V {
	c := maps.Clone(m)
	if c == nil {
		c = make(map[string]V, 1)
	}
	c[key] = value
	return c
}
