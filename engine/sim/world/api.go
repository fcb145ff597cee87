// Package world is the physics of the embedded AWS: a fluid model of tables, clients and metrics on one simulated clock.
// Nothing in it reads a wall clock, opens a socket or starts a goroutine; the same scenario, seed and calls give the
// same answers. A World is not safe for concurrent use: its owner serialises calls (the wire protocols do).
package world

import (
	"time"

	"github.com/ddbloop/ddbloop/engine/sim/scenario"
)

// Where tells whose request or path is meant.
type Where string

// The two places a request may come from.
const (
	FromApp  Where = "app"  // the clients of the scenario
	FromHere Where = "here" // the shell that ddbloop runs in
)

// Mode is a table's billing mode.
type Mode = scenario.Mode

// The two billing modes.
const (
	Provisioned = scenario.Provisioned
	OnDemand    = scenario.OnDemand
)

// Status is the state of a table or an index as DescribeTable spells it.
type Status string

// The states this model knows.
const (
	Active   Status = "ACTIVE"
	Updating Status = "UPDATING"
	Creating Status = "CREATING"
	Deleting Status = "DELETING"
	Locked   Status = "INACCESSIBLE_ENCRYPTION_CREDENTIALS" // the customer's key is out of order
)

// Request is one data-plane request from outside the model: a probe or a command-line call. Units are given by the caller,
// who knows the items: reads in 4 KB units, writes in 1 KB units. The world decides whether they are there.
type Request struct {
	Region       string // "" = the scenario's own; else a replica's
	Table        string
	Index        string // set for Query and Scan on an index: the read units are the index's
	Operation    string // as AWS spells it: "GetItem"
	PartitionKey string // key value that picks the partition, as Key returns it for the model's own items; "" = spread evenly (Scan)
	ReadUnits    float64
	WriteUnits   float64
	IndexWrites  []IndexWrite // what the write costs in each index; an index that is left out costs nothing
	Bytes        int          // examined or written bytes over all items: slower the more there are
	Returned     int          // items in the answer, for ReturnedItemCount
	From         Where
	Part         bool // one item of a batch: its request is admitted apart, without units, and only that is counted
}

// IndexWrite is the cost of one write in one index.
type IndexWrite struct {
	Index        string
	PartitionKey string
	Units        float64
}

// Reason is one entry of ThrottlingReasons.
type Reason struct {
	Reason      string // "TableWriteKeyRangeThroughputExceeded" and its 15 siblings
	ResourceARN string
}

// Outcome is what became of a Request. Latency is server-side time; the network is the transport's business.
type Outcome struct {
	Latency   time.Duration
	Throttled bool
	Exception string // "" when the request succeeded, else the class: "ProvisionedThroughputExceededException"
	Message   string
	Status    int // HTTP status: 200, 400, 500
	Reasons   []Reason
}

// Throughput is a pair of capacities in units per second.
type Throughput struct{ Read, Write float64 }

// Provision is what DescribeTable says of provisioned throughput. Zero times mean never.
type Provision struct {
	Throughput
	LastIncrease   time.Time
	LastDecrease   time.Time
	DecreasesToday int
}

// KeySchema names the attributes of a key; Sort is empty where there is none. Distinct counts partition values.
type KeySchema struct {
	Partition, Sort string
	Distinct        int
}

// TableView is a table as DescribeTable shows it. Items and Bytes are those of the last six-hourly count.
type TableView struct {
	Name        string
	ARN         string
	ID          string
	Status      Status
	Created     time.Time
	Mode        Mode
	ModeSince   time.Time // last switch to on-demand; zero = never
	Provisioned Provision
	Max         Throughput // on-demand caps, 0 = none
	Warm        Throughput
	WarmStatus  Status
	Key         KeySchema
	LSI         bool
	Items       int64
	Bytes       int64
	Insights    string // off | throttled | accessed
	CustomerKMS bool
	Stream      bool          // a DynamoDB stream is on
	Kinesis     string        // name of the Kinesis stream that takes the table's changes; "" = none
	Replicas    []ReplicaView // of a global table, this region's own left out
	Indexes     []IndexView
}

// IndexView is a global secondary index as DescribeTable shows it.
type IndexView struct {
	Name        string
	ARN         string
	Status      Status
	Backfilling bool
	Provisioned Provision
	Max         Throughput
	Warm        Throughput
	WarmStatus  Status
	Key         KeySchema
	Projection  string // all | keys_only | include
	Items       int64
	Bytes       int64
}

