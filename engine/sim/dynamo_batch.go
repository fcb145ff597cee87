package sim

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbloop/ddbloop/engine/sim/items"
	"github.com/ddbloop/ddbloop/engine/sim/wire"
	"github.com/ddbloop/ddbloop/engine/sim/world"
)

// Limits of batches (API reference, BatchGetItem and BatchWriteItem).
const (
	maxBatchGet   = 100
	maxBatchWrite = 25
	maxBatchBytes = 16 << 20
)

// batch is a batch under way: each item is admitted by itself, and what is refused comes back as unprocessed.
type batch struct {
	v       *visit
	done    int
	bytes   int
	refused error // the last refusal
	slowest time.Duration
}

// admit asks for one item's units. It reports whether they were there; an error is no throttle.
func (b *batch) admit(r world.Request) (bool, error) {
	r.Part = true
	err := b.v.admit(r)
	b.slowest = max(b.slowest, b.v.took)
	var f *wire.Failure
	switch {
	case err == nil:
		b.done++
		b.bytes += r.Bytes
		return true, nil
	case errors.As(err, &f) && (f.Code == "ProvisionedThroughputExceededException" || f.Code == "ThrottlingException" || f.Code == "RequestLimitExceeded"):
		b.refused = err
		return false, nil
	}
	return false, err
}

// close counts the request, once for each table. A batch whose every item was refused is refused itself.
func (b *batch) close(tables []string) error {
	if b.done == 0 && b.refused != nil {
		return b.refused
	}
	for _, t := range tables {
		if err := b.v.admit(world.Request{Table: t, Bytes: b.bytes, Returned: b.done}); err != nil {
			return err
		}
	}
	b.v.took = max(b.v.took, b.slowest)
	return nil
}

func (v *visit) batchGet(in *dynamodb.BatchGetItemInput) (any, error) {
	total := 0
	for _, k := range in.RequestItems {
		total += len(k.Keys)
	}
	if total == 0 || total > maxBatchGet {
		return nil, v.rejected("", &items.Invalid{Message: fmt.Sprintf("Too many items requested for the BatchGetItem call: %d, at least 1 and at most %d are allowed", total, maxBatchGet)})
	}
	out := &dynamodb.BatchGetItemOutput{Responses: map[string][]map[string]types.AttributeValue{}, UnprocessedKeys: map[string]types.KeysAndAttributes{}}
	b := &batch{v: v}
	tables := slices.Sorted(maps.Keys(in.RequestItems))
	names := make([]string, 0, len(tables))
	for _, given := range tables {
		t, store, err := v.table(&given)
		if err != nil {
			return nil, err
		}
		names = append(names, t.Name)
		units, err := v.batchGetTable(b, t, store, given, in.RequestItems[given], out)
		if err != nil {
			return nil, err
		}
		if c := consumed(in.ReturnConsumedCapacity, t.Name, "", units, nil); c != nil {
			out.ConsumedCapacity = append(out.ConsumedCapacity, *c)
		}
	}
	return out, b.close(names)
}

func (v *visit) batchGetTable(b *batch, t world.TableView, store *items.Store, given string, k types.KeysAndAttributes, out *dynamodb.BatchGetItemOutput) (float64, error) {
	seen := map[string]bool{}
	units := 0.0
	found := []map[string]types.AttributeValue{}
	left := k
	left.Keys = nil
	for _, key := range k.Keys {
		one := &dynamodb.GetItemInput{Key: key, ConsistentRead: k.ConsistentRead, ProjectionExpression: k.ProjectionExpression, ExpressionAttributeNames: k.ExpressionAttributeNames, AttributesToGet: k.AttributesToGet}
		it, projection, err := v.lookUp(store, one)
		if err != nil {
			return 0, v.rejected(t.Name, err)
		}
		if id := fmt.Sprint(store.Identity(key)); seen[id] {
			return 0, v.rejected(t.Name, &items.Invalid{Message: "Provided list of item keys contains duplicates"})
		} else {
			seen[id] = true
		}
		size := items.Size(it)
		each := items.ReadUnits(size, aws.ToBool(k.ConsistentRead))
		ok := b.bytes+size <= maxBatchBytes
		if ok {
			if ok, err = b.admit(world.Request{Table: t.Name, PartitionKey: store.Partition(key), ReadUnits: each, Bytes: size}); err != nil {
				return 0, err
			}
		}
		if !ok {
			left.Keys = append(left.Keys, key)
			continue
		}
		units += each
		if it != nil {
			found = append(found, projected(projection, it))
		}
	}
	out.Responses[given] = found
	if left.Keys != nil {
		out.UnprocessedKeys[given] = left
	}
	return units, nil
}

