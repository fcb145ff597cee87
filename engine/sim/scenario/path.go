package scenario

import (
	"maps"
	"slices"
	"time"
)

// ref leads to a field; close writes it back where it lives in a map.
type ref struct {
	ptr  any // nil: there is no such field, or none that a set may change
	done func()
}

func (r ref) close() {
	if r.done != nil {
		r.done()
	}
}

func (st *State) lookup(p Path) ref {
	switch p.Scope {
	case ScopeHere:
		return st.Here.lookup(p.Field)
	case ScopeTraffic:
		if i := slices.IndexFunc(st.Traffic, func(t Traffic) bool { return t.Name == p.Name }); i >= 0 {
			return st.Traffic[i].lookup(p.Field)
		}
	case ScopeTables:
		if i := slices.IndexFunc(st.Tables, func(t Table) bool { return t.Name == p.Name }); i >= 0 {
			return st.Tables[i].lookup(p.Field)
		}
	}
	return ref{}
}

func (h *Here) lookup(field []string) ref {
	switch {
	case len(field) == 2 && field[0] == "network":
		return ref{ptr: h.Network.member(field[1])}
	case len(field) != 1:
		return ref{}
	}
	return member(map[string]any{"network": &h.Network, "deny": &h.Deny, "probes": &h.Probes}, field[0])
}

func (t *Traffic) lookup(field []string) ref {
	if len(field) == 1 {
		return member(map[string]any{
			"rate": &t.Demand, "shape": &t.Demand, "trace": &t.Demand,
			"operation": &t.Operation, "index": &t.Index, "daily": &t.Daily, "noise": &t.Noise,
			"keys": &t.Keys, "index_keys": &t.IndexKeys, "index_writes": &t.IndexWrites,
			"item_bytes": &t.ItemBytes, "consistent": &t.Consistent, "examined": &t.Examined,
			"returned": &t.Returned, "pages": &t.Pages, "batch": &t.Batch,
			"conditional_failures": &t.ConditionalFailures, "conflicts": &t.Conflicts,
			"invalid": &t.Invalid, "sdk": &t.SDK, "network": &t.Network,
		}, field[0])
	}
	if field[0] == "keys" {
		return ref{ptr: t.Keys.member(field[1:])}
	}
	if len(field) != 2 {
		return ref{}
	}
	switch name := field[1]; field[0] {
	case "network":
		return ref{ptr: t.Network.member(name)}
	case "sdk":
		return member(map[string]any{
			"attempts": &t.SDK.Attempts, "base": &t.SDK.Base, "timeout": &t.SDK.Timeout, "quota": &t.SDK.Quota,
		}, name)
	case "daily":
		return member(map[string]any{"swing": &t.Daily.Swing, "peak": &t.Daily.Peak}, name)
	case "noise":
		return member(map[string]any{"cv": &t.Noise.CV, "phi": &t.Noise.Phi}, name)
	case "index_keys":
		keys := t.KeysOn(name)
		return ref{ptr: &keys, done: func() { t.IndexKeys = with(t.IndexKeys, name, keys) }}
	case "index_writes":
		writes := t.WritesTo(name)
		return ref{ptr: &writes, done: func() { t.IndexWrites = with(t.IndexWrites, name, writes) }}
	}
	return ref{}
}

// member leads to one of the keys' numbers and makes the keys of the kind it belongs to.
func (k *Keys) member(field []string) any {
	kind := map[string]KeyKind{"uniform": Uniform, "zipf": Zipf, "hot": Hot, "rising": Rising}
	want, known := kind[field[0]]
	switch {
	case !known || len(field) > 2 || (len(field) == 2 && want != Hot):
		return nil
	case len(field) == 1 && want != Zipf:
		return k
	case k.Kind != want:
		*k = Keys{Kind: want}
		if want == Hot {
			k.Keys = 1
		}
	}
	switch {
	case want == Zipf:
		return &k.S
	case field[1] == "share":
		return &k.Share
	case field[1] == "keys":
		return &k.Keys
	}
	return nil
}

func (n *Network) member(name string) any {
	if name == "new_connections" {
		return &n.NewConnections
	}
	if p, ok := map[string]*time.Duration{"wait": &n.Wait, "rtt": &n.RTT, "dns": &n.DNS, "tls": &n.TLS}[name]; ok {
		return p
	}
	return nil
}

// lookup copies what a table shares with its scenario before it leads there.
func (t *Table) lookup(field []string) ref {
	switch {
	case len(field) == 1:
		return member(map[string]any{
			"items": &t.Items, "item_bytes": &t.ItemBytes, "stream": &t.Stream, "kinesis": &t.Kinesis,
		}, field[0])
	case len(field) == 2 && field[0] == "stream" && t.Stream != nil:
		s := *t.Stream
		t.Stream = &s
		return member(map[string]any{
			"consumer": &s.Consumer, "records_per_s": &s.RecordsPerS, "shards": &s.Shards, "stuck_shards": &s.StuckShards,
		}, field[1])
	case len(field) == 2 && field[0] == "kinesis" && t.Kinesis != nil:
		k := *t.Kinesis
		t.Kinesis = &k
		return member(map[string]any{
			"stream": &k.Stream, "records_per_s": &k.RecordsPerS, "oversized": &k.Oversized, "broken": &k.Broken,
		}, field[1])
	case len(field) == 3 && field[0] == "replicas" && field[2] == "write":
		i := slices.IndexFunc(t.Replicas, func(r Replica) bool { return r.Region == field[1] })
		if i >= 0 {
			t.Replicas = slices.Clone(t.Replicas)
			return ref{ptr: &t.Replicas[i].Write}
		}
	}
	return ref{}
}

func member(pointers map[string]any, name string) ref { return ref{ptr: pointers[name]} }

// with returns a copy of m that has the value under the key.
func with[V any](m map[string]V, key string, value V) map[string]V {
	c := maps.Clone(m)
	if c == nil {
		c = make(map[string]V, 1)
	}
	c[key] = value
	return c
}
