package aws

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	scaling "github.com/aws/aws-sdk-go-v2/service/applicationautoscaling"
	scalingtypes "github.com/aws/aws-sdk-go-v2/service/applicationautoscaling/types"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbloop/ddbloop/history"
)

// This file holds the only requests that ddbloop can send, next to write.go, which sends them. Of UpdateTable's fields they use
// BillingMode, ProvisionedThroughput, OnDemandThroughput, WarmThroughput and, of existing indexes, the same of an Update or the
// Delete of one that back-fills.

// order is a change's settings, sorted by what they are about.
type order struct {
	table string
	set   []history.Setting
}

// families are the settings that one request can carry together, by name; a side's scaling settings without the side.
var families = map[string]string{
	history.SetRead: "capacity", history.SetWrite: "capacity", history.SetMode: "mode",
	history.SetMaxRead: "cap", history.SetMaxWrite: "cap", history.SetWarmRead: "warm", history.SetWarmWrite: "warm",
	history.SetInsights: "insights", history.SetIndex: "index",
	history.SetScalingMin: "scalable target", history.SetScalingMax: "scalable target",
	history.SetScalingPercent: "scaling policy", history.SetScalingPolicy: "scaling policy", history.SetScalingIn: "scaling policy", history.SetScalingOut: "scaling policy",
}

// request makes the one request of a change, or refuses.
func request(table string, set []history.Setting) (any, error) {
	o := order{table, set}
	family, err := o.family()
	if err != nil {
		return nil, err
	}
	switch family {
	case "capacity", "cap", "warm":
		return o.throughput(family)
	case "mode":
		return o.mode()
	case "index":
		return o.deleteIndex()
	case "insights":
		return o.insights()
	case "scalable target":
		return o.scalableTarget()
	default:
		return o.scalingPolicy()
	}
}

func (o order) no(format string, args ...any) error {
	return &refusal{fmt.Sprintf("not sent: %s: ", Clean(o.table)) + fmt.Sprintf(format, args...)}
}

// family is what all settings are about. A mode comes with the capacities that it needs.
func (o order) family() (string, error) {
	family, changed := "", false
	for _, s := range o.set {
		_, name := sideAndName(s.Name)
		f := families[name]
		switch {
		case f == "":
			return "", o.no("no request sets %q", Clean(s.Name))
		case family == "" || family == "capacity" && f == "mode":
			family = f
		case f != family && !(family == "mode" && f == "capacity"):
			return "", o.no("%s and %s are two requests", family, f)
		}
		changed = changed || s.Changed()
	}
	if o.table == "" || !changed {
		return "", o.no("nothing would change")
	}
	return family, nil
}

func sideAndName(name string) (side, rest string) {
	if head, tail, ok := strings.Cut(name, "_scaling_"); ok {
		return head, "_scaling_" + tail
	}
	return "", name
}

// number is a setting's new value, at least 1; -1 stands for no limit.
func (o order) number(s history.Setting) (*int64, error) {
	n, err := strconv.ParseInt(s.After, 10, 64)
	switch {
	case s.After == history.NoLimit && (s.Name == history.SetMaxRead || s.Name == history.SetMaxWrite):
		n = -1
	case err != nil || n < 1:
		return nil, o.no("%s of %q must be a number from 1", s.Name, Clean(s.After))
	}
	return &n, nil
}

// pair is both sides of one resource; a side that is not named stays nil.
func (o order) pair(index, read, write string) (pair [2]*int64, err error) {
	for _, s := range o.set {
		if s.Index != index {
			continue
		}
		for i, name := range [2]string{read, write} {
			if s.Name == name {
				if pair[i], err = o.number(s); err != nil {
					return pair, err
				}
			}
		}
	}
	return pair, nil
}

func (o order) provisioned(index string) (*types.ProvisionedThroughput, error) {
	p, err := o.pair(index, history.SetRead, history.SetWrite)
	if err != nil || p == [2]*int64{} {
		return nil, err
	}
	if p[0] == nil || p[1] == nil {
		return nil, o.no("both sides' capacity must be given")
	}
	return &types.ProvisionedThroughput{ReadCapacityUnits: p[0], WriteCapacityUnits: p[1]}, nil
}

