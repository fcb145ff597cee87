package wire

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"reflect"
	"slices"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	smithycbor "github.com/aws/smithy-go/encoding/cbor"
)

// The SDK's inputs can write themselves but not read themselves, so that requests are decoded into them by reflection, from
// a tree that is either JSON's (map[string]any, json.Number, …) or CBOR's.

// unsupportedError is a well-formed request that says something which is not understood here. It is refused: half an answer
// to a question that was not asked is worse than none.
type unsupportedError struct{ message string }

func (e *unsupportedError) Error() string { return e.message }

func unsupported(format string, args ...any) error {
	return &unsupportedError{fmt.Sprintf(format, args...)}
}

func mismatch(at, want string) error {
	if at == "" {
		at = "the request"
	}
	return fmt.Errorf("%s is not %s", at, want)
}

var (
	attributeType = reflect.TypeFor[types.AttributeValue]()
	timeType      = reflect.TypeFor[time.Time]()
	bytesType     = reflect.TypeFor[[]byte]()
)

// decode fills dst from the tree; at is where in the request that is.
func decode(dst reflect.Value, src any, at string) error {
	switch dst.Type() {
	case attributeType:
		v, err := attribute(src, at, 0)
		if err == nil {
			dst.Set(reflect.ValueOf(v))
		}
		return err
	case timeType:
		f, ok := seconds(src)
		if !ok {
			return mismatch(at, "a timestamp")
		}
		whole, part := math.Modf(f)
		dst.Set(reflect.ValueOf(time.Unix(int64(whole), int64(math.Round(part*1e3))*1e6).UTC()))
		return nil
	case bytesType:
		b, ok := blob(src)
		if !ok {
			return mismatch(at, "binary")
		}
		dst.SetBytes(b)
		return nil
	}
	switch dst.Kind() {
	case reflect.Pointer:
		dst.Set(reflect.New(dst.Type().Elem()))
		return decode(dst.Elem(), src, at)
	case reflect.Struct:
		return decodeStruct(dst, src, at)
	case reflect.Map:
		return decodeMap(dst, src, at)
	case reflect.Slice:
		return decodeList(dst, src, at)
	}
	return decodeScalar(dst, src, at)
}

func decodeStruct(dst reflect.Value, src any, at string) error {
	return members(src, at, func(name string, v any) error {
		where := name
		if at != "" {
			where = at + "." + name
		}
		f := dst.FieldByName(name)
		if !f.IsValid() || !f.CanSet() || name == "ResultMetadata" {
			return unsupported("The member %s is not supported here.", strconv.Quote(clip(where)))
		}
		return decode(f, v, where)
	})
}

func decodeMap(dst reflect.Value, src any, at string) error {
	dst.Set(reflect.MakeMap(dst.Type()))
	return members(src, at, func(name string, v any) error {
		e := reflect.New(dst.Type().Elem()).Elem()
		if err := decode(e, v, at+"."+strconv.Quote(clip(name))); err != nil {
			return err
		}
		dst.SetMapIndex(reflect.ValueOf(name), e)
		return nil
	})
}

func decodeList(dst reflect.Value, src any, at string) error {
	list, ok := items(src)
	if !ok {
		return mismatch(at, "a list")
	}
	out := reflect.MakeSlice(dst.Type(), len(list), len(list))
	for i, v := range list {
		if err := decode(out.Index(i), v, at+"["+strconv.Itoa(i)+"]"); err != nil {
			return err
		}
	}
	dst.Set(out)
	return nil
}

