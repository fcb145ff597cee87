package scenario

import "time"

// Traffic is one client of one table.
type Traffic struct {
	Name        string
	Table       string
	Index       string // "" for the table itself
	Operation   string // one of Operations
	Demand      Demand
	Daily       Daily
	Noise       Noise
	Keys        Keys
	IndexKeys   map[string]Keys    // keys by index; see KeysOn
	IndexWrites map[string]float64 // index units per table write unit; see WritesTo

	ItemBytes           float64 // what this client writes
	Consistent          bool
	Examined            float64 // items a call reads, over all its pages
	Returned            float64 // items a call gets, over all its pages
	Pages               float64 // requests per call
	Batch               float64 // items per Batch or Transact call
	ConditionalFailures float64 // share of calls
	Conflicts           float64 // share of calls
	Invalid             float64 // share of calls

	SDK       SDK
	Network   Network
	SLO       SLO
	Feed      time.Duration // 0: off
	Publishes []Publish
}

// KeysOn returns how this client's writes fall on an index's partition values:
// evenly, unless the file says otherwise.
func (t *Traffic) KeysOn(index string) Keys {
	if k, ok := t.IndexKeys[index]; ok {
		return k
	}
	return Keys{Kind: Uniform}
}

// WritesTo returns the index write units that one table write unit of this client
// costs: one for puts and deletes, none for updates, unless the file says otherwise.
func (t *Traffic) WritesTo(index string) float64 {
	if w, ok := t.IndexWrites[index]; ok {
		return w
	}
	if Writes(t.Operation) && t.Operation != "UpdateItem" {
		return 1
	}
	return 0
}

// Daily swings the rate over a day: rate × (1 + Swing·cos(2π(now − Peak)/24h)), UTC.
type Daily struct {
	Swing float64       // share of the rate
	Peak  time.Duration // since midnight
}

// Noise is first-order autoregression of the log rate from minute to minute.
type Noise struct {
	CV  float64 // coefficient of variation
	Phi float64 // 0 ≤ phi < 1
}

// KeyKind names a distribution over partition values.
type KeyKind int

// The distributions. Rising keys all fall on one partition, and that one moves.
const (
	Uniform KeyKind = iota
	Zipf
	Hot
	Rising
)

// Keys is how calls fall on partition values.
type Keys struct {
	Kind  KeyKind
	S     float64 // Zipf: the exponent
	Share float64 // Hot: share of calls on the hot keys, the rest falls evenly
	Keys  int     // Hot: how many hot keys share it evenly
}

// SDK is the client library's retry configuration.
type SDK struct {
	Attempts int
	Base     time.Duration // backoff base
	Timeout  time.Duration // of one attempt
	Quota    int           // retry tokens, 0 = none: retries without end
}

// Network is what lies between a process and AWS.
type Network struct {
	Wait           time.Duration // pool, GC, CPU: before the request leaves
	RTT            time.Duration
	DNS            time.Duration
	TLS            time.Duration
	NewConnections float64 // share of requests that open one
}

// SLO is what a client promises: P99 if it is not zero, else Multiple times its own calm p99.
type SLO struct {
	P99      time.Duration
	Multiple float64
	Success  float64 // share of calls
}

// Publish is a CloudWatch metric that the application itself writes.
type Publish struct {
	Namespace  string
	Metric     string
	Dimensions map[string]string
	What       string // latency, calls, attempts or errors
}

// Demand is a client's rate over time: constant, or through Points.
type Demand struct {
	Rate   float64 // calls per second, where there are no points
	Points []Point // by At; two at one instant are a step
	Held   bool    // each point's rate holds until the next; else linear between
}

// Point is a rate at a time.
type Point struct {
	At   time.Duration
	Rate float64
}

// At returns the rate at t: the first point's before it, the last point's after it.
func (d Demand) At(t time.Duration) float64 {
	if len(d.Points) == 0 {
		return d.Rate
	}
	lo, hi := 0, len(d.Points) // the last point at or before t is at lo-1
	for lo < hi {
		if mid := (lo + hi) / 2; d.Points[mid].At <= t {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	if lo == 0 {
		return d.Points[0].Rate
	}
	p := d.Points[lo-1]
	if d.Held || lo == len(d.Points) {
		return p.Rate
	}
	next := d.Points[lo]
	return p.Rate + (next.Rate-p.Rate)*float64(t-p.At)/float64(next.At-p.At)
}

// shifted returns the demand with its points counted from the given time.
func (d Demand) shifted(by time.Duration) Demand {
	points := make([]Point, len(d.Points))
	for i, p := range d.Points {
		points[i] = Point{At: p.At + by, Rate: p.Rate}
	}
	d.Points = points
	return d
}
