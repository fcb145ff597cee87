package wire

import (
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// maxAttributeDepth bounds documents while they are read; the item store enforces the service's own limit of 32.
const maxAttributeDepth = 64

// attribute decodes one AttributeValue: an object with exactly one member, its type.
func attribute(src any, at string, depth int) (types.AttributeValue, error) {
	m, ok := src.(map[string]any)
	if !ok || depth > maxAttributeDepth {
		return nil, mismatch(at, "an attribute value")
	}
	if len(m) != 1 {
		return nil, unsupported("Supplied AttributeValue has %d datatypes set, must contain exactly one of the supported datatypes", len(m))
	}
	for kind, v := range m {
		out, err := attributeOf(kind, v, at, depth)
		if err != nil {
			return nil, err
		}
		if out == nil {
			return nil, mismatch(at, "an attribute value of a known type")
		}
		return out, nil
	}
	return nil, nil
}

func attributeOf(kind string, v any, at string, depth int) (types.AttributeValue, error) {
	s, isText := v.(string)
	yes, isBool := v.(bool)
	switch kind {
	case "S":
		if isText {
			return &types.AttributeValueMemberS{Value: s}, nil
		}
	case "N":
		if isText {
			return &types.AttributeValueMemberN{Value: s}, nil
		}
	case "B":
		if b, ok := blob(v); ok {
			return &types.AttributeValueMemberB{Value: b}, nil
		}
	case "BOOL":
		if isBool {
			return &types.AttributeValueMemberBOOL{Value: yes}, nil
		}
	case "NULL":
		if isBool {
			return &types.AttributeValueMemberNULL{Value: yes}, nil
		}
	case "SS":
		list, err := each(v, at, text)
		return &types.AttributeValueMemberSS{Value: list}, err
	case "NS":
		list, err := each(v, at, text)
		return &types.AttributeValueMemberNS{Value: list}, err
	case "BS":
		list, err := each(v, at, blob)
		return &types.AttributeValueMemberBS{Value: list}, err
	case "L":
		list, ok := v.([]any)
		if !ok {
			break
		}
		out := make([]types.AttributeValue, len(list))
		for i, e := range list {
			var err error
			if out[i], err = attribute(e, at, depth+1); err != nil {
				return nil, err
			}
		}
		return &types.AttributeValueMemberL{Value: out}, nil
	case "M":
		members, ok := v.(map[string]any)
		if !ok {
			break
		}
		out := make(map[string]types.AttributeValue, len(members))
		for k, e := range members {
			var err error
			if out[k], err = attribute(e, at, depth+1); err != nil {
				return nil, err
			}
		}
		return &types.AttributeValueMemberM{Value: out}, nil
	}
	return nil, nil
}

func each[T any](v any, at string, read func(any) (T, bool)) ([]T, error) {
	list, ok := v.([]any)
	if !ok {
		return nil, mismatch(at, "a set")
	}
	out := make([]T, len(list))
	for i, e := range list {
		if out[i], ok = read(e); !ok {
			return nil, fmt.Errorf("%s holds an element of the wrong type", at)
		}
	}
	return out, nil
}
