package sim

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbloop/ddbloop/engine/sim/items"
	"github.com/ddbloop/ddbloop/engine/sim/wire"
	"github.com/ddbloop/ddbloop/engine/sim/world"
)

// write is what the three single-item writes have in common.
type write struct {
	table      *string
	key        items.Item // anything that holds the key attributes
	names      map[string]string
	values     items.Item
	condition  *string
	legacy     map[string]bool
	sizes      types.ReturnItemCollectionMetrics
	returns    types.ReturnValue
	allowed    []types.ReturnValue // besides none
	onFailure  types.ReturnValuesOnConditionCheckFailure
	capacity   types.ReturnConsumedCapacity
	compute    func(*items.Store, *items.Placeholders) (func(*items.Condition) (*items.Write, error), error)
	attributes func(*items.Write) items.Item // what Attributes holds, for returns other than none
}

func (v *visit) putItem(in *dynamodb.PutItemInput) (any, error) {
	w := write{
		table: in.TableName, key: in.Item, names: in.ExpressionAttributeNames, values: in.ExpressionAttributeValues,
		condition: in.ConditionExpression, sizes: in.ReturnItemCollectionMetrics, returns: in.ReturnValues,
		allowed: []types.ReturnValue{types.ReturnValueAllOld}, onFailure: in.ReturnValuesOnConditionCheckFailure, capacity: in.ReturnConsumedCapacity,
		legacy: map[string]bool{"ConditionalOperator": in.ConditionalOperator != "", "Expected": in.Expected != nil},
		compute: func(s *items.Store, _ *items.Placeholders) (func(*items.Condition) (*items.Write, error), error) {
			return func(c *items.Condition) (*items.Write, error) { return s.Put(in.Item, c) }, nil
		},
	}
	attributes, used, err := v.commit(w)
	if err != nil {
		return nil, err
	}
	return &dynamodb.PutItemOutput{Attributes: attributes, ConsumedCapacity: used}, nil
}

func (v *visit) deleteItem(in *dynamodb.DeleteItemInput) (any, error) {
	w := write{
		table: in.TableName, key: in.Key, names: in.ExpressionAttributeNames, values: in.ExpressionAttributeValues,
		condition: in.ConditionExpression, sizes: in.ReturnItemCollectionMetrics, returns: in.ReturnValues,
		allowed: []types.ReturnValue{types.ReturnValueAllOld}, onFailure: in.ReturnValuesOnConditionCheckFailure, capacity: in.ReturnConsumedCapacity,
		legacy: map[string]bool{"ConditionalOperator": in.ConditionalOperator != "", "Expected": in.Expected != nil},
		compute: func(s *items.Store, _ *items.Placeholders) (func(*items.Condition) (*items.Write, error), error) {
			return func(c *items.Condition) (*items.Write, error) { return s.Delete(in.Key, c) }, nil
		},
	}
	attributes, used, err := v.commit(w)
	if err != nil {
		return nil, err
	}
	return &dynamodb.DeleteItemOutput{Attributes: attributes, ConsumedCapacity: used}, nil
}

func (v *visit) updateItem(in *dynamodb.UpdateItemInput) (any, error) {
	var update *items.Update
	w := write{
		table: in.TableName, key: in.Key, names: in.ExpressionAttributeNames, values: in.ExpressionAttributeValues,
		condition: in.ConditionExpression, sizes: in.ReturnItemCollectionMetrics, returns: in.ReturnValues,
		allowed:   []types.ReturnValue{types.ReturnValueAllOld, types.ReturnValueAllNew, types.ReturnValueUpdatedOld, types.ReturnValueUpdatedNew},
		onFailure: in.ReturnValuesOnConditionCheckFailure, capacity: in.ReturnConsumedCapacity,
		legacy: map[string]bool{"AttributeUpdates": in.AttributeUpdates != nil, "ConditionalOperator": in.ConditionalOperator != "", "Expected": in.Expected != nil},
		compute: func(s *items.Store, holders *items.Placeholders) (func(*items.Condition) (*items.Write, error), error) {
			if in.UpdateExpression != nil {
				var err error
				if update, err = holders.Update(*in.UpdateExpression); err != nil {
					return nil, err
				}
			}
			return func(c *items.Condition) (*items.Write, error) { return s.Update(in.Key, update, c) }, nil
		},
		attributes: func(done *items.Write) items.Item { return updated(in.ReturnValues, update, done) },
	}
	attributes, used, err := v.commit(w)
	if err != nil {
		return nil, err
	}
	return &dynamodb.UpdateItemOutput{Attributes: attributes, ConsumedCapacity: used}, nil
}

