package scenario

import "slices"

// serviceOperations are the operations of each service that a fault can single out: those of AWS's API references, November 2026,
// whether the embedded AWS serves them or not.
var serviceOperations = map[string][]string{
	"dynamodb": {
		"BatchExecuteStatement", "BatchGetItem", "BatchWriteItem", "CreateBackup", "CreateGlobalTable", "CreateTable", "DeleteBackup",
		"DeleteItem", "DeleteResourcePolicy", "DeleteTable", "DescribeBackup", "DescribeContinuousBackups", "DescribeContributorInsights",
		"DescribeEndpoints", "DescribeExport", "DescribeGlobalTable", "DescribeGlobalTableSettings", "DescribeImport",
		"DescribeKinesisStreamingDestination", "DescribeLimits", "DescribeTable", "DescribeTableReplicaAutoScaling", "DescribeTimeToLive",
		"DisableKinesisStreamingDestination", "EnableKinesisStreamingDestination", "ExecuteStatement", "ExecuteTransaction",
		"ExportTableToPointInTime", "GetItem", "GetResourcePolicy", "ImportTable", "ListBackups", "ListContributorInsights", "ListExports",
		"ListGlobalTables", "ListImports", "ListTables", "ListTagsOfResource", "PutItem", "PutResourcePolicy", "Query",
		"RestoreTableFromBackup", "RestoreTableToPointInTime", "Scan", "TagResource", "TransactGetItems", "TransactWriteItems",
		"UntagResource", "UpdateContinuousBackups", "UpdateContributorInsights", "UpdateGlobalTable", "UpdateGlobalTableSettings",
		"UpdateItem", "UpdateKinesisStreamingDestination", "UpdateTable", "UpdateTableReplicaAutoScaling", "UpdateTimeToLive",
	},
	"cloudwatch": {
		"DeleteAlarms", "DescribeAlarmHistory", "DescribeAlarms", "DescribeAlarmsForMetric", "DescribeInsightRules", "DisableAlarmActions",
		"EnableAlarmActions", "GetDashboard", "GetInsightRuleReport", "GetMetricData", "GetMetricStatistics", "GetMetricStream",
		"GetMetricWidgetImage", "ListDashboards", "ListMetrics", "ListMetricStreams", "PutMetricAlarm", "PutMetricData", "SetAlarmState",
	},
	"autoscaling": {
		"DeleteScalingPolicy", "DeleteScheduledAction", "DeregisterScalableTarget", "DescribeScalableTargets", "DescribeScalingActivities",
		"DescribeScalingPolicies", "DescribeScheduledActions", "PutScalingPolicy", "PutScheduledAction", "RegisterScalableTarget",
	},
	"cloudtrail": {"DescribeTrails", "GetTrail", "GetTrailStatus", "ListTrails", "LookupEvents"},
}

// faultable lists the operations of a service, or of every one where a fault names none.
func faultable(service string) []string {
	if list, ok := serviceOperations[service]; ok {
		return list
	}
	var all []string
	for _, s := range services {
		all = append(all, serviceOperations[s]...)
	}
	return slices.Clip(all)
}
