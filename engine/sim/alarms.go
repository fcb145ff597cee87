package sim

import (
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"

	"github.com/ddbloop/ddbloop/engine/sim/world"
)

// maxAlarms is the most of one page (API reference, DescribeAlarms and DescribeAlarmHistory).
const maxAlarms = 100

func (v *visit) describeAlarms(in *cloudwatch.DescribeAlarmsInput) (any, error) {
	out := &cloudwatch.DescribeAlarmsOutput{MetricAlarms: []types.MetricAlarm{}, CompositeAlarms: []types.CompositeAlarm{}}
	if v.region != v.sc.Region || len(in.AlarmTypes) > 0 && !slices.Contains(in.AlarmTypes, types.AlarmTypeMetricAlarm) {
		return out, nil
	}
	var list []types.MetricAlarm
	for _, a := range v.world.Alarms() {
		if len(in.AlarmNames) > 0 && !slices.Contains(in.AlarmNames, a.Name) || in.StateValue != "" && string(in.StateValue) != a.State ||
			!strings.HasPrefix(a.Name, aws.ToString(in.AlarmNamePrefix)) {
			continue
		}
		list = append(list, metricAlarm(a))
	}
	from, err := readOffset(in.NextToken, len(list))
	if err != nil {
		return nil, err
	}
	size := maxAlarms
	if n := aws.ToInt32(in.MaxRecords); n > 0 {
		size = min(size, int(n))
	}
	out.MetricAlarms = append(out.MetricAlarms, list[from:min(len(list), from+size)]...)
	if from+size < len(list) {
		out.NextToken = offsetToken(from + size)
	}
	return out, nil
}

func metricAlarm(a world.AlarmView) types.MetricAlarm {
	m := types.MetricAlarm{
		AlarmName: aws.String(a.Name), AlarmArn: aws.String(a.ARN), Namespace: aws.String(a.Namespace), MetricName: aws.String(a.Metric),
		Statistic: types.Statistic(a.Stat), Period: aws.Int32(int32(a.Period / time.Second)), Threshold: aws.Float64(a.Over),
		EvaluationPeriods: aws.Int32(int32(max(a.Of, 1))), DatapointsToAlarm: aws.Int32(int32(max(a.Datapoints, 1))), TreatMissingData: aws.String(a.Missing),
		ComparisonOperator: types.ComparisonOperatorGreaterThanThreshold, ActionsEnabled: aws.Bool(true),
		StateValue: types.StateValue(a.State), StateReason: aws.String(a.Reason), StateUpdatedTimestamp: aws.Time(a.Since), StateTransitionedTimestamp: aws.Time(a.Since),
	}
	if strings.HasPrefix(a.Stat, "p") {
		m.Statistic, m.ExtendedStatistic = "", aws.String(a.Stat)
	}
	if a.Below {
		m.ComparisonOperator = types.ComparisonOperatorLessThanThreshold
	}
	for _, d := range a.Dims {
		m.Dimensions = append(m.Dimensions, types.Dimension{Name: aws.String(d.Name), Value: aws.String(d.Value)})
	}
	return m
}

func (v *visit) describeAlarmHistory(in *cloudwatch.DescribeAlarmHistoryInput) (any, error) {
	out := &cloudwatch.DescribeAlarmHistoryOutput{AlarmHistoryItems: []types.AlarmHistoryItem{}}
	var list []types.AlarmHistoryItem
	for _, e := range v.world.AlarmHistory() {
		if v.region != v.sc.Region || in.AlarmName != nil && *in.AlarmName != e.Alarm || in.StartDate != nil && e.At.Before(*in.StartDate) ||
			in.EndDate != nil && e.At.After(*in.EndDate) || in.HistoryItemType != "" && in.HistoryItemType != types.HistoryItemTypeStateUpdate {
			continue
		}
		list = append(list, types.AlarmHistoryItem{
			AlarmName: aws.String(e.Alarm), AlarmType: types.AlarmTypeMetricAlarm, Timestamp: aws.Time(e.At), HistoryItemType: types.HistoryItemTypeStateUpdate,
			HistorySummary: aws.String("Alarm updated from " + e.From + " to " + e.To), HistoryData: aws.String(`{"type":"Update","version":"1.0"}`),
		})
	}
	if in.ScanBy != types.ScanByTimestampAscending {
		slices.Reverse(list)
	}
	from, err := readOffset(in.NextToken, len(list))
	if err != nil {
		return nil, err
	}
	size := maxAlarms
	if n := aws.ToInt32(in.MaxRecords); n > 0 {
		size = min(size, int(n))
	}
	out.AlarmHistoryItems = append(out.AlarmHistoryItems, list[from:min(len(list), from+size)]...)
	if from+size < len(list) {
		out.NextToken = offsetToken(from + size)
	}
	return out, nil
}
