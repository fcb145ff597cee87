package world

// bucket is the unused capacity of a limit. Its level stays within [0, burst].
type bucket struct {
	level float64
	owed  float64 // what requests from outside took in advance of the next step
}

// limit is one rule of "no more than": rate units per second, with up to burst unused units kept.
type limit struct {
	rate, burst float64
	cause       cause
	b           *bucket
}

// avail is what may be spent in a step of dt seconds.
func (l limit) avail(dt float64) float64 {
	return max(0, l.b.level+l.rate*dt-l.b.owed)
}

// spend closes a step of dt seconds in which units were used.
func (l limit) spend(units, dt float64) {
	l.b.level = min(max(l.avail(dt)-units, 0), l.burst)
	l.b.owed = 0
}

// take serves a request between two steps: from what is left, or on account of the next second; false when neither has room.
func (l limit) take(units float64) bool {
	if !l.has(units) {
		return false
	}
	kept := min(l.b.level, units)
	l.b.level -= kept
	l.b.owed += units - kept
	return true
}

func (l limit) has(units float64) bool { return l.b.level+l.rate-l.b.owed >= units }

// cause is why a limit refuses: the third part of a throttling reason.
type cause int

// The four causes of AWS's 16 reasons.
const (
	causeProvisioned cause = iota
	causeKeyRange
	causeOnDemandMax
	causeAccount
	causes
)

var (
	causeReason = [causes]string{"ProvisionedThroughputExceeded", "KeyRangeThroughputExceeded", "MaxOnDemandThroughputExceeded", "AccountLimitExceeded"}
	causeMetric = [causes]string{"ProvisionedThroughputThrottleEvents", "KeyRangeThroughputThrottleEvents", "MaxOnDemandThroughputThrottleEvents", "AccountLimitThrottleEvents"}
)

// side is reads or writes: the two never share a unit.
type side int

const (
	reads side = iota
	writes
	sides
)

func (s side) String() string { return [sides]string{"Read", "Write"}[s] }

// AWS's limits of one partition, in units per second (developer guide, "Burst and adaptive capacity").
var partitionMax = [sides]float64{3000, 1000}
