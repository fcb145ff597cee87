package sim

import (
	"encoding/base64"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"

	"github.com/ddbloop/ddbloop/engine/sim/wire"
	"github.com/ddbloop/ddbloop/engine/sim/world"
)

// Limits of GetMetricStatistics and ListMetrics (API reference).
const (
	maxStatistics = 1440
	maxListed     = 500
)

func (v *visit) getMetricStatistics(in *cloudwatch.GetMetricStatisticsInput) (any, error) {
	if in.Namespace == nil || in.MetricName == nil || in.StartTime == nil || in.EndTime == nil || in.Period == nil {
		return nil, wire.Refuse("MissingRequiredParameterException", "The parameters Namespace, MetricName, StartTime, EndTime and Period are required.")
	}
	if (len(in.Statistics) == 0) == (len(in.ExtendedStatistics) == 0) {
		return nil, wire.Refuse("InvalidParameterCombinationException", "Exactly one of the parameters Statistics and ExtendedStatistics must be given.")
	}
	if !in.StartTime.Before(*in.EndTime) {
		return nil, wire.Refuse("InvalidParameterValueException", "The parameter StartTime must be less than the parameter EndTime.")
	}
	if !validPeriod(*in.Period) {
		return nil, wire.Refuse("InvalidParameterValueException", "The parameter Period must be 1, 5, 10, 20, 30 or a multiple of 60.")
	}
	if n := in.EndTime.Sub(*in.StartTime) / (time.Duration(*in.Period) * time.Second); n > maxStatistics {
		return nil, wire.Refuse("InvalidParameterCombinationException", "You have requested up to "+strconv.FormatInt(int64(n), 10)+
			" datapoints, which exceeds the limit of 1440. You may reduce the datapoints requested by increasing Period, or decreasing the time range.")
	}
	if err := checkDimensions(in.Dimensions); err != nil {
		return nil, wire.Refuse("InvalidParameterValueException", "Each dimension needs a name and a value.")
	}
	merged, err := v.statistics(in)
	if err != nil {
		return nil, err
	}
	out := &cloudwatch.GetMetricStatisticsOutput{Label: in.MetricName, Datapoints: []types.Datapoint{}}
	for _, at := range slices.Sorted(maps.Keys(merged)) {
		out.Datapoints = append(out.Datapoints, *merged[at])
	}
	return out, nil
}

// statistics reads one series per statistic and lays them over each other.
func (v *visit) statistics(in *cloudwatch.GetMetricStatisticsInput) (map[int64]*types.Datapoint, error) {
	stats := slices.Clone(in.ExtendedStatistics)
	for _, s := range in.Statistics {
		stats = append(stats, string(s))
	}
	out := map[int64]*types.Datapoint{}
	m := &types.Metric{Namespace: in.Namespace, MetricName: in.MetricName, Dimensions: in.Dimensions}
	for _, stat := range stats {
		if !statistic.MatchString(stat) {
			return nil, wire.Refuse("InvalidParameterValueException", "A statistic is not one that is served here (Sum, Average, Minimum, Maximum, SampleCount, pNN).")
		}
		for _, p := range v.series(m, stat, *in.Period, *in.StartTime, *in.EndTime, in.Unit, v.now) {
			d := out[p.At.Unix()]
			if d == nil {
				d = &types.Datapoint{Timestamp: aws.Time(p.At), Unit: types.StandardUnit(p.Unit)}
				out[p.At.Unix()] = d
			}
			set(d, stat, p.Value)
		}
	}
	return out, nil
}

func set(d *types.Datapoint, stat string, value float64) {
	switch types.Statistic(stat) {
	case types.StatisticSum:
		d.Sum = &value
	case types.StatisticAverage:
		d.Average = &value
	case types.StatisticMinimum:
		d.Minimum = &value
	case types.StatisticMaximum:
		d.Maximum = &value
	case types.StatisticSampleCount:
		d.SampleCount = &value
	default:
		if d.ExtendedStatistics == nil {
			d.ExtendedStatistics = map[string]float64{}
		}
		d.ExtendedStatistics[stat] = value
	}
}

func (v *visit) listMetrics(in *cloudwatch.ListMetricsInput) (any, error) {
	if aws.ToBool(in.IncludeLinkedAccounts) || in.OwningAccount != nil {
		return nil, wire.Refuse("InvalidParameterValueException", "Only the caller's own account is served here.")
	}
	for _, f := range in.Dimensions {
		if f.Name == nil {
			return nil, wire.Refuse("InvalidParameterValueException", "Each dimension filter needs a name.")
		}
	}
	var all []types.Metric
	for _, ns := range v.namespaces(in.Namespace) {
		for _, id := range v.world.ListMetrics(v.region, ns, aws.ToString(in.MetricName), v.now) {
			if in.RecentlyActive != "" && !v.recentlyActive(id) {
				continue
			}
			if m := metric(id); matches(m, in.Dimensions) {
				all = append(all, m)
			}
		}
	}
	from, err := readOffset(in.NextToken, len(all))
	if err != nil {
		return nil, err
	}
	out := &cloudwatch.ListMetricsOutput{Metrics: all[from:]}
	if len(out.Metrics) > maxListed {
		out.Metrics = out.Metrics[:maxListed]
		out.NextToken = offsetToken(from + maxListed)
	}
	if out.Metrics == nil {
		out.Metrics = []types.Metric{}
	}
	return out, nil
}

// namespaces are the one that was asked for or all that this account has.
func (v *visit) namespaces(one *string) []string {
	if one != nil {
		return []string{*one}
	}
	all := []string{"AWS/DynamoDB", "AWS/Lambda"}
	for _, t := range v.sc.Traffic {
		for _, p := range t.Publishes {
			all = append(all, p.Namespace)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

func offsetToken(at int) *string {
	return aws.String(base64.RawURLEncoding.EncodeToString([]byte(strconv.Itoa(at))))
}

func readOffset(token *string, most int) (int, error) {
	if token == nil || *token == "" {
		return 0, nil
	}
	b, err := base64.RawURLEncoding.DecodeString(*token)
	n, errN := strconv.Atoi(string(b))
	if err != nil || errN != nil || n < 0 || n > most {
		return 0, wire.Refuse("InvalidParameterValueException", "The next token specified is invalid.")
	}
	return n, nil
}

func metric(id world.MetricID) types.Metric {
	m := types.Metric{Namespace: aws.String(id.Namespace), MetricName: aws.String(id.Name), Dimensions: []types.Dimension{}}
	for _, d := range id.Dims {
		m.Dimensions = append(m.Dimensions, types.Dimension{Name: aws.String(d.Name), Value: aws.String(d.Value)})
	}
	return m
}

// matches reports whether the metric has every dimension that is asked for; it may have more.
func matches(m types.Metric, want []types.DimensionFilter) bool {
	for _, f := range want {
		if !slices.ContainsFunc(m.Dimensions, func(d types.Dimension) bool {
			return *d.Name == *f.Name && (f.Value == nil || *d.Value == *f.Value)
		}) {
			return false
		}
	}
	return true
}

// recentlyActive reports whether a series has had data within three hours (API reference, ListMetrics).
func (v *visit) recentlyActive(id world.MetricID) bool {
	dims := map[string]string{}
	for _, d := range id.Dims {
		dims[d.Name] = d.Value
	}
	return len(v.world.Metrics(world.Query{
		Region: v.region, Namespace: id.Namespace, Name: id.Name, Dims: dims, Stat: "SampleCount", Period: time.Hour,
		From: v.now.Add(-3 * time.Hour), To: v.now, AskedAt: v.now,
	})) > 0
}
