package wire

import (
	"context"
	"fmt"
	"io"

	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// output is what the SDK's output types are: they describe themselves to any serialiser.
type output = smithy.Serializable

// writer is the half of the SDK's protocols that is needed here. A client protocol writes requests; a body is a body, so
// handing it an output writes an answer.
type writer interface {
	SerializeRequest(context.Context, *smithy.OperationSchema, smithy.Serializable, *smithyhttp.Request) error
}

// encode writes out in the given protocol. The schema only says that there is a body.
func encode(w writer, schema *smithy.OperationSchema, out output) ([]byte, error) {
	req, ok := smithyhttp.NewStackRequest().(*smithyhttp.Request)
	if !ok {
		return nil, fmt.Errorf("wire: the SDK's request type has changed")
	}
	if err := w.SerializeRequest(context.Background(), schema, out, req); err != nil {
		return nil, fmt.Errorf("wire: write %T: %w", out, err)
	}
	return io.ReadAll(req.GetStream())
}
