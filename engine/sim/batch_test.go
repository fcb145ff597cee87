package sim

import (
	"errors"
	"strconv"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"
)

// orderKey is a key of the table orders: its partition and its sort attribute.
func orderKey(tenant string, n int) map[string]types.AttributeValue {
	return map[string]types.AttributeValue{
		"tenant": &types.AttributeValueMemberS{Value: tenant}, "created_at": &types.AttributeValueMemberS{Value: strconv.Itoa(n)},
	}
}

func TestBatchesWriteAndRead(t *testing.T) {
	s, clock := newFrom(t, strings.Replace(file, "rate: 300", "rate: 0", 1))
	db, _ := clients(t, s, clock)
	var puts []types.WriteRequest
	var keys []map[string]types.AttributeValue
	for i := range 25 {
		puts = append(puts, types.WriteRequest{PutRequest: &types.PutRequest{Item: orderKey("batch", i)}})
		keys = append(keys, orderKey("batch", i))
	}
	written, err := db.BatchWriteItem(ctx, &dynamodb.BatchWriteItemInput{RequestItems: map[string][]types.WriteRequest{"orders": puts}, ReturnConsumedCapacity: types.ReturnConsumedCapacityTotal})
	if err != nil || len(written.UnprocessedItems) != 0 || *written.ConsumedCapacity[0].CapacityUnits < 25 {
		t.Fatalf("%+v %v", written, err)
	}
	read, err := db.BatchGetItem(ctx, &dynamodb.BatchGetItemInput{RequestItems: map[string]types.KeysAndAttributes{"orders": {Keys: keys, ConsistentRead: aws.Bool(true)}}, ReturnConsumedCapacity: types.ReturnConsumedCapacityTotal})
	if err != nil || len(read.Responses["orders"]) != 25 || *read.ConsumedCapacity[0].CapacityUnits != 25 {
		t.Fatalf("%d items, %v", len(read.Responses["orders"]), err)
	}
	for name, list := range map[string][]types.WriteRequest{
		"26 items": append(puts, types.WriteRequest{PutRequest: &types.PutRequest{Item: orderKey("batch", 99)}}), "one item twice": {puts[0], puts[0]}, "neither": {{}},
	} {
		var api smithy.APIError
		if _, err := db.BatchWriteItem(ctx, &dynamodb.BatchWriteItemInput{RequestItems: map[string][]types.WriteRequest{"orders": list}}); !errors.As(err, &api) || api.ErrorCode() != "ValidationException" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestTransactionsAreAllOrNothing(t *testing.T) {
	s, clock := newFrom(t, strings.Replace(file, "rate: 300", "rate: 0", 1))
	db, _ := clients(t, s, clock)
	put := func(n int) types.TransactWriteItem {
		return types.TransactWriteItem{Put: &types.Put{TableName: aws.String("orders"), Item: orderKey("tx", n)}}
	}
	check := types.TransactWriteItem{ConditionCheck: &types.ConditionCheck{TableName: aws.String("orders"), Key: orderKey("tx", 9), ConditionExpression: aws.String("attribute_exists(tenant)")}}
	_, err := db.TransactWriteItems(ctx, &dynamodb.TransactWriteItemsInput{TransactItems: []types.TransactWriteItem{put(1), check}})
	var cancelled *types.TransactionCanceledException
	if !errors.As(err, &cancelled) || len(cancelled.CancellationReasons) != 2 || *cancelled.CancellationReasons[0].Code != "None" || *cancelled.CancellationReasons[1].Code != "ConditionalCheckFailed" {
		t.Fatalf("%v", err)
	}
	get := func(n int) int {
		out, err := db.TransactGetItems(ctx, &dynamodb.TransactGetItemsInput{TransactItems: []types.TransactGetItem{{Get: &types.Get{TableName: aws.String("orders"), Key: orderKey("tx", n)}}}})
		if err != nil {
			t.Fatal(err)
		}
		return len(out.Responses[0].Item)
	}
	if get(1) != 0 {
		t.Error("a cancelled transaction wrote")
	}
	in := &dynamodb.TransactWriteItemsInput{TransactItems: []types.TransactWriteItem{put(1), put(2)}, ClientRequestToken: aws.String("once"), ReturnConsumedCapacity: types.ReturnConsumedCapacityTotal}
	out, err := db.TransactWriteItems(ctx, in)
	if err != nil || *out.ConsumedCapacity[0].CapacityUnits < 4 || get(1) == 0 || get(2) == 0 {
		t.Fatalf("%+v %v", out, err)
	}
	if again, err := db.TransactWriteItems(ctx, in); err != nil || again.ConsumedCapacity != nil {
		t.Errorf("the same token again: %+v %v", again, err)
	}
	in.TransactItems = in.TransactItems[:1]
	var mismatch *types.IdempotentParameterMismatchException
	if _, err := db.TransactWriteItems(ctx, in); !errors.As(err, &mismatch) {
		t.Errorf("the same token for something else: %v", err)
	}
}

func TestPartiQLSelects(t *testing.T) {
	s, clock := newFrom(t, strings.Replace(file, "rate: 300", "rate: 0", 1))
	db, _ := clients(t, s, clock)
	for i := range 9 {
		if _, err := db.PutItem(ctx, &dynamodb.PutItemInput{TableName: aws.String("orders"), Item: orderKey("p'q", i)}); err != nil {
			t.Fatal(err)
		}
	}
	ask := func(statement string, parameters ...types.AttributeValue) (*dynamodb.ExecuteStatementOutput, error) {
		return db.ExecuteStatement(ctx, &dynamodb.ExecuteStatementInput{Statement: &statement, Parameters: parameters, ReturnConsumedCapacity: types.ReturnConsumedCapacityTotal})
	}
	for statement, want := range map[string]int{
		`SELECT * FROM "orders" WHERE tenant = 'p''q'`:                                            9,
		`select created_at from orders where tenant='p''q' and created_at between '2' and '4'`:    3,
		`SELECT * FROM orders WHERE tenant = 'p''q' AND (created_at = '1' OR created_at = '2')`:   2,
		`SELECT * FROM orders WHERE tenant = 'p''q' AND created_at IN ['1', '7', '77']`:           2,
		`SELECT * FROM orders WHERE tenant = 'p''q' AND NOT created_at < '8' AND note IS MISSING`: 1,
		`SELECT * FROM orders WHERE tenant = 'p''q' AND begins_with("created_at", '3')`:           1,
		`SELECT * FROM orders WHERE tenant = 'p''q' AND note IS NOT MISSING`:                      0,
	} {
		out, err := ask(statement)
		if err != nil || len(out.Items) != want {
			t.Errorf("%s: %v, %v", statement, out, err)
			continue
		}
		if *out.ConsumedCapacity.CapacityUnits > 1 {
			t.Errorf("%s was no query: %v units", statement, *out.ConsumedCapacity.CapacityUnits)
		}
	}
	if out, err := ask(`SELECT * FROM orders WHERE tenant = ?`, &types.AttributeValueMemberS{Value: "p'q"}); err != nil || len(out.Items) != 9 {
		t.Errorf("a parameter: %v %v", out, err)
	}
	if out, err := ask(`SELECT * FROM orders WHERE created_at = '4'`); err != nil || *out.ConsumedCapacity.CapacityUnits < 10 {
		t.Errorf("without the key it is a scan: %v %v", out, err)
	}
	for _, bad := range []string{`DELETE FROM orders WHERE tenant='a'`, `SELECT * FROM`, `SELECT * FROM orders WHERE tenant = ?`, `SELECT * FROM orders WHERE tenant = 'x`, `SELECT * FROM orders ORDER BY tenant`, `SELECT count(*) FROM orders`, "SELECT * FROM orders WHERE a = \x1b"} {
		var api smithy.APIError
		if _, err := ask(bad); !errors.As(err, &api) || api.ErrorCode() != "ValidationException" {
			t.Errorf("%q: %v", bad, err)
		}
	}
}