// updated picks what an UpdateItem returns.
func updated(want types.ReturnValue, u *items.Update, w *items.Write) items.Item {
	from := w.After
	if want == types.ReturnValueAllOld || want == types.ReturnValueUpdatedOld {
		from = w.Before
	}
	if want == types.ReturnValueAllOld || want == types.ReturnValueAllNew {
		return from
	}
	out := items.Item{}
	for _, name := range u.Names() {
		if value, ok := from[name]; ok {
			out[name] = value
		}
	}
	if len(out) == 0 {
		return nil
	}
	return out
}

// commit computes the write, asks the world for its units, and applies it once it is let through. A condition that does not
// hold has used its units all the same.
func (v *visit) commit(w write) (items.Item, *types.ConsumedCapacity, error) {
	t, store, err := v.table(w.table)
	if err != nil {
		return nil, nil, err
	}
	done, err := w.prepare(t, store)
	if err != nil {
		return nil, nil, v.rejected(t.Name, err)
	}
	shown := shownIndexes(t, done.Indexes)
	if err := v.admit(v.writeRequest(t, store, w.key, done)); err != nil {
		return nil, nil, err
	}
	if done.Failed {
		v.world.CountError(t.Name, "ConditionalCheckFailedException")
		return nil, nil, conditionFailed(w.onFailure, done.Before)
	}
	done.Apply()
	var attributes items.Item
	switch {
	case w.returns == "" || w.returns == types.ReturnValueNone:
	case w.attributes != nil:
		attributes = w.attributes(done)
	default:
		attributes = done.Before
	}
	return attributes, consumed(w.capacity, t.Name, "", done.Units, shown), nil
}

func (w write) prepare(t world.TableView, store *items.Store) (*items.Write, error) {
	if err := noLegacy(w.legacy); err != nil {
		return nil, err
	}
	if w.sizes == types.ReturnItemCollectionMetricsSize && t.LSI {
		return nil, &items.Invalid{Message: "ReturnItemCollectionMetrics=SIZE is not supported here on a table with a local secondary index"}
	}
	if !w.returnable() {
		return nil, &items.Invalid{Message: "Return values set to invalid value"}
	}
	holders, err := items.NewPlaceholders(w.names, w.values)
	if err != nil {
		return nil, err
	}
	run, err := w.compute(store, holders)
	if err != nil {
		return nil, err
	}
	condition, err := conditionOf(holders, "ConditionExpression", w.condition)
	if err != nil {
		return nil, err
	}
	if err := holders.Unused(); err != nil {
		return nil, err
	}
	return run(condition)
}

func (w write) returnable() bool {
	ok := w.returns == "" || w.returns == types.ReturnValueNone
	for _, a := range w.allowed {
		ok = ok || a == w.returns
	}
	return ok
}

// shownIndexes drops the costs of indexes that do not exist yet, or any more.
func shownIndexes(t world.TableView, costs []items.IndexCost) []items.IndexCost {
	var out []items.IndexCost
	for _, c := range costs {
		for _, x := range t.Indexes {
			if x.Name == c.Index && x.Status != world.Deleting {
				out = append(out, c)
			}
		}
	}
	return out
}

func conditionFailed(want types.ReturnValuesOnConditionCheckFailure, item items.Item) error {
	f := wire.Refuse("ConditionalCheckFailedException", "The conditional request failed")
	if want == types.ReturnValuesOnConditionCheckFailureAllOld && item != nil {
		f.Details = &types.ConditionalCheckFailedException{Message: aws.String(f.Message), Item: item}
	}
	return f
}
