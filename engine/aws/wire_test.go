package aws

import (
	"context"
	"fmt"
	"hash/crc32"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/ddbloop/ddbloop/engine/clock"
)

var start = time.Date(2026, 3, 3, 14, 0, 0, 0, time.UTC)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// wire answers requests in memory.
type wire func(*http.Request) (*http.Response, error)

func (w wire) RoundTrip(r *http.Request) (*http.Response, error) { return w(r) }

// says answers as DynamoDB does.
func says(r *http.Request, status int, body string) *http.Response {
	return &http.Response{
		StatusCode: status, Request: r, Body: io.NopCloser(strings.NewReader(body)), ContentLength: int64(len(body)),
		Header: http.Header{
			"Content-Type": {"application/x-amz-json-1.0"}, "X-Amzn-Requestid": {"REQ1"},
			"X-Amz-Crc32": {fmt.Sprint(crc32.ChecksumIEEE([]byte(body)))},
		},
	}
}

// account reaches a wire on a simulated clock.
func account(t *testing.T, w wire) *Account {
	t.Helper()
	a, err := Connect(context.Background(), Options{
		Region: "eu-west-1", HTTPClient: &http.Client{Transport: w}, Clock: clock.NewVirtual(start), Keys: &Keys{ID: "AK", Secret: "SK"},
	})
	if err != nil {
		t.Fatal(err)
	}
	return a
}
