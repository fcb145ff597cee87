package price

// List is the price list in force: AWS's, with a team's own prices in place of some of its figures.
type List struct {
	Own     map[Item]float64 // USD; whatever the Region
	Checked string           // the day on which Own was compared, YYYY-MM-DD
}

// of returns the price of an item.
func (l List) of(region string, item Item) (float64, bool) {
	if usd, ok := l.Own[item]; ok {
		return usd, true
	}
	p, ok := Of(region, item)
	return p.USD, ok
}

// sum prices amounts; what is zero needs no price.
func (l List) sum(region string, amounts map[Item]float64) (usd float64, ok bool) {
	ok = true
	for item, n := range amounts {
		if n == 0 {
			continue
		}
		each, known := l.of(region, item)
		usd, ok = usd+n*each, ok && known
	}
	if !ok {
		return 0, false
	}
	return usd, true
}

// PerHour is the price in USD of a change of provisioned capacity for one hour. The free tier is left out: it belongs to the
// account, not to the table.
func (l List) PerHour(region string, delta Capacity) (usd float64, ok bool) {
	return l.sum(region, map[Item]float64{ProvisionedRead: delta.Read, ProvisionedWrite: delta.Write})
}

// OnDemandPerHour is the price in USD of a steady on-demand load, in request units per second, for one hour.
func (l List) OnDemandPerHour(region string, perSecond Capacity) (usd float64, ok bool) {
	return l.sum(region, map[Item]float64{OnDemandRead: 3600 * perSecond.Read, OnDemandWrite: 3600 * perSecond.Write})
}

// InsightsPerHour is the price in USD of Contributor Insights rules and the events per second that they count, for one hour.
func (l List) InsightsPerHour(region string, rules, events float64) (usd float64, ok bool) {
	return l.sum(region, map[Item]float64{InsightsRule: rules / monthHours, InsightsEvent: 3600 * events})
}

// Warm is the price in USD that raising warm throughput by so many units costs once.
func (l List) Warm(region string, units Capacity) (usd float64, ok bool) {
	return l.sum(region, map[Item]float64{WarmRead: units.Read, WarmWrite: units.Write})
}

// Dated says of which day the prices are.
func (l List) Dated(string) string {
	if len(l.Own) > 0 {
		return l.Checked + " (the policy's) and " + Checked
	}
	return Checked
}
