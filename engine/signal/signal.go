// Package signal is the catalogue: the one place that knows which signals exist, where each comes from,
// in which unit and on which grid, and what a missing value means. The poller, the diagnosis, the runbook
// linter, the help and the docs all read it.
package signal

import "time"

// Scope says which dimension sets a CloudWatch signal is asked for.
type Scope int

const (
	// Table asks with TableName only.
	Table Scope = iota
	// TableIndex asks for the table and for each global secondary index: AWS never adds the two up.
	TableIndex
	// TableOp asks for each operation of the table.
	TableOp
	// Account has no dimensions.
	Account
	// Building asks for indexes that are being created.
	Building
	// Replica asks for each other region of a global table; the region is the series' Op.
	Replica
	// Capture asks for the table's change capture into Kinesis.
	Capture
	// Function asks for each Lambda function that reads a stream; its name is the series' Op.
	Function
)

// Source says which eye a signal comes from.
type Source string

// The eyes.
const (
	CloudWatch Source = "cloudwatch"
	Probe      Source = "probe"
	Feed       Source = "feed"
	Describe   Source = "describe"
	Derived    Source = "derived"
	Own        Source = "own metric" // of a client, in CloudWatch, as the team's configuration names it
)

// Signal is one entry of the catalogue.
type Signal struct {
	Name   string
	Help   string
	Unit   string // "/s", "ms", "units/s", "" for ratios and flags
	Source Source
	Period time.Duration // grid; 0 = the probe's or feed's own

	// CloudWatch only.
	Metric    string
	Stat      string
	Scope     Scope
	PerSecond bool     // the sum of a period is divided by its seconds
	Zero      bool     // AWS publishes nothing when nothing happened: a settled gap is 0
	Ops       []string // TableOp: the only operations that publish it; nil = all
}

const minute = time.Minute

func count(name, metric, help string, scope Scope) Signal {
	return Signal{
		Name: name, Metric: metric, Stat: "Sum", Unit: "/s", Source: CloudWatch, Period: minute,
		Scope: scope, PerSecond: true, Zero: true, Help: help,
	}
}

// slowly is a metric that AWS aggregates over five minutes.
func slowly(name, metric, stat, unit, help string, scope Scope) Signal {
	return Signal{Name: name, Metric: metric, Stat: stat, Unit: unit, Source: CloudWatch, Period: 5 * minute, Scope: scope, Help: help}
}

func latency(name, stat, help string) Signal {
	return Signal{
		Name: name, Metric: "SuccessfulRequestLatency", Stat: stat, Unit: "ms", Source: CloudWatch, Period: minute,
		Scope: TableOp, Help: help,
	}
}

// throttles lists the four causes of one side, and their sum as AWS publishes it.
func throttles(side, aws string) []Signal {
	return []Signal{
		count(side+"_throttles", aws+"ThrottleEvents", "throttle events of any cause", TableIndex),
		count(side+"_provisioned_throttles", aws+"ProvisionedThroughputThrottleEvents", "refused: above provisioned capacity, after burst", TableIndex),
		count(side+"_keyrange_throttles", aws+"KeyRangeThroughputThrottleEvents", "refused: one partition above its own limit", TableIndex),
		count(side+"_cap_throttles", aws+"MaxOnDemandThroughputThrottleEvents", "refused: above the configured on-demand maximum", TableIndex),
		count(side+"_account_throttles", aws+"AccountLimitThrottleEvents", "refused: above the account's per-table quota", TableIndex),
	}
}

// All is the catalogue, in the order in which help shows it.
var All = build()

