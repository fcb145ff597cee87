package sim

import (
	"bytes"
	"math"
	"net/http"
	"strconv"

	"github.com/ddbloop/ddbloop/engine/sim/wire"
	"github.com/ddbloop/ddbloop/engine/sim/world"
)

const openMetrics = "application/openmetrics-text; version=1.0.0; charset=utf-8"

// showFeed serves a client's own counters as the app itself would.
func (s *Sim) showFeed(c Clock, client string) *wire.Response {
	s.mu.Lock()
	s.at(c.Now())
	counters, ok := s.world.Feed(client)
	s.mu.Unlock()
	if !ok {
		return refusal(http.StatusNotFound, "no client of that name has a feed")
	}
	return &wire.Response{Status: http.StatusOK, Header: http.Header{"Content-Type": {openMetrics}}, Body: feedText(counters)}
}

// feedText writes the OpenMetrics exposition: counters, then a histogram, then the end mark.
func feedText(f world.FeedCounters) []byte {
	var b bytes.Buffer
	// The fluid model counts in fractions; a counter counts whole calls.
	line := func(name string, value float64) {
		b.WriteString(name + " " + number(math.Round(value)) + "\n")
	}
	b.WriteString("# TYPE calls counter\n# HELP calls Finished calls.\n")
	line("calls_total", f.Calls)
	b.WriteString("# TYPE attempts counter\n# HELP attempts Requests sent, retries included.\n")
	line("attempts_total", f.Attempts)
	b.WriteString("# TYPE errors counter\n# HELP errors Attempts that were refused or failed, by code.\n")
	for _, e := range f.Errors {
		line("errors_total{code="+strconv.Quote(e.Code)+"}", e.Count)
	}
	b.WriteString("# TYPE failed counter\n# HELP failed Calls that ended in an error, whatever was tried.\n")
	line("failed_total", f.Failed)
	b.WriteString("# TYPE latency_seconds histogram\n# UNIT latency_seconds seconds\n# HELP latency_seconds Time of a call, retries included.\n")
	for i, bound := range f.Bounds {
		line(`latency_seconds_bucket{le="`+bucket(bound)+`"}`, f.Buckets[i])
	}
	line(`latency_seconds_bucket{le="+Inf"}`, f.Calls)
	b.WriteString("latency_seconds_sum " + number(f.Sum) + "\n")
	line("latency_seconds_count", f.Calls)
	b.WriteString("# EOF\n")
	return b.Bytes()
}

// bucket is a bound in OpenMetrics' canonical form, which always has a point.
func bucket(v float64) string {
	if v == math.Trunc(v) {
		return strconv.FormatFloat(v, 'f', 1, 64)
	}
	return number(v)
}

// number is the shortest decimal that reads back as the same value.
func number(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }
