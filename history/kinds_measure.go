package history

import "time"

// Point is one measured value: T is the start of the interval it covers, in Unix seconds.
type Point struct {
	T int64
	V float64
}

// SeriesKey names one series: a signal of the catalogue, the table or table/index it is about, and the
// operation, probe or client that splits it further.
type SeriesKey struct {
	Signal string `json:"signal"`
	Target string `json:"target,omitempty"`
	Op     string `json:"op,omitempty"`
}

// SeriesUpdate carries the points of one series that are new or have changed since the last poll.
type SeriesUpdate struct {
	Key    SeriesKey `json:"key"`
	Unit   string    `json:"unit,omitempty"`
	Period int       `json:"period"`         // seconds
	From   int64     `json:"from,omitempty"` // asked for since then in vain, Unix seconds; 0 = since the poll's own From
	Zero   bool      `json:"zero,omitempty"` // a settled interval without a point is a 0, not a gap
	Points []Point   `json:"points,omitempty"`
}

// MetricsPolled is one answered poll of CloudWatch: only what changed is in it.
type MetricsPolled struct {
	Source    string         `json:"source"` // "cloudwatch"
	From      int64          `json:"from"`   // window asked for, Unix seconds
	To        int64          `json:"to"`
	SettledTo int64          `json:"settled_to"` // intervals that end at or before it are complete: no point then means none
	Series    []SeriesUpdate `json:"series,omitempty"`
	Partial   string         `json:"partial,omitempty"` // why something of the answer is missing
	// Status says of a series, by its key, how CloudWatch answered for it where that has changed: PartialData, InternalError,
	// Forbidden, absent, or "" for all of it.
	Status  map[string]string `json:"status,omitempty"`
	Every   int               `json:"every,omitempty"`   // seconds between polls, where the budget makes it more than a minute
	Resting int               `json:"resting,omitempty"` // optional series that the budget for calls leaves out
	Queries int               `json:"queries"`           // metrics asked for, as AWS bills them
	Took    time.Duration     `json:"took"`
}

// TableDescribed is one answered DescribeTable. Table is nil when nothing changed since the last one.
type TableDescribed struct {
	Name  string         `json:"name"`
	Table *TableSnapshot `json:"table,omitempty"`
	Took  time.Duration  `json:"took"`
}

// TableSnapshot is what DescribeTable said that an incident can turn on.
type TableSnapshot struct {
	Name           string          `json:"name"`
	ID             string          `json:"id,omitempty"`
	Status         string          `json:"status"`
	Mode           string          `json:"mode"` // provisioned | on_demand
	Throughput     Throughput      `json:"throughput"`
	Indexes        []IndexSnapshot `json:"indexes,omitempty"` // sorted by name
	Items          int64           `json:"items"`             // refreshed by AWS about every 6 h
	Bytes          int64           `json:"bytes"`
	PartitionKey   string          `json:"partition_key,omitempty"`
	SortKey        string          `json:"sort_key,omitempty"`
	LastIncrease   time.Time       `json:"last_increase,omitzero"`
	LastDecrease   time.Time       `json:"last_decrease,omitzero"`
	DecreasesToday int64           `json:"decreases_today"`
	ModeSince      time.Time       `json:"mode_since,omitzero"` // last switch to on-demand
	Stream         bool            `json:"stream,omitempty"`    // a DynamoDB stream is on
	StreamLabel    string          `json:"stream_label,omitempty"`
	Kinesis        string          `json:"kinesis,omitempty"`  // Kinesis stream that takes the table's changes
	Replicas       []string        `json:"replicas,omitempty"` // other regions of a global table, sorted
	LSI            bool            `json:"lsi,omitempty"`      // has a local secondary index
	KMS            string          `json:"kms,omitempty"`      // state of a customer's key: ENABLED, INACCESSIBLE …; "" = AWS's own
	Insights       string          `json:"insights,omitempty"` // Contributor Insights: off | throttled | accessed
}

// IndexSnapshot is one global secondary index of a TableSnapshot.
type IndexSnapshot struct {
	Name           string     `json:"name"`
	Status         string     `json:"status"`
	Backfilling    bool       `json:"backfilling,omitempty"`
	Throughput     Throughput `json:"throughput"`
	PartitionKey   string     `json:"partition_key,omitempty"`
	SortKey        string     `json:"sort_key,omitempty"`
	DecreasesToday int64      `json:"decreases_today"`
	LastDecrease   time.Time  `json:"last_decrease,omitzero"`
}

