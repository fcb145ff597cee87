package aws

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"reflect"
	"sort"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/google/go-cmp/cmp"

	"github.com/ddbloop/ddbloop/engine/clock"
)

const accepted = `{"TableDescription":{"TableName":"orders","TableStatus":"UPDATING"}}`

// TestOneRequestWhateverFails is promise "one approval is one request": the fake server counts.
func TestOneRequestWhateverFails(t *testing.T) {
	refuse := func(status int, code string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(status)
			_, _ = io.WriteString(w, `{"__type":"x#`+code+`","message":"no"}`)
		}
	}
	drop := func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // the change is applied, its answer is lost
		conn, _, _ := w.(http.Hijacker).Hijack()
		_ = conn.Close()
	}
	faults := map[string]struct {
		serve   http.HandlerFunc
		reason  Reason
		applied bool
	}{
		"accepted":  {func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, accepted) }, "", false},
		"500":       {refuse(500, "InternalServerError"), Server, true},
		"503":       {refuse(503, "ServiceUnavailable"), Server, true},
		"dropped":   {drop, Reset, true},
		"timeout":   {func(_ http.ResponseWriter, r *http.Request) { _, _ = io.Copy(io.Discard, r.Body); <-r.Context().Done() }, Timeout, true},
		"limit":     {refuse(400, "LimitExceededException"), Other, false},
		"in use":    {refuse(400, "ResourceInUseException"), Other, false},
		"throttled": {refuse(400, "ThrottlingException"), Throttled, false},
		"expired":   {refuse(400, "ExpiredTokenException"), Expired, false},
		"skewed":    {refuse(403, "RequestTimeTooSkewed"), Other, false},
		"unchanged": {refuse(400, "ValidationException"), Validation, false},
		"redirect": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Location", "/again")
			w.WriteHeader(http.StatusTemporaryRedirect)
		}, Other, true},
		"broken frame": {func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, `{"TableDescr`) }, Other, true},
	}
	for _, env := range []map[string]string{{}, {"AWS_NEW_RETRIES_2026": "true", "AWS_ENABLE_ENDPOINT_DISCOVERY": "true", "AWS_MAX_ATTEMPTS": "5"}} {
		for name, f := range faults {
			t.Run(name, func(t *testing.T) {
				var count atomic.Int32
				srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					count.Add(1)
					f.serve(w, r)
				}))
				defer srv.Close()
				w := realWriter(t, srv.URL, env)
				ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
				if f.reason == Timeout {
					cancel()
					ctx, cancel = context.WithTimeout(context.Background(), 50*time.Millisecond)
				}
				defer cancel()
				_, err := w.SetThroughput(ctx, "orders", "", 10, 20)
				if got := Classify(err); got.Reason != f.reason || err != nil && got.MaybeApplied() != f.applied {
					t.Errorf("got %+v (applied %v), want %q (applied %v)", got, got.MaybeApplied(), f.reason, f.applied)
				}
				if n := count.Load(); n != 1 {
					t.Errorf("%d requests were sent, want exactly 1", n)
				}
			})
		}
	}
}

// realWriter is a writer over real sockets, built from the environment as a user's is.
func realWriter(t *testing.T, url string, env map[string]string) *Writer {
	t.Helper()
	bare(t)
	t.Setenv("AWS_ENDPOINT_URL_DYNAMODB", url)
	t.Setenv("AWS_ACCESS_KEY_ID", "AK")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "SK")
	for k, v := range env {
		t.Setenv(k, v)
	}
	a, err := Connect(context.Background(), Options{Region: "eu-west-1", Clock: &clock.Real{}})
	if err != nil {
		t.Fatal(err)
	}
	w, err := NewWriter(a, true)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// TestKnownFields fails when the SDK's request grows a field that nobody here has thought about.
func TestKnownFields(t *testing.T) {
	known := strings.Fields(`AttributeDefinitions BillingMode DeletionProtectionEnabled DisassociationProtectionEnabled
		GlobalSecondaryIndexUpdates GlobalTableSettingsReplicationMode GlobalTableWitnessUpdates MultiRegionConsistency
		OnDemandThroughput ProvisionedThroughput ReplicaUpdates SSESpecification StreamSpecification TableClass TableName
		VectorIndexUpdates WarmThroughput`)
	var got []string
	for f := range reflect.TypeFor[dynamodb.UpdateTableInput]().Fields() {
		if f.IsExported() {
			got = append(got, f.Name)
		}
	}
	sort.Strings(got)
	if d := cmp.Diff(known, got); d != "" {
		t.Fatalf("UpdateTableInput has changed; decide whether ddbloop may set the new field:\n%s", d)
	}
}

// TestOnlyThroughputOnTheWire reads the body that leaves.
func TestOnlyThroughputOnTheWire(t *testing.T) {
	for index, want := range map[string]string{
		"":          `{"TableName":"orders","ProvisionedThroughput":{"ReadCapacityUnits":10,"WriteCapacityUnits":20}}`,
		"by-status": `{"TableName":"orders","GlobalSecondaryIndexUpdates":[{"Update":{"IndexName":"by-status","ProvisionedThroughput":{"ReadCapacityUnits":10,"WriteCapacityUnits":20}}}]}`,
	} {
		var body []byte
		w, err := NewWriter(account(t, func(r *http.Request) (*http.Response, error) {
			body, _ = io.ReadAll(r.Body)
			if target := r.Header.Get("X-Amz-Target"); target != "DynamoDB_20120810.UpdateTable" {
				t.Errorf("called %s", target)
			}
			if ua := r.Header.Get("User-Agent"); !strings.Contains(ua, "app/ddbloop") {
				t.Errorf("user agent %q does not name ddbloop", ua)
			}
			return says(r, 200, accepted), nil
		}), true)
		if err != nil {
			t.Fatal(err)
		}
		id, err := w.SetThroughput(context.Background(), "orders", index, 10, 20)
		if err != nil || id != "REQ1" {
			t.Fatalf("request id %q, error %v", id, err)
		}
		var got, should any
		if json.Unmarshal(body, &got) != nil || json.Unmarshal([]byte(want), &should) != nil {
			t.Fatalf("body %s", body)
		}
		if d := cmp.Diff(should, got); d != "" {
			t.Fatal(d)
		}
	}
}

func TestWriterRefuses(t *testing.T) {
	a := account(t, func(*http.Request) (*http.Response, error) { return nil, errors.New("must not be called") })
	if _, err := NewWriter(a, false); err == nil || !strings.Contains(err.Error(), "--allow-changes") {
		t.Fatalf("read-only built a writer: %v", err)
	}
	w, err := NewWriter(a, true)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		table       string
		read, write int64
	}{{"orders", 0, 5}, {"orders", 5, 0}, {"orders", -1, 5}, {"", 5, 5}} {
		_, err := w.SetThroughput(context.Background(), c.table, "", c.read, c.write)
		if f := Classify(err); f.Reason != Validation || f.MaybeApplied() {
			t.Errorf("%+v gave %+v", c, f)
		}
	}
}
