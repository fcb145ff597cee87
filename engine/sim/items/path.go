package items

import (
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// step is one move down a document: a map's member or, when name is empty, a list's index.
type step struct {
	name  string
	index int
}

// path is a document path; its first step is always a name.
type path []step

// String is the path as the service prints it: "doc, inner, [2]".
func (p path) String() string {
	parts := make([]string, len(p))
	for i, s := range p {
		if parts[i] = printable(s.name); s.name == "" {
			parts[i] = "[" + strconv.Itoa(s.index) + "]"
		}
	}
	return strings.Join(parts, ", ")
}

// get follows the path.
func (p path) get(it Item) (types.AttributeValue, bool) {
	v, ok := it[p[0].name]
	for _, s := range p[1:] {
		switch at := v.(type) {
		case *vM:
			v, ok = at.Value[s.name]
			ok = ok && s.name != ""
		case *vL:
			if ok = s.name == "" && s.index < len(at.Value); ok {
				v = at.Value[s.index]
			}
		default:
			ok = false
		}
		if !ok {
			return nil, false
		}
	}
	return v, ok
}

// overlaps reports whether one path is the other's beginning.
func (p path) overlaps(q path) bool {
	for i := range min(len(p), len(q)) {
		if p[i] != q[i] {
			return false
		}
	}
	return true
}

// noOverlap refuses two paths of one clause that touch each other, as the service does.
func noOverlap(kind string, paths []path) error {
	for i, p := range paths {
		for _, q := range paths[:i] {
			if p.overlaps(q) {
				return invalid("Invalid %s: Two document paths overlap with each other; must remove or rewrite one of these paths; path one: [%s], path two: [%s]", kind, q, p)
			}
		}
	}
	return nil
}

// Projection is a parsed ProjectionExpression; nil projects everything.
type Projection struct{ paths []path }

// Apply builds the answer's item.
func (p *Projection) Apply(it Item) Item {
	if p == nil {
		return it
	}
	out := Item{}
	for _, one := range p.paths {
		if v, ok := one.get(it); ok {
			place(out, one, v)
		}
	}
	return out
}

// Names lists the top-level attributes that the projection reads.
func (p *Projection) Names() []string {
	var out []string
	for _, one := range p.paths {
		out = append(out, one[0].name)
	}
	return out
}

// place puts v at the path, making the maps and lists on the way; list elements keep their order and close ranks.
func place(out Item, p path, v types.AttributeValue) {
	if len(p) == 1 {
		out[p[0].name] = v
		return
	}
	out[p[0].name] = nest(out[p[0].name], p[1:], v)
}

func nest(at types.AttributeValue, p path, v types.AttributeValue) types.AttributeValue {
	if len(p) == 0 {
		return v
	}
	if p[0].name == "" {
		list, ok := at.(*vL)
		if !ok {
			list = &vL{}
		}
		list.Value = append(list.Value, nest(nil, p[1:], v))
		return list
	}
	m, ok := at.(*vM)
	if !ok {
		m = &vM{Value: Item{}}
	}
	m.Value[p[0].name] = nest(m.Value[p[0].name], p[1:], v)
	return m
}
