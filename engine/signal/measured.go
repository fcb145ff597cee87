package signal

// measured lists what other eyes than CloudWatch's own metrics of DynamoDB see.
func measured() []Signal {
	seen := func(name, unit, help string, from Source) Signal {
		return Signal{Name: name, Unit: unit, Help: help, Source: from}
	}
	return []Signal{
		seen("read_limit", "units/s", "provisioned read capacity, as DescribeTable says", Describe),
		seen("write_limit", "units/s", "provisioned write capacity, as DescribeTable says", Describe),
		seen("probe_latency", "ms", "our own request from this shell, answered ones", Probe),
		seen("probe_ok", "", "1 when the probe was answered, 0 when it failed", Probe),
		seen("probe_throttled", "", "1 when the probe was refused by throttling", Probe),
		seen("probe_units", "units", "read units that the probe used", Probe),
		seen("probe_pages", "", "requests that one answer of the probe took", Probe),
		seen("probe_examined", "items", "items that the probe read", Probe),
		seen("probe_returned", "items", "items that the probe returned", Probe),
		seen("probe_server", "ms", "from the probe's request written to the first byte of the answer", Probe),
		seen("probe_connect", "ms", "name, connection and TLS of a probe that needed a new connection", Probe),
		seen("probe_dns", "ms", "the name's look-up, of a probe that needed a new connection", Probe),
		seen("probe_tls", "ms", "the TLS handshake of a probe that needed a new connection", Probe),
		seen("probe_pool", "ms", "what a probe waited for a connection beside making one", Probe),
		seen("probe_body", "ms", "from the first byte of a probe's answer until all of it was read", Probe),
		seen("probe_retries", "", "requests of a probe sent again because a kept connection had died", Probe),
		seen("probe_index_units", "units", "read units of the probe that an index used", Probe),
		seen("client_calls", "/s", "calls that the application publishes", Own),
		seen("client_attempts", "/s", "requests that the application publishes", Own),
		seen("client_errors", "/s", "failed calls that the application publishes", Own),
		seen("client_latency_p50", "ms", "latency of a call that the application publishes, median", Own),
		seen("client_latency_p99", "ms", "latency of a call that the application publishes, 99th percentile", Own),
		seen("feed_code", "/s", "the application's failed attempts by class of code", Feed),
		seen("feed_calls", "/s", "the application's calls", Feed),
		seen("feed_attempts", "/s", "the application's requests, retries included", Feed),
		seen("feed_throttled", "/s", "the application's attempts refused by throttling", Feed),
		seen("feed_errors", "/s", "the application's failed attempts", Feed),
		seen("feed_failed", "/s", "the application's failed calls", Feed),
		seen("feed_p50", "ms", "the application's latency of a call, median", Feed),
		seen("feed_p99", "ms", "the application's latency of a call, 99th percentile", Feed),
	}
}
