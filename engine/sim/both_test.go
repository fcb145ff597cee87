package sim

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"reflect"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	cwtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/middleware"

	"github.com/ddbloop/ddbloop/engine/sim/world"
)

var ctx = context.Background()

func str(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }

func series(id, name, table string) cwtypes.MetricDataQuery {
	return cwtypes.MetricDataQuery{Id: aws.String(id), MetricStat: &cwtypes.MetricStat{Period: aws.Int32(60), Stat: aws.String("Sum"), Metric: &cwtypes.Metric{
		Namespace: aws.String("AWS/DynamoDB"), MetricName: aws.String(name), Dimensions: []cwtypes.Dimension{{Name: aws.String("TableName"), Value: aws.String(table)}},
	}}}
}

// exchange is a list of requests that touches everything which is served, rightly and wrongly.
func exchange(db *dynamodb.Client, cw *cloudwatch.Client, key map[string]types.AttributeValue, now time.Time) []any {
	orders, total := aws.String("orders"), types.ReturnConsumedCapacityIndexes
	item := map[string]types.AttributeValue{"tenant": str("t"), "created_at": str("2026"), "status": str("open"), "n": &types.AttributeValueMemberN{Value: "1.50"}}
	own := map[string]types.AttributeValue{"tenant": str("t"), "created_at": str("2026")}
	var out []any
	add := func(v any, err error) { out = append(out, plain(v), said(err)) }
	q := func(f func() (any, error)) { add(f()) }
	q(func() (any, error) { return db.ListTables(ctx, &dynamodb.ListTablesInput{Limit: aws.Int32(1)}) })
	q(func() (any, error) { return db.DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: orders}) })
	q(func() (any, error) {
		return db.DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: aws.String("sessions")})
	})
	q(func() (any, error) {
		return db.DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: aws.String("nothing")})
	})
	q(func() (any, error) { return db.DescribeLimits(ctx, &dynamodb.DescribeLimitsInput{}) })
	q(func() (any, error) { return db.DescribeEndpoints(ctx, &dynamodb.DescribeEndpointsInput{}) })
	q(func() (any, error) {
		return db.GetItem(ctx, &dynamodb.GetItemInput{TableName: orders, Key: key, ReturnConsumedCapacity: total})
	})
	q(func() (any, error) {
		return db.GetItem(ctx, &dynamodb.GetItemInput{TableName: orders, Key: own, ConsistentRead: aws.Bool(true), ReturnConsumedCapacity: total})
	})
	q(func() (any, error) { return db.GetItem(ctx, &dynamodb.GetItemInput{TableName: orders, Key: item}) })
	q(func() (any, error) {
		return db.PutItem(ctx, &dynamodb.PutItemInput{TableName: orders, Item: item, ReturnConsumedCapacity: total})
	})
	q(func() (any, error) {
		return db.PutItem(ctx, &dynamodb.PutItemInput{TableName: orders, Item: item, ConditionExpression: aws.String("attribute_not_exists(tenant)"), ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld})
	})
	q(func() (any, error) {
		return db.UpdateItem(ctx, &dynamodb.UpdateItemInput{
			TableName: orders, Key: own, UpdateExpression: aws.String("SET #s = :s ADD n :n"), ReturnValues: types.ReturnValueUpdatedNew, ReturnConsumedCapacity: total,
			ExpressionAttributeNames: map[string]string{"#s": "status"}, ExpressionAttributeValues: map[string]types.AttributeValue{":s": str("shut"), ":n": &types.AttributeValueMemberN{Value: "1"}},
		})
	})
	q(func() (any, error) {
		return db.Query(ctx, &dynamodb.QueryInput{
			TableName: orders, IndexName: aws.String("by-status"), KeyConditionExpression: aws.String("#s = :s"), Limit: aws.Int32(3), ReturnConsumedCapacity: total,
			ExpressionAttributeNames: map[string]string{"#s": "status"}, ExpressionAttributeValues: map[string]types.AttributeValue{":s": str("status-1")},
		})
	})
	q(func() (any, error) {
		return db.Scan(ctx, &dynamodb.ScanInput{TableName: orders, Select: types.SelectCount, ReturnConsumedCapacity: total})
	})
	q(func() (any, error) {
		return db.DeleteItem(ctx, &dynamodb.DeleteItemInput{TableName: orders, Key: own, ReturnValues: types.ReturnValueAllOld, ReturnConsumedCapacity: total})
	})
	q(func() (any, error) {
		return db.CreateBackup(ctx, &dynamodb.CreateBackupInput{TableName: orders, BackupName: aws.String("backup")})
	})
	q(func() (any, error) {
		return db.UpdateTable(ctx, &dynamodb.UpdateTableInput{TableName: orders, ProvisionedThroughput: &types.ProvisionedThroughput{ReadCapacityUnits: aws.Int64(4000), WriteCapacityUnits: aws.Int64(8000)}})
	})
	q(func() (any, error) {
		return db.UpdateTable(ctx, &dynamodb.UpdateTableInput{TableName: orders, ProvisionedThroughput: &types.ProvisionedThroughput{ReadCapacityUnits: aws.Int64(4000), WriteCapacityUnits: aws.Int64(9000)}})
	})
	q(func() (any, error) {
		return cw.GetMetricData(ctx, &cloudwatch.GetMetricDataInput{
			StartTime: aws.Time(now.Add(-20 * time.Minute)), EndTime: aws.Time(now),
			MetricDataQueries: []cwtypes.MetricDataQuery{series("w", "ConsumedWriteCapacityUnits", "orders"), series("none", "NoSuchMetric", "orders")},
		})
	})
	q(func() (any, error) {
		return cw.GetMetricStatistics(ctx, &cloudwatch.GetMetricStatisticsInput{
			Namespace: aws.String("AWS/DynamoDB"), MetricName: aws.String("SuccessfulRequestLatency"), StartTime: aws.Time(now.Add(-20 * time.Minute)), EndTime: aws.Time(now),
			Period: aws.Int32(300), Statistics: []cwtypes.Statistic{cwtypes.StatisticAverage, cwtypes.StatisticMaximum, cwtypes.StatisticSampleCount},
			Dimensions: []cwtypes.Dimension{{Name: aws.String("TableName"), Value: aws.String("orders")}, {Name: aws.String("Operation"), Value: aws.String("PutItem")}},
		})
	})
	q(func() (any, error) {
		return cw.ListMetrics(ctx, &cloudwatch.ListMetricsInput{Namespace: aws.String("AWS/DynamoDB"), Dimensions: []cwtypes.DimensionFilter{{Name: aws.String("TableName")}}})
	})
	q(func() (any, error) { return cw.DescribeAlarms(ctx, &cloudwatch.DescribeAlarmsInput{}) })
	q(func() (any, error) { return cw.ListDashboards(ctx, &cloudwatch.ListDashboardsInput{}) })
	return out
}

