package sim

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

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

func TestListenerHasSlots(t *testing.T) {
	inner, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l := &limited{Listener: inner, slots: make(chan struct{}, 1), closed: make(chan struct{})}
	accepted := make(chan net.Conn)
	done := make(chan error, 1)
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				done <- err
				return
			}
			accepted <- c
		}
	}()
	dial := func() net.Conn {
		c, err := net.Dial("tcp", inner.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	defer dial().Close()
	first := <-accepted
	defer dial().Close()
	select {
	case <-accepted:
		t.Error("two connections in one slot")
	case <-time.After(30 * time.Millisecond):
	}
	_ = first.Close()
	_ = first.Close() // a second close frees nothing more
	second := <-accepted
	_ = l.Close()
	_ = second.Close()
	if err := <-done; !errors.Is(err, net.ErrClosed) {
		t.Errorf("accept ended with %v", err)
	}
}
