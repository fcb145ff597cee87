package wire

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
)

// query is the AWS query protocol as the AWS CLI speaks it to CloudWatch and STS: a form goes in, XML comes out.
type query struct{ service Service }

// queryRoute tells the operation from the form and the service from the signature's scope.
func queryRoute(body []byte, scope string) route {
	form, err := url.ParseQuery(string(body))
	if err != nil {
		return route{service: CloudWatch, proto: query{CloudWatch}}
	}
	name := form.Get("Action")
	if scope == "sts" || stsInputs[name] != nil && scope == "" {
		return route{STS, name, query{STS}, stsInputs[name]}
	}
	return route{CloudWatch, name, query{CloudWatch}, cloudwatchInputs[name]}
}

// maxMembers bounds the members of one list in a form, which names them by number.
const maxMembers = 1000

func (query) tree(body []byte, input reflect.Type) (any, error) {
	form, err := url.ParseQuery(string(body))
	if err != nil {
		return nil, errors.New("it is no form")
	}
	form.Del("Action")
	form.Del("Version")
	f := formReader{values: form, used: map[string]bool{}}
	tree, err := f.read(input, "", 0)
	if err != nil {
		return nil, err
	}
	for key := range form {
		if !f.used[key] {
			return nil, fmt.Errorf("the member %s is not supported here", strconv.Quote(clip(key)))
		}
	}
	if tree == nil {
		tree = map[string]any{}
	}
	return tree, nil
}

// formReader builds a tree out of a form's dotted names, guided by the type that it will be decoded into.
type formReader struct {
	values url.Values
	used   map[string]bool
}

func (f *formReader) has(prefix string) bool {
	for key := range f.values {
		if key == prefix || strings.HasPrefix(key, prefix+".") {
			return true
		}
	}
	return false
}

func (f *formReader) read(t reflect.Type, at string, depth int) (any, error) {
	if depth > 12 {
		return nil, errors.New("it is nested too deeply")
	}
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch {
	case t.Kind() == reflect.Struct && t != timeType:
		out := map[string]any{}
		for i := range t.NumField() {
			field := t.Field(i)
			name := field.Name
			if at != "" {
				name = at + "." + name
			}
			if !field.IsExported() || field.Name == "ResultMetadata" || !f.has(name) {
				continue
			}
			v, err := f.read(field.Type, name, depth+1)
			if err != nil {
				return nil, err
			}
			out[field.Name] = v
		}
		return out, nil
	case t.Kind() == reflect.Slice && t != bytesType:
		list := []any{}
		if _, empty := f.values[at]; empty {
			f.used[at] = true
		}
		for i := 1; f.has(at + ".member." + strconv.Itoa(i)); i++ {
			if i > maxMembers {
				return nil, fmt.Errorf("%s has over %d members", strconv.Quote(clip(at)), maxMembers)
			}
			v, err := f.read(t.Elem(), at+".member."+strconv.Itoa(i), depth+1)
			if err != nil {
				return nil, err
			}
			list = append(list, v)
		}
		return list, nil
	}
	return f.leaf(t, at)
}

func (f *formReader) leaf(t reflect.Type, at string) (any, error) {
	f.used[at] = true
	text := f.values.Get(at)
	switch {
	case t == timeType:
		when, err := time.Parse(time.RFC3339Nano, text)
		if err != nil {
			seconds, err := strconv.ParseFloat(text, 64)
			if err != nil || seconds < 0 || seconds > 1e11 {
				return nil, fmt.Errorf("%s is not a timestamp", strconv.Quote(clip(at)))
			}
			return json.Number(text), nil
		}
		return json.Number(strconv.FormatFloat(float64(when.UnixMilli())/1000, 'f', 3, 64)), nil
	case t.Kind() == reflect.Bool:
		return text == "true", nil
	case t.Kind() == reflect.String:
		return text, nil
	}
	if _, err := strconv.ParseFloat(text, 64); err != nil {
		return nil, fmt.Errorf("%s is not a number", strconv.Quote(clip(at)))
	}
	return json.Number(text), nil
}

const (
	cloudwatchXML = "http://monitoring.amazonaws.com/doc/2010-08-01/"
	stsXML        = "https://sts.amazonaws.com/doc/2011-06-15/"
)

func (q query) respond(operation string, out any) (*Response, error) {
	tree := plain(reflect.ValueOf(out), func(t time.Time) any { return t.UTC().Format("2006-01-02T15:04:05.999Z") })
	namespace := cloudwatchXML
	if q.service == STS {
		namespace = stsXML
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, `<%sResponse xmlns="%s"><%sResult>`, operation, namespace, operation)
	writeXML(&b, tree)
	fmt.Fprintf(&b, `</%sResult><ResponseMetadata><RequestId>embedded</RequestId></ResponseMetadata></%sResponse>`, operation, operation)
	return xmlResponse(http.StatusOK, b.Bytes()), nil
}

// writeXML writes a tree's members in the order of their names.
func writeXML(b *bytes.Buffer, v any) {
	switch v := v.(type) {
	case map[string]any:
		names := make([]string, 0, len(v))
		for name := range v {
			names = append(names, name)
		}
		slices.Sort(names)
		for _, name := range names {
			b.WriteString("<" + name + ">")
			writeXML(b, v[name])
			b.WriteString("</" + name + ">")
		}
	case []any:
		for _, x := range v {
			b.WriteString("<member>")
			writeXML(b, x)
			b.WriteString("</member>")
		}
	case string:
		_ = xml.EscapeText(b, []byte(v)) // a buffer takes everything
	case nil:
	default:
		fmt.Fprint(b, v)
	}
}

func (query) refuse(f *Failure) *Response {
	blame := "Sender"
	if f.Status >= http.StatusInternalServerError {
		blame = "Receiver"
	}
	var b bytes.Buffer
	b.WriteString("<ErrorResponse xmlns=\"" + cloudwatchXML + "\"><Error><Type>" + blame + "</Type><Code>")
	_ = xml.EscapeText(&b, []byte(queryCode(f.Code))) // a buffer takes everything
	b.WriteString("</Code><Message>")
	_ = xml.EscapeText(&b, []byte(f.Message))
	b.WriteString("</Message></Error><RequestId>embedded</RequestId></ErrorResponse>")
	return xmlResponse(f.Status, b.Bytes())
}

func xmlResponse(status int, body []byte) *Response {
	h := make(http.Header, 8)
	h["Content-Type"] = []string{"text/xml"}
	return &Response{Status: status, Header: h, Body: body}
}