func decodeScalar(dst reflect.Value, src any, at string) error {
	switch dst.Kind() {
	case reflect.String:
		s, ok := text(src)
		if !ok {
			return mismatch(at, "a string")
		}
		dst.SetString(s)
		return enum(dst, at)
	case reflect.Bool:
		b, ok := boolean(src)
		if !ok {
			return mismatch(at, "a boolean")
		}
		dst.SetBool(b)
	case reflect.Int32, reflect.Int64:
		n, ok := integer(src)
		if !ok || dst.OverflowInt(n) {
			return mismatch(at, "an integer in range")
		}
		dst.SetInt(n)
	case reflect.Float64:
		f, ok := seconds(src)
		if !ok {
			return mismatch(at, "a number")
		}
		dst.SetFloat(f)
	default:
		return unsupported("%s is of a kind that is not supported here.", at)
	}
	return nil
}

// enum refuses a value that the SDK's enum type does not list, as the service's own validation does.
func enum(v reflect.Value, at string) error {
	if v.Type() == reflect.TypeFor[string]() {
		return nil
	}
	values := v.MethodByName("Values")
	if !values.IsValid() {
		return nil
	}
	known := values.Call(nil)[0]
	for i := range known.Len() {
		if known.Index(i).String() == v.String() {
			return nil
		}
	}
	return unsupported("1 validation error detected: Value %s at '%s' failed to satisfy constraint: Member must satisfy enum value set: %v",
		strconv.Quote(clip(v.String())), at, known.Interface())
}

// members calls f for each entry of an object, by name, so that of two mistakes the same one is always named; a null entry is
// an absent one.
func members(src any, at string, f func(string, any) error) error {
	switch m := src.(type) {
	case map[string]any:
		for _, k := range slices.Sorted(maps.Keys(m)) {
			if m[k] == nil {
				continue
			}
			if err := f(k, m[k]); err != nil {
				return err
			}
		}
	case smithycbor.Map:
		for _, k := range slices.Sorted(maps.Keys(m)) {
			if _, null := m[k].(*smithycbor.Nil); null {
				continue
			}
			if err := f(k, m[k]); err != nil {
				return err
			}
		}
	default:
		return mismatch(at, "an object")
	}
	return nil
}

func items(src any) ([]any, bool) {
	switch l := src.(type) {
	case []any:
		return l, true
	case smithycbor.List:
		out := make([]any, len(l))
		for i, v := range l {
			out[i] = v
		}
		return out, true
	}
	return nil, false
}

func text(src any) (string, bool) {
	switch s := src.(type) {
	case string:
		return s, true
	case smithycbor.String:
		return string(s), true
	}
	return "", false
}

func boolean(src any) (bool, bool) {
	switch b := src.(type) {
	case bool:
		return b, true
	case smithycbor.Bool:
		return bool(b), true
	}
	return false, false
}

func integer(src any) (int64, bool) {
	switch n := src.(type) {
	case json.Number:
		i, err := strconv.ParseInt(string(n), 10, 64)
		return i, err == nil
	case smithycbor.Value:
		i, err := smithycbor.AsInt64(n)
		return i, err == nil
	}
	return 0, false
}

// seconds reads a number, tagged as a timestamp or not, that is within reason for one.
func seconds(src any) (float64, bool) {
	f, ok := 0.0, true
	switch n := src.(type) {
	case json.Number:
		v, err := strconv.ParseFloat(string(n), 64)
		f, ok = v, err == nil
	case *smithycbor.Tag:
		if _, nested := n.Value.(*smithycbor.Tag); n.ID != 1 || nested {
			return 0, false
		}
		return seconds(n.Value)
	case smithycbor.Float64:
		f = float64(n)
	case smithycbor.Float32:
		f = float64(n)
	default:
		i, is := integer(src)
		f, ok = float64(i), is
	}
	return f, ok && math.Abs(f) < 1e12
}

func blob(src any) ([]byte, bool) {
	switch b := src.(type) {
	case string:
		out, err := base64.StdEncoding.DecodeString(b)
		return out, err == nil
	case smithycbor.Slice:
		return b, true
	}
	return nil, false
}

// clip bounds text of the caller's that is quoted back.
func clip(s string) string {
	if len(s) > 200 {
		return s[:200] + "…"
	}
	return s
}
