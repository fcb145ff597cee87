package sim

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/aws/smithy-go"

	"github.com/ddbloop/ddbloop/engine/sim/world"
)

// recorded is a world whose metrics are a point a minute, its value the minute's number, and which remembers the questions.
type recorded struct {
	physics
	asked []world.Query
	list  int
}

func (r *recorded) Metrics(q world.Query) []world.Point {
	r.asked = append(r.asked, q)
	if q.Name != "Minutes" {
		return nil
	}
	var out []world.Point
	for at := q.From; at.Before(q.To); at = at.Add(q.Period) {
		out = append(out, world.Point{At: at, Value: float64(at.Minute()), Unit: "Count"})
	}
	return out
}

func (r *recorded) ListMetrics(_, namespace, name string, _ time.Time) []world.MetricID {
	var out []world.MetricID
	for i := range r.list {
		out = append(out, world.MetricID{Namespace: namespace, Name: "m", Dims: []world.Dim{{Name: "TableName", Value: fmt.Sprint(i)}}})
	}
	return out
}

func newRecorded(t *testing.T) (*cloudwatch.Client, *stepped, *recorded) {
	s, clock := newBench(t)
	r := &recorded{physics: s.world}
	s.world = r
	_, cw := clients(t, s, clock)
	return cw, clock, r
}

func minutes(id string) types.MetricDataQuery { return series(id, "Minutes", "orders") }

func TestGetMetricDataPages(t *testing.T) {
	for _, room := range []int32{1, 3, 5, 7, 10, 100} {
		cw, clock, r := newRecorded(t)
		in := &cloudwatch.GetMetricDataInput{
			StartTime: aws.Time(clock.Now().Add(-5 * time.Minute)), EndTime: aws.Time(clock.Now()), MaxDatapoints: aws.Int32(room),
			MetricDataQueries: []types.MetricDataQuery{minutes("a"), series("none", "Other", "orders"), minutes("b")},
		}
		got := map[string][]float64{}
		last := map[string]types.StatusCode{}
		for {
			out, err := cw.GetMetricData(ctx, in)
			if err != nil {
				t.Fatal(err)
			}
			n := 0
			for _, res := range out.MetricDataResults {
				n += len(res.Values)
				got[*res.Id] = append(got[*res.Id], res.Values...)
				last[*res.Id] = res.StatusCode
			}
			if n > int(room) {
				t.Errorf("room for %d: a page of %d", room, n)
			}
			if in.NextToken = out.NextToken; in.NextToken == nil {
				break
			}
		}
		want := []float64{59, 58, 57, 56, 55} // newest first; the end is exclusive
		if !slices.Equal(got["a"], want) || !slices.Equal(got["b"], want) || len(got["none"]) != 0 {
			t.Errorf("room for %d: %v", room, got)
		}
		for _, id := range []string{"a", "none", "b"} {
			if last[id] != types.StatusCodeComplete {
				t.Errorf("room for %d: %s ended as %q", room, id, last[id])
			}
		}
		for _, q := range r.asked {
			if !q.AskedAt.Equal(r.asked[0].AskedAt) {
				t.Errorf("room for %d: pages show different moments", room)
			}
		}
	}
}

func TestGetMetricDataAsks(t *testing.T) {
	cw, clock, r := newRecorded(t)
	q := minutes("a")
	q.Label = aws.String("mine")
	bytes := minutes("b")
	bytes.MetricStat.Unit = types.StandardUnitBytes
	hidden := minutes("c")
	hidden.ReturnData = aws.Bool(false)
	short := minutes("d")
	short.MetricStat.Period = aws.Int32(1)
	out, err := cw.GetMetricData(ctx, &cloudwatch.GetMetricDataInput{
		StartTime: aws.Time(clock.Now().Add(-150 * time.Second)), EndTime: aws.Time(clock.Now().Add(time.Hour)), ScanBy: types.ScanByTimestampAscending,
		MetricDataQueries: []types.MetricDataQuery{q, bytes, hidden, short},
	})
	if err != nil || len(out.MetricDataResults) != 3 {
		t.Fatalf("%+v %v", out, err)
	}
	a := out.MetricDataResults[0]
	if *a.Label != "mine" || !slices.Equal(a.Values[:3], []float64{57, 58, 59}) || !a.Timestamps[0].Equal(clock.Now().Truncate(time.Minute).Add(-3*time.Minute)) {
		t.Errorf("the start is cut down to its minute: %v %v", a.Values, a.Timestamps)
	}
	if b, d := out.MetricDataResults[1], out.MetricDataResults[2]; len(b.Values) != 0 || *b.Label != "Minutes" || len(d.Values) != 0 {
		t.Errorf("another unit or a shorter period has no data: %v %v", b, d)
	}
	if len(r.asked) != 2 || r.asked[0].Dims["TableName"] != "orders" || r.asked[0].To.After(r.asked[0].AskedAt) {
		t.Errorf("the world was asked for %+v", r.asked)
	}
	if _, err := cw.GetMetricData(ctx, &cloudwatch.GetMetricDataInput{StartTime: aws.Time(time.Unix(0, 0)), EndTime: aws.Time(clock.Now()), MetricDataQueries: []types.MetricDataQuery{minutes("a")}}); err != nil {
		t.Error(err)
	}
	if from := r.asked[len(r.asked)-1].From; clock.Now().Sub(from) > 48*time.Hour {
		t.Errorf("the world was asked for everything since %v", from)
	}
}

