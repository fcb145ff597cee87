package sim

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbloop/ddbloop/engine/sim/items"
	"github.com/ddbloop/ddbloop/engine/sim/world"
)

func (v *visit) getItem(in *dynamodb.GetItemInput) (any, error) {
	t, store, err := v.table(in.TableName)
	if err != nil {
		return nil, err
	}
	it, projection, err := v.lookUp(store, in)
	if err != nil {
		return nil, v.rejected(t.Name, err)
	}
	size, found := items.Size(it), 0
	if it != nil {
		found = 1
	}
	units := items.ReadUnits(size, aws.ToBool(in.ConsistentRead))
	if err := v.admit(world.Request{Table: t.Name, PartitionKey: store.Partition(in.Key), ReadUnits: units, Bytes: size, Returned: found}); err != nil {
		return nil, err
	}
	return &dynamodb.GetItemOutput{
		Item:             projected(projection, it),
		ConsumedCapacity: consumed(in.ReturnConsumedCapacity, t.Name, "", units, nil),
	}, nil
}

func (v *visit) lookUp(store *items.Store, in *dynamodb.GetItemInput) (items.Item, *items.Projection, error) {
	if err := noLegacy(map[string]bool{"AttributesToGet": in.AttributesToGet != nil}); err != nil {
		return nil, nil, err
	}
	holders, err := items.NewPlaceholders(in.ExpressionAttributeNames, nil)
	if err != nil {
		return nil, nil, err
	}
	projection, err := projectionOf(holders, in.ProjectionExpression)
	if err != nil {
		return nil, nil, err
	}
	if err := holders.Unused(); err != nil {
		return nil, nil, err
	}
	it, _, err := store.Get(in.Key)
	return it, projection, err
}

// projected applies a projection; an item that is not there stays absent.
func projected(p *items.Projection, it items.Item) items.Item {
	if it == nil {
		return nil
	}
	return p.Apply(it)
}

func projectionOf(holders *items.Placeholders, text *string) (*items.Projection, error) {
	if text == nil {
		return nil, nil
	}
	return holders.Projection(*text)
}

func conditionOf(holders *items.Placeholders, kind string, text *string) (*items.Condition, error) {
	if text == nil {
		return nil, nil
	}
	return holders.Condition(kind, *text)
}

// search is what Query and Scan have in common.
type search struct {
	index      *string
	consistent bool
	names      map[string]string
	values     items.Item
	key        *string // KeyConditionExpression, of a query
	isQuery    bool
	filter     *string
	projection *string
	choice     types.Select
	limit      *int32
	start      items.Item
	read       items.Read // filled in by prepare
}

func (v *visit) query(in *dynamodb.QueryInput) (any, error) {
	q := &search{
		index: in.IndexName, consistent: aws.ToBool(in.ConsistentRead), names: in.ExpressionAttributeNames, values: in.ExpressionAttributeValues,
		key: in.KeyConditionExpression, isQuery: true, filter: in.FilterExpression, projection: in.ProjectionExpression,
		choice: in.Select, limit: in.Limit, start: in.ExclusiveStartKey,
	}
	q.read.Backward = in.ScanIndexForward != nil && !*in.ScanIndexForward
	legacy := noLegacy(map[string]bool{
		"AttributesToGet": in.AttributesToGet != nil, "ConditionalOperator": in.ConditionalOperator != "",
		"KeyConditions": in.KeyConditions != nil, "QueryFilter": in.QueryFilter != nil,
	})
	page, used, err := v.search(in.TableName, q, legacy, in.ReturnConsumedCapacity)
	if err != nil {
		return nil, err
	}
	out := &dynamodb.QueryOutput{Count: int32(len(page.Items)), ScannedCount: int32(page.Scanned), LastEvaluatedKey: page.Last, ConsumedCapacity: used}
	if in.Select != types.SelectCount {
		out.Items = listed(page.Items)
	}
	return out, nil
}

func (v *visit) scan(in *dynamodb.ScanInput) (any, error) {
	q := &search{
		index: in.IndexName, consistent: aws.ToBool(in.ConsistentRead), names: in.ExpressionAttributeNames, values: in.ExpressionAttributeValues,
		filter: in.FilterExpression, projection: in.ProjectionExpression, choice: in.Select, limit: in.Limit, start: in.ExclusiveStartKey,
	}
	legacy := noLegacy(map[string]bool{
		"AttributesToGet": in.AttributesToGet != nil, "ConditionalOperator": in.ConditionalOperator != "", "ScanFilter": in.ScanFilter != nil,
	})
	if legacy == nil {
		legacy = q.segment(in.Segment, in.TotalSegments)
	}
	page, used, err := v.search(in.TableName, q, legacy, in.ReturnConsumedCapacity)
	if err != nil {
		return nil, err
	}
	out := &dynamodb.ScanOutput{Count: int32(len(page.Items)), ScannedCount: int32(page.Scanned), LastEvaluatedKey: page.Last, ConsumedCapacity: used}
	if in.Select != types.SelectCount {
		out.Items = listed(page.Items)
	}
	return out, nil
}

