package sim

import (
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbloop/ddbloop/engine/sim/items"
	"github.com/ddbloop/ddbloop/engine/sim/wire"
	"github.com/ddbloop/ddbloop/engine/sim/world"
)

// table finds a table of the request, as the world sees it and as the store holds it.
func (v *visit) table(nameOrARN *string) (world.TableView, *items.Store, error) {
	name, err := tableName(nameOrARN)
	if err != nil {
		return world.TableView{}, nil, err
	}
	view, ok := v.world.DescribeIn(v.region, name)
	store := v.stores[name]
	if (!ok || store == nil) && len(name) < 3 { // AWS takes none so short; a scenario's own is served all the same
		return view, nil, invalidName(name)
	}
	if !ok || store == nil {
		v.world.CountError(name, "ResourceNotFoundException")
		return view, nil, wire.Refuse("ResourceNotFoundException", "Requested resource not found: Table: "+name+" not found")
	}
	store.SetItemBytes(int(v.world.ItemBytes(name)))
	return view, store, nil
}

// index checks that a read may use the index now.
func (v *visit) index(t world.TableView, name *string, consistent bool) error {
	if name == nil {
		return nil
	}
	for _, x := range t.Indexes {
		switch {
		case x.Name != *name:
		case x.Status == world.Creating:
			return &items.Invalid{Message: "Cannot read from backfilling global secondary index: " + x.Name}
		case consistent:
			return &items.Invalid{Message: "Consistent reads are not supported on global secondary indexes"}
		default:
			return nil
		}
	}
	return &items.Invalid{Message: "The table does not have the specified index: " + *name}
}

// noLegacy refuses the parameters that expressions have replaced: a filter that is ignored is a
// wrong answer.
func noLegacy(given map[string]bool) error {
	for _, name := range slices.Sorted(maps.Keys(given)) {
		if given[name] {
			return &items.Invalid{Message: "The parameter " + name + " is not supported here: use expressions instead"}
		}
	}
	return nil
}

// rejected records a request that the service refused for what it says, and passes the refusal on.
func (v *visit) rejected(table string, err error) error {
	v.world.CountError(table, "ValidationException")
	return err
}

// admit offers the request to the world and turns a refusal into the exception that the service sends.
func (v *visit) admit(r world.Request) error {
	r.Operation, r.From = v.call.Operation, v.from
	o := v.world.Admit(r)
	v.took = o.Latency
	if o.Exception == "" {
		return nil
	}
	var reasons []types.ThrottlingReason
	for _, reason := range o.Reasons {
		reasons = append(reasons, types.ThrottlingReason{Reason: aws.String(reason.Reason), Resource: aws.String(reason.ResourceARN)})
	}
	f := &wire.Failure{Status: o.Status, Code: o.Exception, Message: o.Message}
	// The SDK's types know how each exception spells its members on the wire.
	switch o.Exception {
	case "ProvisionedThroughputExceededException":
		f.Details = &types.ProvisionedThroughputExceededException{Message: &o.Message, ThrottlingReasons: reasons}
	case "ThrottlingException":
		f.Details = &types.ThrottlingException{Message: &o.Message, ThrottlingReasons: reasons}
	case "RequestLimitExceeded":
		f.Details = &types.RequestLimitExceeded{Message: &o.Message, ThrottlingReasons: reasons}
	}
	return f
}

// consumed is the ConsumedCapacity of an answer: nothing, the total, or the total with its parts.
func consumed(want types.ReturnConsumedCapacity, table, index string, units float64, writes []items.IndexCost) *types.ConsumedCapacity {
	if want == "" || want == types.ReturnConsumedCapacityNone {
		return nil
	}
	parts := map[string]types.Capacity{}
	own, total := units, units
	if index != "" {
		own = 0
		parts[index] = types.Capacity{CapacityUnits: aws.Float64(units)}
	}
	for _, w := range writes {
		parts[w.Index] = types.Capacity{CapacityUnits: aws.Float64(w.Units)}
		total += w.Units
	}
	c := &types.ConsumedCapacity{TableName: aws.String(table), CapacityUnits: aws.Float64(total)}
	if want == types.ReturnConsumedCapacityIndexes {
		c.Table = &types.Capacity{CapacityUnits: aws.Float64(own)}
		if len(parts) > 0 {
			c.GlobalSecondaryIndexes = parts
		}
	}
	return c
}
