package sim

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/ddbloop/ddbloop/engine/sim/world"
)

// ask sends a request to the control endpoint, in process and as a socket would, alternately.
func ask(t *testing.T, s *Sim, c Clock, method, path, body string) (int, string, http.Header) {
	t.Helper()
	req := httptest.NewRequest(method, "http://sim.invalid/_ddbloop/"+path, strings.NewReader(body))
	if len(path)%2 == 0 {
		w := httptest.NewRecorder()
		s.Handler(c).ServeHTTP(w, req)
		return w.Code, w.Body.String(), w.Header()
	}
	resp, err := s.Client(c, world.FromHere).Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(text), resp.Header
}

func TestWorldShowsNoTruth(t *testing.T) {
	s, clock := newBench(t)
	clock.advance(90 * time.Second)
	status, body, _ := ask(t, s, clock, http.MethodGet, "world", "")
	var view struct {
		T      string
		Speed  float64
		Levers []leverView
	}
	if err := json.Unmarshal([]byte(body), &view); err != nil || status != 200 || view.T != "1m30s" || view.Speed != 1 || len(view.Levers) != 1 {
		t.Errorf("%d %s %v", status, body, err)
	}
	if want := (leverView{"limit", "cap the largest tenant", "limit_key", "20s", false, false}); view.Levers[0] != want {
		t.Errorf("lever %+v", view.Levers[0])
	}
	for _, secret := range []string{"hot_partition", "KeyRange", "cures"} {
		if strings.Contains(body, secret) {
			t.Errorf("the endpoint gives away %q", secret)
		}
	}
}

func TestLeverReturnsOnceInForce(t *testing.T) {
	s, clock := newBench(t)
	for _, c := range []struct {
		method string
		waits  time.Duration
		on     bool
	}{
		{http.MethodPost, 20 * time.Second, true}, {http.MethodPost, 0, true}, {"DELETE", 20 * time.Second, false}, {"DELETE", 0, false},
	} {
		start := clock.Now()
		status, body, _ := ask(t, s, clock, c.method, "levers/limit", "")
		var l leverView
		if err := json.Unmarshal([]byte(body), &l); err != nil || status != 200 || l.On != c.on || l.InForce != c.on || clock.Now().Sub(start) != c.waits {
			t.Errorf("%s: %d %s after %v", c.method, status, body, clock.Now().Sub(start))
		}
	}
}

func TestControlRefuses(t *testing.T) {
	s, clock := newBench(t)
	for _, c := range []struct {
		method, path, body string
		want               int
	}{
		{http.MethodPost, "levers/nothing", "", 404},
		{http.MethodGet, "levers/limit", "", 404},
		{http.MethodGet, "truth", "", 404},
		{http.MethodGet, "", "", 404},
		{http.MethodGet, "feed/browse", "", 404},
		{http.MethodGet, "feed/nobody", "", 404},
		{http.MethodPost, "clock", `{"speed":0}`, 400},
		{http.MethodPost, "clock", `fast`, 400},
		{http.MethodPost, "clock", `{"speed":500}`, 409},
		{http.MethodPost, "clock", `{"speed":1` + strings.Repeat(" ", 70<<10) + `}`, 400},
		{http.MethodPost, "events", `{"set": {"traffic.nobody.rate": 100}}`, 400},
		{http.MethodPost, "events", `{"at": "5m"}`, 400},
		{http.MethodPost, "events", `not an event`, 400},
		{http.MethodPost, "events", `{"alarm": {"name": "none"}}`, 400},
	} {
		if status, body, _ := ask(t, s, clock, c.method, c.path, c.body); status != c.want {
			t.Errorf("%s %s: %d %s", c.method, c.path, status, body)
		}
	}
	req := httptest.NewRequest(http.MethodPost, "/_ddbloop/levers/limit", nil)
	req.Header.Set("Origin", "https://example.com")
	if resp := s.control(clock, req); resp.Status != 403 {
		t.Errorf("a web page pulled a lever: %d", resp.Status)
	}
}

func TestClockSpeed(t *testing.T) {
	s, clock := newBench(t)
	if status, body, _ := ask(t, s, clock, http.MethodPost, "clock", `{"speed":6}`); status != 200 || clock.speed != 6 {
		t.Errorf("%d %s", status, body)
	}
}

func TestEventsHappenNow(t *testing.T) {
	s, clock := newBench(t)
	clock.advance(5 * time.Minute)
	status, body, _ := ask(t, s, clock, http.MethodPost, "events", `{"set": {"traffic.checkout.rate": 100}}`)
	if status != 200 || !strings.Contains(body, `"5m0s"`) {
		t.Errorf("%d %s", status, body)
	}
	clock.advance(3 * time.Minute)
	s.Inspect(clock, func(w *world.World) {
		before, _ := w.ClientStats("checkout", 3*time.Minute)
		after, _ := w.ClientStats("checkout", 6*time.Minute)
		if before.Calls < 60_000 || after.Calls > 7_000 {
			t.Errorf("calls a minute: %v before, %v after", before.Calls, after.Calls)
		}
	})
}

func TestFeedIsOpenMetrics(t *testing.T) {
	s, clock := newBench(t)
	clock.advance(time.Minute)
	status, body, header := ask(t, s, clock, http.MethodGet, "feed/checkout", "")
	if status != 200 || header.Get("Content-Type") != openMetrics || !strings.HasSuffix(body, "\n# EOF\n") {
		t.Fatalf("%d %s %s", status, header, body)
	}
	for _, want := range []string{"\ncalls_total ", "\nattempts_total ", "\nlatency_seconds_bucket{le=\"1.0\"} ", "\nlatency_seconds_bucket{le=\"+Inf\"} ", "\nlatency_seconds_sum ", "\nlatency_seconds_count "} {
		if !strings.Contains(body, want) {
			t.Errorf("no %q in\n%s", want, body)
		}
	}
	text := string(feedText(world.FeedCounters{Calls: 10.4, Attempts: 12.6, Failed: 1.2, Errors: []world.CodeCount{{Code: "ThrottlingException", Count: 2}}, Bounds: []float64{0.005, 1}, Buckets: []float64{3.2, 9.9}, Sum: 1.5}))
	for _, want := range []string{"calls_total 10\n", "attempts_total 13\n", "failed_total 1\n", "errors_total{code=\"ThrottlingException\"} 2\n", "_bucket{le=\"0.005\"} 3\n", "_bucket{le=\"1.0\"} 10\n", "_bucket{le=\"+Inf\"} 10\n", "_sum 1.5\n", "_count 10\n"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
}
