package scenario

import "time"

// Event is one thing that happens at a time. Exactly one of Sets, Fault, Call, Alarm,
// Report and Expire is there.
type Event struct {
	At     time.Duration
	Until  time.Duration // of Sets and Fault; Forever if not written
	Over   time.Duration // of Sets: numbers move there linearly
	Sets   []Set
	Fault  *Fault
	Call   *Call
	Alarm  string // name of the alarm that goes off
	Report *Report
	Expire *Expire
}

// Set gives one field another value.
type Set struct {
	Path Path
	// Value has the field's own type: float64, int, bool, string, time.Duration, Keys,
	// Demand, Daily, Noise, SDK, Network, map[string]Keys, map[string]float64,
	// []string, []Probe, *Stream, *Kinesis.
	Value any
	// FromStart says that Value is a shape, whose times count from the layer's start.
	FromStart bool
}

// Scope says whose field a path names.
type Scope string

// The scopes.
const (
	ScopeTraffic Scope = "traffic"
	ScopeHere    Scope = "here"
	ScopeTables  Scope = "tables"
)

// Path is a parsed set path, as in traffic.checkout.network.wait.
type Path struct {
	Scope Scope
	Name  string   // of the client or the table, "" for here
	Field []string // network, wait
}

// Fault is a failure of AWS or of what leads to it. Exactly one of Service, Network,
// Access, KMS, Replication and Skew is there.
type Fault struct {
	Where Where

	Service      string   // dynamodb, cloudwatch, autoscaling or cloudtrail
	Operations   []string // of Service and Access; empty: all
	Tables       []string // of Service and KMS; empty: all
	ErrorRate    float64  // share of requests that fail with Code
	Code         string
	ThrottleRate float64 // share of requests that fail with ThrottlingException
	Latency      Latency
	Share        float64 // of requests that Latency hits
	Injected     bool    // counts as fault injection
	Results      string  // cloudwatch: "", partial, internal or empty
	Delay        time.Duration

	Network     *NetworkFault
	Access      string // "", denied or expired
	KMS         bool   // the customer's key is disabled
	Replication *ReplicationFault
	Skew        time.Duration // of the servers' Date header
}

// Where says whom a fault hits: the applications, ddbloop itself, or both.
type Where string

// The places.
const (
	WhereBoth Where = "both"
	WhereApp  Where = "app"
	WhereHere Where = "here"
)

// App reports whether the fault hits the applications.
func (w Where) App() bool { return w != WhereHere }

// Here reports whether the fault hits ddbloop itself.
func (w Where) Here() bool { return w != WhereApp }

// Latency makes a time longer: d × Times + Added.
type Latency struct {
	Times float64 // 1: as it was
	Added time.Duration
}

// NetworkFault is trouble on the way to AWS.
type NetworkFault struct {
	NXDomain   bool          // names do not resolve
	DNS        time.Duration // a look-up takes this long; 0: as it was
	Connect    string        // "", refused or blackhole
	Loss       float64       // share of packets
	ResetAfter bool          // the connection is reset after the request was applied
	Drip       float64       // bytes of body per second; 0: as it was
}

// ReplicationFault slows or stops replication to a region.
type ReplicationFault struct {
	To      string
	Latency Latency
	Stopped bool
}

// Call is a control-plane call made by somebody else. A nil number is not changed.
type Call struct {
	Operation string // one of CallOperations
	Table     string
	Index     string // "" for the table
	By        string

	Read, Write         *float64 // UpdateTable
	Mode                Mode
	MaxRead, MaxWrite   *float64
	WarmRead, WarmWrite *float64
	CreateIndex         *CreateIndex
	DeleteIndex         string

	Side      string   // RegisterScalableTarget, DeregisterScalableTarget, PutScalingPolicy: read or write
	Min, Max  *float64 // RegisterScalableTarget
	Suspended *bool
	Target    *float64 // PutScalingPolicy: percent

	Insights Insights // UpdateContributorInsights
}

// CreateIndex is an index that a call creates.
type CreateIndex struct {
	Index    Index
	Allocate time.Duration
	Backfill time.Duration
}

// Report is what a person or another system tells the cockpit.
type Report struct {
	Text   string
	About  string // latency, errors or down
	Client string // "" for nobody in particular
}

// Expire deletes items by TTL at a steady pace.
type Expire struct {
	Table string
	Items float64
	Over  time.Duration
}
