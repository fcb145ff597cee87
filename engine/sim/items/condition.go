package items

import (
	"bytes"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// condition is a node of a parsed condition.
type condition interface{ holds(Item) bool }

// operand is a path, a literal or size(path); get is false where an item has no such thing.
type operand interface {
	get(Item) (types.AttributeValue, bool)
	String() string
}

type (
	both    struct{ left, right condition }
	either  struct{ left, right condition }
	not     struct{ inner condition }
	compare struct {
		op          string
		left, right operand
	}
	between struct{ v, low, high operand }
	within  struct {
		v    operand
		list []operand
	}
	call struct {
		name string
		args []operand
	}
	literal struct {
		key string
		v   types.AttributeValue
	}
	sizeOf struct{ of path }
)

func (n both) holds(it Item) bool   { return n.left.holds(it) && n.right.holds(it) }
func (n either) holds(it Item) bool { return n.left.holds(it) || n.right.holds(it) }
func (n not) holds(it Item) bool    { return !n.inner.holds(it) }

func (n compare) holds(it Item) bool {
	a, okA := n.left.get(it)
	b, okB := n.right.get(it)
	if n.op == "<>" {
		// What is absent differs from everything: `status <> :done` lets a new item through.
		return okA != okB || okA && !equal(a, b)
	}
	if !okA || !okB {
		return false
	}
	if n.op == "=" {
		return equal(a, b)
	}
	c, ok := order(a, b)
	return ok && (n.op == "<" && c < 0 || n.op == "<=" && c <= 0 || n.op == ">" && c > 0 || n.op == ">=" && c >= 0)
}

func (n between) holds(it Item) bool {
	return compare{">=", n.v, n.low}.holds(it) && compare{"<=", n.v, n.high}.holds(it)
}

func (n within) holds(it Item) bool {
	for _, o := range n.list {
		if (compare{"=", n.v, o}).holds(it) {
			return true
		}
	}
	return false
}

func (n call) holds(it Item) bool {
	v, ok := n.args[0].get(it)
	if n.name == "attribute_not_exists" || n.name == "attribute_exists" {
		return ok == (n.name == "attribute_exists")
	}
	w, okW := n.args[1].get(it)
	if !ok || !okW {
		return false
	}
	switch n.name {
	case "attribute_type":
		s, is := w.(*vS)
		return is && s.Value == typeOf(v)
	case "begins_with":
		return beginsWith(v, w)
	default:
		return contains(v, w)
	}
}

func beginsWith(v, prefix types.AttributeValue) bool {
	switch v := v.(type) {
	case *vS:
		w, is := prefix.(*vS)
		return is && strings.HasPrefix(v.Value, w.Value)
	case *vB:
		w, is := prefix.(*vB)
		return is && bytes.HasPrefix(v.Value, w.Value)
	}
	return false
}

func contains(v, what types.AttributeValue) bool {
	switch v := v.(type) {
	case *vS:
		w, is := what.(*vS)
		return is && strings.Contains(v.Value, w.Value)
	case *vB:
		w, is := what.(*vB)
		return is && bytes.Contains(v.Value, w.Value)
	case *vL:
		for _, e := range v.Value {
			if equal(e, what) {
				return true
			}
		}
	case *vSS:
		w, is := what.(*vS)
		return is && anyEqual(v, w)
	case *vNS:
		w, is := what.(*vN)
		return is && anyEqual(v, w)
	case *vBS:
		w, is := what.(*vB)
		return is && anyEqual(v, w)
	}
	return false
}

// anyEqual reports whether the set holds the scalar.
func anyEqual(set, scalar types.AttributeValue) bool {
	var one types.AttributeValue
	switch w := scalar.(type) {
	case *vS:
		one = &vSS{Value: []string{w.Value}}
	case *vN:
		one = &vNS{Value: []string{w.Value}}
	case *vB:
		one = &vBS{Value: [][]byte{w.Value}}
	}
	want := setMembers(one)[0]
	for _, m := range setMembers(set) {
		if m == want {
			return true
		}
	}
	return false
}

func (l literal) get(Item) (types.AttributeValue, bool) { return l.v, true }
func (l literal) String() string                        { return l.key }

// get is the size that the size function reports: bytes of text in UTF-8, bytes of binary, elements of the rest.
func (s sizeOf) get(it Item) (types.AttributeValue, bool) {
	v, ok := s.of.get(it)
	n := 0
	switch v := v.(type) {
	case *vS:
		n = len(v.Value)
	case *vB:
		n = len(v.Value)
	case *vL:
		n = len(v.Value)
	case *vM:
		n = len(v.Value)
	case *vSS, *vNS, *vBS:
		n = len(setMembers(v))
	default:
		ok = false
	}
	return &vN{Value: strconv.Itoa(n)}, ok
}

func (s sizeOf) String() string { return "size(" + s.of.String() + ")" }
