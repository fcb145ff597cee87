package wire

import (
	"net/http"
	"reflect"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/applicationautoscaling"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

// Service names an AWS service as scenarios and the world do.
type Service string

// The services that are spoken.
const (
	DynamoDB    Service = "dynamodb"
	CloudWatch  Service = "cloudwatch"
	AutoScaling Service = "autoscaling"
	CloudTrail  Service = "cloudtrail"
	STS         Service = "sts"

	queried Service = "query" // told only by the body and the signature
)

// MaxBody is the size in bytes that a request body may have, once unpacked: DynamoDB's limit is 16 MB, CloudWatch's 1 MB.
func (s Service) MaxBody() int64 {
	if s == DynamoDB {
		return 16 << 20
	}
	return 1 << 20
}

// protocol is one way of writing requests and answers.
type protocol interface {
	// tree parses a request body for an input of the given type.
	tree(body []byte, input reflect.Type) (any, error)
	// respond writes an answer.
	respond(operation string, out any) (*Response, error)
	// refuse writes an error.
	refuse(f *Failure) *Response
}

// route is what a request's address says about it.
type route struct {
	service   Service
	operation string
	proto     protocol
	input     func() any // nil: no such operation here
}

const (
	dynamoTarget     = "DynamoDB_20120810."
	cloudwatchTarget = "GraniteServiceVersion20100801."
	scalingTarget    = "AnyScaleFrontendService."
	trailTarget      = "CloudTrail_20131101."                              // the Go SDK's
	trailLongTarget  = "com.amazonaws.cloudtrail.v20131101." + trailTarget // the AWS CLI's
	cloudwatchPath   = "/service/GraniteServiceVersion20100801/operation/"
	formType         = "application/x-www-form-urlencoded"
)

// find tells the service, the operation and the protocol of a request. This is the one place that knows how they are told
// apart; another protocol is one more case.
func find(method, path string, h http.Header) (route, bool) {
	if method != http.MethodPost {
		return route{}, false
	}
	if name, ok := strings.CutPrefix(path, cloudwatchPath); ok {
		return route{CloudWatch, name, cbor{}, cloudwatchInputs[name]}, true
	}
	if path != "/" && path != "" {
		return route{}, false
	}
	target := h.Get("X-Amz-Target")
	if name, ok := strings.CutPrefix(target, dynamoTarget); ok {
		return route{DynamoDB, name, json10{}, dynamoInputs[name]}, true
	}
	if name, ok := strings.CutPrefix(target, cloudwatchTarget); ok {
		return route{CloudWatch, name, plainJSON{"1.0"}, cloudwatchInputs[name]}, true
	}
	if name, ok := strings.CutPrefix(target, scalingTarget); ok {
		return route{AutoScaling, name, plainJSON{"1.1"}, scalingInputs[name]}, true
	}
	for _, prefix := range []string{trailTarget, trailLongTarget} {
		if name, ok := strings.CutPrefix(target, prefix); ok {
			return route{CloudTrail, name, plainJSON{"1.1"}, trailInputs[name]}, true
		}
	}
	if strings.HasPrefix(h.Get("Content-Type"), formType) {
		return route{service: queried, proto: query{}}, true
	}
	return route{}, false
}

func input[T any]() func() any { return func() any { return new(T) } }

// The operations that exist here. Everything else is unknown, as it would be to a service that lacks it.
var (
	dynamoInputs = map[string]func() any{
		"DescribeEndpoints":           input[dynamodb.DescribeEndpointsInput](),
		"DescribeLimits":              input[dynamodb.DescribeLimitsInput](),
		"DescribeTable":               input[dynamodb.DescribeTableInput](),
		"ListTables":                  input[dynamodb.ListTablesInput](),
		"UpdateTable":                 input[dynamodb.UpdateTableInput](),
		"DescribeContributorInsights": input[dynamodb.DescribeContributorInsightsInput](),
		"ListContributorInsights":     input[dynamodb.ListContributorInsightsInput](),
		"UpdateContributorInsights":   input[dynamodb.UpdateContributorInsightsInput](),
		"BatchGetItem":                input[dynamodb.BatchGetItemInput](),
		"BatchWriteItem":              input[dynamodb.BatchWriteItemInput](),
		"TransactGetItems":            input[dynamodb.TransactGetItemsInput](),
		"TransactWriteItems":          input[dynamodb.TransactWriteItemsInput](),
		"ExecuteStatement":            input[dynamodb.ExecuteStatementInput](),
		"GetItem":                     input[dynamodb.GetItemInput](),
		"Query":                       input[dynamodb.QueryInput](),
		"Scan":                        input[dynamodb.ScanInput](),
		"PutItem":                     input[dynamodb.PutItemInput](),
		"UpdateItem":                  input[dynamodb.UpdateItemInput](),
		"DeleteItem":                  input[dynamodb.DeleteItemInput](),
	}
	cloudwatchInputs = map[string]func() any{
		"DescribeAlarms":       input[cloudwatch.DescribeAlarmsInput](),
		"DescribeAlarmHistory": input[cloudwatch.DescribeAlarmHistoryInput](),
		"GetInsightRuleReport": input[cloudwatch.GetInsightRuleReportInput](),
		"GetMetricData":        input[cloudwatch.GetMetricDataInput](),
		"GetMetricStatistics":  input[cloudwatch.GetMetricStatisticsInput](),
		"ListMetrics":          input[cloudwatch.ListMetricsInput](),
	}
	scalingInputs = map[string]func() any{
		"DescribeScalableTargets":   input[applicationautoscaling.DescribeScalableTargetsInput](),
		"DescribeScalingPolicies":   input[applicationautoscaling.DescribeScalingPoliciesInput](),
		"DescribeScalingActivities": input[applicationautoscaling.DescribeScalingActivitiesInput](),
		"RegisterScalableTarget":    input[applicationautoscaling.RegisterScalableTargetInput](),
		"DeregisterScalableTarget":  input[applicationautoscaling.DeregisterScalableTargetInput](),
		"PutScalingPolicy":          input[applicationautoscaling.PutScalingPolicyInput](),
	}
	trailInputs = map[string]func() any{"LookupEvents": input[cloudtrail.LookupEventsInput]()}
	stsInputs   = map[string]func() any{"GetCallerIdentity": input[sts.GetCallerIdentityInput]()}
)

// scope reads service, region and access key id out of a signature. What is not there is "".
func scope(authorization string) (service, region, key string) {
	_, rest, ok := strings.Cut(authorization, "Credential=")
	if !ok {
		return "", "", ""
	}
	credential, _, _ := strings.Cut(rest, ",")
	parts := strings.Split(strings.TrimSpace(credential), "/")
	if len(parts) < 5 {
		return "", "", ""
	}
	n := len(parts)
	return parts[n-2], parts[n-3], strings.Join(parts[:n-4], "/")
}

// refused are the members of inputs that nothing here can do justice to.
var refused = map[string][]string{
	"DescribeAlarmHistory":    {"AlarmContributorId"},
	"DescribeAlarms":          {"ActionPrefix", "ChildrenOfAlarmName", "ParentsOfAlarmName"},
	"DescribeScalingPolicies": {"PolicyNames"},
	"PutScalingPolicy":        {"PredictiveScalingPolicyConfiguration", "StepScalingPolicyConfiguration"},
	"LookupEvents":            {"EventCategory"},
}

// unserved names a member of an operation's input that is set and refused; "" for none.
func unserved(operation string, in any) string {
	for _, name := range refused[operation] {
		if !reflect.ValueOf(in).Elem().FieldByName(name).IsZero() {
			return name
		}
	}
	return ""
}