// listed makes an empty list of none: the service answers [] and not nothing.
func listed(list []items.Item) []items.Item {
	if list == nil {
		return []items.Item{}
	}
	return list
}

func (q *search) segment(segment, total *int32) error {
	switch {
	case segment == nil && total == nil:
		return nil
	case segment == nil || total == nil:
		return &items.Invalid{Message: "The TotalSegments and Segment parameters must be given together"}
	case *total < 1 || *total > 1_000_000:
		return &items.Invalid{Message: "1 validation error detected: Value at 'totalSegments' failed to satisfy constraint: Member must be between 1 and 1000000"}
	case *segment < 0 || *segment >= *total:
		return &items.Invalid{Message: "The Segment parameter is zero-based and must be less than parameter TotalSegments"}
	}
	q.read.Segment, q.read.Segments = int(*segment), int(*total)
	return nil
}

// search runs a Query or a Scan: the page is computed first, because what it examined is what the world is asked for.
func (v *visit) search(table *string, q *search, refuse error, want types.ReturnConsumedCapacity) (items.Page, *types.ConsumedCapacity, error) {
	t, store, err := v.table(table)
	if err != nil {
		return items.Page{}, nil, err
	}
	if refuse == nil {
		refuse = v.index(t, q.index, q.consistent)
	}
	if refuse == nil {
		refuse = q.prepare(t, store)
	}
	if refuse != nil {
		return items.Page{}, nil, v.rejected(t.Name, refuse)
	}
	page, err := store.Read(q.read)
	if err != nil {
		return items.Page{}, nil, v.rejected(t.Name, err)
	}
	units := items.ReadUnits(page.Bytes, q.consistent)
	r := world.Request{Table: t.Name, Index: q.read.Index, ReadUnits: units, Bytes: page.Bytes, Returned: len(page.Items)}
	if q.read.Key != nil {
		r.PartitionKey = q.read.Key.Partition()
	}
	if err := v.admit(r); err != nil {
		return items.Page{}, nil, err
	}
	return page, consumed(want, t.Name, q.read.Index, units, nil), nil
}

// prepare parses the expressions and checks that the members of the request agree with each other.
func (q *search) prepare(t world.TableView, store *items.Store) error {
	key := items.Key{Partition: t.Key.Partition, Sort: t.Key.Sort}
	if q.index != nil {
		x, ok := store.IndexOf(*q.index)
		shown := false
		for _, have := range t.Indexes {
			shown = shown || have.Name == *q.index
		}
		if !ok || !shown {
			return &items.Invalid{Message: "The table does not have the specified index: " + *q.index}
		}
		key, q.read.Index = x.Key, x.Name
	}
	holders, err := items.NewPlaceholders(q.names, q.values)
	if err != nil {
		return err
	}
	if q.isQuery {
		if q.key == nil {
			return &items.Invalid{Message: "Either the KeyConditions or KeyConditionExpression parameter must be specified in the request."}
		}
		if q.read.Key, err = holders.KeyCondition(*q.key, key); err != nil {
			return err
		}
	}
	if q.read.Filter, err = conditionOf(holders, "FilterExpression", q.filter); err != nil {
		return err
	}
	if q.read.Projection, err = projectionOf(holders, q.projection); err != nil {
		return err
	}
	if err := holders.Unused(); err != nil {
		return err
	}
	if q.limit != nil && *q.limit < 1 {
		return &items.Invalid{Message: "1 validation error detected: Value at 'limit' failed to satisfy constraint: Member must have value greater than or equal to 1"}
	}
	q.read.Limit, q.read.Start = int(aws.ToInt32(q.limit)), q.start
	return q.selection()
}

// selection checks Select against the projection and the index.
func (q *search) selection() error {
	specific := q.choice == types.SelectSpecificAttributes || q.choice == ""
	switch {
	case q.read.Projection != nil && !specific:
		return &items.Invalid{Message: "Cannot specify the ProjectionExpression when choosing to get " + string(q.choice)}
	case q.choice == types.SelectSpecificAttributes && q.read.Projection == nil:
		return &items.Invalid{Message: "Must specify the AttributesToGet or ProjectionExpression when choosing to get SPECIFIC_ATTRIBUTES"}
	case q.choice == types.SelectAllProjectedAttributes && q.index == nil:
		return &items.Invalid{Message: "ALL_PROJECTED_ATTRIBUTES can be used only when Querying using an IndexName"}
	}
	q.read.Whole = q.choice == types.SelectAllAttributes
	return nil
}