// indexes are the indexes that the settings name, in order; the table itself is "".
func (o order) indexes() []string {
	var list []string
	for _, s := range o.set {
		if !slices.Contains(list, s.Index) {
			list = append(list, s.Index)
		}
	}
	return list
}

// throughput changes one family of one resource.
func (o order) throughput(family string) (any, error) {
	where := o.indexes()
	if len(where) != 1 {
		return nil, o.no("one table or index at a time")
	}
	action := types.UpdateGlobalSecondaryIndexAction{IndexName: &where[0]}
	in := &dynamodb.UpdateTableInput{TableName: &o.table}
	var err error
	switch family {
	case "capacity":
		action.ProvisionedThroughput, err = o.provisioned(where[0])
		in.ProvisionedThroughput = action.ProvisionedThroughput
	case "cap":
		var p [2]*int64
		p, err = o.pair(where[0], history.SetMaxRead, history.SetMaxWrite)
		action.OnDemandThroughput = &types.OnDemandThroughput{MaxReadRequestUnits: p[0], MaxWriteRequestUnits: p[1]}
		in.OnDemandThroughput = action.OnDemandThroughput
	case "warm":
		var p [2]*int64
		p, err = o.pair(where[0], history.SetWarmRead, history.SetWarmWrite)
		action.WarmThroughput = &types.WarmThroughput{ReadUnitsPerSecond: p[0], WriteUnitsPerSecond: p[1]}
		in.WarmThroughput = action.WarmThroughput
	}
	if err != nil {
		return nil, err
	}
	if where[0] != "" {
		in = &dynamodb.UpdateTableInput{TableName: &o.table, GlobalSecondaryIndexUpdates: []types.GlobalSecondaryIndexUpdate{{Update: &action}}}
	}
	return in, nil
}

// mode switches how the table is billed; provisioned mode with explicit capacity of the table and of every index named.
func (o order) mode() (any, error) {
	in := &dynamodb.UpdateTableInput{TableName: &o.table}
	for _, s := range o.set {
		switch {
		case s.Name != history.SetMode:
		case s.After == history.OnDemand:
			in.BillingMode = types.BillingModePayPerRequest
		case s.After == history.Provisioned:
			in.BillingMode = types.BillingModeProvisioned
		}
	}
	switch {
	case in.BillingMode == types.BillingModePayPerRequest && len(o.set) == 1:
		return in, nil
	case in.BillingMode != types.BillingModeProvisioned:
		return nil, o.no("a mode is %s, with capacities, or %s, without", history.Provisioned, history.OnDemand)
	}
	for _, index := range o.indexes() {
		p, err := o.provisioned(index)
		switch {
		case err != nil:
			return nil, err
		case p == nil:
			return nil, o.no("provisioned mode needs the capacity of %q", Clean(index))
		case index == "":
			in.ProvisionedThroughput = p
		default:
			in.GlobalSecondaryIndexUpdates = append(in.GlobalSecondaryIndexUpdates, types.GlobalSecondaryIndexUpdate{
				Update: &types.UpdateGlobalSecondaryIndexAction{IndexName: sdk.String(index), ProvisionedThroughput: p},
			})
		}
	}
	return in, nil
}

// deleteIndex stops an index while it back-fills. Nothing else of an index is ever deleted.
func (o order) deleteIndex() (any, error) {
	s := o.set[0]
	if len(o.set) != 1 || s.Index == "" || s.Before != history.IndexBackfilling || s.After != history.IndexGone {
		return nil, o.no("only an index that back-fills is ever deleted")
	}
	return &dynamodb.UpdateTableInput{TableName: &o.table, GlobalSecondaryIndexUpdates: []types.GlobalSecondaryIndexUpdate{
		{Delete: &types.DeleteGlobalSecondaryIndexAction{IndexName: &s.Index}},
	}}, nil
}

func (o order) insights() (any, error) {
	s := o.set[0]
	in := &dynamodb.UpdateContributorInsightsInput{TableName: &o.table, ContributorInsightsAction: types.ContributorInsightsActionEnable}
	if s.Index != "" {
		in.IndexName = &s.Index
	}
	switch {
	case len(o.set) != 1:
		return nil, o.no("one table or index at a time")
	case s.After == history.Off:
		in.ContributorInsightsAction = types.ContributorInsightsActionDisable
	case s.After == history.InsightsThrottled:
		in.ContributorInsightsMode = types.ContributorInsightsModeThrottledKeys
	default:
		return nil, o.no("Contributor Insights is never set to %q", Clean(s.After))
	}
	return in, nil
}