// plain drops what differs between two transports by nature: the metadata of the answer.
func plain(v any) any {
	if f := reflect.ValueOf(v).Elem(); f.IsValid() {
		f.FieldByName("ResultMetadata").Set(reflect.ValueOf(middleware.Metadata{}))
		return f.Interface()
	}
	return nil
}

// said is an error as the caller decodes it: its class and words, and its Go type.
func said(err error) string {
	var api smithy.APIError
	if errors.As(err, &api) {
		return fmt.Sprintf("%T %s: %s", api, api.ErrorCode(), api.ErrorMessage())
	}
	return fmt.Sprint(err)
}

func TestInProcessAndSocketAnswerAlike(t *testing.T) {
	inside, clock := newBench(t)
	clock.frozen = true
	db, cw := clients(t, inside, clock)
	want := exchange(db, cw, inside.ProbeKey("orders", true), clock.Now())

	outside, clock := newBench(t)
	clock.frozen = true
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	running, stop := context.WithCancel(ctx)
	done := make(chan error, 1)
	go func() { done <- outside.Serve(running, ln, clock) }()
	transport := &http.Transport{}
	cfg := config(t, &http.Client{Transport: transport}, "http://"+ln.Addr().String())
	got := exchange(dynamodb.NewFromConfig(cfg), cloudwatch.NewFromConfig(cfg), outside.ProbeKey("orders", true), clock.Now())
	transport.CloseIdleConnections()
	stop()
	if err := <-done; err != nil {
		t.Errorf("serve: %v", err)
	}
	if len(got) != len(want) {
		t.Fatalf("%d answers, %d in process", len(got), len(want))
	}
	failed := 0
	for i := range want {
		if !reflect.DeepEqual(got[i], want[i]) {
			t.Errorf("request %d:\nsocket  %+v\nprocess %+v", i/2, got[i], want[i])
		}
		if i%2 == 1 && want[i] != "<nil>" {
			failed++
			t.Log(want[i])
		}
	}
	if failed != 6 {
		t.Errorf("%d requests failed, 6 are wrong", failed)
	}
}

func TestServeRefusesOtherAddresses(t *testing.T) {
	s, clock := newBench(t)
	ln, err := net.Listen("tcp", "0.0.0.0:0")
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Serve(ctx, ln, clock); err == nil {
		t.Error("all addresses were served")
	}
}

func BenchmarkGetItemInProcess(b *testing.B) {
	s, clock := newBench(b)
	clock.frozen = true
	db := dynamodb.NewFromConfig(config(b, s.Client(clock, world.FromHere), "https://sim.invalid"))
	in := &dynamodb.GetItemInput{TableName: aws.String("orders"), Key: s.ProbeKey("orders", true), ReturnConsumedCapacity: types.ReturnConsumedCapacityTotal}
	for b.Loop() {
		if _, err := db.GetItem(ctx, in); err != nil {
			b.Fatal(err)
		}
		clock.slept = clock.slept[:0]
		clock.advance(time.Millisecond)
	}
}
