package sim

import (
	"errors"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/ddbloop/ddbloop/engine/sim/items"
	"github.com/ddbloop/ddbloop/engine/sim/wire"
	"github.com/ddbloop/ddbloop/engine/sim/world"
)

// Server time of the calls that the world does not price (guesses: neither is published).
const (
	controlLatency    = 15 * time.Millisecond
	cloudwatchLatency = 45 * time.Millisecond
	refusalLatency    = 2 * time.Millisecond
)

// visit is one request being served: what arrived, when and from where, and how long the server takes over it.
type visit struct {
	*Sim
	call *wire.Call
	from world.Where
	now  time.Time
	took time.Duration

	region string // that the request is addressed to
}

// serve answers a request that has been read, at the given instant. signed is when its signature says that it was sent, zero
// when that is not to be judged. The time it takes is returned, not slept.
func (s *Sim) serve(call *wire.Call, fail *wire.Failure, from world.Where, now, signed time.Time) (*wire.Response, time.Duration) {
	v := &visit{Sim: s, call: call, from: from, now: now, took: refusalLatency, region: call.Region}
	if v.region == "" {
		v.region = s.sc.Region
	}
	var out any
	s.mu.Lock()
	s.at(now)
	id := s.requestID()
	theirs := now.Add(s.world.Skew(from))
	if fail == nil {
		fail = untimely(call.Service, signed, theirs)
	}
	if fail == nil {
		out, fail = v.handle()
	} else if call.Input == nil && call.Service == wire.DynamoDB {
		s.world.CountError(tableOf(call.Input), fail.Code)
	}
	s.mu.Unlock()
	resp := v.write(out, fail)
	resp.Header["X-Amzn-Requestid"] = []string{id}
	resp.Header["Date"] = []string{theirs.UTC().Format(http.TimeFormat)}
	return resp, v.took
}

func (v *visit) write(out any, fail *wire.Failure) *wire.Response {
	if fail != nil {
		return v.call.Fail(fail)
	}
	resp, err := v.call.Answer(out)
	if err != nil {
		return v.call.Fail(&wire.Failure{Status: http.StatusInternalServerError, Code: "InternalServerError", Message: err.Error()})
	}
	return resp
}

// handle runs the operation and turns its error into what goes over the wire.
func (v *visit) handle() (any, *wire.Failure) {
	out, err := v.operate()
	if err == nil {
		return out, nil
	}
	var (
		fail    *wire.Failure
		invalid *items.Invalid
		refused *world.Error
	)
	switch {
	case errors.As(err, &fail):
		return nil, fail
	case errors.As(err, &refused):
		return nil, wire.Refuse(refused.Code, refused.Message)
	case errors.As(err, &invalid):
		return nil, wire.Refuse("ValidationException", invalid.Message)
	}
	return nil, &wire.Failure{Status: http.StatusInternalServerError, Code: "InternalServerError", Message: err.Error()}
}

var errNotServed = wire.Refuse("UnknownOperationException", "The requested operation is not served here.")

func (v *visit) operate() (any, error) {
	if err := v.denied(); err != nil {
		return nil, err
	}
	if out, ok, err := v.operateItems(); ok {
		return out, err
	}
	if err := v.fault(); err != nil {
		return nil, err
	}
	switch v.call.Service {
	case wire.AutoScaling:
		return v.scaling()
	case wire.CloudWatch:
		return v.operateMetrics()
	}
	switch in := v.call.Input.(type) {
	case *dynamodb.DescribeTableInput:
		return v.describeTable(in)
	case *dynamodb.ListTablesInput:
		return v.listTables(in)
	case *dynamodb.DescribeEndpointsInput:
		return v.describeEndpoints()
	case *dynamodb.DescribeLimitsInput:
		return v.describeLimits()
	case *dynamodb.UpdateTableInput:
		return v.updateTable(in)
	case *dynamodb.DescribeContributorInsightsInput:
		return v.describeInsights(in)
	case *dynamodb.ListContributorInsightsInput:
		return v.listInsights(in)
	case *dynamodb.UpdateContributorInsightsInput:
		return v.updateInsights(in)
	case *cloudtrail.LookupEventsInput:
		return v.lookupEvents(in)
	case *sts.GetCallerIdentityInput:
		return v.identity()
	}
	return nil, errNotServed
}

// operateItems runs a call of the data plane, which the world prices and fails itself; ok is false for any other call.
func (v *visit) operateItems() (out any, ok bool, err error) {
	switch in := v.call.Input.(type) {
	case *dynamodb.GetItemInput:
		out, err = v.getItem(in)
	case *dynamodb.QueryInput:
		out, err = v.query(in)
	case *dynamodb.ScanInput:
		out, err = v.scan(in)
	case *dynamodb.PutItemInput:
		out, err = v.putItem(in)
	case *dynamodb.UpdateItemInput:
		out, err = v.updateItem(in)
	case *dynamodb.DeleteItemInput:
		out, err = v.deleteItem(in)
	case *dynamodb.BatchGetItemInput:
		out, err = v.batchGet(in)
	case *dynamodb.BatchWriteItemInput:
		out, err = v.batchWrite(in)
	case *dynamodb.TransactGetItemsInput:
		out, err = v.transactGet(in)
	case *dynamodb.TransactWriteItemsInput:
		out, err = v.transactWrite(in)
	case *dynamodb.ExecuteStatementInput:
		out, err = v.executeStatement(in)
	default:
		return nil, false, nil
	}
	return out, true, err
}

func (v *visit) operateMetrics() (any, error) {
	switch in := v.call.Input.(type) {
	case *cloudwatch.GetMetricDataInput:
		return v.getMetricData(in)
	case *cloudwatch.GetMetricStatisticsInput:
		return v.getMetricStatistics(in)
	case *cloudwatch.ListMetricsInput:
		return v.listMetrics(in)
	case *cloudwatch.DescribeAlarmsInput:
		return v.describeAlarms(in)
	case *cloudwatch.DescribeAlarmHistoryInput:
		return v.describeAlarmHistory(in)
	case *cloudwatch.GetInsightRuleReportInput:
		return v.insightReport(in)
	}
	return nil, errNotServed
}

// fault lets a failing service fail. The world does so itself for what it prices, so that this is for the other calls.
func (v *visit) fault() error {
	v.took = controlLatency
	if v.call.Service == wire.CloudWatch {
		v.took = cloudwatchLatency
	}
	f := v.world.Fault(v.from, string(v.call.Service), v.call.Operation, tableOf(v.call.Input))
	if v.luck.Float64() < f.Share {
		v.took = time.Duration(float64(v.took)*f.Times) + f.Added
	}
	switch luck := v.luck.Float64(); {
	case luck < f.ErrorRate:
		return &wire.Failure{Status: http.StatusInternalServerError, Code: f.Code, Message: "The request processing has failed because of an unknown error, exception or failure."}
	case luck < f.ErrorRate+f.ThrottleRate:
		return wire.Refuse("ThrottlingException", "Rate exceeded")
	}
	return nil
}
