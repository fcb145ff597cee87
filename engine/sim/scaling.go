package sim

import (
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/applicationautoscaling"
	"github.com/aws/aws-sdk-go-v2/service/applicationautoscaling/types"

	"github.com/ddbloop/ddbloop/engine/sim/wire"
	"github.com/ddbloop/ddbloop/engine/sim/world"
)

func (v *visit) scaling() (any, error) {
	if v.region != v.sc.Region {
		return nil, wire.Refuse("ValidationException", "Only the scenario's own region has scalable targets here.")
	}
	switch in := v.call.Input.(type) {
	case *applicationautoscaling.DescribeScalableTargetsInput:
		return v.describeTargets(in)
	case *applicationautoscaling.DescribeScalingPoliciesInput:
		return v.describePolicies(in)
	case *applicationautoscaling.DescribeScalingActivitiesInput:
		return v.describeActivities(in)
	case *applicationautoscaling.RegisterScalableTargetInput:
		return v.registerTarget(in)
	case *applicationautoscaling.DeregisterScalableTargetInput:
		where, err := placeOf(in.ServiceNamespace, in.ResourceId, in.ScalableDimension)
		if err != nil {
			return nil, err
		}
		return &applicationautoscaling.DeregisterScalableTargetOutput{}, v.world.Unscale(where.table, where.index, where.side, v.principal())
	case *applicationautoscaling.PutScalingPolicyInput:
		return v.putPolicy(in)
	}
	return nil, wire.Refuse("UnknownOperationException", "The requested operation is not served here.")
}

// place is a scalable dimension of a resource.
type place struct{ table, index, side string }

func (p place) id() string {
	if p.index != "" {
		return "table/" + p.table + "/index/" + p.index
	}
	return "table/" + p.table
}

func (p place) dimension() types.ScalableDimension {
	kind, side := "table", "Read"
	if p.index != "" {
		kind = "index"
	}
	if p.side == "write" {
		side = "Write"
	}
	return types.ScalableDimension("dynamodb:" + kind + ":" + side + "CapacityUnits")
}

func placeOf(space types.ServiceNamespace, id *string, dimension types.ScalableDimension) (place, error) {
	parts := strings.Split(aws.ToString(id), "/")
	p := place{side: "read"}
	if strings.HasSuffix(string(dimension), "WriteCapacityUnits") {
		p.side = "write"
	}
	switch {
	case space != types.ServiceNamespaceDynamodb:
		return p, wire.Refuse("ValidationException", "Only the service namespace dynamodb is served here.")
	case len(parts) == 2 && parts[0] == "table":
		p.table = parts[1]
	case len(parts) == 4 && parts[0] == "table" && parts[2] == "index":
		p.table, p.index = parts[1], parts[3]
	default:
		return p, wire.Refuse("ValidationException", "ResourceId must be table/NAME or table/NAME/index/NAME.")
	}
	if p.dimension() != dimension {
		return p, wire.Refuse("ValidationException", "ScalableDimension does not fit the ResourceId.")
	}
	return p, nil
}

func viewPlace(s world.ScalingView) place { return place{s.Table, s.Index, s.Side} }

// wantedScaling lists the targets that a describe call asks for.
func (v *visit) wantedScaling(space types.ServiceNamespace, ids []string, dimension types.ScalableDimension) []world.ScalingView {
	return slices.DeleteFunc(v.world.Scaling(), func(s world.ScalingView) bool {
		p := viewPlace(s)
		return space != types.ServiceNamespaceDynamodb || len(ids) > 0 && !slices.Contains(ids, p.id()) || dimension != "" && p.dimension() != dimension
	})
}

func (v *visit) describeTargets(in *applicationautoscaling.DescribeScalableTargetsInput) (any, error) {
	out := &applicationautoscaling.DescribeScalableTargetsOutput{ScalableTargets: []types.ScalableTarget{}}
	for _, s := range v.wantedScaling(in.ServiceNamespace, in.ResourceIds, in.ScalableDimension) {
		p := viewPlace(s)
		out.ScalableTargets = append(out.ScalableTargets, types.ScalableTarget{
			ServiceNamespace: types.ServiceNamespaceDynamodb, ResourceId: aws.String(p.id()), ScalableDimension: p.dimension(),
			MinCapacity: aws.Int32(int32(s.Min)), MaxCapacity: aws.Int32(int32(s.Max)), CreationTime: aws.Time(s.Created),
			RoleARN: aws.String("arn:aws:iam::" + v.sc.Account + ":role/aws-service-role/dynamodb.application-autoscaling.amazonaws.com/" + world.AutoScalingUser),
			SuspendedState: &types.SuspendedState{
				DynamicScalingInSuspended: aws.Bool(s.Suspended), DynamicScalingOutSuspended: aws.Bool(s.Suspended), ScheduledScalingSuspended: aws.Bool(s.Suspended),
			},
		})
	}
	return out, nil
}

