package fleet

import (
	"time"
)

// List prices of CloudWatch, USD (us-east-1; engine/price has their source).
const (
	perMetric  = 0.01 / 1000 // a metric asked of GetMetricData
	perRequest = 0.01 / 1000 // another request, beyond the free million
)

// advance is the part of an hour's money that is there at the start, so that the first picture is whole at once. The rest
// comes evenly, so that no hour costs more than the ceiling.
const advance = 0.2

// budget is how many metrics may be asked for now.
type budget struct {
	most, hourly float64 // metrics; an hour's new ones
	left         float64
	at           time.Time
}

func newBudget(ceiling float64) budget {
	all := ceiling / perMetric
	return budget{most: advance * all, hourly: (1 - advance) * all, left: advance * all}
}

// room brings the budget up to now.
func (b *budget) room(now time.Time) int {
	if !b.at.IsZero() {
		b.left = min(b.most, b.left+b.hourly*max(0, now.Sub(b.at).Hours()))
	}
	b.at = now
	return int(b.left)
}

func (b *budget) spend(metrics float64) { b.left -= metrics }

// round is how long it takes to ask for so many metrics at the steady pace: never less than a refresh.
func (b *budget) round(metrics int) time.Duration {
	return max(Every, time.Duration(float64(metrics)/b.hourly*float64(time.Hour)))
}