func build() []Signal {
	units := func(name, metric string) Signal {
		return Signal{
			Name: name, Metric: metric, Stat: "Sum", Unit: "units/s", Source: CloudWatch, Period: minute,
			Scope: TableIndex, PerSecond: true, Help: "capacity units used, averaged over the minute",
		}
	}
	list := []Signal{units("consumed_read", "ConsumedReadCapacityUnits"), units("consumed_write", "ConsumedWriteCapacityUnits")}
	list = append(list, throttles("read", "Read")...)
	list = append(list, throttles("write", "Write")...)
	requests := latency("requests", "SampleCount", "successful requests")
	requests.Unit, requests.PerSecond, requests.Zero = "/s", true, true // nothing is published for no requests
	returned := Signal{
		Name: "returned_items", Metric: "ReturnedItemCount", Stat: "Average", Unit: "items", Source: CloudWatch, Period: minute,
		Scope: TableOp, Ops: []string{"Query", "Scan", "ExecuteStatement"}, Help: "items that one request returns, after filters",
	}
	largest := func(side, aws string) Signal {
		return Signal{
			Name: "largest_" + side, Metric: "Consumed" + aws + "CapacityUnits", Stat: "Maximum", Unit: "units", Source: CloudWatch, Period: minute,
			Scope: TableIndex, Help: "units of the largest single request",
		}
	}
	list = append(list,
		latency("latency_avg", "Average", "server-side latency of successful requests"),
		latency("latency_p50", "p50", "server-side latency, median"),
		latency("latency_p99", "p99", "server-side latency, 99th percentile"),
		requests, returned, largest("read", "Read"), largest("write", "Write"),
		count("throttled_requests", "ThrottledRequests", "requests with at least one throttled event; batches only when all of it was", TableOp),
		count("system_errors", "SystemErrors", "HTTP 500 answers", TableOp),
		count("injected_errors", "FaultInjectionServiceInducedErrors", "those of them that a fault injection experiment made", TableOp),
		count("conditional_failures", "ConditionalCheckFailedRequests", "conditional writes that evaluated false", Table),
		count("transaction_conflicts", "TransactionConflict", "item-level transaction rejections", Table),
		count("ttl_deletes", "TimeToLiveDeletedItemCount", "items deleted by TTL", Table),
		count("user_errors", "UserErrors", "HTTP 400 answers of the whole account and Region, throttles not among them", Account),
		slowly("provisioned_read", "ProvisionedReadCapacityUnits", "Maximum", "units/s", "provisioned read capacity, as CloudWatch remembers it", TableIndex),
		slowly("provisioned_write", "ProvisionedWriteCapacityUnits", "Maximum", "units/s", "provisioned write capacity, as CloudWatch remembers it", TableIndex),
		slowly("index_progress", "OnlineIndexPercentageProgress", "Maximum", "%", "how far the building of an index is", Building),
		slowly("replication_latency", "ReplicationLatency", "Average", "ms", "from a write here until it is in the other region", Replica),
		slowly("kinesis_age", "AgeOfOldestUnreplicatedRecord", "Maximum", "ms", "age of the oldest change that Kinesis has not got", Capture),
		slowly("kinesis_failed", "FailedToReplicateRecordCount", "Sum", "records", "changes that Kinesis will not get, in five minutes", Capture),
		slowly("kinesis_throttled", "ThrottledPutRecordCount", "Sum", "records", "changes that Kinesis refused for now, in five minutes", Capture),
		Signal{
			Name: "iterator_age", Metric: "IteratorAge", Stat: "Maximum", Unit: "ms", Source: CloudWatch, Period: minute, Scope: Function,
			Help: "age of the newest record that a Lambda function read from its stream",
		},
	)
	own := func(name, unit, help string, from Source) Signal {
		return Signal{Name: name, Unit: unit, Help: help, Source: from}
	}
	return append(list,
		own("read_limit", "units/s", "provisioned read capacity, as DescribeTable says", Describe),
		own("write_limit", "units/s", "provisioned write capacity, as DescribeTable says", Describe),
		own("probe_latency", "ms", "our own request from this shell, answered ones", Probe),
		own("probe_ok", "", "1 when the probe was answered, 0 when it failed", Probe),
		own("probe_throttled", "", "1 when the probe was refused by throttling", Probe),
		own("probe_units", "units", "read units that the probe used", Probe),
		own("probe_pages", "", "requests that one answer of the probe took", Probe),
		own("probe_examined", "items", "items that the probe read", Probe),
		own("probe_returned", "items", "items that the probe returned", Probe),
		own("probe_server", "ms", "from the probe's request written to the first byte of the answer", Probe),
		own("probe_connect", "ms", "name, connection and TLS of a probe that needed a new connection", Probe),
		own("probe_dns", "ms", "the name's look-up, of a probe that needed a new connection", Probe),
		own("probe_tls", "ms", "the TLS handshake of a probe that needed a new connection", Probe),
		own("probe_pool", "ms", "what a probe waited for a connection beside making one", Probe),
		own("probe_body", "ms", "from the first byte of a probe's answer until all of it was read", Probe),
		own("probe_retries", "", "requests of a probe sent again because a kept connection had died", Probe),
		own("probe_index_units", "units", "read units of the probe that an index used", Probe),
		own("feed_code", "/s", "the application's failed attempts by class of code", Feed),
		own("client_calls", "/s", "calls that the application publishes", Own),
		own("client_attempts", "/s", "requests that the application publishes", Own),
		own("client_errors", "/s", "failed calls that the application publishes", Own),
		own("client_latency_p50", "ms", "latency of a call that the application publishes, median", Own),
		own("client_latency_p99", "ms", "latency of a call that the application publishes, 99th percentile", Own),
		own("feed_calls", "/s", "the application's calls", Feed),
		own("feed_attempts", "/s", "the application's requests, retries included", Feed),
		own("feed_throttled", "/s", "the application's attempts refused by throttling", Feed),
		own("feed_errors", "/s", "the application's failed attempts", Feed),
		own("feed_failed", "/s", "the application's failed calls", Feed),
		own("feed_p50", "ms", "the application's latency of a call, median", Feed),
		own("feed_p99", "ms", "the application's latency of a call, 99th percentile", Feed),
		own("read_utilisation", "", "consumed over provisioned read capacity", Derived),
		own("write_utilisation", "", "consumed over provisioned write capacity", Derived),
		own("read_throttle_share", "", "throttled over throttled and consumed read units", Derived),
		own("write_throttle_share", "", "throttled over throttled and consumed write units", Derived),
		own("feed_throttle_share", "", "throttled over all of the application's attempts", Derived),
		own("feed_success", "", "share of the application's calls that succeeded", Derived),
		own("retry_factor", "", "the application's attempts per call", Derived),
	)
}

// Find returns a signal of the catalogue.
func Find(name string) (Signal, bool) {
	for _, s := range All {
		if s.Name == name {
			return s, true
		}
	}
	return Signal{}, false
}
