package wire

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"net/http"
	"reflect"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/schemas"
	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/transport/http/protocol/awsjson"
)

// json10 is awsJson1.0 as DynamoDB speaks it: every answer, errors too, carries the CRC-32 of its body, because the SDK
// complains aloud about one that does not.
type json10 struct{}

var (
	jsonWriter = awsjson.New10(schemas.DynamoDB_20120810)
	jsonSchema = smithy.NewOperationSchema(schemas.GetItem, schemas.GetItemOutput, nil)
)

const jsonType = "application/x-amz-json-1.0"

// tree parses a JSON document; an empty body is an empty object.
func (json10) tree(body []byte, _ reflect.Type) (any, error) { return jsonTree(body) }

func jsonTree(body []byte) (any, error) {
	if len(body) == 0 {
		return map[string]any{}, nil
	}
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return nil, fmt.Errorf("it is not JSON (%s)", syntax(err))
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("there is more than one JSON value")
	}
	return v, nil
}

// syntax says where the JSON broke, without echoing the body.
func syntax(err error) string {
	if at := (*json.SyntaxError)(nil); errors.As(err, &at) {
		return "byte " + strconv.FormatInt(at.Offset, 10)
	}
	return "it ended early"
}

func (json10) respond(operation string, out any) (*Response, error) {
	o, ok := out.(output)
	if !ok {
		return nil, fmt.Errorf("wire: %T of %s cannot be written", out, operation)
	}
	body, err := encode(jsonWriter, jsonSchema, o)
	if err != nil {
		return nil, err
	}
	return jsonResponse(http.StatusOK, body), nil
}

// coral errors come from the framework in front of DynamoDB, not from its model; their namespace says so.
var coral = map[string]string{
	"SerializationException":    "com.amazon.coral.service#",
	"UnknownOperationException": "com.amazon.coral.service#",
	"AccessDeniedException":     "com.amazon.coral.service#",
	"ExpiredTokenException":     "com.amazon.coral.service#",
	"ValidationException":       "com.amazon.coral.validate#",
}

// refuse writes an error body: the exception's own members, as its SDK type spells them, after its type.
func (json10) refuse(f *Failure) *Response {
	namespace, ok := coral[f.Code]
	if !ok {
		namespace = "com.amazonaws.dynamodb.v20120810#"
	}
	name, _ := json.Marshal(namespace + f.Code) // strings always marshal
	rest, _ := json.Marshal(map[string]string{"message": f.Message})
	if f.Details != nil {
		if own, err := encode(jsonWriter, jsonSchema, f.Details); err == nil && len(own) > 2 {
			rest = own
		}
	}
	body := bytes.Join([][]byte{[]byte(`{"__type":`), name, []byte(","), rest[1:]}, nil)
	return jsonResponse(f.Status, body)
}

func jsonResponse(status int, body []byte) *Response {
	h := make(http.Header, 8)
	h["Content-Type"] = []string{jsonType}
	h["X-Amz-Crc32"] = []string{strconv.FormatUint(uint64(crc32.ChecksumIEEE(body)), 10)}
	return &Response{Status: status, Header: h, Body: body}
}
