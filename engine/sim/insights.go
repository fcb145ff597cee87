package sim

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	cwtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbloop/ddbloop/engine/sim/items"
	"github.com/ddbloop/ddbloop/engine/sim/scenario"
	"github.com/ddbloop/ddbloop/engine/sim/wire"
	"github.com/ddbloop/ddbloop/engine/sim/world"
)

// Contributor Insights rules are named after what they rank: the partition keys most accessed (PKC) or most throttled (PKT).
// Rules of pairs with the sort key (SKC, SKT) are not served: the model knows no sort keys.
const (
	accessedRule  = "DynamoDBContributorInsights-PKC-"
	throttledRule = "DynamoDBContributorInsights-PKT-"
)

// ruleStamp ends a rule's name, as AWS ends it with the moment of its making.
const ruleStamp = "-1700000000000"

func rulesOf(t world.TableView, index string) []string {
	resource := t.Name
	if index != "" {
		resource += "." + index
	}
	switch scenario.Insights(t.Insights) {
	case scenario.InsightsAccessed:
		return []string{accessedRule + resource + ruleStamp, throttledRule + resource + ruleStamp}
	case scenario.InsightsThrottled:
		return []string{throttledRule + resource + ruleStamp}
	}
	return nil
}

func (v *visit) insightsTarget(table, index *string) (world.TableView, string, error) {
	t, _, err := v.table(table)
	if err != nil {
		return t, "", err
	}
	name := aws.ToString(index)
	if name != "" && !slices.ContainsFunc(t.Indexes, func(x world.IndexView) bool { return x.Name == name }) {
		return t, "", wire.Refuse("ResourceNotFoundException", "Requested resource not found: Index: "+name+" not found")
	}
	return t, name, nil
}

func (v *visit) describeInsights(in *dynamodb.DescribeContributorInsightsInput) (any, error) {
	t, index, err := v.insightsTarget(in.TableName, in.IndexName)
	if err != nil {
		return nil, err
	}
	out := &dynamodb.DescribeContributorInsightsOutput{TableName: &t.Name, ContributorInsightsStatus: types.ContributorInsightsStatusDisabled}
	if index != "" {
		out.IndexName = &index
	}
	if out.ContributorInsightsRuleList = rulesOf(t, index); out.ContributorInsightsRuleList != nil {
		out.ContributorInsightsStatus, out.ContributorInsightsMode = types.ContributorInsightsStatusEnabled, insightsMode(t)
		out.LastUpdateDateTime = aws.Time(t.Created)
	}
	return out, nil
}

func insightsMode(t world.TableView) types.ContributorInsightsMode {
	if scenario.Insights(t.Insights) == scenario.InsightsAccessed {
		return types.ContributorInsightsModeAccessedAndThrottledKeys
	}
	return types.ContributorInsightsModeThrottledKeys
}

func (v *visit) listInsights(in *dynamodb.ListContributorInsightsInput) (any, error) {
	out := &dynamodb.ListContributorInsightsOutput{ContributorInsightsSummaries: []types.ContributorInsightsSummary{}}
	for _, name := range v.world.Tables() {
		t, ok := v.world.DescribeIn(v.region, name)
		if !ok || in.TableName != nil && *in.TableName != name {
			continue
		}
		status := types.ContributorInsightsStatusDisabled
		if rulesOf(t, "") != nil {
			status = types.ContributorInsightsStatusEnabled
		}
		out.ContributorInsightsSummaries = append(out.ContributorInsightsSummaries, types.ContributorInsightsSummary{TableName: aws.String(name), ContributorInsightsStatus: status})
		for _, x := range t.Indexes {
			out.ContributorInsightsSummaries = append(out.ContributorInsightsSummaries, types.ContributorInsightsSummary{TableName: aws.String(name), IndexName: aws.String(x.Name), ContributorInsightsStatus: status})
		}
	}
	return out, nil
}

