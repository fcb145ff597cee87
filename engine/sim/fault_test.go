package sim

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	cwtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/logging"

	"github.com/ddbloop/ddbloop/engine/sim/wire"
	"github.com/ddbloop/ddbloop/engine/sim/world"
)

// broken is the bench with one fault from its start on and a customer's key on one table.
func broken(t *testing.T, fault string) (*Sim, *stepped) {
	t.Helper()
	text := strings.Replace(file, "events:\n", "events:\n  - {at: 0s, fault: {"+fault+"}}\n", 1)
	return newFrom(t, strings.Replace(text, "    item_bytes: 900\n", "    item_bytes: 900\n    customer_kms: true\n", 1))
}

func metricData(now time.Time) *cloudwatch.GetMetricDataInput {
	return &cloudwatch.GetMetricDataInput{
		StartTime: aws.Time(now.Add(-20 * time.Minute)), EndTime: aws.Time(now),
		MetricDataQueries: []cwtypes.MetricDataQuery{series("w", "ConsumedWriteCapacityUnits", "orders")},
	}
}

// outcome is how one call ended: the error's code, or what the network said.
func outcome(err error) string {
	var api smithy.APIError
	var dns *net.DNSError
	switch {
	case err == nil:
		return ""
	case errors.As(err, &api):
		return api.ErrorCode()
	case errors.As(err, &dns):
		return "dns"
	case errors.Is(err, syscall.ECONNREFUSED):
		return "refused"
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, io.EOF):
		return "reset"
	case errors.Is(err, context.DeadlineExceeded):
		return "deadline"
	}
	return err.Error()
}

// faults are those that both transports play, and how a read of an item, a read of a table's settings and one of metrics end.
var faults = []struct{ fault, item, table, metrics string }{
	{"service: dynamodb, error_rate: 1", "InternalServerError", "InternalServerError", ""},
	{"service: dynamodb, throttle_rate: 1, operations: [GetItem]", "ThrottlingException", "", ""},
	{"service: dynamodb, error_rate: 1, tables: [sessions]", "", "", ""},
	{"service: cloudwatch, error_rate: 1, code: InternalServiceFault", "", "", "InternalServiceError"},
	{"service: cloudwatch, throttle_rate: 1", "", "", "ThrottlingException"},
	{"access: denied", "AccessDeniedException", "AccessDeniedException", "AccessDenied"},
	{"access: denied, operations: [GetMetricData]", "", "", "AccessDenied"},
	{"access: expired", "ExpiredTokenException", "ExpiredTokenException", "ExpiredToken"},
	{"access: expired, where: app", "", "", ""},
	{"kms: disabled", "AccessDeniedException", "", ""},
	{"network: {reset: after_apply}", "reset", "reset", "reset"},
	{"network: {drip: 1000000}", "", "", ""},
	{"network: {loss: 0.01}", "", "", ""},
}

func TestFaultsAsTheSDKSeesThem(t *testing.T) {
	for _, f := range faults {
		s, clock := broken(t, f.fault)
		db, cw := clients(t, s, clock)
		check(t, "in process: "+f.fault, db, cw, s, clock, f)

		s, clock = broken(t, f.fault)
		db, cw = socket(t, s, clock)
		check(t, "socket: "+f.fault, db, cw, s, clock, f)
	}
}

func check(t *testing.T, name string, db *dynamodb.Client, cw *cloudwatch.Client, s *Sim, clock *stepped, want struct{ fault, item, table, metrics string }) {
	t.Helper()
	_, item := db.GetItem(ctx, get(s))
	_, table := db.DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: aws.String("orders")})
	_, metrics := cw.GetMetricData(ctx, metricData(clock.Now()))
	if a, b, c := outcome(item), outcome(table), outcome(metrics); a != want.item || b != want.table || c != want.metrics {
		t.Errorf("%s: %q, %q, %q; want %q, %q, %q", name, a, b, c, want.item, want.table, want.metrics)
	}
}

// socket serves the simulator on loopback until the test ends.
func socket(t *testing.T, s *Sim, c Clock) (*dynamodb.Client, *cloudwatch.Client) {
	t.Helper()
	addr := listen(t, s, c)
	transport := &http.Transport{DisableKeepAlives: true}
	t.Cleanup(transport.CloseIdleConnections)
	cfg := config(t, &http.Client{Transport: transport}, "http://"+addr)
	return dynamodb.NewFromConfig(cfg), cloudwatch.NewFromConfig(cfg)
}

