package sim

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbloop/ddbloop/engine/sim/items"
	"github.com/ddbloop/ddbloop/engine/sim/wire"
	"github.com/ddbloop/ddbloop/engine/sim/world"
)

// Limits of transactions (developer guide, "Amazon DynamoDB Transactions: How it works").
const (
	maxTransaction      = 100
	maxTransactionBytes = 4 << 20
	tokenLife           = 10 * time.Minute
)

// remembered is a transaction that was carried out under an idempotency token.
type remembered struct {
	at    time.Time
	items []types.TransactWriteItem
}

// move is one write of a transaction, computed.
type move struct {
	t     world.TableView
	store *items.Store
	key   items.Item
	done  *items.Write
	check bool // a condition only: nothing is written
	old   bool // a failed condition shows the item
}

func (v *visit) transactWrite(in *dynamodb.TransactWriteItemsInput) (any, error) {
	n := len(in.TransactItems)
	if n == 0 || n > maxTransaction {
		return nil, v.rejected("", &items.Invalid{Message: fmt.Sprintf("1 validation error detected: Value at 'transactItems' failed to satisfy constraint: Member must have length between 1 and %d", maxTransaction)})
	}
	if in.ReturnItemCollectionMetrics == types.ReturnItemCollectionMetricsSize {
		return nil, v.rejected("", &items.Invalid{Message: "ReturnItemCollectionMetrics=SIZE is not supported here"})
	}
	again, err := v.replayed(in)
	if err != nil || again {
		return &dynamodb.TransactWriteItemsOutput{}, err
	}
	actions := make([]move, n)
	seen := map[string]bool{}
	bytes := 0
	for i := range in.TransactItems {
		a, err := v.move(in.TransactItems[i])
		if err != nil {
			return nil, err
		}
		id := a.t.Name + fmt.Sprint(a.store.Identity(a.key))
		if seen[id] {
			return nil, v.rejected(a.t.Name, &items.Invalid{Message: "Transaction request cannot include multiple operations on one item"})
		}
		seen[id] = true
		bytes += items.Size(a.done.After)
		actions[i] = a
	}
	if bytes > maxTransactionBytes {
		return nil, v.rejected("", &items.Invalid{Message: "Collection size exceeded: a transaction may hold 4 MB of items"})
	}
	reasons := make([]types.CancellationReason, n)
	if v.admitTransaction(actions, reasons); cancelled(reasons) {
		return nil, cancellation(reasons)
	}
	out := &dynamodb.TransactWriteItemsOutput{}
	used, costs := map[string]float64{}, map[string][]items.IndexCost{}
	var tables []string
	for i, a := range actions {
		if a.done.Failed {
			v.world.CountError(a.t.Name, "ConditionalCheckFailedException")
			reasons[i] = types.CancellationReason{Code: aws.String("ConditionalCheckFailed"), Message: aws.String("The conditional request failed")}
			if a.old {
				reasons[i].Item = a.done.Before
			}
		}
		if _, known := used[a.t.Name]; !known {
			tables = append(tables, a.t.Name)
		}
		used[a.t.Name] += 2 * a.done.Units
		costs[a.t.Name] = merged(costs[a.t.Name], doubled(shownIndexes(a.t, a.done.Indexes)))
	}
	if cancelled(reasons) {
		return nil, cancellation(reasons)
	}
	for _, a := range actions {
		if !a.check {
			a.done.Apply()
		}
	}
	for _, t := range tables {
		if c := consumed(in.ReturnConsumedCapacity, t, "", used[t], costs[t]); c != nil {
			c.WriteCapacityUnits = c.CapacityUnits
			out.ConsumedCapacity = append(out.ConsumedCapacity, *c)
		}
	}
	v.remember(in)
	return out, nil
}

