package source

import (
	"io"
	"math"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ddbloop/ddbloop/history"
)

const exposition = `# TYPE calls counter
# HELP calls Finished calls.
calls_total 100
attempts_total 120
errors_total{code="ThrottlingException"} 15
errors_total{code="a\"b\\",region="x"} 5 1772546400 # {trace="t"} 1
failed_total 4
# TYPE latency_seconds histogram
latency_seconds_bucket{le="0.01"} 50
latency_seconds_bucket{le="0.02"} 90
latency_seconds_bucket{le="+Inf"} 100
latency_seconds_sum 1.2
latency_seconds_count 100
# EOF
`

func TestUnderstand(t *testing.T) {
	got, err := understand(exposition, true)
	if err != nil {
		t.Fatal(err)
	}
	want := counters{
		calls: 100, attempts: 120, failed: 4, hasFailed: true, errors: map[string]float64{"ThrottlingException": 15, `a"b\`: 5},
		bounds: []float64{0.01, 0.02, math.Inf(1)}, buckets: []float64{50, 90, 100},
	}
	if d := cmp.Diff(want, got, cmp.AllowUnexported(counters{})); d != "" {
		t.Fatal(d)
	}
	for q, ms := range map[float64]float64{0.25: 5, 0.5: 10, 0.7: 15, 0.9: 20, 0.99: 20} {
		if v := got.quantile(q); math.Abs(v-ms) > 1e-9 {
			t.Errorf("quantile %v is %v ms, want %v", q, v, ms)
		}
	}
}

func TestUnderstandRefuses(t *testing.T) {
	for text, want := range map[string]string{
		"calls_total 1\n":                                  "# EOF is missing",
		"calls_total 1\n# EOF\nx 1\n":                      "something follows # EOF",
		"calls_total\n# EOF":                               "a value and perhaps a time stamp",
		"calls_total one\n# EOF":                           "no number",
		"calls_total NaN\n# EOF":                           "no positive number",
		"calls_total -1\n# EOF":                            "no positive number",
		"calls_total{a=\"b} 1\n# EOF":                      "does not end",
		"calls_total{a=\"b\",a=\"c\"} 1\n# EOF":            "comes twice",
		"<html>\n# EOF":                                    "no metric name",
		"other 1\n# EOF":                                   "calls_total is missing",
		"calls_total 1\nlatency_seconds_bucket 1\n# EOF":   "without an le",
		"calls_total 1\n" + strings.Repeat("# x\n", 1<<18): "larger than 1 MiB",
	} {
		if _, err := understand(text, true); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.40q gave %v, want …%s…", text, err, want)
		}
	}
	if _, err := understand("calls_total 1\n", false); err != nil {
		t.Errorf("the older text format has no end mark: %v", err)
	}
}

func TestFailuresFollowWhenNotCounted(t *testing.T) {
	for _, c := range []struct{ calls, attempts, errors, want float64 }{
		{100, 100, 0, 0}, {100, 120, 20, 0}, {100, 120, 25, 5}, {100, 100, 100, 100}, {100, 400, 400, 100}, {100, 90, 200, 100},
	} {
		got := counters{calls: c.calls, attempts: c.attempts, errors: map[string]float64{"e": c.errors}}.failures()
		if got != c.want {
			t.Errorf("%+v: %v calls failed, want %v", c, got, c.want)
		}
	}
}

type app func(at time.Duration) (status int, body string, err error)

type appClient struct {
	w *world
	a app
}

func (c appClient) Do(*http.Request) (*http.Response, error) {
	status, body, err := c.a(c.w.Now().Sub(start))
	if err != nil {
		return nil, err
	}
	return &http.Response{
		StatusCode: status, Body: io.NopCloser(strings.NewReader(body)), Header: http.Header{"Content-Type": {"application/openmetrics-text; version=1.0.0"}},
	}, nil
}

func scraped(t *testing.T, a app, d time.Duration) *world {
	t.Helper()
	w := newWorld()
	f := NewFeed(FeedConfig{Clock: w, HTTP: appClient{w, a}, To: w, Rand: half, Name: "shop", Table: "orders", URL: "http://shop/metrics"})
	w.run(t, f.Run, d)
	return w
}

// steady counts ten calls a second since its start.
func steady(since time.Duration) string {
	n := since.Seconds() * 10
	return "calls_total " + num(n) + "\nattempts_total " + num(n*1.5) + "\nfailed_total 0\nlatency_seconds_bucket{le=\"0.01\"} " + num(n) +
		"\nlatency_seconds_bucket{le=\"+Inf\"} " + num(n) + "\n# EOF\n"
}

// TestFeedCounts: deltas only; a restart and a gap leave holes, never a negative or an average over the hole.
func TestFeedCounts(t *testing.T) {
	w := scraped(t, func(at time.Duration) (int, string, error) {
		switch {
		case at >= 20*time.Second && at < 40*time.Second:
			return 0, "", noDNS
		case at >= 60*time.Second:
			return 200, steady(at - 60*time.Second), nil // started anew
		}
		return 200, steady(at), nil
	}, 80*time.Second)
	bodies := of[history.FeedScraped](w)
	if len(bodies) < 45 {
		t.Fatalf("%d scrapes", len(bodies))
	}
	for _, b := range bodies {
		if math.Abs(b.Calls/b.Seconds-10) > 1e-9 || b.Attempts != b.Calls*1.5 || b.P50 != 5 || b.Seconds > 3 {
			t.Fatalf("%+v", b)
		}
	}
	for _, e := range w.events {
		at := e.At.Sub(start)
		if _, ok := e.Body.(history.FeedScraped); ok && (at > 20*time.Second && at < 40*time.Second || at == 60*time.Second) {
			t.Fatalf("a value at %s, where nothing is known", at)
		}
	}
	if src := w.state().Sources["feed:shop"]; src.State != "ok" {
		t.Fatalf("%+v", src)
	}
}

func TestFeedSaysWhy(t *testing.T) {
	for name, c := range map[string]struct {
		status              int
		body                string
		state, reason, text string
	}{
		"gone":   {404, "", "down", "missing", "HTTP 404"},
		"closed": {403, "", "denied", "denied", "HTTP 403"},
		"cut":    {200, "calls_total 1\n", "down", "error", "cut off"},
		"html":   {200, "<h1>\x1b[2J", "down", "error", "line 1: no metric name"},
	} {
		t.Run(name, func(t *testing.T) {
			w := scraped(t, func(time.Duration) (int, string, error) { return c.status, c.body, nil }, 5*time.Minute)
			src := w.state().Sources["feed:shop"]
			if src.State != c.state || src.Reason != c.reason || !strings.Contains(src.Text, c.text) {
				t.Fatalf("%+v", src)
			}
		})
	}
}

func FuzzUnderstand(f *testing.F) {
	f.Add(exposition, true)
	f.Add("calls_total{a=\"\\n\"} 1e3 5\n", false)
	f.Add("latency_seconds_bucket{le=\"x\"} 1", false)
	f.Fuzz(func(t *testing.T, text string, proper bool) {
		c, err := understand(text, proper)
		if err != nil {
			return
		}
		if c.calls < 0 || c.failures() < 0 || c.failures() > max(c.calls, c.failed) {
			t.Fatalf("%+v", c)
		}
		for _, q := range []float64{0.5, 0.99} {
			if v := c.quantile(q); math.IsNaN(v) {
				t.Fatalf("quantile of %+v", c)
			}
		}
		if d, ok := c.since(counters{errors: map[string]float64{}}); ok && d.calls != c.calls {
			t.Fatalf("since nothing: %+v of %+v", d, c)
		}
	})
}
