package sim

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"

	"github.com/ddbloop/ddbloop/engine/sim/wire"
	"github.com/ddbloop/ddbloop/engine/sim/world"
)

// Limits of GetMetricData (API reference).
const (
	maxQueries    = 500
	maxDatapoints = 100_800
)

var queryID = regexp.MustCompile(`^[a-z][a-zA-Z0-9_]*$`)

func invalidQuery(format string, args ...any) error {
	return wire.Refuse("ValidationException", fmt.Sprintf(format, args...))
}

// cursor is where a GetMetricData call goes on: a query, how many of its points have been sent, and the moment of the first
// call, so that all pages show what was published then.
type cursor struct {
	Query   int       `json:"q"`
	Sent    int       `json:"n"`
	AskedAt time.Time `json:"t"`
}

func (c cursor) token() *string {
	b, _ := json.Marshal(c) // plain fields always marshal
	return aws.String(base64.RawURLEncoding.EncodeToString(b))
}

func readCursor(token *string, now time.Time, queries int) (cursor, error) {
	c := cursor{AskedAt: now}
	if token == nil || *token == "" {
		return c, nil
	}
	b, err := base64.RawURLEncoding.DecodeString(*token)
	if err == nil {
		err = json.Unmarshal(b, &c)
	}
	if err != nil || c.Query < 0 || c.Query >= queries || c.Sent < 0 || c.AskedAt.After(now) {
		return c, wire.Refuse("InvalidNextToken", "The next token specified is invalid.")
	}
	return c, nil
}

func (v *visit) getMetricData(in *cloudwatch.GetMetricDataInput) (any, error) {
	queries, err := checkQueries(in)
	if err != nil {
		return nil, err
	}
	at, err := readCursor(in.NextToken, v.now, len(queries))
	if err != nil {
		return nil, err
	}
	room := maxDatapoints
	if in.MaxDatapoints != nil {
		room = int(*in.MaxDatapoints)
	}
	if room < 1 || room > maxDatapoints {
		return nil, invalidQuery("The parameter MaxDatapoints must be between 1 and %d.", maxDatapoints)
	}
	out := &cloudwatch.GetMetricDataOutput{MetricDataResults: []types.MetricDataResult{}, Messages: []types.MessageData{}}
	trouble := v.world.Fault(v.from, string(v.call.Service), v.call.Operation, "").Results
	for i := at.Query; i < len(queries); i++ {
		if room == 0 {
			out.NextToken = cursor{i, 0, at.AskedAt}.token()
			return out, nil
		}
		points := v.points(queries[i], in, at.AskedAt)
		if i == at.Query {
			points = points[min(at.Sent, len(points)):]
		}
		r := result(queries[i], points[:min(room, len(points))])
		if len(points) > room {
			r.StatusCode = types.StatusCodePartialData
			sent := room
			if i == at.Query {
				sent += at.Sent
			}
			out.NextToken = cursor{i, sent, at.AskedAt}.token()
			out.MetricDataResults = append(out.MetricDataResults, r)
			return out, nil
		}
		room -= len(points)
		spoil(&r, trouble)
		out.MetricDataResults = append(out.MetricDataResults, r)
	}
	return out, nil
}

// checkQueries refuses what the service refuses, and metric math, which is not computed here. It returns the queries whose
// data is wanted.
func checkQueries(in *cloudwatch.GetMetricDataInput) ([]types.MetricDataQuery, error) {
	if in.StartTime == nil || in.EndTime == nil || len(in.MetricDataQueries) == 0 {
		return nil, invalidQuery("The parameters StartTime, EndTime and MetricDataQueries are required.")
	}
	if !in.StartTime.Before(*in.EndTime) {
		return nil, invalidQuery("The parameter StartTime must be less than the parameter EndTime.")
	}
	if len(in.MetricDataQueries) > maxQueries {
		return nil, invalidQuery("The parameter MetricDataQueries must have at most %d elements.", maxQueries)
	}
	var out []types.MetricDataQuery
	seen := map[string]bool{}
	for _, q := range in.MetricDataQueries {
		id := aws.ToString(q.Id)
		switch {
		case !queryID.MatchString(id) || len(id) > 255:
			return nil, invalidQuery("The value for parameter Id in MetricDataQueries must start with a lowercase letter.")
		case seen[id]:
			return nil, invalidQuery("The values for parameter id in MetricDataQueries are not unique.")
		case q.Expression != nil:
			return nil, invalidQuery("Expression in query %s: metric math and metrics insights are not supported here.", id)
		case q.Period != nil:
			return nil, invalidQuery("Period in query %s belongs into its MetricStat.", id)
		case strings.Contains(aws.ToString(q.Label), "${"):
			return nil, invalidQuery("Label in query %s: dynamic labels are not supported here.", id)
		case q.AccountId != nil:
			return nil, invalidQuery("AccountId in query %s: only the caller's own account is served here.", id)
		}
		seen[id] = true
		if err := checkStat(id, q.MetricStat); err != nil {
			return nil, err
		}
		if q.ReturnData == nil || *q.ReturnData {
			out = append(out, q)
		}
	}
	if len(out) == 0 {
		return nil, invalidQuery("At least one element of MetricDataQueries must return data.")
	}
	return out, nil
}

