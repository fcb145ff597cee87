package scenario

import (
	"slices"
	"strings"
)

// Kinds are the kinds of incident, calm first.
func Kinds() []string { return slices.Clone(kinds) }

// LeverKinds are the words a lever's does may use.
func LeverKinds() []string { return slices.Clone(leverKinds) }

// ChangeKinds are the kinds of change; lever:NAME comes on top.
func ChangeKinds() []string { return slices.Clone(changeKinds) }

// Operations are the data-plane operations a client may call.
func Operations() []string { return append(slices.Clone(readOperations), writeOperations...) }

// Writes reports whether the operation consumes write units.
func Writes(operation string) bool { return slices.Contains(writeOperations, operation) }

// Examines reports whether an operation reads many items to answer with some, on the table or an index. ExecuteStatement is one SELECT by
// key, as that is what the embedded AWS serves.
func Examines(operation string) bool {
	return operation == "Query" || operation == "Scan" || operation == "ExecuteStatement"
}

// Transactional reports whether the operation costs twice the units.
func Transactional(operation string) bool {
	return strings.HasPrefix(operation, "Transact") || operation == "ExecuteTransaction"
}

var kinds = []string{
	"calm", "hot_partition", "underprovisioned_table", "gsi_backpressure", "gsi_hot_key",
	"on_demand_ramp", "on_demand_cap", "account_quota", "scan_storm", "filter_drift",
	"pagination_blowup", "large_items", "transaction_conflicts", "conditional_failures",
	"gsi_backfill", "autoscaling_lag", "autoscaling_max", "scale_in", "ttl_storm",
	"stream_lag", "replica_lag", "kinesis_capture", "client_latency", "dns_failure",
	"service_errors", "service_latency", "retry_storm", "request_errors", "access_denied",
	"upstream_drop", "credentials_expired", "monitoring_outage",
}

var (
	layers       = []string{"unknown", "service", "throttled", "slow", "tail", "client", "healthy"}
	dispositions = []string{"retry", "optimize", "escalate"}
	leverKinds   = []string{
		"limit_key", "limit_client", "stop_job", "roll_back", "cut_retries", "spread_keys",
		"scale_consumer", "fail_over", "fix_client", "other",
	}
	changeKinds = []string{
		"table.read", "table.write", "index.read", "index.write", "mode.on_demand", "mode.provisioned",
		"cap.read", "cap.write", "warm.read", "warm.write", "autoscaling.min", "autoscaling.max",
		"autoscaling.target", "insights", "index.delete_backfilling", "query.variant",
	}
	readOperations = []string{
		"GetItem", "Query", "Scan", "BatchGetItem", "TransactGetItems", "ExecuteStatement",
	}
	probeOperations = []string{"GetItem", "Query", "Scan", "ExecuteStatement"}
	writeOperations = []string{
		"PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem", "TransactWriteItems",
	}
	callOperations = []string{
		"UpdateTable", "RegisterScalableTarget", "DeregisterScalableTarget", "PutScalingPolicy",
		"UpdateContributorInsights",
	}
	services = []string{"dynamodb", "cloudwatch", "autoscaling", "cloudtrail"}
)

// cutLever splits the name off lever:NAME.
func cutLever(kind string) (string, bool) { return strings.CutPrefix(kind, "lever:") }
