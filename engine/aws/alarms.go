package aws

import (
	"context"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"

	"github.com/ddbloop/ddbloop/history"
)

// alarmPages bounds how many pages of 100 alarms are read: an account may have thousands.
const alarmPages = 50

// Alarms reads metric alarms on DynamoDB tables: those named, or, with no names, all of the account. Target is "" for an alarm
// on something else. The error is for Classify.
func (a *Account) Alarms(ctx context.Context, names []string) ([]history.AlarmChanged, error) {
	ctx, cancel := a.clock.WithTimeout(ctx, callTimeout)
	defer cancel()
	in := &cloudwatch.DescribeAlarmsInput{AlarmTypes: []types.AlarmType{types.AlarmTypeMetricAlarm}, MaxRecords: sdk.Int32(100), AlarmNames: names}
	var list []history.AlarmChanged
	for range alarmPages {
		out, err := a.cw.DescribeAlarms(ctx, in)
		if err != nil {
			return list, a.noted(err)
		}
		for _, m := range out.MetricAlarms {
			list = append(list, alarm(m))
		}
		if in.NextToken = out.NextToken; value(in.NextToken) == "" {
			break
		}
	}
	return list, nil
}

func alarm(m types.MetricAlarm) history.AlarmChanged {
	c := history.AlarmChanged{
		Name: Clean(value(m.AlarmName)), Metric: Clean(value(m.MetricName)), State: Clean(string(m.StateValue)),
		Since: value(m.StateUpdatedTimestamp).UTC(), Reason: Clean(value(m.StateReason)),
	}
	namespace, dims := value(m.Namespace), m.Dimensions
	for _, q := range m.Metrics { // of a math alarm, the first metric of a table says whose it is
		if s := q.MetricStat; c.Metric == "" && s != nil && s.Metric != nil && value(s.Metric.Namespace) == "AWS/DynamoDB" {
			namespace, dims, c.Metric = value(s.Metric.Namespace), s.Metric.Dimensions, Clean(value(s.Metric.MetricName))
		}
	}
	if namespace != "AWS/DynamoDB" {
		return c
	}
	table, index := "", ""
	for _, d := range dims {
		switch value(d.Name) {
		case "TableName":
			table = Clean(value(d.Value))
		case "GlobalSecondaryIndexName":
			index = Clean(value(d.Value))
		}
	}
	if c.Target = table; table != "" && index != "" {
		c.Target += "/" + index
	}
	return c
}
