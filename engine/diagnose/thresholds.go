// Package diagnose turns what was measured into a layer verdict, ranked hypotheses with their evidence,
// and a disposition. It is a pure function of the State and the time; it never counts silence as health.
package diagnose

import "time"

// Thresholds are the numbers that every verdict rests on, in one visible place.
type Thresholds struct {
	MetricFresh   time.Duration // CloudWatch's newest minute may have closed at most this long ago
	ProbeFresh    time.Duration // window in which probe answers and feed scrapes count as now
	ThrottleShare float64       // feed: refused share of attempts that counts as trouble
	ThrottleMin   float64       // feed: refused attempts within ProbeFresh that count as trouble
	BadMinutes    int           // CloudWatch: minutes with throttles, of the last five, that count as trouble
	ErrorShare    float64       // 5xx share of requests that says "service"
	SlowFactor    float64       // server latency over its own calm median
	SlowFloor     float64       // ms: below it nothing is slow
	HealthyFor    time.Duration // calm needed before an incident counts as recovered
	UnknownFor    time.Duration // blindness after which it is time to escalate
	SureFor       time.Duration // a layer that no setting can mend must have stood this long to escalate
	SmallShare    float64       // throttled share below which, when falling, retrying is right

	Tables map[string]Thresholds // of single tables; those of the whole session in them are not looked at
}

// Of returns the thresholds of a table.
func (t Thresholds) Of(table string) Thresholds {
	if own, ok := t.Tables[table]; ok {
		return own
	}
	return t
}

// What has risen this many times its usual level has risen beyond chance; probes count above a floor in ms, as a shell's own
// network wanders.
const (
	slowTimes  = 2.5
	probeFloor = 6.0
	reportFor  = 15 * time.Minute // what people said counts for so long
)

// Defaults are the thresholds in force unless a team says otherwise.
var Defaults = Thresholds{
	MetricFresh: 5 * time.Minute, ProbeFresh: 10 * time.Second, ThrottleShare: 0.005, ThrottleMin: 5, BadMinutes: 2,
	ErrorShare: 0.001, SlowFactor: 2.5, SlowFloor: 6, HealthyFor: 10 * time.Minute, UnknownFor: 5 * time.Minute, SureFor: 3 * time.Minute, SmallShare: 0.01,
}