// scalable is what both scaling requests are about: one side of one table or index.
func (o order) scalable() (id string, dimension scalingtypes.ScalableDimension, err error) {
	side, _ := sideAndName(o.set[0].Name)
	for _, s := range o.set {
		if other, _ := sideAndName(s.Name); other != side || s.Index != o.set[0].Index {
			return "", "", o.no("one side of one table or index at a time")
		}
	}
	kind, id := "table", "table/"+o.table
	if i := o.set[0].Index; i != "" {
		kind, id = "index", id+"/index/"+i
	}
	switch side {
	case "read":
		return id, scalingtypes.ScalableDimension("dynamodb:" + kind + ":ReadCapacityUnits"), nil
	case "write":
		return id, scalingtypes.ScalableDimension("dynamodb:" + kind + ":WriteCapacityUnits"), nil
	}
	return "", "", o.no("a side is read or write, not %q", Clean(side))
}

func (o order) scalableTarget() (any, error) {
	id, dimension, err := o.scalable()
	if err != nil {
		return nil, err
	}
	in := &scaling.RegisterScalableTargetInput{ServiceNamespace: scalingtypes.ServiceNamespaceDynamodb, ResourceId: &id, ScalableDimension: dimension}
	for _, s := range o.set {
		n, err := o.number(s)
		if err != nil {
			return nil, err
		}
		if _, name := sideAndName(s.Name); name == history.SetScalingMin {
			in.MinCapacity = sdk.Int32(int32(min(*n, 1<<31-1)))
		} else {
			in.MaxCapacity = sdk.Int32(int32(min(*n, 1<<31-1)))
		}
	}
	if in.MinCapacity == nil || in.MaxCapacity == nil || *in.MinCapacity > *in.MaxCapacity {
		return nil, o.no("auto scaling needs a minimum and a maximum that is not below it")
	}
	return in, nil
}

// scalingPolicy puts the policy of that name again with another target and everything else as it was.
func (o order) scalingPolicy() (any, error) {
	id, dimension, err := o.scalable()
	if err != nil {
		return nil, err
	}
	metric := scalingtypes.MetricTypeDynamoDBReadCapacityUtilization
	if strings.HasSuffix(string(dimension), ":WriteCapacityUnits") {
		metric = scalingtypes.MetricTypeDynamoDBWriteCapacityUtilization
	}
	track := &scalingtypes.TargetTrackingScalingPolicyConfiguration{
		PredefinedMetricSpecification: &scalingtypes.PredefinedMetricSpecification{PredefinedMetricType: metric},
	}
	in := &scaling.PutScalingPolicyInput{
		ServiceNamespace: scalingtypes.ServiceNamespaceDynamodb, ResourceId: &id, ScalableDimension: dimension,
		PolicyType: scalingtypes.PolicyTypeTargetTrackingScaling, TargetTrackingScalingPolicyConfiguration: track,
	}
	for _, s := range o.set {
		_, name := sideAndName(s.Name)
		n, bad := strconv.ParseInt(s.After, 10, 32)
		percent, odd := strconv.ParseFloat(s.After, 64)
		switch {
		case name == history.SetScalingPolicy && !s.Changed() && s.After != "":
			in.PolicyName = sdk.String(s.After)
		case name == history.SetScalingPercent && odd == nil && percent >= 20 && percent <= 90:
			track.TargetValue = &percent
		case name == history.SetScalingOut && !s.Changed() && bad == nil:
			track.ScaleOutCooldown = sdk.Int32(int32(n))
		case name == history.SetScalingIn && !s.Changed() && s.After == history.Off:
			track.DisableScaleIn = sdk.Bool(true)
		case name == history.SetScalingIn && !s.Changed() && bad == nil:
			track.ScaleInCooldown = sdk.Int32(int32(n))
		default:
			return nil, o.no("%s is never set to %q", Clean(s.Name), Clean(s.After))
		}
	}
	if in.PolicyName == nil || track.TargetValue == nil {
		return nil, o.no("a scaling policy needs its name and a target from 20 to 90 percent")
	}
	return in, nil
}
