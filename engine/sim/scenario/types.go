package scenario

import (
	"math"
	"time"
)

// Forever stands for an end that is not written: the layer lasts to the end of the run.
const Forever = time.Duration(math.MaxInt64)

// Scenario is one file with its magnitude picked and its defaults filled in.
type Scenario struct {
	Name      string // the id, also the file's name
	Title     string
	Magnitude string // low, base or high: the one that was picked
	Seed      int64
	Start     time.Time     // simulated wall clock at t = 0, UTC
	History   time.Duration // calm history published before t = 0
	Duration  time.Duration // a drill ends here at the latest
	Region    string
	Account   string // twelve digits
	Quotas    Quotas
	Tables    []Table
	Traffic   []Traffic
	Here      Here
	Alarms    []Alarm
	Events    []Event // by At; events at one instant in file order
	Levers    []Lever
	Truth     Truth
}

// Quotas are the account's limits in capacity units per second.
type Quotas struct {
	TableRead, TableWrite, AccountRead, AccountWrite float64
}

// Mode is a table's billing mode.
type Mode string

// The two billing modes.
const (
	Provisioned Mode = "provisioned"
	OnDemand    Mode = "on_demand"
)

// Insights says what Contributor Insights records for a table.
type Insights string

// The states of Contributor Insights.
const (
	InsightsOff       Insights = "off"
	InsightsThrottled Insights = "throttled"
	InsightsAccessed  Insights = "accessed" // accessed and throttled keys
)

// Table is a table as it stands at t = 0.
type Table struct {
	Name         string
	Key          Key
	Mode         Mode
	Throughput   Throughput
	Items        float64
	ItemBytes    float64 // mean size of an item
	LSI          bool    // has a local secondary index: its partitions never split
	SplitAfter   time.Duration
	Settle       time.Duration // how long UpdateTable stays UPDATING, indexes too
	Insights     Insights
	CustomerKMS  bool
	ReadScaling  *AutoScaling // nil: no policy
	WriteScaling *AutoScaling
	Stream       *Stream  // nil: none
	Kinesis      *Kinesis // nil: none
	Replicas     []Replica
	Indexes      []Index
}

// Throughput is what a table or an index may use, in capacity units per second.
// Zero means: no cap (Max), derived (Warm, Partitions), from the history (Peak).
// Read and Write are zero in on-demand mode.
type Throughput struct {
	Read, Write         float64
	MaxRead, MaxWrite   float64
	WarmRead, WarmWrite float64
	PeakRead, PeakWrite float64 // previous on-demand peak; tables only
	Partitions          int
}

// Key is the key schema of a table or an index.
type Key struct {
	Partition string // attribute name
	Sort      string // attribute name, "" for none
	Distinct  int    // how many partition values there are
}

// Projection says what an index holds.
type Projection string

// The projections.
const (
	ProjectAll      Projection = "all"
	ProjectKeysOnly Projection = "keys_only"
	ProjectInclude  Projection = "include"
)

// Index is a global secondary index.
type Index struct {
	Name         string
	Key          Key
	Projection   Projection
	Throughput   Throughput
	ReadScaling  *AutoScaling
	WriteScaling *AutoScaling
}

// AutoScaling is one side's scalable target and its policy.
type AutoScaling struct {
	Min, Max  float64
	Target    float64 // percent
	Suspended bool
}

// Stream is a DynamoDB stream and the Lambda function that reads it.
type Stream struct {
	Consumer    string  // function name
	RecordsPerS float64 // what the consumer can take, all shards together
	Shards      int
	StuckShards int // shards whose consumer makes no progress
}

// Kinesis is the table's change capture into a Kinesis stream.
type Kinesis struct {
	Stream      string
	RecordsPerS float64 // what the Kinesis stream takes
	Oversized   float64 // share of records too large to send
	Broken      bool    // nothing can be sent
}

// Replica is the table's global-table replica in another region.
type Replica struct {
	Region      string
	Read, Write float64
}

// Here is the shell ddbloop runs in.
type Here struct {
	Network Network
	Deny    []string // IAM actions its role lacks
	Probes  []Probe
}

// Probe is a request ddbloop itself sends at a steady pace.
type Probe struct {
	Table     string
	Operation string
	Every     time.Duration
	Hot       bool // asks for the hottest key
}

// Alarm is a CloudWatch alarm on a metric of AWS/DynamoDB that goes off above Over.
type Alarm struct {
	Name       string
	Metric     string
	Dimensions map[string]string
	Stat       string
	Over       float64
	Period     time.Duration
	Datapoints int
	Of         int
	Missing    string // breaching, notBreaching, ignore or missing
}

// Lever is something people can do outside AWS.
type Lever struct {
	Name  string
	Title string
	Does  string // one of LeverKinds
	Sets  []Set
	Delay time.Duration // between the call and its effect, both ways
}
