package aws

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/ddbloop/ddbloop/engine/clock"
)

// dated answers everything for a service whose clock is off by skew: it says its own time, and refuses what was signed more than five
// minutes away from it, as each service words that.
func dated(skew *time.Duration, refused *int) wire {
	return func(r *http.Request) (*http.Response, error) {
		theirs := time.Now().Add(*skew) // the SDK signs with the machine's clock
		signed, err := time.Parse("20060102T150405Z", r.Header.Get("X-Amz-Date"))
		if err != nil {
			return nil, err
		}
		cbor := r.Header.Get("Smithy-Protocol") == "rpc-v2-cbor"
		status, body := http.StatusOK, `{"Table":{"TableName":"orders","TableStatus":"ACTIVE"},"Item":{"pk":{"S":"x"}},"ScalableTargets":[],"ScalingPolicies":[],"ScalingActivities":[],"Events":[]}`
		if cbor {
			body = "\xa0"
		}
		if theirs.Sub(signed).Abs() > 5*time.Minute {
			*refused++
			status, body = http.StatusBadRequest, `{"__type":"com.amazon.coral.service#InvalidSignatureException","message":"Signature expired"}`
			if cbor {
				status, body = http.StatusForbidden, "\xa1\x66__type\x75SignatureDoesNotMatch"
			}
		}
		resp := says(r, status, body)
		resp.Header.Set("Date", theirs.UTC().Format(http.TimeFormat))
		if cbor {
			resp.Header.Set("Content-Type", "application/cbor")
			resp.Header.Set("Smithy-Protocol", "rpc-v2-cbor")
		}
		return resp, nil
	}
}

// TestSigningFollowsTheServersClock: with a clock that is an hour off, or jumps by two, at most one request of each service is refused for
// it; the next is signed by the server's own date. Mutant: a client of its own
// for each call.
func TestSigningFollowsTheServersClock(t *testing.T) {
	ctx := context.Background()
	read, err := NewRead("GetItem", "orders", "", 1, []byte(`{"TableName":"orders","Key":{"pk":{"S":"x"}}}`))
	if err != nil {
		t.Fatal(err)
	}
	for name, poll := range map[string]func(*Account) error{
		"DescribeTable": func(a *Account) error { _, err := a.DescribeTable(ctx, "orders"); return err },
		"a probe":       func(a *Account) error { _, err := a.Read(ctx, read); return err },
		"GetMetricData": func(a *Account) error {
			_, err := a.MetricData(ctx, MetricRequest{Queries: []MetricQuery{{ID: "a", Namespace: "AWS/DynamoDB", Metric: "m", Stat: "Sum", Period: time.Minute}}, From: start, To: start.Add(time.Hour)})
			return err
		},
		"auto scaling": func(a *Account) error { _, err := a.ScalingNow(ctx, []string{"orders"}); return err },
		"the trail":    func(a *Account) error { _, err := a.Trail(ctx, "orders", start); return err },
	} {
		t.Run(name, func(t *testing.T) {
			skew, refused := time.Duration(0), 0
			a, err := Connect(ctx, Options{
				Region: "eu-west-1", HTTPClient: &http.Client{Transport: dated(&skew, &refused)}, Clock: clock.NewVirtual(start), Keys: &Keys{ID: "AK", Secret: "SK"},
			})
			if err != nil {
				t.Fatal(err)
			}
			for _, step := range []time.Duration{0, time.Hour, -time.Hour, 0} {
				skew, refused = step, 0
				var failed []error
				for range 4 {
					if err := poll(a); err != nil {
						failed = append(failed, err)
					}
				}
				if len(failed) > 1 || step != 0 && refused == 0 || step == time.Hour && len(failed) != 1 {
					t.Errorf("%s off: %d polls of 4 failed, %d requests refused: %v", step, len(failed), refused, errors.Join(failed...))
				}
			}
		})
	}
}
