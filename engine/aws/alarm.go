package aws

import (
	"context"
	"fmt"
	"strings"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"

	"github.com/ddbloop/ddbloop/history"
)

// NotAnAlarmOfATable is why an alarm cannot be started from, in one line.
type NotAnAlarmOfATable struct{ Why string }

func (n *NotAnAlarmOfATable) Error() string { return n.Why }

// Alarm is one metric alarm on a table, and what it watches.
type Alarm struct {
	history.AlarmChanged
	Op   string        // the operation whose metric it is; "" where it is not split
	Over time.Duration // the time that it looks back: period × evaluation periods
}

// Alarm reads an alarm by its name. An alarm that is not there, or is not on one table, is a *NotAnAlarmOfATable; any other error
// is for Classify.
func (a *Account) Alarm(ctx context.Context, name string) (Alarm, error) {
	ctx, cancel := a.clock.WithTimeout(ctx, callTimeout)
	defer cancel()
	out, err := a.cw.DescribeAlarms(ctx, &cloudwatch.DescribeAlarmsInput{
		AlarmNames: []string{name}, AlarmTypes: []types.AlarmType{types.AlarmTypeMetricAlarm, types.AlarmTypeCompositeAlarm}, MaxRecords: sdk.Int32(2),
	})
	if err != nil {
		return Alarm{}, a.noted(err)
	}
	no := func(format string, args ...any) (Alarm, error) {
		return Alarm{}, &NotAnAlarmOfATable{Clean(fmt.Sprintf(format, args...))}
	}
	if len(out.CompositeAlarms) > 0 {
		return no("alarm %s is composite: name one of the metric alarms in its rule, %s", name, value(out.CompositeAlarms[0].AlarmRule))
	}
	if len(out.MetricAlarms) == 0 {
		return no("there is no alarm %s in %s: check the name, --region and --profile", name, a.Region())
	}
	m := out.MetricAlarms[0]
	c := Alarm{AlarmChanged: alarm(m)}
	if c.Target == "" {
		what := value(m.Namespace) + " " + c.Metric
		if c.Metric == "" {
			what = "metric math without a metric of a table"
		}
		return no("alarm %s watches %s, which is of no DynamoDB table: name the table, ddbloop watch TABLE", name, strings.TrimSpace(what))
	}
	for _, d := range dimensionsOf(m) {
		if value(d.Name) == "Operation" {
			c.Op = Clean(value(d.Value))
		}
	}
	c.Over = time.Duration(value(m.Period)) * time.Second * time.Duration(max(1, value(m.EvaluationPeriods)))
	return c, nil
}

// dimensionsOf are those of the alarm's own metric, or of the first one in its math.
func dimensionsOf(m types.MetricAlarm) []types.Dimension {
	if m.MetricName != nil {
		return m.Dimensions
	}
	for _, q := range m.Metrics {
		if s := q.MetricStat; s != nil && s.Metric != nil && value(s.Metric.Namespace) == "AWS/DynamoDB" {
			return s.Metric.Dimensions
		}
	}
	return nil
}

// historyPages bounds how many pages of 100 transitions are read of one alarm.
const historyPages = 2

// AlarmHistory reads when an alarm changed its state since an instant, oldest first. The error is for Classify.
func (a *Account) AlarmHistory(ctx context.Context, name string, since time.Time) ([]history.AlarmTurned, error) {
	ctx, cancel := a.clock.WithTimeout(ctx, callTimeout)
	defer cancel()
	in := &cloudwatch.DescribeAlarmHistoryInput{
		AlarmName: &name, HistoryItemType: types.HistoryItemTypeStateUpdate, StartDate: &since, ScanBy: types.ScanByTimestampAscending, MaxRecords: sdk.Int32(100),
	}
	var list []history.AlarmTurned
	for range historyPages {
		out, err := a.cw.DescribeAlarmHistory(ctx, in)
		if err != nil {
			return list, a.noted(err)
		}
		for _, i := range out.AlarmHistoryItems {
			list = append(list, history.AlarmTurned{Name: Clean(name), At: value(i.Timestamp).UTC(), Text: Clean(value(i.HistorySummary))})
		}
		if in.NextToken = out.NextToken; value(in.NextToken) == "" {
			break
		}
	}
	return list, nil
}
