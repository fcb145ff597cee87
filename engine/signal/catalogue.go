package signal

import "time"

// of is a signal of DynamoDB's own metrics.
func of(name, metric, stat, unit string, scope Scope, help string) Signal {
	return in(dynamo, name, metric, stat, unit, scope, help)
}

func in(namespace, name, metric, stat, unit string, scope Scope, help string) Signal {
	return Signal{
		Name: name, Help: help, Unit: unit, Source: CloudWatch, Namespace: namespace, Metric: metric, Stat: stat,
		Scope: scope, Period: gridOf(namespace, metric),
	}
}

// count is a rate of events: nothing is published for none.
func count(name, metric, help string, scope Scope) Signal {
	s := of(name, metric, "Sum", "/s", scope, help)
	s.PerSecond, s.Zero = true, true
	return s
}

// optional is a signal that no verdict rests on, asked for as seldom as it changes.
func optional(s Signal, every time.Duration) Signal {
	s.Optional, s.Every = true, every
	return s
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

// sides are the read and the write form of signals that come in pairs.
func sides(f func(side, aws string) []Signal) []Signal {
	return append(f("read", "Read"), f("write", "Write")...)
}

// cloudWatch lists what is asked of CloudWatch.
func cloudWatch() []Signal {
	list := sides(func(side, aws string) []Signal {
		s := of("consumed_"+side, "Consumed"+aws+"CapacityUnits", "Sum", "units/s", TableIndex, "capacity units used, averaged over the minute")
		s.PerSecond = true
		return []Signal{s}
	})
	list = append(list, sides(throttles)...)
	latency := func(name, stat, help string) Signal {
		return of(name, "SuccessfulRequestLatency", stat, "ms", TableOp, help)
	}
	requests := latency("requests", "SampleCount", "successful requests")
	requests.Unit, requests.PerSecond, requests.Zero = "/s", true, true // nothing is published for no requests
	returned := of("returned_items", "ReturnedItemCount", "Average", "items", TableOp, "items that one request returns, after filters")
	returned.Ops = []string{"Query", "Scan", "ExecuteStatement"}
	list = append(list,
		latency("latency_avg", "Average", "server-side latency of successful requests"),
		latency("latency_p50", "p50", "server-side latency, median"),
		latency("latency_p99", "p99", "server-side latency, 99th percentile"),
		requests, returned,
	)
	list = append(list, sides(func(side, aws string) []Signal {
		return []Signal{of("largest_"+side, "Consumed"+aws+"CapacityUnits", "Maximum", "units", TableIndex, "units of the largest single request")}
	})...)
	conflicted := count("conflicted_requests", "TransactionConflict", "requests with at least one item rejected by a transaction", Table)
	conflicted.Stat = "SampleCount"
	list = append(list,
		count("throttled_requests", "ThrottledRequests", "requests with at least one throttled event; batches only when all of it was", TableOp),
		count("system_errors", "SystemErrors", "HTTP 500 answers", TableOp),
		count("injected_errors", "FaultInjectionServiceInducedErrors", "those of them that a fault injection experiment made", TableOp),
		count("conditional_failures", "ConditionalCheckFailedRequests", "conditional writes that evaluated false", Table),
		count("transaction_conflicts", "TransactionConflict", "item-level transaction rejections", Table), conflicted,
		count("ttl_deletes", "TimeToLiveDeletedItemCount", "items deleted by TTL", Table),
		count("user_errors", "UserErrors", "HTTP 400 answers of the whole account and Region, throttles not among them", Account),
	)
	return append(append(list, besides()...), quotas()...)
}

// besides are the signals of what happens beside the request path.
func besides() []Signal {
	list := sides(func(side, aws string) []Signal {
		s := of("provisioned_"+side, "Provisioned"+aws+"CapacityUnits", "Maximum", "units/s", TableIndex, "provisioned "+side+" capacity, as CloudWatch remembers it; what it is now says DescribeTable")
		s.Every = five
		return []Signal{s}
	})
	list = append(list, sides(func(side, aws string) []Signal {
		return []Signal{optional(of("maximum_"+side, "OnDemandMax"+aws+"RequestUnits", "Maximum", "units/s", Capped, "configured on-demand maximum, as CloudWatch remembers it; absent where none is set"), five)}
	})...)
	origin := of("written_by", "ConsumedWriteCapacityUnits", "Sum", "units/s", Origin, "write units of a global table by their source: own writes (Customer) or replication into here (GlobalTable)")
	origin.PerSecond = true
	records := func(name, metric, help string, unit string) Signal {
		s := of(name, metric, "Sum", unit, Stream, help)
		s.PerSecond = true
		return optional(s, 0)
	}
	building := func(name, metric, unit, help string) Signal {
		return optional(of(name, metric, "Sum", unit, Building, help), 0)
	}
	return append(list,
		of("index_progress", "OnlineIndexPercentageProgress", "Maximum", "%", Building, "how far the building of an index is"),
		building("index_build_units", "OnlineIndexConsumedWriteCapacity", "units", "write units of an index being built, in five minutes; AWS reports 0 nowadays"),
		building("index_build_throttles", "OnlineIndexThrottleEvents", "events", "throttle events of an index being built, in five minutes; AWS reports 0 nowadays"),
		of("replication_latency", "ReplicationLatency", "Average", "ms", Replica, "from a write here until it is in the other region; none of strongly consistent global tables"),
		optional(of("replication_pending", "PendingReplicationCount", "Average", "items", Replica, "item updates not yet in the other region; legacy global tables (2017.11.29) only"), 0),
		optional(origin, 0),
		of("kinesis_age", "AgeOfOldestUnreplicatedRecord", "Maximum", "ms", Capture, "age of the oldest change that Kinesis has not got"),
		of("kinesis_failed", "FailedToReplicateRecordCount", "Sum", "records", Capture, "changes that Kinesis will not get, in five minutes"),
		of("kinesis_throttled", "ThrottledPutRecordCount", "Sum", "records", Capture, "changes that Kinesis refused for now, in five minutes"),
		optional(of("kinesis_units", "ConsumedChangeDataCaptureUnits", "Average", "units", Capture, "change data capture units used"), 0),
		optional(of("stream_latency", "SuccessfulRequestLatency", "Average", "ms", Stream, "server-side latency of GetRecords on the table's stream"), 0),
		records("stream_records", "ReturnedRecordsCount", "records that GetRecords returned", "/s"),
		records("stream_bytes", "ReturnedBytes", "bytes that GetRecords returned", "bytes/s"),
		optional(of("vector_search_bytes", "VectorSearchRequestBytes", "Sum", "bytes", Vector, "bytes that searches of a vector index processed, in five minutes"), 0),
		optional(of("vector_write_bytes", "VectorWriteRequestBytes", "Sum", "bytes", Vector, "bytes written into a vector index, in five minutes"), 0),
		in(lambda, "iterator_age", "IteratorAge", "Maximum", "ms", Function, "age of the newest record that a Lambda function read from its stream"),
	)
}

// quotaEvery is how often the account's quotas and their use are read: they move over days.
const quotaEvery = 30 * time.Minute

// quotas are the account's limits and how much of them is in use.
func quotas() []Signal {
	list := sides(func(side, aws string) []Signal {
		account := func(name, metric, unit, help string) Signal {
			return optional(of(name, metric, "Maximum", unit, Account, help), quotaEvery)
		}
		used := in(usage, "account_provisioned_"+side, "ResourceCount", "Maximum", "units/s", Usage, "provisioned "+side+" capacity of the whole account and Region")
		used.Resource = "AccountProvisioned" + aws + "CapacityUnits"
		return []Signal{
			account("account_max_"+side, "AccountMax"+aws+"s", "units/s", "quota of the account for provisioned "+side+" capacity"),
			account("table_max_"+side, "AccountMaxTableLevel"+aws+"s", "units/s", "quota of one table or index; the hard ceiling of an on-demand one"),
			account("account_"+side+"_used", "AccountProvisioned"+aws+"CapacityUtilization", "%", "share of the account's quota that is provisioned"),
			account("busiest_"+side+"_used", "MaxProvisionedTable"+aws+"CapacityUtilization", "%", "share of a table's quota that the table or index with the highest provisioned "+side+" capacity has"),
			optional(used, quotaEvery),
		}
	})
	tables := in(usage, "account_tables", "ResourceCount", "Maximum", "tables", Usage, "tables of the account and Region")
	tables.Resource = "TableCount"
	return append(list, optional(tables, quotaEvery))
}