// replayed reports whether the same transaction was carried out under the same token within ten minutes.
func (v *visit) replayed(in *dynamodb.TransactWriteItemsInput) (bool, error) {
	token := aws.ToString(in.ClientRequestToken)
	if token == "" {
		return false, nil
	}
	for k, r := range v.tokens {
		if v.now.Sub(r.at) > tokenLife {
			delete(v.tokens, k)
		}
	}
	r, known := v.tokens[token]
	switch {
	case !known:
		return false, nil
	case !reflect.DeepEqual(r.items, in.TransactItems):
		return false, wire.Refuse("IdempotentParameterMismatchException", "The request uses the same client token as a previous, but non-identical request.")
	}
	return true, nil
}

// maxTokens bounds what is remembered; older transactions are forgotten sooner.
const maxTokens = 1000

func (v *visit) remember(in *dynamodb.TransactWriteItemsInput) {
	if token := aws.ToString(in.ClientRequestToken); token != "" && len(v.tokens) < maxTokens {
		v.tokens[token] = remembered{v.now, in.TransactItems}
	}
}

// move computes one write of a transaction.
func (v *visit) move(x types.TransactWriteItem) (move, error) {
	var w write
	a := move{}
	given := 0
	if p := x.Put; p != nil {
		given++
		w = write{table: p.TableName, key: p.Item, names: p.ExpressionAttributeNames, values: p.ExpressionAttributeValues, condition: p.ConditionExpression, onFailure: p.ReturnValuesOnConditionCheckFailure}
		w.compute = func(s *items.Store, _ *items.Placeholders) (func(*items.Condition) (*items.Write, error), error) {
			return func(c *items.Condition) (*items.Write, error) { return s.Put(p.Item, c) }, nil
		}
	}
	if d := x.Delete; d != nil {
		given++
		w = write{table: d.TableName, key: d.Key, names: d.ExpressionAttributeNames, values: d.ExpressionAttributeValues, condition: d.ConditionExpression, onFailure: d.ReturnValuesOnConditionCheckFailure}
		w.compute = func(s *items.Store, _ *items.Placeholders) (func(*items.Condition) (*items.Write, error), error) {
			return func(c *items.Condition) (*items.Write, error) { return s.Delete(d.Key, c) }, nil
		}
	}
	if u := x.Update; u != nil {
		given++
		w = write{table: u.TableName, key: u.Key, names: u.ExpressionAttributeNames, values: u.ExpressionAttributeValues, condition: u.ConditionExpression, onFailure: u.ReturnValuesOnConditionCheckFailure}
		w.compute = func(s *items.Store, holders *items.Placeholders) (func(*items.Condition) (*items.Write, error), error) {
			update, err := holders.Update(aws.ToString(u.UpdateExpression))
			return func(c *items.Condition) (*items.Write, error) { return s.Update(u.Key, update, c) }, err
		}
	}
	if k := x.ConditionCheck; k != nil {
		given++
		a.check = true
		w = write{table: k.TableName, key: k.Key, names: k.ExpressionAttributeNames, values: k.ExpressionAttributeValues, condition: k.ConditionExpression, onFailure: k.ReturnValuesOnConditionCheckFailure}
		w.compute = func(s *items.Store, _ *items.Placeholders) (func(*items.Condition) (*items.Write, error), error) {
			return func(c *items.Condition) (*items.Write, error) { return s.Check(k.Key, c) }, nil
		}
	}
	if given != 1 {
		return a, v.rejected("", &items.Invalid{Message: "TransactItems can only contain one of Check, Put, Update or Delete"})
	}
	t, store, err := v.table(w.table)
	if err != nil {
		return a, err
	}
	if a.check && w.condition == nil {
		return a, v.rejected(t.Name, &items.Invalid{Message: "The expression can not be null: ConditionExpression"})
	}
	done, err := w.prepare(t, store)
	if err != nil {
		return a, v.rejected(t.Name, err)
	}
	a.t, a.store, a.key, a.done, a.old = t, store, w.key, done, w.onFailure == types.ReturnValuesOnConditionCheckFailureAllOld
	return a, nil
}

