package aws

import (
	"context"
	"fmt"
	"math"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"

	"github.com/ddbloop/ddbloop/history"
)

// MaxQueries is how many series one GetMetricData call may ask for (API reference).
const MaxQueries = 500

// Dimension is one dimension of a metric.
type Dimension struct{ Name, Value string }

// MetricQuery asks for one statistic of one metric.
type MetricQuery struct {
	ID         string // lower-case letter first
	Namespace  string
	Metric     string
	Dimensions []Dimension
	Stat       string
	Period     time.Duration
}

// MetricRequest is one GetMetricData call. From is inclusive, To exclusive.
type MetricRequest struct {
	Queries  []MetricQuery
	From, To time.Time
	Token    string // of the page before
}

// MetricPage is one page of answers. Results come in any order; an id may be repeated here and on later pages.
type MetricPage struct {
	Results  []MetricResult
	Messages []string
	Next     string
	Server   time.Time // CloudWatch's own clock; zero when it did not say
}

// MetricResult is a part of one series: points in any order, in CloudWatch's own unit.
type MetricResult struct {
	ID     string
	Status string // Complete | PartialData | InternalError | Forbidden
	Points []history.Point
	Lost   int // values that were no numbers, or had no time
}

func newCloudWatch(cfg sdk.Config) *cloudwatch.Client {
	return cloudwatch.NewFromConfig(cfg, func(o *cloudwatch.Options) { o.Retryer = sdk.NopRetryer{} })
}

// MetricData reads one page, newest points first. The error is for Classify.
func (a *Account) MetricData(ctx context.Context, r MetricRequest) (MetricPage, error) {
	ctx, cancel := a.clock.WithTimeout(ctx, callTimeout)
	defer cancel()
	in := &cloudwatch.GetMetricDataInput{StartTime: &r.From, EndTime: &r.To, ScanBy: types.ScanByTimestampDescending}
	if r.Token != "" {
		in.NextToken = &r.Token
	}
	for _, q := range r.Queries {
		in.MetricDataQueries = append(in.MetricDataQueries, query(q))
	}
	out, err := a.cw.GetMetricData(ctx, in)
	if err != nil {
		return MetricPage{}, a.noted(err)
	}
	page := MetricPage{Next: value(out.NextToken)}
	page.Server, _ = middleware.GetServerTime(out.ResultMetadata)
	for _, m := range out.Messages {
		page.Messages = append(page.Messages, Clean(fmt.Sprintf("%s: %s", value(m.Code), value(m.Value))))
	}
	for _, res := range out.MetricDataResults {
		page.Results = append(page.Results, result(res))
	}
	return page, nil
}

func query(q MetricQuery) types.MetricDataQuery {
	m := &types.Metric{Namespace: &q.Namespace, MetricName: &q.Metric}
	for _, d := range q.Dimensions {
		m.Dimensions = append(m.Dimensions, types.Dimension{Name: &d.Name, Value: &d.Value})
	}
	return types.MetricDataQuery{Id: &q.ID, MetricStat: &types.MetricStat{
		Metric: m, Stat: &q.Stat, Period: sdk.Int32(int32(q.Period / time.Second)),
	}}
}

func result(r types.MetricDataResult) MetricResult {
	out := MetricResult{ID: value(r.Id), Status: Clean(string(r.StatusCode))}
	for i, v := range r.Values {
		if i >= len(r.Timestamps) || math.IsNaN(v) || math.IsInf(v, 0) {
			out.Lost++
			continue
		}
		out.Points = append(out.Points, history.Point{T: r.Timestamps[i].Unix(), V: v})
	}
	out.Lost += max(0, len(r.Timestamps)-len(r.Values))
	return out
}

// listPages bounds one ListMetrics: 500 series a page.
const listPages = 4

// ListMetrics finds the dimensions under which a metric is published. The error is for Classify.
func (a *Account) ListMetrics(ctx context.Context, namespace, metric string) ([][]Dimension, error) {
	ctx, cancel := a.clock.WithTimeout(ctx, callTimeout)
	defer cancel()
	sets, _, err := a.listMetrics(ctx, &cloudwatch.ListMetricsInput{Namespace: &namespace, MetricName: &metric}, listPages)
	return sets, err
}

// RecentMetrics is ListMetrics of what had data within three hours: 500 sets of dimensions a page, at most so many pages. It
// returns how many calls it took.
func (a *Account) RecentMetrics(ctx context.Context, namespace, metric string, pages int) (sets [][]Dimension, calls int, err error) {
	ctx, cancel := a.clock.WithTimeout(ctx, callTimeout)
	defer cancel()
	return a.listMetrics(ctx, &cloudwatch.ListMetricsInput{Namespace: &namespace, MetricName: &metric, RecentlyActive: types.RecentlyActivePt3h}, pages)
}

func (a *Account) listMetrics(ctx context.Context, in *cloudwatch.ListMetricsInput, pages int) (sets [][]Dimension, calls int, err error) {
	for range pages {
		calls++
		out, err := a.cw.ListMetrics(ctx, in)
		if err != nil {
			return sets, calls, a.noted(err)
		}
		for _, m := range out.Metrics {
			var dims []Dimension
			for _, d := range m.Dimensions {
				dims = append(dims, Dimension{Name: value(d.Name), Value: value(d.Value)})
			}
			sets = append(sets, dims)
		}
		if in.NextToken = out.NextToken; value(in.NextToken) == "" {
			break
		}
	}
	return sets, calls, nil
}
