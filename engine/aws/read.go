package aws

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	smithymiddleware "github.com/aws/smithy-go/middleware"
)

// pageLimit bounds a page that says no limit of its own: a probe must never cost what the trouble costs. largestScan bounds one
// that does, where nothing but the limit stands between the probe and the whole table. mostPages bounds how far one is followed.
const (
	pageLimit   = 100
	largestScan = 1000
	mostPages   = 20
)

// readOps are the operations that a Read can be made of, as IAM and the AWS CLI name them.
var readOps = []string{"GetItem", "Query", "Scan", "ExecuteStatement"}

// Read is one read-only request of the team's own: a GetItem, a Query, a Scan with a bound or a PartiQL SELECT. Nothing else can
// be made of it.
type Read struct {
	Op, Table, Index string

	pages     int     // of a Query, a Scan or a statement: how far it is followed
	most      float64 // read units after which it is followed no further; 0 = none
	input     []byte  // as NewRead took it
	teller    *teller // nil = what was answered is not told
	get       *dynamodb.GetItemInput
	query     *dynamodb.QueryInput
	scan      *dynamodb.ScanInput
	statement *selection
}

// NewRead reads a request as the AWS CLI takes it with --cli-input-json. Operation, table and index may be empty: the request's
// own hold then. It is followed over at most so many pages, 0 meaning one. A page of a Query that says no Limit reads 100 items,
// or up to DynamoDB's 1 MB where more pages than one were asked for. All are told to return what they consumed.
func NewRead(op, table, index string, pages int, input []byte) (*Read, error) {
	if op == "" {
		op = opOf(input)
	}
	if pages < 0 || pages > mostPages {
		return nil, fmt.Errorf("pages is a number from 1 to %d, not %d", mostPages, pages)
	}
	for _, name := range []string{table, index} {
		if !utf8.ValidString(name) {
			return nil, fmt.Errorf("%q is the name of no table and no index", name)
		}
	}
	r := &Read{Op: op, Table: table, Index: index, pages: max(1, pages), input: input}
	var err error
	switch op {
	case "GetItem":
		r.get, err = getItemInput(input)
	case "Query":
		r.query, err = queryInput(input)
	case "Scan":
		r.scan, err = scanInput(input)
	case "ExecuteStatement":
		r.statement, err = selectInput(input)
	case "":
		var object map[string]json.RawMessage
		if err := strict(input, &object); err != nil {
			return nil, fmt.Errorf("a request is one JSON object: %w", err)
		}
		return nil, errors.New("a request has a Key, a KeyConditionExpression, a Statement, or a Limit or Segment: this one has none of them")
	default:
		return nil, fmt.Errorf("a probe is one of %s, not %q: it only reads", strings.Join(readOps, " "), Clean(op))
	}
	if err != nil {
		return nil, fmt.Errorf("%s request: %w", op, err)
	}
	if err := r.place(); err != nil {
		return nil, err
	}
	r.bound()
	return r, nil
}

// place settles which table and index the request is about.
func (r *Read) place() error {
	name, on := r.names()
	if err := agree("table", *name, &r.Table); err != nil {
		return err
	}
	if *name = &r.Table; r.Table == "" {
		return fmt.Errorf("%s request: TableName is missing", r.Op)
	}
	if on == nil {
		if r.Index != "" {
			return fmt.Errorf("GetItem reads no index: leave out %q or use Query", Clean(r.Index))
		}
		return nil
	}
	if err := agree("index", *on, &r.Index); err != nil {
		return err
	}
	if r.statement != nil && r.Index != "" && *on == nil {
		return fmt.Errorf(`the statement reads no index: select from "%s"."%s" instead`, Clean(r.Table), Clean(r.Index))
	}
	if r.Index != "" {
		*on = &r.Index
	}
	return nil
}

