package aws

import (
	"context"
	"slices"
	"strings"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	scaling "github.com/aws/aws-sdk-go-v2/service/applicationautoscaling"
	"github.com/aws/aws-sdk-go-v2/service/applicationautoscaling/types"

	"github.com/ddbloop/ddbloop/history"
)

// The IAM actions that the optional eyes need, for the sentence that says what is missing.
const (
	NeedsScaling      = "application-autoscaling:DescribeScalableTargets, DescribeScalingPolicies and DescribeScalingActivities"
	NeedsTrail        = "cloudtrail:LookupEvents"
	NeedsAlarms       = "cloudwatch:DescribeAlarms"
	NeedsAlarmHistory = "cloudwatch:DescribeAlarmHistory"
	NeedsInsights     = "dynamodb:DescribeContributorInsights and cloudwatch:GetInsightRuleReport"
	NeedsQuotas       = "dynamodb:DescribeLimits"
)

// scalableIDs is how many resources one DescribeScalableTargets may name (API reference).
const scalableIDs = 50

// Scaling reads the scalable targets, policies and latest activities of tables and indexes ("table" or "table/index") in
// Application Auto Scaling. What is not registered is left out. The error is for Classify.
func (a *Account) Scaling(ctx context.Context, targets []string) ([]history.ScalingDescribed, []history.ScalingActed, error) {
	ctx, cancel := a.clock.WithTimeout(ctx, callTimeout)
	defer cancel()
	client := a.scaling
	described, resources, err := scalableTargets(ctx, client, targets)
	if err != nil {
		return nil, nil, a.noted(err)
	}
	var acts []history.ScalingActed
	for _, id := range resources {
		list, err := activities(ctx, client, id)
		if err != nil {
			return nil, nil, a.noted(err)
		}
		acts = append(acts, list...)
	}
	return described, acts, nil
}

// ScalingNow reads the same without the activities: what a plan rests on. The error is for Classify.
func (a *Account) ScalingNow(ctx context.Context, targets []string) ([]history.ScalingDescribed, error) {
	ctx, cancel := a.clock.WithTimeout(ctx, callTimeout)
	defer cancel()
	described, _, err := scalableTargets(ctx, a.scaling, targets)
	if err != nil {
		return nil, a.noted(err)
	}
	return described, nil
}

// scalableTargets reads targets with their policies; resources are the ids of those that are registered.
func scalableTargets(ctx context.Context, client *scaling.Client, targets []string) (described []history.ScalingDescribed, resources []string, err error) {
	known := map[string]*history.ScalingDescribed{}
	var order []string
	for ids := range slices.Chunk(resourceIDs(targets), scalableIDs) {
		out, err := client.DescribeScalableTargets(ctx, &scaling.DescribeScalableTargetsInput{ServiceNamespace: types.ServiceNamespaceDynamodb, ResourceIds: ids})
		if err != nil {
			return nil, nil, err
		}
		for _, t := range out.ScalableTargets {
			d := &history.ScalingDescribed{Target: targetOf(value(t.ResourceId)), Side: sideOf(t.ScalableDimension), Min: int64(value(t.MinCapacity)), Max: int64(value(t.MaxCapacity))}
			if s := t.SuspendedState; s != nil {
				d.Suspended = value(s.DynamicScalingOutSuspended)
			}
			known[d.Target+"#"+d.Side], order = d, append(order, d.Target+"#"+d.Side)
			if id := value(t.ResourceId); !slices.Contains(resources, id) {
				resources = append(resources, id)
			}
		}
	}
	for _, id := range resources {
		if err := policies(ctx, client, id, known); err != nil {
			return nil, nil, err
		}
	}
	for _, key := range order {
		described = append(described, *known[key])
	}
	return described, resources, nil
}

func policies(ctx context.Context, client *scaling.Client, id string, known map[string]*history.ScalingDescribed) error {
	out, err := client.DescribeScalingPolicies(ctx, &scaling.DescribeScalingPoliciesInput{ServiceNamespace: types.ServiceNamespaceDynamodb, ResourceId: &id})
	if err != nil {
		return err
	}
	for _, p := range out.ScalingPolicies {
		if d, t := known[targetOf(id)+"#"+sideOf(p.ScalableDimension)], p.TargetTrackingScalingPolicyConfiguration; d != nil && t != nil {
			d.Percent, d.Policy = value(t.TargetValue), asIs(value(p.PolicyName))
			d.Out, d.In, d.NoIn = int64(value(t.ScaleOutCooldown)), int64(value(t.ScaleInCooldown)), value(t.DisableScaleIn)
		}
	}
	return nil
}

// newestActivities is how many activities of a resource are read.
const newestActivities = 20

func activities(ctx context.Context, client *scaling.Client, id string) ([]history.ScalingActed, error) {
	out, err := client.DescribeScalingActivities(ctx, &scaling.DescribeScalingActivitiesInput{
		ServiceNamespace: types.ServiceNamespaceDynamodb, ResourceId: &id, MaxResults: sdk.Int32(newestActivities), IncludeNotScaledActivities: sdk.Bool(true),
	})
	if err != nil {
		return nil, err
	}
	var list []history.ScalingActed
	for _, x := range slices.Backward(out.ScalingActivities) {
		act := history.ScalingActed{
			ID: Clean(value(x.ActivityId)), Target: targetOf(id), Side: sideOf(x.ScalableDimension), At: value(x.StartTime).UTC(),
			Status: Clean(string(x.StatusCode)), Text: Clean(value(x.Description)), Cause: Clean(value(x.Cause)),
		}
		for _, r := range x.NotScaledReasons {
			act.Held = Clean(value(r.Code))
		}
		list = append(list, act)
	}
	return list, nil
}

// resourceIDs are targets as Application Auto Scaling writes them: table/T and table/T/index/I.
func resourceIDs(targets []string) []string {
	var ids []string
	for _, t := range targets {
		ids = append(ids, "table/"+strings.Replace(t, "/", "/index/", 1))
	}
	return ids
}

func targetOf(id string) string {
	return Clean(strings.Replace(strings.TrimPrefix(id, "table/"), "/index/", "/", 1))
}

func sideOf(d types.ScalableDimension) string {
	if strings.HasSuffix(string(d), ":WriteCapacityUnits") {
		return "write"
	}
	return "read"
}

// asIs returns a name that can be sent back as it is, and nothing of one that cannot be shown.
func asIs(name string) string {
	if Clean(name) != name {
		return ""
	}
	return name
}
