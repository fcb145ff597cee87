package wire

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"strings"
)

// Call is one request to an AWS service, read.
type Call struct {
	Service   Service
	Operation string
	Input     any    // pointer to the SDK's input type; nil when the request was refused
	Region    string // of the signature's scope; "" when the request is not signed
	Key       string // access key id of the signature; signatures are not checked

	proto protocol
}

// IsCall reports whether the request is addressed to an AWS service at all.
func IsCall(r *http.Request) bool {
	_, ok := find(r.Method, r.URL.Path, r.Header)
	return ok
}

// Read reads a request. It returns nil when the request is addressed to no service spoken here. A failure comes with a Call
// that can write it.
func Read(r *http.Request) (*Call, *Failure) {
	to, ok := find(r.Method, r.URL.Path, r.Header)
	if !ok {
		return nil, nil
	}
	service, region, key := scope(r.Header.Get("Authorization"))
	c := &Call{Service: to.service, Operation: to.operation, Region: region, Key: key, proto: to.proto}
	limit := to.service.MaxBody()
	if to.service == queried {
		limit = CloudWatch.MaxBody()
	}
	body, fail := readBody(r, limit)
	if fail != nil {
		return c, fail
	}
	if to.service == queried {
		to = queryRoute(body, service)
		c.Service, c.Operation, c.proto = to.service, to.operation, to.proto
	}
	if to.input == nil {
		return c, Refuse("UnknownOperationException", "The requested operation is not served here.")
	}
	in := to.input()
	tree, err := to.proto.tree(body, reflect.TypeOf(in).Elem())
	if err != nil {
		return c, Refuse("SerializationException", "The request body cannot be read: "+err.Error())
	}
	if err := decode(reflect.ValueOf(in).Elem(), tree, ""); err != nil {
		if unsupported := (*unsupportedError)(nil); errors.As(err, &unsupported) {
			return c, Refuse(c.validation(), err.Error())
		}
		return c, Refuse("SerializationException", err.Error())
	}
	if name := unserved(c.Operation, in); name != "" {
		return c, Refuse(c.validation(), "The member "+name+" is not supported here.")
	}
	c.Input = in
	return c, nil
}

// validation is the class of a refusal for what a request says; the two services name it differently.
func (c *Call) validation() string {
	switch c.Service {
	case CloudWatch:
		return "InvalidParameterValueException"
	case CloudTrail:
		return "InvalidLookupAttributesException"
	}
	return "ValidationException"
}

// Answer writes an output of the SDK.
func (c *Call) Answer(out any) (*Response, error) {
	return c.proto.respond(c.Operation, out)
}

// Fail writes a refusal.
func (c *Call) Fail(f *Failure) *Response { return c.proto.refuse(f) }

// readBody reads the body, unpacked, up to the limit.
func readBody(r *http.Request, limit int64) ([]byte, *Failure) {
	if r.Body == nil {
		return nil, nil
	}
	tooLarge := &Failure{Status: http.StatusRequestEntityTooLarge, Code: "RequestEntityTooLargeException", Message: fmt.Sprintf("The request body is over %d bytes.", limit)}
	if r.ContentLength > limit {
		return nil, tooLarge
	}
	src := io.LimitReader(r.Body, limit+1)
	switch encoding := strings.ToLower(r.Header.Get("Content-Encoding")); encoding {
	case "", "identity":
	case "gzip":
		z, err := gzip.NewReader(src)
		if err != nil {
			return nil, Refuse("SerializationException", "The request body is not gzip.")
		}
		src = io.LimitReader(z, limit+1)
	default:
		return nil, Refuse("SerializationException", "The request's content encoding is not gzip.")
	}
	size := int64(512)
	if r.ContentLength > 0 {
		size = min(r.ContentLength+1, 64<<10) // a caller may announce what it never sends
	}
	buf := bytes.NewBuffer(make([]byte, 0, size+bytes.MinRead))
	if _, err := buf.ReadFrom(src); err != nil {
		return nil, Refuse("SerializationException", "The request body ended early.")
	}
	if int64(buf.Len()) > limit {
		return nil, tooLarge
	}
	return buf.Bytes(), nil
}
