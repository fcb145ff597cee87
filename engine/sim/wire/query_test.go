package wire

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
)

func form(body string) *http.Request {
	r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body))
	r.Header.Set("Content-Type", formType)
	r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=AKID/20260303/us-east-1/monitoring/aws4_request, SignedHeaders=host, Signature=x")
	return r
}

func TestQueryReadsNestedMembers(t *testing.T) {
	call, fail := Read(form("Action=GetMetricData&Version=2010-08-01&StartTime=2026-03-03T14%3A00%3A00Z&EndTime=2026-03-03T14%3A10%3A00Z" +
		"&MetricDataQueries.member.1.Id=a&MetricDataQueries.member.1.ReturnData=true&MetricDataQueries.member.1.MetricStat.Stat=Sum&MetricDataQueries.member.1.MetricStat.Period=60" +
		"&MetricDataQueries.member.1.MetricStat.Metric.Namespace=N&MetricDataQueries.member.1.MetricStat.Metric.Dimensions.member.1.Name=T&MetricDataQueries.member.1.MetricStat.Metric.Dimensions.member.1.Value=o"))
	if fail != nil {
		t.Fatal(fail)
	}
	in, ok := call.Input.(*cloudwatch.GetMetricDataInput)
	if !ok || call.Region != "us-east-1" || call.Key != "AKID" || !in.StartTime.Equal(time.Date(2026, 3, 3, 14, 0, 0, 0, time.UTC)) {
		t.Fatalf("%+v", call)
	}
	q := in.MetricDataQueries[0]
	if !*q.ReturnData || *q.MetricStat.Period != 60 || *q.MetricStat.Metric.Dimensions[0].Value != "o" {
		t.Errorf("%+v", q)
	}
	for _, body := range []string{"Action=Nothing", "Action=ListMetrics&Nobody=1", "Action=GetMetricData&StartTime=yesterday", "%zz", ""} {
		if _, fail := Read(form(body)); fail == nil {
			t.Errorf("%q was taken", body)
		}
	}
}

func TestQueryWritesEscapedXML(t *testing.T) {
	call, _ := Read(form("Action=ListMetrics"))
	resp, err := call.Answer(&cloudwatch.ListMetricsOutput{Metrics: []types.Metric{{MetricName: aws.String("<a&b>")}}})
	if err != nil || !strings.Contains(string(resp.Body), "<member><MetricName>&lt;a&amp;b&gt;</MetricName></member>") {
		t.Errorf("%s %v", resp.Body, err)
	}
	if got := string(call.Fail(Refuse("InvalidNextToken", "<no>")).Body); !strings.Contains(got, "<Code>") || strings.Contains(got, "<no>") {
		t.Error(got)
	}
}

// FuzzQuery: whatever a form says, it is read or refused, and the answer's size has bounds.
func FuzzQuery(f *testing.F) {
	f.Add("Action=GetMetricData&MetricDataQueries.member.1.Id=a", "AWS4-HMAC-SHA256 Credential=A/1/r/monitoring/aws4_request")
	f.Add("Action=GetMetricStatistics&Statistics.member.1=Sum&Period=60&StartTime=1e9", "Credential=a/b/c")
	f.Add("Action=DescribeAlarms&AlarmNames=&MaxRecords=x", "")
	f.Fuzz(func(t *testing.T, body, authorization string) {
		r := form(body)
		r.Header.Set("Authorization", authorization)
		call, fail := Read(r)
		if call == nil {
			t.Fatal("a form is a call")
		}
		if fail != nil {
			if resp := call.Fail(fail); len(resp.Body) > 4000 {
				t.Fatalf("%d bytes", len(resp.Body))
			}
		}
	})
}
