package world

import "time"

// Start is the simulated wall clock at t = 0.
func (w *World) Start() time.Time { return w.start }

// Now is the simulated time since t = 0 that Advance was last told.
func (w *World) Now() time.Duration { return w.now }

// Advance moves the clock to t and computes every second that has passed. A t before Now changes nothing.
func (w *World) Advance(t time.Duration) {}

// Tables lists the tables' names, sorted.
func (w *World) Tables() []string { return nil }

// Quotas are the account's limits.
func (w *World) Quotas() Quotas { return Quotas{} }

// Key is the partition value of item or key number i of a table ("" for index) or an index: the values that the model's own
// traffic uses, hottest first.
func (w *World) Key(table, index string, i int) string { return "" }

// Admit offers one request from outside the model at the present moment. It draws on the same buckets as the clients and
// shows in the same metrics. An unknown table is a ResourceNotFoundException in the Outcome, an unknown index a ValidationException.
func (w *World) Admit(r Request) Outcome { return Outcome{} }

// CountError records a request from outside that ended without touching capacity or after it ("ConditionalCheckFailedException",
// "ValidationException"), so that the account's and the table's error metrics show it.
func (w *World) CountError(table, operation, code string) {}

// Describe shows a table, or false when there is none of that name.
func (w *World) Describe(table string) (TableView, bool) { return TableView{}, false }

// Update is UpdateTable, called by the named principal. The error is an *Error. The old limits hold until the change has settled.
func (w *World) Update(u TableUpdate, by string) error { return nil }

// Changes lists the accepted control-plane calls, oldest first.
func (w *World) Changes() []Change { return nil }

// Metrics returns one CloudWatch series as it was published at q.AskedAt, oldest first; nil for a series that does not exist.
func (w *World) Metrics(q Query) []Point { return nil }

// ListMetrics lists the series of a namespace that ListMetrics would show at the given moment, sorted. name may be "".
func (w *World) ListMetrics(namespace, name string, askedAt time.Time) []MetricID { return nil }

// Feed returns a client's own counters, or false when it has no feed.
func (w *World) Feed(client string) (FeedCounters, bool) { return FeedCounters{}, false }

// Levers lists the scenario's levers in file order.
func (w *World) Levers() []Lever { return nil }

// SetLever takes a lever into force or out of it and returns when, since t = 0. Asking twice is asking once.
func (w *World) SetLever(name string, on bool) (time.Duration, error) { return 0, nil }

// Network is the path from a place to a service ("dynamodb", "cloudwatch", …) now.
func (w *World) Network(from Where, service, operation, table string) NetworkState {
	return NetworkState{}
}

// Mitigated is the first second of a minute, after the truth's begins, in which every client met its slo.
func (w *World) Mitigated() (time.Duration, bool) { return 0, false }

// ClientStats is what a client met in the minute that begins at from (since t = 0; negative in the history).
func (w *World) ClientStats(client string, from time.Duration) (ClientMinute, bool) {
	return ClientMinute{}, false
}
