package sim

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// A table whose index projects everything: a write of 2.5 KB costs three units in each, and each part is told apart.
func TestConsumedCapacityHasItsParts(t *testing.T) {
	s, clock := newFrom(t, strings.Replace(file, "projection: keys_only", "projection: all", 1))
	db, _ := clients(t, s, clock)
	orders, index := aws.String("orders"), aws.String("by-status")
	key := map[string]types.AttributeValue{"tenant": str("t"), "created_at": str("2026")}
	item := map[string]types.AttributeValue{"tenant": str("t"), "created_at": str("2026"), "status": str("open"), "fill": str(strings.Repeat("x", 2500))}
	values := map[string]types.AttributeValue{":s": str("open")}
	names := map[string]string{"#s": "status"}
	for _, step := range []struct {
		name                string
		total, table, index float64 // index -1: not named
		do                  func(types.ReturnConsumedCapacity) (*types.ConsumedCapacity, error)
	}{
		{"put", 6, 3, 3, func(want types.ReturnConsumedCapacity) (*types.ConsumedCapacity, error) {
			out, err := db.PutItem(ctx, &dynamodb.PutItemInput{TableName: orders, Item: item, ReturnConsumedCapacity: want})
			return out.ConsumedCapacity, err
		}},
		{"put of the same again leaves the index alone", 3, 3, -1, func(want types.ReturnConsumedCapacity) (*types.ConsumedCapacity, error) {
			out, err := db.PutItem(ctx, &dynamodb.PutItemInput{TableName: orders, Item: item, ReturnConsumedCapacity: want})
			return out.ConsumedCapacity, err
		}},
		{"query of the index", 0.5, 0, 0.5, func(want types.ReturnConsumedCapacity) (*types.ConsumedCapacity, error) {
			out, err := db.Query(ctx, &dynamodb.QueryInput{TableName: orders, IndexName: index, KeyConditionExpression: aws.String("#s = :s"), ExpressionAttributeNames: names, ExpressionAttributeValues: values, ReturnConsumedCapacity: want})
			return out.ConsumedCapacity, err
		}},
		{"get", 1, 1, -1, func(want types.ReturnConsumedCapacity) (*types.ConsumedCapacity, error) {
			out, err := db.GetItem(ctx, &dynamodb.GetItemInput{TableName: orders, Key: key, ConsistentRead: aws.Bool(true), ReturnConsumedCapacity: want})
			return out.ConsumedCapacity, err
		}},
		{"update that changes the index key: out and in", 9, 3, 6, func(want types.ReturnConsumedCapacity) (*types.ConsumedCapacity, error) {
			out, err := db.UpdateItem(ctx, &dynamodb.UpdateItemInput{
				TableName: orders, Key: key, UpdateExpression: aws.String("SET #s = :n"), ExpressionAttributeNames: names,
				ExpressionAttributeValues: map[string]types.AttributeValue{":n": str("shut")}, ReturnConsumedCapacity: want,
			})
			return out.ConsumedCapacity, err
		}},
		{"delete", 6, 3, 3, func(want types.ReturnConsumedCapacity) (*types.ConsumedCapacity, error) {
			out, err := db.DeleteItem(ctx, &dynamodb.DeleteItemInput{TableName: orders, Key: key, ReturnConsumedCapacity: want})
			return out.ConsumedCapacity, err
		}},
		{"delete of nothing", 1, 1, -1, func(want types.ReturnConsumedCapacity) (*types.ConsumedCapacity, error) {
			out, err := db.DeleteItem(ctx, &dynamodb.DeleteItemInput{TableName: orders, Key: key, ReturnConsumedCapacity: want})
			return out.ConsumedCapacity, err
		}},
	} {
		c, err := step.do(types.ReturnConsumedCapacityIndexes)
		if err != nil || *c.CapacityUnits != step.total || *c.Table.CapacityUnits != step.table {
			t.Errorf("%s: %+v %v", step.name, c, err)
			continue
		}
		if part, named := c.GlobalSecondaryIndexes["by-status"]; named != (step.index >= 0) || named && *part.CapacityUnits != step.index {
			t.Errorf("%s: index %v", step.name, c.GlobalSecondaryIndexes)
		}
	}
	if c := consumed(types.ReturnConsumedCapacityTotal, "t", "", 2, nil); c.Table != nil || *c.CapacityUnits != 2 {
		t.Errorf("total: %+v", c)
	}
	if consumed(types.ReturnConsumedCapacityNone, "t", "", 2, nil) != nil || consumed("", "t", "", 2, nil) != nil {
		t.Error("nobody asked")
	}
}
