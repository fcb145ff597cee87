package items

import (
	"bytes"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// Item is one item, as the SDK's types spell it.
type Item = map[string]types.AttributeValue

// Short names for the SDK's union members.
type (
	vS    = types.AttributeValueMemberS
	vN    = types.AttributeValueMemberN
	vB    = types.AttributeValueMemberB
	vBool = types.AttributeValueMemberBOOL
	vNull = types.AttributeValueMemberNULL
	vL    = types.AttributeValueMemberL
	vM    = types.AttributeValueMemberM
	vSS   = types.AttributeValueMemberSS
	vNS   = types.AttributeValueMemberNS
	vBS   = types.AttributeValueMemberBS
)

// Limits of a value (developer guide, "Quotas in Amazon DynamoDB").
const (
	MaxItemBytes = 400 << 10
	maxNesting   = 32
)

// typeOf is the type's name on the wire.
func typeOf(v types.AttributeValue) string {
	switch v.(type) {
	case *vS:
		return "S"
	case *vN:
		return "N"
	case *vB:
		return "B"
	case *vBool:
		return "BOOL"
	case *vNull:
		return "NULL"
	case *vL:
		return "L"
	case *vM:
		return "M"
	case *vSS:
		return "SS"
	case *vNS:
		return "NS"
	case *vBS:
		return "BS"
	}
	return ""
}

// Size is the item's size in bytes as the service bills it: names and values in UTF-8, numbers at half a byte a digit
// plus one, three bytes and one per element for documents (developer guide, "Item sizes and formats").
func Size(it Item) int {
	n := 0
	for name, v := range it {
		n += len(name) + valueSize(v)
	}
	return n
}

func valueSize(v types.AttributeValue) int {
	n := 0
	switch v := v.(type) {
	case *vS:
		return len(v.Value)
	case *vN:
		return numberSize(v.Value)
	case *vB:
		return len(v.Value)
	case *vBool, *vNull:
		return 1
	case *vSS:
		for _, s := range v.Value {
			n += len(s)
		}
	case *vNS:
		for _, s := range v.Value {
			n += numberSize(s)
		}
	case *vBS:
		for _, b := range v.Value {
			n += len(b)
		}
	case *vL:
		n = 3 + len(v.Value)
		for _, e := range v.Value {
			n += valueSize(e)
		}
	case *vM:
		n = 3 + len(v.Value) + Size(v.Value)
	}
	return n
}

func numberSize(text string) int {
	n, err := parseNumber(text)
	if err != nil {
		return len(text)
	}
	return (len(n.digits)+1)/2 + 1
}

// check refuses what the service would not store and writes numbers in their canonical form.
func check(v types.AttributeValue, depth int) error {
	if depth > maxNesting {
		return invalid("Nesting Levels have exceeded supported limits: Attributes have exceeded maximum nesting level of %d", maxNesting)
	}
	switch v := v.(type) {
	case *vN:
		return canonical(&v.Value)
	case *vS:
		if !utf8.ValidString(v.Value) {
			return invalid("One or more parameter values were invalid: a string is not valid UTF-8")
		}
	case *vNS:
		for i := range v.Value {
			if err := canonical(&v.Value[i]); err != nil {
				return err
			}
		}
		return checkSet(v)
	case *vSS, *vBS:
		return checkSet(v)
	case *vL:
		for _, e := range v.Value {
			if err := check(e, depth+1); err != nil {
				return err
			}
		}
	case *vM:
		return checkAll(v.Value, depth+1)
	case *vBool, *vNull, *vB:
	default:
		return invalid("Supplied AttributeValue is empty, must contain exactly one of the supported datatypes")
	}
	return nil
}

func checkAll(it Item, depth int) error {
	for _, name := range slices.Sorted(maps.Keys(it)) {
		if err := check(it[name], depth); err != nil {
			return err
		}
	}
	return nil
}

func checkSet(v types.AttributeValue) error {
	members := setMembers(v)
	if len(members) == 0 {
		return invalid("One or more parameter values were invalid: An set may not be empty")
	}
	if len(slices.Compact(slices.Clone(members))) != len(members) {
		return invalid("One or more parameter values were invalid: Input collection contains duplicates.")
	}
	return nil
}

func canonical(text *string) error {
	n, err := parseNumber(*text)
	if err == nil {
		*text = n.String()
	}
	return err
}

// order compares two scalars of one type (S, N, B); ok is false for anything else.
func order(a, b types.AttributeValue) (c int, ok bool) {
	switch a := a.(type) {
	case *vS:
		if b, is := b.(*vS); is {
			return strings.Compare(a.Value, b.Value), true
		}
	case *vN:
		if b, is := b.(*vN); is {
			return orderNumbers(a.Value, b.Value)
		}
	case *vB:
		if b, is := b.(*vB); is {
			return bytes.Compare(a.Value, b.Value), true
		}
	}
	return 0, false
}

func orderNumbers(a, b string) (int, bool) {
	x, errX := parseNumber(a)
	y, errY := parseNumber(b)
	return x.compare(y), errX == nil && errY == nil
}

// equal is the service's =: types must agree, sets ignore order, documents compare deeply.
func equal(a, b types.AttributeValue) bool {
	if c, ok := order(a, b); ok {
		return c == 0
	}
	switch a := a.(type) {
	case *vBool:
		b, is := b.(*vBool)
		return is && a.Value == b.Value
	case *vNull:
		_, is := b.(*vNull)
		return is
	case *vL:
		b, is := b.(*vL)
		return is && slices.EqualFunc(a.Value, b.Value, equal)
	case *vM:
		b, is := b.(*vM)
		return is && equalItems(a.Value, b.Value)
	case *vSS, *vNS, *vBS:
		return typeOf(a) == typeOf(b) && slices.Equal(setMembers(a), setMembers(b))
	}
	return false
}

func equalItems(a, b Item) bool {
	if len(a) != len(b) {
		return false
	}
	for k, v := range a {
		w, ok := b[k]
		if !ok || !equal(v, w) {
			return false
		}
	}
	return true
}

// setMembers lists a set's members in one order, numbers in canonical form.
func setMembers(v types.AttributeValue) []string {
	var out []string
	switch v := v.(type) {
	case *vSS:
		out = slices.Clone(v.Value)
	case *vNS:
		for _, text := range v.Value {
			if n, err := parseNumber(text); err == nil {
				text = n.String()
			}
			out = append(out, text)
		}
	case *vBS:
		for _, b := range v.Value {
			out = append(out, string(b))
		}
	}
	slices.Sort(out)
	return out
}
