package history

// Signals that the fold itself derives from DescribeTable, probe answers and feed scrapes; the engine's catalogue knows
// them under the same names.
const (
	ReadLimit      = "read_limit" // units per second, a step series
	WriteLimit     = "write_limit"
	ProbeLatency   = "probe_latency"   // ms, answered probes only
	ProbeOK        = "probe_ok"        // 1 answered, 0 failed
	ProbeThrottled = "probe_throttled" // 1 refused by throttling
	ProbeUnits     = "probe_units"     // read units
	FeedCalls      = "feed_calls"      // calls per second
	FeedAttempts   = "feed_attempts"   // requests per second
	FeedThrottled  = "feed_throttled"  // throttled attempts per second
	FeedErrors     = "feed_errors"     // failed attempts per second, throttled ones included
	FeedFailed     = "feed_failed"     // failed calls per second
	FeedP50        = "feed_p50"        // ms
	FeedP99        = "feed_p99"        // ms
)

// ThrottleCode reports whether an error code is a refusal for throughput.
func ThrottleCode(code string) bool {
	switch code {
	case "ProvisionedThroughputExceededException", "ThrottlingException", "RequestLimitExceeded", "ThrottlingError":
		return true
	}
	return false
}
