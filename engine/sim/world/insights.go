package world

import (
	"cmp"
	"slices"
	"sort"
	"time"

	"github.com/ddbloop/ddbloop/engine/sim/scenario"
)

// maxContributors is how many keys a rule reports.
const maxContributors = 25

// insightsKept is how much of the history Contributor Insights remembers, in seconds (guess; the setting is on from its begin).
const insightsKept = 3 * 3600

// InsightQuery asks what a Contributor Insights rule has counted. From is inclusive, To exclusive; minutes are published like
// a 60 s metric.
type InsightQuery struct {
	Table, Index      string
	Throttled         bool // throttled keys; else the most accessed
	From, To, AskedAt time.Time
}

// Contributor is one partition value: throttle events, or 3 × write + read units.
type Contributor struct {
	Key    string
	Sum    float64
	Points []Point // by minute
}

// InsightReport is what a rule shows: the first 25 keys, largest first, and the sum over all keys.
type InsightReport struct {
	Contributors []Contributor
	Sum          float64
}

// keyCount is what one partition value met in a minute, in units.
type keyCount struct {
	key     string
	used    float64
	refused float64
}

// insightMinute is one minute of a table or index.
type insightMinute struct {
	at            int64
	keys          []keyCount
	used, refused float64
}

// attribute shares what the classes met since the last time out to the followed keys; the tail is in the sums alone.
func (p *partitions) attribute() {
	if !p.follow {
		return
	}
	for k := range p.classes {
		c := &p.classes[k]
		n := float64(len(c.members))
		for s := range sides {
			met := c.met[s]
			c.met[s] = ledger{}
			if met.offered <= 0 {
				continue
			}
			weight := 1.0
			if s == writes {
				weight = 3 // a write unit counts three times (developer guide, "Contributor Insights")
			}
			p.sum.used += n * met.granted * weight
			p.sum.refused += n * (met.offered - met.granted)
			p.attributeHeads(c, s, met, weight)
		}
	}
}

// attributeHeads shares what one class met out to the keys that lie in it, by what its clients ask of them.
func (p *partitions) attributeHeads(c *class, s side, met ledger, weight float64) {
	total := 0.0
	for client, l := range p.load {
		total += p.asked[s][client] * l.tail * (c.hi - c.lo)
		for _, h := range l.heads {
			if h.pos >= c.lo && h.pos < c.hi {
				total += p.asked[s][client] * h.share
			}
		}
	}
	if len(c.members) > 1 || total <= 0 {
		return
	}
	for client, l := range p.load {
		for _, h := range l.heads {
			if h.pos < c.lo || h.pos >= c.hi || p.asked[s][client] <= 0 {
				continue
			}
			part := p.asked[s][client] * h.share / total
			i, found := slices.BinarySearchFunc(p.keys, h.key, func(k keyCount, key string) int { return cmp.Compare(k.key, key) })
			if !found {
				p.keys = slices.Insert(p.keys, i, keyCount{key: h.key})
			}
			p.keys[i].used += part * met.granted * weight
			p.keys[i].refused += part * (met.offered - met.granted)
		}
	}
}

// closeInsights keeps the minute that began at Unix second at. events is the throttle events of the minute: what was refused
// is counted in requests, not units.
func (r *resource) closeInsights(at int64, events float64) {
	p := r.parts
	p.attribute()
	if p.follow {
		m := insightMinute{at: at, used: p.sum.used, refused: events, keys: p.keys}
		if r.t.insights != scenario.InsightsAccessed { // a later change of mode is not retroactive
			m.used = 0
			for i := range m.keys {
				m.keys[i].used = 0
			}
		}
		if p.sum.refused > 0 {
			for i := range m.keys {
				m.keys[i].refused *= events / p.sum.refused
			}
		}
		r.insights = append(r.insights, m)
	}
	p.keys, p.sum = nil, keyCount{}
	for s := range sides {
		clear(p.asked[s])
	}
	was := p.follow
	p.follow = r.t.insights != scenario.InsightsOff && r.t.w.sec >= -insightsKept
	if p.follow && !was {
		for i := range p.classes {
			p.classes[i].met = [sides]ledger{}
		}
	}
}

// Contributors reports what Contributor Insights has counted on a table or index, or false where the rule does not exist: it is
// off, or counts throttled keys alone. The setting of a table holds for its indexes too (guess). Writes that an index refused
// are not counted on the table.
func (w *World) Contributors(q InsightQuery) (InsightReport, bool) {
	t := w.table(q.Table)
	if t == nil || t.resource(q.Index) == nil || t.insights == scenario.InsightsOff || !q.Throttled && t.insights != scenario.InsightsAccessed {
		return InsightReport{}, false
	}
	r := t.resource(q.Index)
	clock := r.series[reads].consumed // whose lag the rule shares
	var report InsightReport
	byKey := map[string]int{}
	i := sort.Search(len(r.insights), func(i int) bool { return r.insights[i].at >= q.From.Unix() })
	for ; i < len(r.insights) && r.insights[i].at < q.To.Unix(); i++ {
		m := r.insights[i]
		if clock.published(m.at) > q.AskedAt.Unix() {
			continue
		}
		pick := func(used, refused float64) float64 {
			if q.Throttled {
				return refused
			}
			return used
		}
		report.Sum += pick(m.used, m.refused)
		for _, k := range m.keys {
			v := pick(k.used, k.refused)
			if v < 0.5 {
				continue
			}
			at, known := byKey[k.key]
			if !known {
				at = len(report.Contributors)
				byKey[k.key] = at
				report.Contributors = append(report.Contributors, Contributor{Key: k.key})
			}
			c := &report.Contributors[at]
			c.Sum += v
			c.Points = append(c.Points, Point{At: time.Unix(m.at, 0).UTC(), Value: v, Unit: "Count"})
		}
	}
	slices.SortStableFunc(report.Contributors, func(a, b Contributor) int { return cmp.Compare(b.Sum, a.Sum) })
	report.Contributors = report.Contributors[:min(len(report.Contributors), maxContributors)]
	return report, true
}

// SetInsights is UpdateContributorInsights for a table and its indexes, called by the named principal. Keys are counted from the
// next minute on (guess); what was before stays unknown. The error is an *Error.
func (w *World) SetInsights(table string, mode scenario.Insights, by string) error {
	t := w.table(table)
	if t == nil {
		return &Error{"ResourceNotFoundException", "Requested resource not found: Table: " + table + " not found"}
	}
	t.insights = mode
	w.record(w.now, "dynamodb", "UpdateContributorInsights", by, "", table, map[string]any{"tableName": table, "contributorInsightsAction": string(mode)}, nil)
	w.changes = append(w.changes, Change{At: w.now, By: by, Operation: "UpdateContributorInsights", Update: TableUpdate{Table: table}, Insights: mode})
	return nil
}
