package aws

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ddbloop/ddbloop/engine/clock"
	"github.com/ddbloop/ddbloop/history"
)

const accepted = `{"TableDescription":{"TableName":"orders","TableStatus":"UPDATING"}}`

// TestOneRequestWhateverFails is promise "one approval is one request": the fake server counts, 50 approvals of every sort for each
// fault, also with the retries that the environment asks for. Mutants: the SDK's own retries; take
// any status from 400 on for AWS's refusal.
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
		"accepted": {func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, accepted) }, "", false},
		"500":      {refuse(500, "InternalServerError"), Server, true},
		"503":      {refuse(503, "ServiceUnavailable"), Server, true},
		"dropped":  {drop, Reset, true},
		"timeout":  {func(_ http.ResponseWriter, r *http.Request) { _, _ = io.Copy(io.Discard, r.Body); <-r.Context().Done() }, Timeout, true},
		"limit":    {refuse(400, "LimitExceededException"), Other, false},
		"in use":   {refuse(400, "ResourceInUseException"), Other, true}, // perhaps by this very request, sent twice on its way
		"a proxy's page": {func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusForbidden)
			_, _ = io.WriteString(w, "<html>no</html>")
		}, Other, true},
		"a proxy's word": {func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusRequestTimeout)
			_, _ = io.WriteString(w, `{"error":"upstream"}`)
		}, Other, true},
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
				arrived := make(chan struct{}, 500)
				srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					count.Add(1)
					arrived <- struct{}{}
					f.serve(w, r)
				}))
				defer srv.Close()
				w := realWriter(t, srv.URL, env)
				one := func(set []history.Setting) error {
					ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
					defer cancel()
					if f.reason == Timeout {
						ctx = out(ctx, arrived)
					}
					_, err := w.Send(ctx, "orders", set)
					return err
				}
				for i := range int32(49) { // every sort of request, one a call
					_ = one(wires[int(i)%len(wires)].set)
					if n := count.Load(); n != i+1 {
						t.Fatalf("%d requests left for %d approvals (%s)", n, i+1, wires[int(i)%len(wires)].name)
					}
				}
				count.Store(0)
				err := one(capacitySet("", 10, 20))
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

// running is a context whose time is out as soon as a request has arrived: no machine is too slow for it.
type running struct {
	context.Context
	over chan struct{}
}

func (r *running) Done() <-chan struct{} { return r.over }

func (r *running) Err() error {
	select {
	case <-r.over:
		return context.DeadlineExceeded
	default:
		return nil
	}
}

func out(ctx context.Context, arrived <-chan struct{}) context.Context {
	r := &running{ctx, make(chan struct{})}
	go func() {
		select {
		case <-arrived:
		case <-ctx.Done():
		}
		close(r.over)
	}()
	return r
}

// realWriter is a writer over real sockets, built from the environment as a user's is.
func realWriter(t *testing.T, url string, env map[string]string) *Writer {
	t.Helper()
	bare(t)
	t.Setenv("AWS_ENDPOINT_URL_DYNAMODB", url)
	t.Setenv("AWS_ENDPOINT_URL_APPLICATION_AUTO_SCALING", url)
	t.Setenv("AWS_ACCESS_KEY_ID", "AK")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "SK")
	for k, v := range env {
		t.Setenv(k, v)
	}
	a, err := Connect(context.Background(), Options{Region: "eu-west-1", Clock: &clock.Real{}})
	if err != nil {
		t.Fatal(err)
	}
	w, err := NewWriter(a, true, noMore)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// capacitySet sets both sides of a table's or an index's capacity; writes are what changes.
func capacitySet(index string, read, write int64) []history.Setting {
	whole := func(n int64) string { return strconv.FormatInt(n, 10) }
	return []history.Setting{
		{Index: index, Name: history.SetRead, Before: whole(read), After: whole(read)},
		{Index: index, Name: history.SetWrite, Before: "1", After: whole(write)},
	}
}

func TestWriterRefuses(t *testing.T) {
	a := account(t, func(*http.Request) (*http.Response, error) { return nil, errors.New("must not be called") })
	if _, err := NewWriter(a, false, noMore); err == nil || !strings.Contains(err.Error(), "--allow-changes") {
		t.Fatalf("read-only built a writer: %v", err)
	}
}