func (v *visit) batchWrite(in *dynamodb.BatchWriteItemInput) (any, error) {
	total := 0
	for _, list := range in.RequestItems {
		total += len(list)
	}
	if total == 0 || total > maxBatchWrite {
		return nil, v.rejected("", &items.Invalid{Message: fmt.Sprintf("Too many items requested for the BatchWriteItem call: %d, at least 1 and at most %d are allowed", total, maxBatchWrite)})
	}
	if in.ReturnItemCollectionMetrics == types.ReturnItemCollectionMetricsSize {
		return nil, v.rejected("", &items.Invalid{Message: "ReturnItemCollectionMetrics=SIZE is not supported here"})
	}
	// All of the batch is checked before any of it is written.
	var plan []batchPut
	seen := map[string]bool{}
	tables := slices.Sorted(maps.Keys(in.RequestItems))
	names := make([]string, 0, len(tables))
	for _, given := range tables {
		t, store, err := v.table(&given)
		if err != nil {
			return nil, err
		}
		names = append(names, t.Name)
		for _, r := range in.RequestItems[given] {
			p, err := planPut(given, t, store, r)
			if err != nil {
				return nil, v.rejected(t.Name, err)
			}
			if id := t.Name + fmt.Sprint(store.Identity(p.key)); seen[id] {
				return nil, v.rejected(t.Name, &items.Invalid{Message: "Provided list of item keys contains duplicates"})
			} else {
				seen[id] = true
			}
			plan = append(plan, p)
		}
	}
	out := &dynamodb.BatchWriteItemOutput{UnprocessedItems: map[string][]types.WriteRequest{}}
	b := &batch{v: v}
	used := map[string]float64{}
	costs := map[string][]items.IndexCost{}
	for _, p := range plan {
		r := v.writeRequest(p.t, p.store, p.key, p.done)
		ok, err := b.admit(r)
		if err != nil {
			return nil, err
		}
		if !ok {
			out.UnprocessedItems[p.given] = append(out.UnprocessedItems[p.given], p.request)
			continue
		}
		p.done.Apply()
		used[p.t.Name] += p.done.Units
		costs[p.t.Name] = merged(costs[p.t.Name], shownIndexes(p.t, p.done.Indexes))
	}
	for _, t := range names {
		if c := consumed(in.ReturnConsumedCapacity, t, "", used[t], costs[t]); c != nil {
			out.ConsumedCapacity = append(out.ConsumedCapacity, *c)
		}
	}
	return out, b.close(names)
}

// batchPut is one put or delete of a batch, computed.
type batchPut struct {
	given   string
	t       world.TableView
	store   *items.Store
	key     items.Item
	done    *items.Write
	request types.WriteRequest
}

func planPut(given string, t world.TableView, store *items.Store, r types.WriteRequest) (batchPut, error) {
	p := batchPut{given: given, t: t, store: store, request: r}
	var err error
	switch {
	case (r.PutRequest == nil) == (r.DeleteRequest == nil):
		return p, &items.Invalid{Message: "Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported requests: PutRequest, DeleteRequest"}
	case r.PutRequest != nil:
		p.key = r.PutRequest.Item
		p.done, err = store.Put(r.PutRequest.Item, nil)
	default:
		p.key = r.DeleteRequest.Key
		p.done, err = store.Delete(r.DeleteRequest.Key, nil)
	}
	return p, err
}

// writeRequest is what the world is asked for on behalf of one write.
func (v *visit) writeRequest(t world.TableView, store *items.Store, key items.Item, done *items.Write) world.Request {
	r := world.Request{Table: t.Name, PartitionKey: store.Partition(key), WriteUnits: done.Units, Bytes: max(items.Size(done.Before), items.Size(done.After))}
	for _, x := range shownIndexes(t, done.Indexes) {
		r.IndexWrites = append(r.IndexWrites, world.IndexWrite{Index: x.Index, PartitionKey: x.Partition, Units: x.Units})
	}
	return r
}

// merged adds index costs up by index.
func merged(to, more []items.IndexCost) []items.IndexCost {
	for _, m := range more {
		i := slices.IndexFunc(to, func(c items.IndexCost) bool { return c.Index == m.Index })
		if i < 0 {
			to = append(to, m)
			continue
		}
		to[i].Units += m.Units
	}
	return to
}