// Throughput is what a table or index may use: units per second. Zero means not set.
type Throughput struct {
	Read      int64 `json:"read"`
	Write     int64 `json:"write"`
	MaxRead   int64 `json:"max_read,omitempty"` // on-demand caps
	MaxWrite  int64 `json:"max_write,omitempty"`
	WarmRead  int64 `json:"warm_read,omitempty"`
	WarmWrite int64 `json:"warm_write,omitempty"`
	Warming   bool  `json:"warming,omitempty"` // a raise of the warm throughput is under way
}

// Reason is one entry of DynamoDB's ThrottlingReasons.
type Reason struct {
	Reason   string `json:"reason"`
	Resource string `json:"resource,omitempty"`
}

// ProbeAnswered is one answer to one of the team's own read-only requests, with the time split up.
type ProbeAnswered struct {
	Probe    string        `json:"probe"`
	Table    string        `json:"table"`
	Index    string        `json:"index,omitempty"`
	Op       string        `json:"op"`
	Every    time.Duration `json:"every"`
	Next     time.Duration `json:"next,omitempty"` // until the next one, where it waits longer than Every
	OK       bool          `json:"ok"`
	Code     string        `json:"code,omitempty"` // exception name, or dns | connect | tls | timeout | reset | canceled
	Text     string        `json:"text,omitempty"`
	Reasons  []Reason      `json:"reasons,omitempty"`
	Total    time.Duration `json:"total"`
	DNS      time.Duration `json:"dns,omitempty"`
	Connect  time.Duration `json:"connect,omitempty"`
	TLS      time.Duration `json:"tls,omitempty"`
	Wait     time.Duration `json:"wait,omitempty"`    // request written → first byte, or → giving up on one
	Pool     time.Duration `json:"pool,omitempty"`    // waited for a connection, beside what making one took
	Body     time.Duration `json:"body,omitempty"`    // first byte → all of it read
	Retries  int           `json:"retries,omitempty"` // sent again because a kept connection had died
	Reused   bool          `json:"reused,omitempty"`
	Units    float64       `json:"units,omitempty"`
	OfIndex  float64       `json:"of_index,omitempty"` // units that an index used, of Units
	Pages    int           `json:"pages,omitempty"`
	More     bool          `json:"more,omitempty"` // there were pages beyond the probe's bound
	Examined int           `json:"examined,omitempty"`
	Returned int           `json:"returned,omitempty"`
	Request  string        `json:"request,omitempty"` // x-amzn-RequestId
}

// OpNoData is the operation of a probe without data: it shows whether the way to the service is open and how long it takes, and
// nothing of the table.
const OpNoData = "DescribeEndpoints"

// NoData reports whether the probe reads no data: it can prove trouble on the way, and neither a limit nor health.
func (p ProbeAnswered) NoData() bool { return p.Op == OpNoData }

// FeedScraped is what an application's own endpoint says of the time since the last scrape.
type FeedScraped struct {
	Feed     string             `json:"feed"` // client name
	Table    string             `json:"table"`
	Index    string             `json:"index,omitempty"`
	Seconds  float64            `json:"seconds"`          // time covered
	Calls    float64            `json:"calls"`            // finished calls
	Attempts float64            `json:"attempts"`         // requests sent, first tries and retries
	Failed   float64            `json:"failed"`           // calls that ended in an error, whatever was tried
	Errors   map[string]float64 `json:"errors,omitempty"` // refused or failed attempts by code
	P50      float64            `json:"p50"`              // ms over calls that ended in it; NaN never: absent calls leave 0 and Calls 0
	P99      float64            `json:"p99"`              // ms
}

// SourceChanged says that a source works, limps, is down or has nothing to ask, with the reason in one word and one line.
type SourceChanged struct {
	Name   string        `json:"name"`             // cloudwatch | describe | probe:NAME | feed:NAME
	State  string        `json:"state"`            // ok | degraded | down | denied | expired | idle: it had nothing to ask
	Reason string        `json:"reason,omitempty"` // dns | connect | tls | timeout | reset | throttled | denied | expired | missing | error
	Text   string        `json:"text,omitempty"`
	Retry  time.Duration `json:"retry,omitempty"` // until the next try
	// Every is the time between two looks of an optional eye: one that sees more than the tables' own numbers, and that nothing
	// depends on. It says so again at each look that went well, since what it sees may be the same for days. 0 = no such eye.
	Every time.Duration `json:"every,omitempty"`
}

// Kind names MetricsPolled in the journal.
func (MetricsPolled) Kind() string { return "metrics.polled" }

// Kind names TableDescribed in the journal.
func (TableDescribed) Kind() string { return "table.described" }

// Kind names ProbeAnswered in the journal.
func (ProbeAnswered) Kind() string { return "probe.answered" }

// Kind names FeedScraped in the journal.
func (FeedScraped) Kind() string { return "feed.scraped" }

// Kind names SourceChanged in the journal.
func (SourceChanged) Kind() string { return "source.changed" }