func (v *visit) describePolicies(in *applicationautoscaling.DescribeScalingPoliciesInput) (any, error) {
	out := &applicationautoscaling.DescribeScalingPoliciesOutput{ScalingPolicies: []types.ScalingPolicy{}}
	var ids []string
	if in.ResourceId != nil {
		ids = []string{*in.ResourceId}
	}
	for _, s := range v.wantedScaling(in.ServiceNamespace, ids, in.ScalableDimension) {
		if s.Target == 0 {
			continue
		}
		p := viewPlace(s)
		kind := types.MetricTypeDynamoDBReadCapacityUtilization
		if s.Side == "write" {
			kind = types.MetricTypeDynamoDBWriteCapacityUtilization
		}
		out.ScalingPolicies = append(out.ScalingPolicies, types.ScalingPolicy{
			PolicyName: aws.String("$" + p.id() + "-scaling-policy"), PolicyType: types.PolicyTypeTargetTrackingScaling,
			PolicyARN:        aws.String("arn:aws:autoscaling:" + v.sc.Region + ":" + v.sc.Account + ":scalingPolicy:" + p.id() + "/" + s.Side),
			ServiceNamespace: types.ServiceNamespaceDynamodb, ResourceId: aws.String(p.id()), ScalableDimension: p.dimension(), CreationTime: aws.Time(s.Created),
			TargetTrackingScalingPolicyConfiguration: &types.TargetTrackingScalingPolicyConfiguration{
				TargetValue: aws.Float64(s.Target), PredefinedMetricSpecification: &types.PredefinedMetricSpecification{PredefinedMetricType: kind},
				ScaleInCooldown: aws.Int32(0), ScaleOutCooldown: aws.Int32(0), DisableScaleIn: aws.Bool(false),
			},
		})
	}
	return out, nil
}

// maxActivities is how many activities one page holds (API reference, DescribeScalingActivities: 50).
const maxActivities = 50

func (v *visit) describeActivities(in *applicationautoscaling.DescribeScalingActivitiesInput) (any, error) {
	out := &applicationautoscaling.DescribeScalingActivitiesOutput{ScalingActivities: []types.ScalingActivity{}}
	var list []types.ScalingActivity
	for _, a := range v.world.Activities() {
		p := place{a.Table, a.Index, a.Side}
		if in.ServiceNamespace != types.ServiceNamespaceDynamodb || in.ResourceId != nil && *in.ResourceId != p.id() ||
			in.ScalableDimension != "" && in.ScalableDimension != p.dimension() || len(a.NotScaled) > 0 && !aws.ToBool(in.IncludeNotScaledActivities) {
			continue
		}
		x := types.ScalingActivity{
			ActivityId: aws.String(a.ID), ServiceNamespace: types.ServiceNamespaceDynamodb, ResourceId: aws.String(p.id()), ScalableDimension: p.dimension(),
			Description: aws.String(a.Description), Cause: aws.String(a.Cause), StatusCode: types.ScalingActivityStatusCode(a.Status),
			StatusMessage: aws.String(a.Message), StartTime: aws.Time(a.Start),
		}
		if !a.End.IsZero() {
			x.EndTime = aws.Time(a.End)
		}
		for _, n := range a.NotScaled {
			x.NotScaledReasons = append(x.NotScaledReasons, types.NotScaledReason{
				Code: aws.String(n.Code), MinCapacity: aws.Int32(int32(n.Min)), MaxCapacity: aws.Int32(int32(n.Max)), CurrentCapacity: aws.Int32(int32(n.Current)),
			})
		}
		list = append(list, x)
	}
	slices.Reverse(list) // newest first
	from, err := readOffset(in.NextToken, len(list))
	if err != nil {
		return nil, wire.Refuse("InvalidNextTokenException", "The next token is invalid.")
	}
	size := maxActivities
	if n := aws.ToInt32(in.MaxResults); n > 0 {
		size = min(size, int(n))
	}
	out.ScalingActivities = append(out.ScalingActivities, list[from:min(len(list), from+size)]...)
	if from+size < len(list) {
		out.NextToken = offsetToken(from + size)
	}
	return out, nil
}

func (v *visit) registerTarget(in *applicationautoscaling.RegisterScalableTargetInput) (any, error) {
	p, err := placeOf(in.ServiceNamespace, in.ResourceId, in.ScalableDimension)
	if err != nil {
		return nil, err
	}
	c := world.ScalingCall{Table: p.table, Index: p.index, Side: p.side}
	number := func(n *int32) *float64 {
		if n == nil {
			return nil
		}
		return aws.Float64(float64(*n))
	}
	c.Min, c.Max = number(in.MinCapacity), number(in.MaxCapacity)
	if s := in.SuspendedState; s != nil {
		if s.DynamicScalingOutSuspended == nil || s.DynamicScalingInSuspended != nil && *s.DynamicScalingInSuspended != *s.DynamicScalingOutSuspended {
			return nil, wire.Refuse("ValidationException", "Only both directions together can be suspended here.")
		}
		c.Suspended = s.DynamicScalingOutSuspended
	}
	return &applicationautoscaling.RegisterScalableTargetOutput{}, v.world.Scale(c, v.principal())
}

func (v *visit) putPolicy(in *applicationautoscaling.PutScalingPolicyInput) (any, error) {
	p, err := placeOf(in.ServiceNamespace, in.ResourceId, in.ScalableDimension)
	if err != nil {
		return nil, err
	}
	t := in.TargetTrackingScalingPolicyConfiguration
	if t == nil || t.TargetValue == nil || t.CustomizedMetricSpecification != nil || aws.ToBool(t.DisableScaleIn) || aws.ToInt32(t.ScaleInCooldown) > 0 || aws.ToInt32(t.ScaleOutCooldown) > 0 {
		return nil, wire.Refuse("ValidationException", "Only target tracking on the predefined metrics, without cooldowns, is served here.")
	}
	err = v.world.Scale(world.ScalingCall{Table: p.table, Index: p.index, Side: p.side, Target: t.TargetValue}, v.principal())
	return &applicationautoscaling.PutScalingPolicyOutput{PolicyARN: aws.String("arn:aws:autoscaling:" + v.sc.Region + ":" + v.sc.Account + ":scalingPolicy:" + p.id() + "/" + p.side)}, err
}

// principal is under whom a control-plane call is recorded: whoever's key signed it, as signatures are not checked.
func (v *visit) principal() string {
	if v.call.Key == "" {
		return "anonymous"
	}
	return v.call.Key
}
