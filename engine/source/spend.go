package source

import (
	"math"
	"time"

	"github.com/ddbloop/ddbloop/engine/price"
)

// BudgetPerHour is what polls of CloudWatch may cost unless the team says otherwise, in USD an hour.
const BudgetPerHour = 0.50

// maxStretch is how many minutes at most may pass between two polls for the sake of the budget: values that are older than that help nobody.
const maxStretch = 5

// afford keeps the plan within the budget: first the optional series rest, then polls come more seldom. It counts with the list price of
// us-east-1, which is the one that is known; GetMetricData costs about the same everywhere.
func (m *Metrics) afford(list []asked) []asked {
	each, _ := price.Of("us-east-1", price.MetricData)
	most := m.c.Budget / each.USD
	m.resting, m.stretch = 0, 1
	if hourly(list) <= most {
		return list
	}
	var kept []asked
	for _, q := range list {
		if !q.signal.Optional {
			kept = append(kept, q)
		}
	}
	m.resting = len(list) - len(kept)
	m.stretch = min(maxStretch, max(1, int(math.Ceil(hourly(kept)/most))))
	return kept
}

// hourly is how many metrics a plan has AWS bill in an hour of polls.
func hourly(list []asked) float64 {
	groups := map[time.Duration][]asked{}
	for _, q := range list {
		every := max(q.signal.Period, q.signal.Every)
		groups[every] = append(groups[every], q)
	}
	sum := 0.0
	for every, l := range groups {
		sum += float64(billed(l)) * float64(time.Hour/every)
	}
	return sum
}
