package signal

import "time"

// Metric is what AWS documents of one CloudWatch metric.
type Metric struct {
	Namespace string
	Name      string
	Dims      string // dimension sets, sets parted by "; "
	Unit      string // CloudWatch's
	Stats     string // those that mean something: S(um) A(verage) m(inimum) M(aximum) N (sample count) p(ercentiles)
	Grid      time.Duration
	From      string // key of Sources
}

// Sources are the AWS pages that the facts come from.
var Sources = map[string]string{
	"DDB":   "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/metrics-dimensions.html",
	"USE":   "https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch-Service-Quota-Integration.html",
	"LAM":   "https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html",
	"BURST": "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/burst-adaptive-capacity.html",
	"WHY":   "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/throttling-diagnosing.html",
}

// The namespaces.
const (
	dynamo = "AWS/DynamoDB"
	lambda = "AWS/Lambda"
	usage  = "AWS/Usage"
)

const (
	minute = time.Minute
	five   = 5 * time.Minute
)

// Metrics are all that AWS publishes of DynamoDB, and what else the catalogue asks for.
var Metrics = []Metric{
	{dynamo, "ConsumedReadCapacityUnits", "Table; Table+Index", "Count", "S A m M", minute, "DDB"},
	{dynamo, "ConsumedWriteCapacityUnits", "Table; Table+Index; Table+Source", "Count", "S A m M", minute, "DDB"},
	{dynamo, "ProvisionedReadCapacityUnits", "Table; Table+Index", "Count", "m M A", five, "DDB"},
	{dynamo, "ProvisionedWriteCapacityUnits", "Table; Table+Index", "Count", "m M A", five, "DDB"},
	{dynamo, "OnDemandMaxReadRequestUnits", "Table; Table+Index", "Count", "m M A", five, "DDB"},
	{dynamo, "OnDemandMaxWriteRequestUnits", "Table; Table+Index", "Count", "m M A", five, "DDB"},

	{dynamo, "ReadThrottleEvents", "Table; Table+Index", "Count", "S N", minute, "DDB"},
	{dynamo, "ReadProvisionedThroughputThrottleEvents", "Table; Table+Index", "Count", "S N m M", minute, "WHY"},
	{dynamo, "ReadKeyRangeThroughputThrottleEvents", "Table; Table+Index", "Count", "S N m M", minute, "WHY"},
	{dynamo, "ReadMaxOnDemandThroughputThrottleEvents", "Table; Table+Index", "Count", "S N m M", minute, "WHY"},
	{dynamo, "ReadAccountLimitThrottleEvents", "Table; Table+Index", "Count", "S N m M", minute, "WHY"},
	{dynamo, "WriteThrottleEvents", "Table; Table+Index", "Count", "S N", minute, "DDB"},
	{dynamo, "WriteProvisionedThroughputThrottleEvents", "Table; Table+Index", "Count", "S N m M", minute, "WHY"},
	{dynamo, "WriteKeyRangeThroughputThrottleEvents", "Table; Table+Index", "Count", "S N m M", minute, "WHY"},
	{dynamo, "WriteMaxOnDemandThroughputThrottleEvents", "Table; Table+Index", "Count", "S N m M", minute, "WHY"},
	{dynamo, "WriteAccountLimitThrottleEvents", "Table; Table+Index", "Count", "S N m M", minute, "WHY"},
	{dynamo, "ThrottledRequests", "Table+Operation", "Count", "S N", minute, "DDB"},

	{dynamo, "SuccessfulRequestLatency", "Table+Operation; Table+Operation+StreamLabel", "Milliseconds", "m M S A N p", minute, "DDB"},
	{dynamo, "ReturnedItemCount", "Table+Operation", "Count", "m M A N S", minute, "DDB"},
	{dynamo, "ReturnedBytes", "Table+Operation+StreamLabel", "Bytes", "m M A N S", minute, "DDB"},
	{dynamo, "ReturnedRecordsCount", "Table+Operation+StreamLabel", "Count", "m M A N S", minute, "DDB"},
	{dynamo, "SystemErrors", "Table+Operation", "Count", "S N", minute, "DDB"},
	{dynamo, "FaultInjectionServiceInducedErrors", "Table+Operation", "Count", "S N", minute, "DDB"},
	{dynamo, "ConditionalCheckFailedRequests", "Table", "Count", "S N m M A", minute, "DDB"},
	{dynamo, "TransactionConflict", "Table", "Count", "S N m M A", minute, "DDB"},
	{dynamo, "TimeToLiveDeletedItemCount", "Table", "Count", "S", minute, "DDB"},
	{dynamo, "UserErrors", "none", "Count", "S N", minute, "DDB"},

	{dynamo, "OnlineIndexPercentageProgress", "Table+Index", "Count", "m M A N S", five, "DDB"},
	{dynamo, "OnlineIndexConsumedWriteCapacity", "Table+Index", "Count", "m M A N S", five, "DDB"},
	{dynamo, "OnlineIndexThrottleEvents", "Table+Index", "Count", "m M A N S", five, "DDB"},
	{dynamo, "ReplicationLatency", "Table+ReceivingRegion", "Milliseconds", "A m M", five, "DDB"},
	{dynamo, "PendingReplicationCount", "Table+ReceivingRegion", "Count", "A N S", five, "DDB"},
	{dynamo, "AgeOfOldestUnreplicatedRecord", "Table+DelegatedOperation", "Milliseconds", "m M A", five, "DDB"},
	{dynamo, "ConsumedChangeDataCaptureUnits", "Table+DelegatedOperation", "Count", "m M A", five, "DDB"},
	{dynamo, "FailedToReplicateRecordCount", "Table+DelegatedOperation", "Count", "S", five, "DDB"},
	{dynamo, "ThrottledPutRecordCount", "Table+DelegatedOperation", "Count", "S m M A N", five, "DDB"},
	{dynamo, "VectorSearchRequestBytes", "Table+VectorIndex", "Bytes", "S m M A N", five, "DDB"},
	{dynamo, "VectorWriteRequestBytes", "Table+VectorIndex", "Bytes", "S m M A N", five, "DDB"},

	{dynamo, "AccountMaxReads", "none", "Count", "M", five, "DDB"},
	{dynamo, "AccountMaxWrites", "none", "Count", "M", five, "DDB"},
	{dynamo, "AccountMaxTableLevelReads", "none", "Count", "M", five, "DDB"},
	{dynamo, "AccountMaxTableLevelWrites", "none", "Count", "M", five, "DDB"},
	{dynamo, "AccountProvisionedReadCapacityUtilization", "none", "Percent", "m M A", five, "DDB"},
	{dynamo, "AccountProvisionedWriteCapacityUtilization", "none", "Percent", "m M A", five, "DDB"},
	{dynamo, "MaxProvisionedTableReadCapacityUtilization", "none", "Percent", "m M A", five, "DDB"},
	{dynamo, "MaxProvisionedTableWriteCapacityUtilization", "none", "Percent", "m M A", five, "DDB"},
	{usage, "ResourceCount", "Service+Type+Resource+Class", "None", "m M A", five, "USE"},

	{lambda, "IteratorAge", "Function", "Milliseconds", "m M A p", minute, "LAM"},
}

// FactsOf returns what is documented of a signal's metric.
func FactsOf(s Signal) (Metric, bool) {
	for _, m := range Metrics {
		if m.Namespace == s.Namespace && m.Name == s.Metric {
			return m, true
		}
	}
	return Metric{}, false
}

// gridOf is the grid that AWS aggregates a metric on.
func gridOf(namespace, name string) time.Duration {
	m, _ := FactsOf(Signal{Namespace: namespace, Metric: name})
	return m.Grid
}
