package aws

import (
	"context"
	"fmt"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	smithymiddleware "github.com/aws/smithy-go/middleware"
)

// pageLimit bounds a Query that says no limit of its own: a probe must never cost what the trouble costs.
const pageLimit = 100

// Read is one read-only request of the team's own. It is one of GetItem and Query; nothing else can be made of it.
type Read struct {
	Op, Table, Index string

	get   *dynamodb.GetItemInput
	query *dynamodb.QueryInput
}

// NewRead reads a request as the AWS CLI takes it with --cli-input-json. Table and index may be empty: the request's own hold
// then. A Query without a Limit gets one of 100 items; both are told to return what they consumed.
func NewRead(op, table, index string, input []byte) (*Read, error) {
	r := &Read{Op: op, Table: table, Index: index}
	var err error
	switch op {
	case "GetItem":
		r.get, err = getItemInput(input)
	case "Query":
		r.query, err = queryInput(input)
	default:
		return nil, fmt.Errorf("a probe is GetItem or Query, not %q", Clean(op))
	}
	if err != nil {
		return nil, fmt.Errorf("%s request: %w", op, err)
	}
	name, on := r.names()
	if err := agree("table", *name, &r.Table); err != nil {
		return nil, err
	}
	if *name = &r.Table; r.Table == "" {
		return nil, fmt.Errorf("%s request: TableName is missing", op)
	}
	if on == nil {
		if index != "" {
			return nil, fmt.Errorf("GetItem reads no index: leave out %q or use Query", Clean(index))
		}
		return r, nil
	}
	if err := agree("index", *on, &r.Index); err != nil {
		return nil, err
	}
	if r.Index != "" {
		*on = &r.Index
	}
	return r, nil
}

// names returns where the request keeps its table and, if it can have one, its index.
func (r *Read) names() (table, index **string) {
	if r.get != nil {
		return &r.get.TableName, nil
	}
	return &r.query.TableName, &r.query.IndexName
}

// agree takes the request's own name where none was configured, and refuses two that differ.
func agree(what string, own *string, configured *string) error {
	switch {
	case own == nil || *own == *configured:
	case *configured == "":
		*configured = *own
	default:
		return fmt.Errorf("the request names %s %q, the probe %q", what, Clean(*own), Clean(*configured))
	}
	return nil
}

// Reading is what a Read brought back. On an error it holds what is known: the phases, perhaps a request id.
type Reading struct {
	Phases
	Units    float64 // read units consumed
	Pages    int
	Examined int
	Returned int
	Request  string // x-amzn-RequestId
}

// Read sends one request, one page. The caller's context bounds it. The error is for Classify.
func (a *Account) Read(ctx context.Context, r *Read) (Reading, error) {
	ctx, trace := traced(ctx, a.clock.Now)
	got, err := a.send(ctx, r)
	got.Phases = trace.phases()
	if err != nil {
		got.Request = Classify(err).RequestID
		return got, a.noted(err)
	}
	return got, nil
}

func (a *Account) send(ctx context.Context, r *Read) (Reading, error) {
	if r.get != nil {
		out, err := a.db.GetItem(ctx, r.get)
		if err != nil {
			return Reading{}, err
		}
		n := 0
		if len(out.Item) > 0 {
			n = 1
		}
		return Reading{Units: units(out.ConsumedCapacity), Pages: 1, Examined: n, Returned: n, Request: requestID(out.ResultMetadata)}, nil
	}
	out, err := a.db.Query(ctx, r.query)
	if err != nil {
		return Reading{}, err
	}
	return Reading{
		Units: units(out.ConsumedCapacity), Pages: 1, Examined: int(out.ScannedCount), Returned: int(out.Count),
		Request: requestID(out.ResultMetadata),
	}, nil
}

func requestID(m smithymiddleware.Metadata) string {
	id, _ := middleware.GetRequestIDMetadata(m)
	return Clean(id)
}

func units(c *types.ConsumedCapacity) float64 {
	if c == nil {
		return 0
	}
	return value(c.CapacityUnits)
}

func limited(limit *int32) *int32 {
	if limit == nil {
		return sdk.Int32(pageLimit)
	}
	return limit
}
