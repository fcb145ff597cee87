package wire

import (
	"encoding/json"
	"math"
	"net/http"
	"reflect"
	"time"
)

// plainJSON is awsJson1.1 as Application Auto Scaling and CloudTrail speak it, and awsJson1.0 as newer AWS CLIs speak it to
// CloudWatch. The SDK's types of the former cannot write themselves, so that answers are written by reflection: members are
// named as the fields are, times are seconds.
type plainJSON struct{ version string }

func (j plainJSON) tree(body []byte, _ reflect.Type) (any, error) { return jsonTree(body) }

func (j plainJSON) respond(_ string, out any) (*Response, error) {
	body, err := json.Marshal(plain(reflect.ValueOf(out), func(t time.Time) any { return math.Round(float64(t.UnixMilli())) / 1000 }))
	if err != nil {
		return nil, err
	}
	return j.response(http.StatusOK, body), nil
}

func (j plainJSON) refuse(f *Failure) *Response {
	body, _ := json.Marshal(map[string]string{"__type": f.Code, "message": f.Message}) // strings always marshal
	return j.response(f.Status, body)
}

func (j plainJSON) response(status int, body []byte) *Response {
	h := make(http.Header, 8)
	h["Content-Type"] = []string{"application/x-amz-json-" + j.version}
	return &Response{Status: status, Header: h, Body: body}
}

// plain turns an SDK's output into maps, lists and scalars. What is not set is left out.
func plain(v reflect.Value, instant func(time.Time) any) any {
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if v.IsNil() {
			return nil
		}
		return plain(v.Elem(), instant)
	case reflect.Struct:
		if t, ok := v.Interface().(time.Time); ok {
			return instant(t)
		}
		out := map[string]any{}
		for i := range v.NumField() {
			f := v.Type().Field(i)
			if !f.IsExported() || f.Name == "ResultMetadata" {
				continue
			}
			if x := plain(v.Field(i), instant); x != nil {
				out[f.Name] = x
			}
		}
		return out
	case reflect.Slice:
		if v.IsNil() {
			return nil
		}
		out := make([]any, v.Len())
		for i := range out {
			out[i] = plain(v.Index(i), instant)
		}
		return out
	case reflect.String:
		if v.Len() == 0 {
			return nil
		}
		return v.String()
	case reflect.Bool:
		return v.Bool()
	case reflect.Int32, reflect.Int64:
		return v.Int()
	case reflect.Float64:
		return v.Float()
	}
	return nil
}