// admitTransaction asks for twice the units of every action; the first that is refused cancels all.
func (v *visit) admitTransaction(actions []move, reasons []types.CancellationReason) {
	b := &batch{v: v}
	for i, a := range actions {
		r := v.writeRequest(a.t, a.store, a.key, a.done)
		r.WriteUnits *= 2
		for k := range r.IndexWrites {
			r.IndexWrites[k].Units *= 2
		}
		ok, err := b.admit(r)
		if ok {
			continue
		}
		if err == nil {
			err = b.refused
		}
		reasons[i] = throttleReason(err)
		return
	}
	if err := b.close([]string{actions[0].t.Name}); err != nil {
		reasons[0] = throttleReason(err)
	}
}

func throttleReason(err error) types.CancellationReason {
	code, message := "ThrottlingError", err.Error()
	var f *wire.Failure
	if errors.As(err, &f) {
		message = f.Message
		if f.Code == "ProvisionedThroughputExceededException" {
			code = "ProvisionedThroughputExceeded"
		}
	}
	return types.CancellationReason{Code: &code, Message: &message}
}

func doubled(costs []items.IndexCost) []items.IndexCost {
	for i := range costs {
		costs[i].Units *= 2
	}
	return costs
}

func cancelled(reasons []types.CancellationReason) bool {
	for _, r := range reasons {
		if r.Code != nil {
			return true
		}
	}
	return false
}

// cancellation is the exception with one reason for each action, in order; "None" for those that were well.
func cancellation(reasons []types.CancellationReason) error {
	codes := make([]string, len(reasons))
	for i := range reasons {
		if reasons[i].Code == nil {
			reasons[i].Code = aws.String("None")
		}
		codes[i] = *reasons[i].Code
	}
	message := "Transaction cancelled, please refer cancellation reasons for specific reasons [" + strings.Join(codes, ", ") + "]"
	f := wire.Refuse("TransactionCanceledException", message)
	f.Details = &types.TransactionCanceledException{Message: &message, CancellationReasons: reasons}
	return f
}

func (v *visit) transactGet(in *dynamodb.TransactGetItemsInput) (any, error) {
	n := len(in.TransactItems)
	if n == 0 || n > maxTransaction {
		return nil, v.rejected("", &items.Invalid{Message: fmt.Sprintf("1 validation error detected: Value at 'transactItems' failed to satisfy constraint: Member must have length between 1 and %d", maxTransaction)})
	}
	out := &dynamodb.TransactGetItemsOutput{Responses: make([]types.ItemResponse, n)}
	used := map[string]float64{}
	var tables []string
	b := &batch{v: v}
	for i, x := range in.TransactItems {
		if x.Get == nil {
			return nil, v.rejected("", &items.Invalid{Message: "TransactItems can only contain Get"})
		}
		t, store, err := v.table(x.Get.TableName)
		if err != nil {
			return nil, err
		}
		it, projection, err := v.lookUp(store, &dynamodb.GetItemInput{Key: x.Get.Key, ProjectionExpression: x.Get.ProjectionExpression, ExpressionAttributeNames: x.Get.ExpressionAttributeNames})
		if err != nil {
			return nil, v.rejected(t.Name, err)
		}
		size := items.Size(it)
		units := 2 * items.ReadUnits(size, true)
		ok, err := b.admit(world.Request{Table: t.Name, PartitionKey: store.Partition(x.Get.Key), ReadUnits: units, Bytes: size})
		if err != nil {
			return nil, err
		}
		if !ok {
			reasons := make([]types.CancellationReason, n)
			reasons[i] = throttleReason(b.refused)
			return nil, cancellation(reasons)
		}
		if _, known := used[t.Name]; !known {
			tables = append(tables, t.Name)
		}
		used[t.Name] += units
		out.Responses[i].Item = projected(projection, it)
	}
	for _, t := range tables {
		if c := consumed(in.ReturnConsumedCapacity, t, "", used[t], nil); c != nil {
			c.ReadCapacityUnits = c.CapacityUnits
			out.ConsumedCapacity = append(out.ConsumedCapacity, *c)
		}
	}
	return out, b.close(tables)
}