// TableUpdate is an UpdateTable request; a nil or zero field is not in the request. AWS takes one kind of change per call.
type TableUpdate struct {
	Region      string // "" = the scenario's own; else a replica's
	Table       string
	Mode        Mode
	Provisioned *Throughput
	Max         *Throughput // on-demand caps; a member that is -1 removes the cap, 0 leaves it
	Warm        *Throughput // a member that is 0 is left as it is
	Indexes     []IndexUpdate
	CreateIndex *NewIndex
	DeleteIndex string // name of the index to delete
}

// NewIndex is a global secondary index that UpdateTable creates. Allocate and Backfill are how long its two phases take; zero
// derives them from the table's size (guess).
type NewIndex struct {
	Name        string
	Key         KeySchema
	Projection  string     // all | keys_only | include
	Provisioned Throughput // provisioned mode only
	Max         Throughput
	Allocate    time.Duration
	Backfill    time.Duration
	Partitions  int // 0 = what its capacity needs
}

// IndexUpdate changes one index within a TableUpdate.
type IndexUpdate struct {
	Name        string
	Provisioned *Throughput
	Max         *Throughput
	Warm        *Throughput
}

// Error is a refusal with the class and text that AWS would send.
type Error struct {
	Code    string // "ValidationException", "ResourceInUseException", "LimitExceededException", "ResourceNotFoundException"
	Message string
}

// Error returns "Code: message".
func (e *Error) Error() string { return e.Code + ": " + e.Message }

// Change is one control-plane call that was accepted, as CloudTrail would record it.
type Change struct {
	At        time.Duration
	By        string
	Operation string // UpdateTable or UpdateContributorInsights
	Update    TableUpdate
	Insights  scenario.Insights
}

// Quotas are the account's limits in units per second, as DescribeLimits shows them.
type Quotas struct{ Table, Account Throughput }

// Query asks for one CloudWatch series. From is inclusive, To exclusive; AskedAt is the moment of the call, which decides
// what has been published. Period is in whole seconds, at least 60. Stat is Sum, Average, Minimum, Maximum, SampleCount or a
// percentile ("p99", "p99.9").
type Query struct {
	Region    string // "" = the scenario's own; else a replica's
	Namespace string
	Name      string
	Dims      map[string]string
	Stat      string
	Period    time.Duration
	From, To  time.Time
	AskedAt   time.Time
}

// Point is one value of a series; At is the start of its period.
type Point struct {
	At    time.Time
	Value float64
	Unit  string // Count, Milliseconds, Percent
}

// Dim is one dimension of a metric.
type Dim struct{ Name, Value string }

// MetricID names one series; Dims are sorted by name.
type MetricID struct {
	Namespace string
	Name      string
	Dims      []Dim
}

// FeedCounters is what a client's own OpenMetrics endpoint would show: totals since t = 0.
type FeedCounters struct {
	Client   string
	Calls    float64 // finished calls
	Attempts float64
	Failed   float64     // finished calls that ended in an error
	Errors   []CodeCount // refused and failed attempts by code, sorted by code
	Bounds   []float64   // upper bounds of the latency buckets, seconds, rising; the last bucket, +Inf, is Calls
	Buckets  []float64   // cumulative counts, one per bound
	Sum      float64     // seconds, over all finished calls
}

// CodeCount counts failures of one code.
type CodeCount struct {
	Code  string
	Count float64
}

// Lever is something people can do outside AWS.
type Lever struct {
	Name, Title, Does string
	Delay             time.Duration
	On                bool          // asked for
	InForce           bool          // in force now
	Ready             time.Duration // when the last call takes or took effect, since t = 0
}

// NetworkState is the path between a caller and a service now.
type NetworkState struct {
	Wait           time.Duration // before the request leaves: pool, GC, CPU
	RTT            time.Duration
	DNS            time.Duration // for a new connection
	TLS            time.Duration // for a new connection
	NewConnections float64       // share of requests that need one

	NXDomain   bool    // names do not resolve
	Connect    string  // "", refused or blackhole
	Loss       float64 // share of packets
	ResetAfter bool    // the connection is reset once the request has been applied
	Drip       float64 // bytes of body per second; 0 = at once
}

// ClientMinute is what one client met in one minute, for tests and for Mitigated. Latencies include the client's own side.
type ClientMinute struct {
	Calls, Failed, Attempts, Throttled float64
	Success                            float64 // share of finished calls; 1 where there were none
	P50, P99                           time.Duration
	Met                                bool // every part of the slo was met; true without one
}
