package items

import (
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// Placeholders are a request's ExpressionAttributeNames and …Values. All expressions of one request share them: one
// that no expression uses is an error.
type Placeholders struct {
	names  map[string]string
	values Item
	used   map[string]bool
}

// NewPlaceholders checks the two maps of a request.
func NewPlaceholders(names map[string]string, values Item) (*Placeholders, error) {
	for _, k := range slices.Sorted(maps.Keys(names)) {
		if len(k) < 2 || scanned(k) != tokName {
			return nil, invalid("ExpressionAttributeNames contains invalid key: Syntax error; key: %q", k)
		}
		if names[k] == "" {
			return nil, invalid("ExpressionAttributeNames contains invalid value: Empty attribute name for key %s", k)
		}
	}
	for _, k := range slices.Sorted(maps.Keys(values)) {
		if len(k) < 2 || scanned(k) != tokValue {
			return nil, invalid("ExpressionAttributeValues contains invalid key: Syntax error; key: %q", k)
		}
		if err := check(values[k], 1); err != nil {
			return nil, invalid("ExpressionAttributeValues contains invalid value: %s for key %s", err.Error(), k)
		}
	}
	return &Placeholders{names: names, values: values, used: map[string]bool{}}, nil
}

// scanned is the kind of the one token that s is, or empty.
func scanned(s string) string {
	if n, kind := scan(s); n == len(s) {
		return kind
	}
	return ""
}

// Unused refuses placeholders that no expression of the request has read.
func (p *Placeholders) Unused() error {
	if k := p.leftOver(maps.Keys(p.names)); k != "" {
		return invalid("Value provided in ExpressionAttributeNames unused in expressions: keys: {%s}", k)
	}
	if k := p.leftOver(maps.Keys(p.values)); k != "" {
		return invalid("Value provided in ExpressionAttributeValues unused in expressions: keys: {%s}", k)
	}
	return nil
}

func (p *Placeholders) leftOver(keys func(func(string) bool)) string {
	var out []string
	for k := range keys {
		if !p.used[k] {
			out = append(out, k)
		}
	}
	slices.Sort(out)
	return strings.Join(out, ", ")
}

func (p *Placeholders) name(kind, key string) (string, error) {
	name, ok := p.names[key]
	if !ok {
		return "", invalid("Invalid %s: An expression attribute name used in the document path is not defined; attribute name: %s", kind, key)
	}
	p.used[key] = true
	return name, nil
}

func (p *Placeholders) value(kind, key string) (types.AttributeValue, error) {
	v, ok := p.values[key]
	if !ok {
		return nil, invalid("Invalid %s: An expression attribute value used in expression is not defined; attribute value: %s", kind, key)
	}
	p.used[key] = true
	return v, nil
}
