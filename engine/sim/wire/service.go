package wire

import (
	"net/http"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
)

// Service names an AWS service as scenarios and the world do.
type Service string

// The services that are spoken.
const (
	DynamoDB   Service = "dynamodb"
	CloudWatch Service = "cloudwatch"
)

// MaxBody is the size in bytes that a request body may have, once unpacked: DynamoDB's limit is 16 MB, CloudWatch's 1 MB.
func (s Service) MaxBody() int64 {
	if s == CloudWatch {
		return 1 << 20
	}
	return 16 << 20
}

// protocol is one way of writing requests and answers.
type protocol interface {
	// tree parses a request body.
	tree(body []byte) (any, error)
	// respond writes an answer.
	respond(out output) (*Response, error)
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
	dynamoTarget   = "DynamoDB_20120810."
	cloudwatchPath = "/service/GraniteServiceVersion20100801/operation/"
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
	if name, ok := strings.CutPrefix(h.Get("X-Amz-Target"), dynamoTarget); ok && (path == "/" || path == "") {
		return route{DynamoDB, name, json10{}, dynamoInputs[name]}, true
	}
	return route{}, false
}

// The operations that exist here. Everything else is unknown, as it would be to a service that lacks it.
var dynamoInputs = map[string]func() any{
	"DescribeEndpoints": func() any { return new(dynamodb.DescribeEndpointsInput) },
	"DescribeLimits":    func() any { return new(dynamodb.DescribeLimitsInput) },
	"DescribeTable":     func() any { return new(dynamodb.DescribeTableInput) },
	"ListTables":        func() any { return new(dynamodb.ListTablesInput) },
	"UpdateTable":       func() any { return new(dynamodb.UpdateTableInput) },
	"GetItem":           func() any { return new(dynamodb.GetItemInput) },
	"Query":             func() any { return new(dynamodb.QueryInput) },
	"Scan":              func() any { return new(dynamodb.ScanInput) },
	"PutItem":           func() any { return new(dynamodb.PutItemInput) },
	"UpdateItem":        func() any { return new(dynamodb.UpdateItemInput) },
	"DeleteItem":        func() any { return new(dynamodb.DeleteItemInput) },
}

var cloudwatchInputs = map[string]func() any{
	"DescribeAlarms":      func() any { return new(cloudwatch.DescribeAlarmsInput) },
	"GetMetricData":       func() any { return new(cloudwatch.GetMetricDataInput) },
	"GetMetricStatistics": func() any { return new(cloudwatch.GetMetricStatisticsInput) },
	"ListMetrics":         func() any { return new(cloudwatch.ListMetricsInput) },
}
