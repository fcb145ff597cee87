package history

// Signals that the fold itself derives from DescribeTable, probe answers and feed scrapes; the engine's catalogue knows
// them under the same names.
const (
	ReadLimit       = "read_limit" // units per second, a step series
	WriteLimit      = "write_limit"
	ProbeLatency    = "probe_latency"     // ms, answered probes only
	ProbeOK         = "probe_ok"          // 1 answered, 0 failed
	ProbeThrottled  = "probe_throttled"   // 1 refused by throttling
	ProbeUnits      = "probe_units"       // read units
	ProbePages      = "probe_pages"       // requests that the answer took
	ProbeExamined   = "probe_examined"    // items read
	ProbeReturned   = "probe_returned"    // items in the answer
	ProbeServer     = "probe_server"      // ms from the request written to the first byte of the answer
	ProbeConnect    = "probe_connect"     // ms for name, connection and TLS; new connections only
	ProbeDNS        = "probe_dns"         // ms for the name; new connections only
	ProbeTLS        = "probe_tls"         // ms for the TLS handshake; new connections only
	ProbePool       = "probe_pool"        // ms waited for a connection beside that
	ProbeBody       = "probe_body"        // ms from the first byte of the answer until all was read
	ProbeRetries    = "probe_retries"     // requests sent again because a kept connection had died; absent = none
	ProbeIndexUnits = "probe_index_units" // of the probe's units, those of an index
	FeedCalls       = "feed_calls"        // calls per second
	FeedAttempts    = "feed_attempts"     // requests per second
	FeedThrottled   = "feed_throttled"    // throttled attempts per second
	FeedErrors      = "feed_errors"       // failed attempts per second, throttled ones included
	FeedFailed      = "feed_failed"       // failed calls per second
	FeedCode        = "feed_code"         // failed attempts per second of one code; Op is CLIENT:CLASS, a CodeClass
	FeedP50         = "feed_p50"          // ms
	FeedP99         = "feed_p99"          // ms
)
