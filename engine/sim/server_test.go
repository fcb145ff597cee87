package sim

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/ddbloop/ddbloop/engine/sim/wire"
)

func TestHandlerSleepsServerTimeOnItsClock(t *testing.T) {
	s, clock := newBench(t)
	start := clock.Now()
	req := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(`{}`))
	req.Header.Set("X-Amz-Target", "DynamoDB_20120810.ListTables")
	w := httptest.NewRecorder()
	s.Handler(clock).ServeHTTP(w, req)
	if w.Code != 200 || clock.Now().Sub(start) != controlLatency {
		t.Errorf("%d after %v: %s", w.Code, clock.Now().Sub(start), w.Body)
	}
	for _, name := range []string{"X-Amz-Crc32", "X-Amzn-Requestid", "Date", "Content-Type"} {
		if w.Header().Get(name) == "" {
			t.Errorf("no %s in %v", name, w.Header())
		}
	}
	if got := w.Header().Get("Date"); got != start.Format(http.TimeFormat) {
		t.Errorf("the server's date is %s, not the clock's", got)
	}
}

func TestHandlerAnswersNothingToACallerThatLeft(t *testing.T) {
	s, clock := newBench(t)
	gone, leave := context.WithCancel(ctx)
	leave()
	req := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(`{}`)).WithContext(gone)
	req.Header.Set("X-Amz-Target", "DynamoDB_20120810.ListTables")
	w := httptest.NewRecorder()
	s.Handler(clock).ServeHTTP(w, req)
	if w.Body.Len() != 0 {
		t.Errorf("answered %s", w.Body)
	}
}

func TestHandlerRefuses(t *testing.T) {
	s, clock := newBench(t)
	huge := httptest.NewRequest(http.MethodPost, "/", bytes.NewReader(make([]byte, wire.DynamoDB.MaxBody()+1)))
	huge.Header.Set("X-Amz-Target", "DynamoDB_20120810.PutItem")
	endless := httptest.NewRequest(http.MethodPost, "/", io.LimitReader(spaces{}, 1<<30))
	endless.Header.Set("X-Amz-Target", "DynamoDB_20120810.PutItem")
	foreign := httptest.NewRequest(http.MethodPost, "/", strings.NewReader("{}"))
	foreign.Header.Set("X-Amz-Target", "Kinesis_20131202.ListStreams")
	for name, c := range map[string]struct {
		r    *http.Request
		want int
	}{
		"too large":           {huge, http.StatusRequestEntityTooLarge},
		"without an end":      {endless, http.StatusRequestEntityTooLarge},
		"another service":     {foreign, http.StatusBadRequest},
		"a browser":           {httptest.NewRequest(http.MethodGet, "/", nil), http.StatusBadRequest},
		"an unknown control":  {httptest.NewRequest(http.MethodGet, "/_ddbloop/truth", nil), http.StatusNotFound},
		"cbor that is broken": {httptest.NewRequest(http.MethodPost, "/service/GraniteServiceVersion20100801/operation/ListMetrics", strings.NewReader("\xff")), http.StatusBadRequest},
	} {
		w := httptest.NewRecorder()
		s.Handler(clock).ServeHTTP(w, c.r)
		if w.Code != c.want || w.Body.Len() == 0 {
			t.Errorf("%s: %d %s", name, w.Code, w.Body)
		}
	}
}

type spaces struct{}

func (spaces) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = ' '
	}
	return len(p), nil
}