func TestConnectionsThatFailInProcess(t *testing.T) {
	for fault, want := range map[string]string{
		"network: {dns: nxdomain}": "dns", "network: {connect: refused}": "refused", "network: {connect: blackhole}": "deadline", "network: {loss: 1}": "deadline",
		"network: {drip: 1}": "deadline", "network: {dns: 400ms}": "", "network: {dns: nxdomain}, where: app": "",
	} {
		s, clock := broken(t, fault)
		cfg := config(t, s.Client(clock, world.FromHere), "https://sim.invalid")
		cfg.Logger = logging.Nop{} // of a body that ends early the SDK complains with reason
		db := dynamodb.NewFromConfig(cfg)
		start := clock.Now()
		_, err := db.GetItem(clock.within(2*time.Second), get(s))
		spent := clock.Now().Sub(start)
		if outcome(err) != want || strings.Contains(fault, "400ms") && spent < 400*time.Millisecond {
			t.Errorf("%s: %v after %v", fault, err, spent)
		}
	}
}

// A socket cannot refuse or hide: it resets, and it does not answer.
func TestConnectionsThatFailOnTheSocket(t *testing.T) {
	for fault, want := range map[string]string{"network: {connect: refused}": "reset", "network: {connect: blackhole}": "deadline"} {
		s, clock := broken(t, fault)
		db, _ := socket(t, s, clock)
		short, cancel := context.WithTimeout(ctx, 100*time.Millisecond)
		_, err := db.GetItem(short, get(s))
		cancel()
		if outcome(err) != want {
			t.Errorf("%s: %v", fault, err)
		}
	}
}

func TestFeedsAreNotAWS(t *testing.T) {
	s, clock := broken(t, "network: {connect: blackhole}")
	if resp := s.showFeed(clock, "checkout"); resp.Status != http.StatusOK {
		t.Errorf("status %d", resp.Status)
	}
}

func TestMetricDataThatIsSpoilt(t *testing.T) {
	for how, want := range map[string]cwtypes.StatusCode{"partial": cwtypes.StatusCodePartialData, "internal": cwtypes.StatusCodeInternalError, "empty": cwtypes.StatusCodeComplete} {
		s, clock := broken(t, "service: cloudwatch, results: "+how)
		_, cw := clients(t, s, clock)
		out, err := cw.GetMetricData(ctx, metricData(clock.Now()))
		if err != nil {
			t.Fatal(err)
		}
		r := out.MetricDataResults[0]
		if r.StatusCode != want || (len(r.Values) > 0) != (how == "partial") || len(r.Values) != len(r.Timestamps) || (len(r.Messages) > 0) == (how == "empty") {
			t.Errorf("%s: %+v", how, r)
		}
	}
}

// The first request is refused, with a date by which the SDK corrects itself; its second try gets through.
func TestSkewedServersAreCorrectedFor(t *testing.T) {
	s, clock := broken(t, "skew: 1h")
	db, cw := clients(t, s, clock)
	_, first := db.GetItem(ctx, get(s))
	_, second := db.GetItem(ctx, get(s))
	if outcome(first) != "InvalidSignatureException" || second != nil {
		t.Errorf("%v, then %v", first, second)
	}
	if _, err := cw.GetMetricData(ctx, metricData(clock.Now())); err != nil { // the same host, already corrected for
		t.Error(err)
	}
	if f := untimely(wire.CloudWatch, clock.Now(), clock.Now().Add(10*time.Minute)); f != nil {
		t.Errorf("ten minutes are within CloudWatch's fifteen: %v", f)
	}
	s, clock = broken(t, "skew: -1h")
	clock.now = s.world.Start()
	if at := signedAt(&http.Request{Header: http.Header{"X-Amz-Date": {clock.Now().Format("20060102T150405Z")}}}, clock.Now(), -time.Hour); at.IsZero() {
		t.Error("a caller with the right time is not judged by servers with a wrong one")
	}
}

func TestPatternsOfActions(t *testing.T) {
	for pattern, want := range map[string]bool{"application-autoscaling:DescribeScalableTargets": true, "application-autoscaling:*": true, "application-autoscaling:Describe*s": true, "autoscaling:*": false} {
		needed := action(&wire.Call{Service: "autoscaling", Operation: "DescribeScalableTargets"})
		if permits(pattern, needed) != want {
			t.Errorf("%s on %s", pattern, needed)
		}
	}
}
