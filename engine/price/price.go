// Package price turns capacity and metric requests into money. It knows list
// prices of one day and one region; for every other region it says that it
// does not know, because a guessed price is worse than none.
package price

import (
	"fmt"
	"math"
	"strings"
)

// Checked is the day on which the figures were last compared with a source.
const Checked = "2026-11-22"

// Hours in a month, as AWS counts them for monthly estimates.
const monthHours = 730

// Item names one price.
type Item string

// The items that the cockpit can cost. All DynamoDB prices are for the
// Standard table class.
const (
	ProvisionedWrite Item = "provisioned-write" // USD per WCU-hour
	ProvisionedRead  Item = "provisioned-read"  // USD per RCU-hour
	OnDemandWrite    Item = "on-demand-write"   // USD per write request unit
	OnDemandRead     Item = "on-demand-read"    // USD per read request unit
	MetricData       Item = "get-metric-data"   // USD per metric requested
	InsightsRule     Item = "insights-rule"     // USD per Contributor Insights rule-month
	InsightsEvent    Item = "insights-event"    // USD per event a rule matched
	WarmWrite        Item = "warm-write"        // USD per write unit that warm throughput is raised by, once
	WarmRead         Item = "warm-read"         // USD per read unit, likewise
	StorageGB        Item = "storage-gb-month"  // USD per GB-month beyond the free 25 GB
)

// Items are those that a team can give prices of its own for.
var Items = []Item{ProvisionedWrite, ProvisionedRead, OnDemandWrite, OnDemandRead, WarmWrite, WarmRead, InsightsRule, InsightsEvent}

// Price is one figure with where it came from.
type Price struct {
	USD    float64
	Source string
}

const (
	listPrice  = "AWS price list for AmazonDynamoDB, us-east-1, Standard class (aws.amazon.com/dynamodb/pricing)"
	cloudWatch = "AWS price list for AmazonCloudWatch, us-east-1 (aws.amazon.com/cloudwatch/pricing); no free tier for this request"
)

var usEast1 = map[Item]Price{
	ProvisionedWrite: {0.00065, listPrice + ", quoted by third parties"},
	ProvisionedRead:  {0.00013, listPrice + ", quoted by third parties"},
	OnDemandWrite:    {0.625e-6, listPrice + ", since the cut of 2024-11-01"},
	OnDemandRead:     {0.125e-6, listPrice + ", since the cut of 2024-11-01"},
	StorageGB:        {0.25, listPrice},
	MetricData:       {0.01 / 1000, cloudWatch},
	InsightsRule:     {0.50, "Contributor Insights for DynamoDB, quoted by third parties"},
	InsightsEvent:    {0.03 / 1e6, "Contributor Insights for DynamoDB, quoted by third parties"},
}

// Of returns the price of an item in a region. ok is false when the region or
// the item is unknown.
func Of(region string, item Item) (p Price, ok bool) {
	if region != "us-east-1" {
		return Price{}, false
	}
	p, ok = usEast1[item]
	return p, ok
}

// Capacity is an amount or a change of provisioned capacity. Negative units
// are a decrease.
type Capacity struct{ Read, Write float64 }

// Metrics is the list price in USD of GetMetricData calls that asked for n
// metrics altogether. AWS bills each metric of each call.
func Metrics(region string, n int) (usd float64, ok bool) {
	p, ok := Of(region, MetricData)
	return float64(n) * p.USD, ok
}

// PerMonth scales an hourly price to a month of 730 hours.
func PerMonth(perHour float64) float64 { return perHour * monthHours }

// FormatMonth prints an hourly change as that of a month of 730 hours, such as "+$474.50/month".
func FormatMonth(usdPerHour float64) string { return signed(PerMonth(usdPerHour)) + "/month" }

// Format prints an hourly change such as "+$0.65/h". An unknown price is the
// word, never a number.
func Format(usd float64, ok bool) string {
	if !ok {
		return "unknown"
	}
	return signed(usd) + "/h"
}

// FormatTotal prints an amount already spent, such as "$0.024".
func FormatTotal(usd float64, ok bool) string {
	if !ok {
		return "unknown"
	}
	return amount(usd)
}

func signed(usd float64) string {
	switch {
	case math.Abs(usd) < 1e-9: // what is left of sums that cancel
		return "$0.00"
	case usd < 0:
		return "-" + amount(-usd)
	}
	return "+" + amount(usd)
}

// amount keeps two significant digits below a cent's resolution, so that a
// small cost never shows as nothing.
func amount(usd float64) string {
	switch {
	case usd == 0 || usd >= 0.095:
		return fmt.Sprintf("$%.2f", usd)
	case usd < 0.00001:
		return "<$0.00001"
	}
	digits := 1 - int(math.Floor(math.Log10(usd)+1e-9))
	return strings.TrimRight(fmt.Sprintf("$%.*f", digits, usd), "0")
}
