package aws

import (
	"context"
	"errors"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/middleware"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	scaling "github.com/aws/aws-sdk-go-v2/service/applicationautoscaling"
	scalingtypes "github.com/aws/aws-sdk-go-v2/service/applicationautoscaling/types"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
)

// Permission is one IAM action that ddbloop can use, with what it buys.
type Permission struct {
	Action  string
	Buys    string
	Service string // that is asked, as the environment's AWS_ENDPOINT_URL_… names it
	Must    bool   // without it there is no verdict; of the others each is an eye less
	OfTable bool   // it is given for tables: trying it needs one
	try     func(ctx context.Context, a *Account, table string) error
}

// Permissions are all IAM actions of a read-only session but those of the team's own probes.
var Permissions = []Permission{
	{"dynamodb:DescribeTable", "limits, indexes and settings", "DYNAMODB", true, true, func(ctx context.Context, a *Account, table string) error {
		_, err := a.db.DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: &table})
		return err
	}},
	{"cloudwatch:GetMetricData", "every metric", "CLOUDWATCH", true, false, func(ctx context.Context, a *Account, table string) error {
		to := a.clock.Now().Truncate(time.Minute)
		_, err := a.MetricData(ctx, MetricRequest{From: to.Add(-time.Minute), To: to, Queries: []MetricQuery{
			{ID: "doctor", Namespace: "AWS/DynamoDB", Metric: "ConsumedReadCapacityUnits", Stat: "Sum", Period: time.Minute, Dimensions: []Dimension{{"TableName", table}}},
		}})
		return err
	}},
	{"dynamodb:ListTables", "fleet", "DYNAMODB", false, false, func(ctx context.Context, a *Account, _ string) error {
		_, err := a.db.ListTables(ctx, &dynamodb.ListTablesInput{Limit: sdk.Int32(1)})
		return err
	}},
	{"cloudwatch:ListMetrics", "stream readers, change capture; in a fleet, who was refused of late", "CLOUDWATCH", false, false, func(ctx context.Context, a *Account, table string) error {
		_, err := a.cw.ListMetrics(ctx, &cloudwatch.ListMetricsInput{Namespace: sdk.String("AWS/DynamoDB"), Dimensions: []types.DimensionFilter{{Name: sdk.String("TableName"), Value: &table}}})
		return err
	}},
	{"cloudwatch:DescribeAlarms", "alarms on the tables; watch --alarm", "CLOUDWATCH", false, false, func(ctx context.Context, a *Account, _ string) error {
		_, err := a.cw.DescribeAlarms(ctx, &cloudwatch.DescribeAlarmsInput{MaxRecords: sdk.Int32(1)})
		return err
	}},
	{"cloudwatch:DescribeAlarmHistory", "when those alarms went off before", "CLOUDWATCH", false, false, func(ctx context.Context, a *Account, _ string) error {
		_, err := a.cw.DescribeAlarmHistory(ctx, &cloudwatch.DescribeAlarmHistoryInput{MaxRecords: sdk.Int32(1)})
		return err
	}},
	{"dynamodb:DescribeContributorInsights", "whether the hottest keys are known", "DYNAMODB", false, true, func(ctx context.Context, a *Account, table string) error {
		_, err := a.db.DescribeContributorInsights(ctx, &dynamodb.DescribeContributorInsightsInput{TableName: &table})
		return err
	}},
	{"cloudwatch:GetInsightRuleReport", "the hottest keys, as tags", "CLOUDWATCH", false, true, func(ctx context.Context, a *Account, table string) error {
		rule := "DynamoDBContributorInsights-PKT-" + table + "-0" // no such rule: allowed is as much as "not found"
		to := a.clock.Now().Truncate(time.Minute)
		_, err := a.Keys(ctx, rule, to.Add(-time.Minute), to, func(string) string { return "" })
		return err
	}},
	{"dynamodb:DescribeLimits", "the account's quotas", "DYNAMODB", false, false, func(ctx context.Context, a *Account, _ string) error {
		_, err := a.db.DescribeLimits(ctx, &dynamodb.DescribeLimitsInput{})
		return err
	}},
	{"application-autoscaling:DescribeScalableTargets", "auto scaling: its bounds", "APPLICATION_AUTO_SCALING", false, false, func(ctx context.Context, a *Account, table string) error {
		_, err := a.scaling.DescribeScalableTargets(ctx, &scaling.DescribeScalableTargetsInput{ServiceNamespace: scalingtypes.ServiceNamespaceDynamodb, ResourceIds: resourceIDs([]string{table})})
		return err
	}},
	{"application-autoscaling:DescribeScalingPolicies", "auto scaling: its target", "APPLICATION_AUTO_SCALING", false, false, func(ctx context.Context, a *Account, table string) error {
		_, err := a.scaling.DescribeScalingPolicies(ctx, &scaling.DescribeScalingPoliciesInput{ServiceNamespace: scalingtypes.ServiceNamespaceDynamodb, ResourceId: &resourceIDs([]string{table})[0]})
		return err
	}},
	{"application-autoscaling:DescribeScalingActivities", "auto scaling: what it did and why not", "APPLICATION_AUTO_SCALING", false, false, func(ctx context.Context, a *Account, table string) error {
		_, err := activities(ctx, a.scaling, resourceIDs([]string{table})[0])
		return err
	}},
	{"cloudtrail:LookupEvents", "who changed what just before", "CLOUDTRAIL", false, false, func(ctx context.Context, a *Account, table string) error {
		_, err := a.Trail(ctx, table, a.clock.Now().Add(-time.Minute))
		return err
	}},
}

// Try uses the permission once, on a table, for a call that reads next to nothing. A zero Failure means that it is there: an
// answer of the service about the request itself, that it knows no such thing for instance, comes behind the permission.
func (p Permission) Try(ctx context.Context, a *Account, table string) Failure {
	ctx, cancel := a.clock.WithTimeout(ctx, callTimeout)
	defer cancel()
	f := Classify(p.try(ctx, a, table))
	switch f.Reason {
	case Missing, Validation:
		return Failure{}
	}
	return f
}

// ServerTime asks DynamoDB what time it has. Any answer tells, a refusal too. The error is for Classify.
func (a *Account) ServerTime(ctx context.Context) (time.Time, error) {
	ctx, cancel := a.clock.WithTimeout(ctx, callTimeout)
	defer cancel()
	out, err := a.db.DescribeEndpoints(ctx, &dynamodb.DescribeEndpointsInput{})
	if err == nil {
		if at, ok := middleware.GetServerTime(out.ResultMetadata); ok {
			return at, nil
		}
		return time.Time{}, errors.New("the answer has no Date")
	}
	if r := (*awshttp.ResponseError)(nil); errors.As(err, &r) && r.Response != nil {
		if at, e := time.Parse(time.RFC1123, r.Response.Header.Get("Date")); e == nil {
			return at, nil
		}
	}
	return time.Time{}, err
}

// Login is where the credentials come from and how long they live.
type Login struct {
	Source  string    // as the SDK names it
	Expires time.Time // zero = they do not
}

// Login reads the credentials, without asking AWS what they are worth. The error is for Classify.
func (a *Account) Login(ctx context.Context) (Login, error) {
	ctx, cancel := a.clock.WithTimeout(ctx, callTimeout)
	defer cancel()
	keys, err := a.creds.Retrieve(ctx)
	if err != nil {
		return Login{}, err
	}
	l := Login{Source: Clean(keys.Source)}
	if keys.CanExpire {
		l.Expires = keys.Expires.UTC()
	}
	return l, nil
}
