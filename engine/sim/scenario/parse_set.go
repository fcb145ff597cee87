package scenario

import (
	"reflect"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

// sets reads a mapping from dotted paths to values.
func (d *decoder) sets(dst *[]Set) func(n *yaml.Node) {
	return func(n *yaml.Node) {
		d.mapping(n, func(key, value *yaml.Node) {
			if s, ok := d.set(key, value); ok {
				*dst = append(*dst, s)
			}
		})
		if n.Kind == yaml.MappingNode && len(n.Content) == 0 {
			d.fail(n, "expected at least one path, such as traffic.NAME.rate")
		}
	}
}

// set decodes the value as the file itself would write it: into a copy of what the path names.
func (d *decoder) set(key, value *yaml.Node) (Set, bool) {
	path, ok := d.path(key)
	if !ok {
		return Set{}, false
	}
	scratch, readers := d.scratch(path)
	ref := scratch.lookup(path)
	if ref.ptr == nil {
		d.fail(key, "%s cannot be set: %s", clip(key.Value), settable(path))
		return Set{}, false
	}
	bad := len(d.list)
	head, rest := path.Field[0], path.Field[1:]
	if write, isReplica := ref.ptr.(*float64); isReplica && head == "replicas" {
		d.number(write, 0, maxNumber)(value)
	} else {
		readers[head](wrap(key, value, rest))
		ref = scratch.lookup(path)
	}
	d.setNames(path, key, value)
	if len(d.list) > bad {
		return Set{}, false
	}
	v := reflect.ValueOf(ref.ptr).Elem().Interface()
	return Set{Path: path, Value: v, FromStart: path.Scope == ScopeTraffic && head == "shape"}, true
}

// path splits a dotted path and checks the name in it.
func (d *decoder) path(key *yaml.Node) (Path, bool) {
	parts := strings.Split(key.Value, ".")
	p := Path{Scope: Scope(parts[0])}
	named := p.Scope == ScopeTraffic || p.Scope == ScopeTables
	switch {
	case p.Scope == ScopeHere && len(parts) >= 2:
		p.Field = parts[1:]
	case named && len(parts) >= 3:
		p.Name, p.Field = parts[1], parts[2:]
	default:
		d.fail(key, "expected traffic.NAME.FIELD, tables.NAME.FIELD or here.FIELD, got %s", clip(key.Value))
		return Path{}, false
	}
	switch {
	case p.Scope == ScopeTraffic && !d.hasClient(p.Name):
		d.fail(key, "there is no client %s", clip(p.Name))
		return Path{}, false
	case p.Scope == ScopeTables && !d.hasTable(p.Name):
		d.fail(key, "there is no table %s", clip(p.Name))
		return Path{}, false
	}
	return p, true
}

// scratch copies what the path names and returns what reads its fields.
func (d *decoder) scratch(p Path) (*State, fields) {
	st := &State{Here: d.s.Here}
	switch p.Scope {
	case ScopeHere:
		return st, d.hereFields(&st.Here)
	case ScopeTables:
		st.Tables = []Table{*d.tableOf(p.Name)}
		return st, d.tableFields(&st.Tables[0])
	}
	for _, t := range d.s.Traffic {
		if t.Name == p.Name {
			st.Traffic = []Traffic{t}
		}
	}
	return st, d.trafficFields(&st.Traffic[0])
}

// setNames checks the index names in a path and its value.
func (d *decoder) setNames(p Path, key, value *yaml.Node) {
	if p.Scope != ScopeTraffic {
		return
	}
	table := ""
	for _, t := range d.s.Traffic {
		if t.Name == p.Name {
			table = t.Table
		}
	}
	switch head := p.Field[0]; {
	case head == "index":
		d.isIndex(value, table, value.Value)
	case head != "index_keys" && head != "index_writes":
	case len(p.Field) == 2:
		d.isIndex(key, table, p.Field[1])
	default:
		d.indexNames(value, table)
	}
}

// wrap writes a dotted path out as nested mappings that hold this one member.
func wrap(key, value *yaml.Node, rest []string) *yaml.Node {
	for i := len(rest) - 1; i >= 0; i-- {
		name := &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: rest[i], Line: key.Line, Column: key.Column}
		value = &yaml.Node{
			Kind: yaml.MappingNode, Tag: partialTag, Line: key.Line, Column: key.Column,
			Content: []*yaml.Node{name, value},
		}
	}
	return value
}

// settable tells what may be set where a path does not lead.
func settable(p Path) string {
	switch p.Scope {
	case ScopeHere:
		return "of here, network, deny and probes change"
	case ScopeTraffic:
		return "of a client, what it sends changes, not its name, table, slo, feed or publishes"
	}
	switch p.Field[0] {
	case "stream", "kinesis", "replicas":
		return "the table has no such " + p.Field[0]
	}
	return "of a table, items, item_bytes, stream, kinesis and replicas.REGION.write change; " +
		"capacity, mode, caps, policies and indexes change by a call"
}

// gradual reports whether a set's value can move there bit by bit.
func (s Set) gradual() bool {
	switch v := s.Value.(type) {
	case float64, int, time.Duration:
		return true
	case Demand:
		return len(v.Points) == 0
	}
	return false
}
