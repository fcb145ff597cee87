package aws

import (
	"context"
	"net/http"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/ddbloop/ddbloop/history"
)

// NoData returns the request without data: a signed DescribeEndpoints to the endpoint that serves the table. It reads nothing,
// consumes nothing, and goes over a connection of its own each time, so that each says how long name, connection and TLS take.
func NoData(table string) *Read { return &Read{Op: history.OpNoData, Table: table, pages: 1} }

// newWay builds the client of requests without data.
func newWay(cfg sdk.Config) *dynamodb.Client {
	if c, ok := cfg.HTTPClient.(*awshttp.BuildableClient); ok {
		cfg.HTTPClient = c.WithTransportOptions(func(t *http.Transport) { t.DisableKeepAlives = true })
	}
	cfg.APIOptions = append(append([]func(*middleware.Stack) error(nil), cfg.APIOptions...), closing)
	return newDynamoDB(cfg)
}

// closing marks each request as the last of its connection.
func closing(stack *middleware.Stack) error {
	return stack.Finalize.Add(middleware.FinalizeMiddlewareFunc("ddbloopClose", func(
		ctx context.Context, in middleware.FinalizeInput, next middleware.FinalizeHandler,
	) (middleware.FinalizeOutput, middleware.Metadata, error) {
		if req, ok := in.Request.(*smithyhttp.Request); ok {
			req.Close = true
		}
		return next.HandleFinalize(ctx, in)
	}), middleware.After)
}

// describeEndpoints sends the request without data. Whatever the service says itself, that the role may not ask for instance,
// has come all the way; only credentials that it does not take, a refusal for too many requests and its own failures are errors.
func (a *Account) describeEndpoints(ctx context.Context) (Reading, error) {
	out, err := a.way.DescribeEndpoints(ctx, &dynamodb.DescribeEndpointsInput{})
	if err != nil {
		f := Classify(err)
		if f.Status >= 400 && f.Status < 500 && f.Reason != Expired && f.Reason != Throttled {
			return Reading{Request: f.RequestID}, nil
		}
		return Reading{}, err
	}
	return Reading{Request: requestID(out.ResultMetadata)}, nil
}
