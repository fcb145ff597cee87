package wire

import (
	"errors"
	"fmt"
	"net/http"
	"reflect"

	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/schemas"
	"github.com/aws/smithy-go"
	smithycbor "github.com/aws/smithy-go/encoding/cbor"
	"github.com/aws/smithy-go/traits"
	"github.com/aws/smithy-go/transport/http/protocol/rpcv2"
)

// cbor is Smithy RPC v2 in CBOR as the Go SDK speaks it to CloudWatch.
type cbor struct{}

var (
	cborWriter = rpcv2.NewCBOR(schemas.GraniteServiceVersion20100801)
	cborSchema = smithy.NewOperationSchema(schemas.GetMetricData, schemas.GetMetricDataOutput, nil)
)

// sentinel follows the body while it is decoded: the decoder stops after one value and says nothing of what is left, so the
// body is decoded as the first of two list elements and the second must be this one.
var sentinel = []byte{0x1b, 0xd1, 0x5c, 0x0b, 0x5e, 0x4d, 0x9a, 0x31, 0x77}

// tree parses a CBOR document; an empty body is an empty map.
func (cbor) tree(body []byte, _ reflect.Type) (any, error) {
	if len(body) == 0 {
		return smithycbor.Map{}, nil
	}
	framed := make([]byte, 0, len(body)+1+len(sentinel))
	framed = append(append(append(framed, 0x82), body...), sentinel...)
	v, err := smithycbor.Decode(framed)
	if err != nil {
		return nil, errors.New("it is not CBOR that this protocol allows")
	}
	pair, ok := v.(smithycbor.List)
	if !ok || len(pair) != 2 || pair[1] != smithycbor.Uint(0xd15c0b5e4d9a3177) {
		return nil, errors.New("there is more than one CBOR value")
	}
	return pair[0], nil
}

func (cbor) respond(operation string, out any) (*Response, error) {
	o, ok := out.(output)
	if !ok {
		return nil, fmt.Errorf("wire: %T of %s cannot be written", out, operation)
	}
	body, err := encode(cborWriter, cborSchema, o)
	if err != nil {
		return nil, err
	}
	return cborResponse(http.StatusOK, body), nil
}

// refuse writes an error: the shape in the body and the older query protocol's code in a header, which clients that were
// written against that protocol look for.
func (cbor) refuse(f *Failure) *Response {
	body := []byte{0xa2} // a map of two; written out because the encoder's maps have no order
	for _, s := range []string{"__type", "com.amazonaws.cloudwatch#" + f.Code, "message", f.Message} {
		body = append(body, smithycbor.Encode(smithycbor.String(s))...)
	}
	r := cborResponse(f.Status, body)
	blame := "Sender"
	if f.Status >= http.StatusInternalServerError {
		blame = "Receiver"
	}
	r.Header.Set("X-Amzn-Query-Error", queryCode(f.Code)+";"+blame)
	return r
}

// queryCode is the exception's name in the query protocol, which the service's model declares.
func queryCode(code string) string {
	if e, ok := cloudwatch.TypeRegistry.LookupEntry(code); ok {
		if t, ok := smithy.SchemaTrait[*traits.AWSQueryError](e.Schema); ok {
			return t.ErrorCode
		}
	}
	return code
}

func cborResponse(status int, body []byte) *Response {
	h := make(http.Header, 8)
	h["Content-Type"] = []string{"application/cbor"}
	h["Smithy-Protocol"] = []string{"rpc-v2-cbor"}
	return &Response{Status: status, Header: h, Body: body}
}