var statistic = regexp.MustCompile(`^(Sum|Average|Minimum|Maximum|SampleCount|p(\d{1,2}(\.\d{1,10})?|100))$`)

func checkStat(id string, m *types.MetricStat) error {
	switch {
	case m == nil || m.Metric == nil || m.Metric.Namespace == nil || m.Metric.MetricName == nil || m.Period == nil || m.Stat == nil:
		return invalidQuery("MetricStat in query %s needs Metric with Namespace and MetricName, Period and Stat.", id)
	case !statistic.MatchString(*m.Stat):
		return invalidQuery("The statistic of query %s is not one that is served here (Sum, Average, Minimum, Maximum, SampleCount, pNN).", id)
	case !validPeriod(*m.Period):
		return invalidQuery("The period of query %s must be 1, 5, 10, 20, 30 or a multiple of 60.", id)
	}
	return checkDimensions(m.Metric.Dimensions)
}

func validPeriod(p int32) bool {
	return p >= 60 && p <= 86400 && p%60 == 0 || slices.Contains([]int32{1, 5, 10, 20, 30}, p)
}

func checkDimensions(dims []types.Dimension) error {
	for _, d := range dims {
		if d.Name == nil || d.Value == nil {
			return invalidQuery("Each dimension needs a name and a value.")
		}
	}
	return nil
}

// points reads one series in the order that was asked for.
func (v *visit) points(q types.MetricDataQuery, in *cloudwatch.GetMetricDataInput, askedAt time.Time) []world.Point {
	m := q.MetricStat
	points := v.series(m.Metric, *m.Stat, *m.Period, *in.StartTime, *in.EndTime, m.Unit, askedAt)
	if in.ScanBy != types.ScanByTimestampAscending {
		slices.Reverse(points)
	}
	return points
}

// series asks the world, oldest point first. The metrics here have a resolution of a minute: a shorter period has no data.
func (v *visit) series(m *types.Metric, stat string, period int32, from, to time.Time, unit types.StandardUnit, askedAt time.Time) []world.Point {
	if period < 60 {
		return nil
	}
	// Nothing is older than the history; a start in the year 1 must not be walked through.
	if oldest := v.world.Start().Add(-v.sc.History - 24*time.Hour); from.Before(oldest) {
		from = oldest
	}
	from = from.Truncate(time.Minute)
	if to.After(askedAt) {
		to = askedAt
	}
	if !from.Before(to) {
		return nil
	}
	dims := map[string]string{}
	for _, d := range m.Dimensions {
		dims[*d.Name] = *d.Value
	}
	points := v.world.Metrics(world.Query{
		Region: v.region, Namespace: *m.Namespace, Name: *m.MetricName, Dims: dims, Stat: stat,
		Period: time.Duration(period) * time.Second, From: from, To: to, AskedAt: askedAt,
	})
	return slices.DeleteFunc(slices.Clone(points), func(p world.Point) bool { return unit != "" && p.Unit != string(unit) })
}

func result(q types.MetricDataQuery, points []world.Point) types.MetricDataResult {
	label := q.Label
	if label == nil {
		label = q.MetricStat.Metric.MetricName
	}
	r := types.MetricDataResult{Id: q.Id, Label: label, StatusCode: types.StatusCodeComplete, Timestamps: []time.Time{}, Values: []float64{}}
	for _, p := range points {
		r.Timestamps = append(r.Timestamps, p.At)
		r.Values = append(r.Values, p.Value)
	}
	return r
}

// spoil is what a failing CloudWatch leaves of a result: its first half, nothing and an error, or nothing without a word. The
// words of the messages are guesses.
func spoil(r *types.MetricDataResult, trouble string) {
	kept := 0
	say := func(code types.StatusCode, text string) {
		r.StatusCode = code
		r.Messages = []types.MessageData{{Code: aws.String(string(code)), Value: aws.String(text)}}
	}
	switch trouble {
	case "":
		return
	case "partial":
		kept = len(r.Values) / 2
		say(types.StatusCodePartialData, "Only a part of the data could be returned. Try the request again.")
	case "internal":
		say(types.StatusCodeInternalError, "An error occurred. Try the request again.")
	}
	r.Timestamps, r.Values = r.Timestamps[:kept], r.Values[:kept]
}