// names returns where the request keeps its table and, if it can have one, its index.
func (r *Read) names() (table, index **string) {
	switch {
	case r.get != nil:
		return &r.get.TableName, nil
	case r.query != nil:
		return &r.query.TableName, &r.query.IndexName
	case r.scan != nil:
		return &r.scan.TableName, &r.scan.IndexName
	}
	return &r.statement.table, &r.statement.index
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

// bound gives a request without a limit of its own one.
func (r *Read) bound() {
	limit := func(l **int32) {
		if *l == nil {
			*l = sdk.Int32(pageLimit)
		}
	}
	switch {
	case r.query != nil && r.pages == 1:
		limit(&r.query.Limit)
	case r.scan != nil:
		limit(&r.scan.Limit)
	case r.statement != nil:
		limit(&r.statement.in.Limit)
	}
}

// Reading is what a Read brought back. On an error it holds what is known: the phases, perhaps a request id.
type Reading struct {
	Phases
	Units      float64 // read units consumed
	IndexUnits float64 // of them, by an index
	Pages      int
	More       bool // there were pages beyond the bound
	Examined   int  // items read; of a statement this is not known, and 0
	Returned   int
	Request    string // x-amzn-RequestId of the last page
	Answer     Answer // of a Read that was Told
}

// items are those of one page, for as long as it takes to tell its answer.
type items = []map[string]types.AttributeValue

// Read sends one request, and those for its further pages. The caller's context bounds all of it. The error is for Classify.
func (a *Account) Read(ctx context.Context, r *Read) (Reading, error) {
	ctx, trace := traced(ctx, a.clock.Now)
	got, err := a.send(ctx, r)
	if err != nil {
		got.Phases = trace.phases(got.Pages + 1)
		got.Request = Classify(err).RequestID
		return got, a.noted(err)
	}
	got.Phases = trace.phases(max(1, got.Pages))
	return got, nil
}

func (a *Account) send(ctx context.Context, r *Read) (Reading, error) {
	switch {
	case r.get != nil:
		got, all, err := a.getItem(ctx, r.get)
		r.teller.add(&got.Answer, all, err == nil)
		return got, err
	case r.query != nil:
		return r.follow(func(at *position) (Reading, items, error) { return a.query(ctx, *r.query, at) })
	case r.scan != nil:
		return r.follow(func(at *position) (Reading, items, error) { return a.scan(ctx, *r.scan, at) })
	case r.statement != nil:
		return r.follow(func(at *position) (Reading, items, error) { return a.selects(ctx, r.statement.in, at) })
	}
	return a.describeEndpoints(ctx)
}

// position is where the next page begins; the zero value is the first page.
type position struct {
	key   map[string]types.AttributeValue // LastEvaluatedKey
	token *string                         // NextToken
}

// follow adds pages up, until there are no more or the bound is reached.
func (r *Read) follow(next func(*position) (Reading, items, error)) (Reading, error) {
	var sum Reading
	at := &position{}
	for {
		p, all, err := next(at)
		if err != nil {
			return sum, err
		}
		sum.Units, sum.IndexUnits = sum.Units+p.Units, sum.IndexUnits+p.IndexUnits
		sum.Examined, sum.Returned, sum.Request = sum.Examined+p.Examined, sum.Returned+p.Returned, p.Request
		r.teller.add(&sum.Answer, all, sum.Pages == 0)
		sum.Pages++
		sum.More = len(at.key) > 0 || at.token != nil
		if !sum.More || sum.Pages >= r.pages || r.most > 0 && sum.Units >= r.most {
			return sum, nil
		}
	}
}

func (a *Account) getItem(ctx context.Context, in *dynamodb.GetItemInput) (Reading, items, error) {
	out, err := a.db.GetItem(ctx, in)
	if err != nil {
		return Reading{}, nil, err
	}
	got := Reading{Units: units(out.ConsumedCapacity), Pages: 1, Request: requestID(out.ResultMetadata)}
	if len(out.Item) == 0 {
		return got, nil, nil
	}
	got.Examined, got.Returned = 1, 1
	return got, items{out.Item}, nil
}

func (a *Account) query(ctx context.Context, in dynamodb.QueryInput, at *position) (Reading, items, error) {
	if at.key != nil {
		in.ExclusiveStartKey = at.key
	}
	out, err := a.db.Query(ctx, &in)
	if err != nil {
		return Reading{}, nil, err
	}
	at.key = out.LastEvaluatedKey
	return page(out.ConsumedCapacity, out.ScannedCount, out.Count, out.ResultMetadata), out.Items, nil
}

func (a *Account) scan(ctx context.Context, in dynamodb.ScanInput, at *position) (Reading, items, error) {
	if at.key != nil {
		in.ExclusiveStartKey = at.key
	}
	out, err := a.db.Scan(ctx, &in)
	if err != nil {
		return Reading{}, nil, err
	}
	at.key = out.LastEvaluatedKey
	return page(out.ConsumedCapacity, out.ScannedCount, out.Count, out.ResultMetadata), out.Items, nil
}

func page(c *types.ConsumedCapacity, examined, returned int32, m smithymiddleware.Metadata) Reading {
	return Reading{Units: units(c), IndexUnits: indexUnits(c), Examined: int(examined), Returned: int(returned), Request: requestID(m)}
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

func indexUnits(c *types.ConsumedCapacity) (sum float64) {
	if c == nil {
		return 0
	}
	for _, list := range [2]map[string]types.Capacity{c.GlobalSecondaryIndexes, c.LocalSecondaryIndexes} {
		for _, i := range list {
			sum += value(i.CapacityUnits)
		}
	}
	return sum
}