func (v *visit) updateInsights(in *dynamodb.UpdateContributorInsightsInput) (any, error) {
	t, index, err := v.insightsTarget(in.TableName, in.IndexName)
	if err != nil {
		return nil, err
	}
	mode := scenario.InsightsAccessed
	switch {
	case in.ContributorInsightsAction == types.ContributorInsightsActionDisable:
		mode = scenario.InsightsOff
	case in.ContributorInsightsAction != types.ContributorInsightsActionEnable:
		return nil, &items.Invalid{Message: "ContributorInsightsAction must be ENABLE or DISABLE"}
	case in.ContributorInsightsMode == types.ContributorInsightsModeThrottledKeys:
		mode = scenario.InsightsThrottled
	}
	if err := v.world.SetInsights(t.Name, mode, v.principal()); err != nil {
		return nil, err
	}
	out := &dynamodb.UpdateContributorInsightsOutput{TableName: &t.Name, ContributorInsightsStatus: types.ContributorInsightsStatusEnabling, ContributorInsightsMode: in.ContributorInsightsMode}
	if mode == scenario.InsightsOff {
		out.ContributorInsightsStatus = types.ContributorInsightsStatusDisabling
	}
	if index != "" {
		out.IndexName = &index
	}
	return out, nil
}

// insightReport reads a rule. Times are rounded to minutes; at most 24 hours and 100 contributors (API reference,
// GetInsightRuleReport); DynamoDB's rules show 25.
func (v *visit) insightReport(in *cloudwatch.GetInsightRuleReportInput) (any, error) {
	if in.RuleName == nil || in.StartTime == nil || in.EndTime == nil || in.Period == nil {
		return nil, wire.Refuse("MissingRequiredParameterException", "The parameters RuleName, StartTime, EndTime and Period are required.")
	}
	if !in.StartTime.Before(*in.EndTime) || in.EndTime.Sub(*in.StartTime) > 24*time.Hour || *in.Period < 60 || *in.Period%60 != 0 {
		return nil, wire.Refuse("InvalidParameterValueException", "The time range must be at most 24 hours and the period a multiple of 60.")
	}
	rule, throttled := strings.CutPrefix(*in.RuleName, throttledRule)
	if !throttled {
		rule = strings.TrimPrefix(*in.RuleName, accessedRule)
	}
	table, index, _ := strings.Cut(strings.TrimSuffix(rule, ruleStamp), ".")
	t, ok := v.world.DescribeIn(v.region, table)
	if !ok || !slices.Contains(rulesOf(t, index), *in.RuleName) {
		return nil, wire.Refuse("ResourceNotFoundException", "The rule "+strconv.Quote(*in.RuleName)+" does not exist.")
	}
	most := 10
	if in.MaxContributorCount != nil {
		if most = int(*in.MaxContributorCount); most < 1 || most > 100 {
			return nil, wire.Refuse("InvalidParameterValueException", "MaxContributorCount must be between 1 and 100.")
		}
	}
	if len(in.Metrics) > 0 || in.OrderBy != nil && *in.OrderBy != "Sum" {
		return nil, wire.Refuse("InvalidParameterValueException", "Metrics, and an order other than by Sum, are not served here.")
	}
	report, ok := v.world.Contributors(world.InsightQuery{
		Table: table, Index: index, Throttled: throttled, From: in.StartTime.Truncate(time.Minute), To: *in.EndTime, AskedAt: v.now,
	})
	if !ok {
		return nil, wire.Refuse("ResourceNotFoundException", fmt.Sprintf("The rule %q does not exist.", *in.RuleName))
	}
	out := &cloudwatch.GetInsightRuleReportOutput{
		KeyLabels: []string{t.Key.Partition}, AggregationStatistic: aws.String("Sum"), AggregateValue: aws.Float64(report.Sum),
		ApproximateUniqueCount: aws.Int64(int64(len(report.Contributors))), Contributors: []cwtypes.InsightRuleContributor{},
	}
	for _, c := range report.Contributors[:min(most, len(report.Contributors))] {
		x := cwtypes.InsightRuleContributor{Keys: []string{c.Key}, ApproximateAggregateValue: aws.Float64(c.Sum)}
		for _, p := range c.Points {
			x.Datapoints = append(x.Datapoints, cwtypes.InsightRuleContributorDatapoint{Timestamp: aws.Time(p.At), ApproximateValue: aws.Float64(p.Value)})
		}
		out.Contributors = append(out.Contributors, x)
	}
	return out, nil
}