func TestCloudWatchRefuses(t *testing.T) {
	cw, clock, _ := newRecorded(t)
	now := clock.Now()
	data := func(change func(*cloudwatch.GetMetricDataInput)) error {
		in := &cloudwatch.GetMetricDataInput{StartTime: aws.Time(now.Add(-time.Hour)), EndTime: aws.Time(now), MetricDataQueries: []types.MetricDataQuery{minutes("a")}}
		change(in)
		_, err := cw.GetMetricData(ctx, in)
		return err
	}
	stats := func(change func(*cloudwatch.GetMetricStatisticsInput)) error {
		in := &cloudwatch.GetMetricStatisticsInput{
			Namespace: aws.String("AWS/DynamoDB"), MetricName: aws.String("Minutes"), StartTime: aws.Time(now.Add(-time.Hour)), EndTime: aws.Time(now),
			Period: aws.Int32(60), Statistics: []types.Statistic{types.StatisticSum},
		}
		change(in)
		_, err := cw.GetMetricStatistics(ctx, in)
		return err
	}
	many := make([]types.MetricDataQuery, 501)
	for i := range many {
		many[i] = minutes(fmt.Sprintf("q%d", i))
	}
	for name, c := range map[string]struct {
		err  error
		code string
	}{
		"501 queries": {data(func(in *cloudwatch.GetMetricDataInput) { in.MetricDataQueries = many }), "ValidationError"},
		"a twin": {data(func(in *cloudwatch.GetMetricDataInput) {
			in.MetricDataQueries = append(in.MetricDataQueries, minutes("a"))
		}), "ValidationError"},
		"a capital id":     {data(func(in *cloudwatch.GetMetricDataInput) { in.MetricDataQueries[0].Id = aws.String("A") }), "ValidationError"},
		"an expression":    {data(func(in *cloudwatch.GetMetricDataInput) { in.MetricDataQueries[0].Expression = aws.String("FILL(m,0)") }), "ValidationError"},
		"a dynamic label":  {data(func(in *cloudwatch.GetMetricDataInput) { in.MetricDataQueries[0].Label = aws.String("${MAX}") }), "ValidationError"},
		"a stray period":   {data(func(in *cloudwatch.GetMetricDataInput) { in.MetricDataQueries[0].Period = aws.Int32(60) }), "ValidationError"},
		"a trimmed mean":   {data(func(in *cloudwatch.GetMetricDataInput) { in.MetricDataQueries[0].MetricStat.Stat = aws.String("tm99") }), "ValidationError"},
		"an odd period":    {data(func(in *cloudwatch.GetMetricDataInput) { in.MetricDataQueries[0].MetricStat.Period = aws.Int32(61) }), "ValidationError"},
		"time turned back": {data(func(in *cloudwatch.GetMetricDataInput) { in.StartTime = in.EndTime }), "ValidationError"},
		"too many points":  {data(func(in *cloudwatch.GetMetricDataInput) { in.MaxDatapoints = aws.Int32(200_000) }), "ValidationError"},
		"a made-up token":  {data(func(in *cloudwatch.GetMetricDataInput) { in.NextToken = aws.String("x") }), "InvalidNextToken"},
		"no statistic":     {stats(func(in *cloudwatch.GetMetricStatisticsInput) { in.Statistics = nil }), "InvalidParameterCombination"},
		"1,441 datapoints": {stats(func(in *cloudwatch.GetMetricStatisticsInput) { in.StartTime = aws.Time(now.Add(-1441 * time.Minute)) }), "InvalidParameterCombination"},
		"an odd statistic": {stats(func(in *cloudwatch.GetMetricStatisticsInput) {
			in.Statistics, in.ExtendedStatistics = nil, []string{"p101"}
		}), "InvalidParameterValue"},
	} {
		var api smithy.APIError
		if !errors.As(c.err, &api) || api.ErrorCode() != c.code {
			t.Errorf("%s: %v", name, c.err)
		}
	}
	var modelled *types.InvalidParameterCombinationException
	if err := stats(func(in *cloudwatch.GetMetricStatisticsInput) { in.Statistics = nil }); !errors.As(err, &modelled) {
		t.Errorf("no exception of the model: %v", err)
	}
}

func TestListMetricsPages(t *testing.T) {
	cw, _, r := newRecorded(t)
	r.list = 1203
	in := &cloudwatch.ListMetricsInput{Namespace: aws.String("AWS/DynamoDB"), Dimensions: []types.DimensionFilter{{Name: aws.String("TableName")}}}
	pages := cloudwatch.NewListMetricsPaginator(cw, in)
	n := []int{}
	for pages.HasMorePages() {
		out, err := pages.NextPage(ctx)
		if err != nil {
			t.Fatal(err)
		}
		n = append(n, len(out.Metrics))
	}
	if !slices.Equal(n, []int{500, 500, 203}) {
		t.Errorf("pages of %v", n)
	}
	in.Dimensions[0].Value = aws.String("17")
	if out, err := cw.ListMetrics(ctx, in); err != nil || len(out.Metrics) != 1 {
		t.Errorf("one table: %v %v", out, err)
	}
}
