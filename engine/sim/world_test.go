package sim

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	cwtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"

	"github.com/ddbloop/ddbloop/engine/sim/world"
)

// With one key taking 90 % of 2,400 writes a second, a writer of that key is throttled and told why; a writer of another key
// is not.
func TestHotKeyThrottlesItsWriters(t *testing.T) {
	s, clock := newFrom(t, strings.Replace(file, "distinct: 50}", "distinct: 20000}", 1))
	clock.advance(32 * time.Minute)
	db, _ := clients(t, s, clock)
	put := func(key map[string]types.AttributeValue) (refused int, reasons []types.ThrottlingReason) {
		for range 20 {
			_, err := db.PutItem(ctx, &dynamodb.PutItemInput{TableName: aws.String("orders"), Item: key})
			var e *types.ProvisionedThroughputExceededException
			if errors.As(err, &e) {
				refused, reasons = refused+1, e.ThrottlingReasons
			} else if err != nil {
				t.Fatal(err)
			}
		}
		return refused, reasons
	}
	refused, reasons := put(s.ProbeKey("orders", true))
	if refused == 0 || len(reasons) != 1 || *reasons[0].Reason != "TableWriteKeyRangeThroughputExceeded" || !strings.HasSuffix(*reasons[0].Resource, ":table/orders") {
		t.Errorf("the hot key: %d of 20 refused, %v", refused, reasons)
	}
	if refused, reasons := put(s.ProbeKey("orders", false)); refused != 0 {
		t.Errorf("another key: %d of 20 refused, %v", refused, reasons)
	}
}

// A probe's own units show in the table's metrics, once CloudWatch has published them.
func TestProbesShowInTheMetrics(t *testing.T) {
	s, clock := newFrom(t, strings.Replace(file, "rate: 300", "rate: 0", 1))
	clock.advance(time.Minute)
	start := clock.Now()
	db, cw := clients(t, s, clock)
	for range 40 {
		if _, err := db.GetItem(ctx, &dynamodb.GetItemInput{TableName: aws.String("sessions"), Key: s.ProbeKey("sessions", false), ConsistentRead: aws.Bool(true)}); err != nil {
			t.Fatal(err)
		}
	}
	clock.advance(10 * time.Minute)
	q := series("r", "ConsumedReadCapacityUnits", "sessions")
	out, err := cw.GetMetricData(ctx, &cloudwatch.GetMetricDataInput{StartTime: aws.Time(start), EndTime: aws.Time(clock.Now()), MetricDataQueries: []cwtypes.MetricDataQuery{q}})
	if err != nil {
		t.Fatal(err)
	}
	sum := 0.0
	for _, v := range out.MetricDataResults[0].Values {
		sum += v
	}
	if sum != 80 { // 40 reads of 5,000 bytes, strongly consistent
		t.Errorf("%v read units in %+v", sum, out.MetricDataResults[0])
	}
}

func TestRoleLacksWhatIsDenied(t *testing.T) {
	s, clock := newBench(t)
	s.sc.Here.Deny = []string{"dynamodb:GetItem", "cloudwatch:ListMetrics"}
	db, cw := clients(t, s, clock)
	code := func(err error) string {
		var api smithy.APIError
		if !errors.As(err, &api) {
			return ""
		}
		return api.ErrorCode()
	}
	_, err := db.GetItem(ctx, get(s))
	_, errList := cw.ListMetrics(ctx, &cloudwatch.ListMetricsInput{})
	if code(err) != "AccessDeniedException" || code(errList) != "AccessDenied" {
		t.Errorf("%v; %v", err, errList)
	}
	if _, err := db.ListTables(ctx, &dynamodb.ListTablesInput{}); err != nil {
		t.Error(err)
	}
	app := dynamodb.NewFromConfig(config(t, s.Client(clock, world.FromApp), "https://sim.invalid"))
	if _, err := app.GetItem(ctx, get(s)); err != nil {
		t.Errorf("the applications' role: %v", err)
	}
}

func TestUpdateTableSettles(t *testing.T) {
	s, clock := newBench(t)
	db, _ := clients(t, s, clock)
	update := &dynamodb.UpdateTableInput{TableName: aws.String("orders"), ProvisionedThroughput: &types.ProvisionedThroughput{ReadCapacityUnits: aws.Int64(4000), WriteCapacityUnits: aws.Int64(9000)}}
	out, err := db.UpdateTable(ctx, update)
	if err != nil || out.TableDescription.TableStatus != types.TableStatusUpdating || *out.TableDescription.ProvisionedThroughput.WriteCapacityUnits != 8000 {
		t.Fatalf("%+v %v", out, err)
	}
	var busy *types.ResourceInUseException
	if _, err := db.UpdateTable(ctx, update); !errors.As(err, &busy) {
		t.Errorf("a second change at once: %v", err)
	}
	clock.advance(2 * time.Minute)
	after, err := db.DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: aws.String("arn:aws:dynamodb:eu-west-1:123456789012:table/orders")})
	if err != nil || after.Table.TableStatus != types.TableStatusActive || *after.Table.ProvisionedThroughput.WriteCapacityUnits != 9000 {
		t.Errorf("%+v %v", after, err)
	}
	s.Inspect(clock, func(w *world.World) {
		if changes := w.Changes(); len(changes) != 1 || changes[0].By != "AKIDEXAMPLE" {
			t.Errorf("recorded: %+v", changes)
		}
	})
	for name, in := range map[string]*dynamodb.UpdateTableInput{
		"a stream":    {TableName: aws.String("orders"), StreamSpecification: &types.StreamSpecification{StreamEnabled: aws.Bool(true)}},
		"no capacity": {TableName: aws.String("orders"), ProvisionedThroughput: &types.ProvisionedThroughput{ReadCapacityUnits: aws.Int64(0), WriteCapacityUnits: aws.Int64(5)}},
	} {
		var api smithy.APIError
		if _, err := db.UpdateTable(ctx, in); !errors.As(err, &api) || api.ErrorCode() != "ValidationException" {
			t.Errorf("%s: %v", name, err)
		}
	}
}
