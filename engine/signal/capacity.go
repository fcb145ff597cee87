package signal

import (
	"strings"

	"github.com/ddbloop/ddbloop/history"
)

// burstHolds is how many seconds of unused capacity a table can save up ("Burst and adaptive capacity").
const burstHolds = 300

// burst models the bucket of unused capacity: full at the start of what is known, filled by what is provisioned, drained by what
// is consumed. It is an upper bound: a minute's average hides the seconds above it. What happened in a minute without a
// value is not known, and the bucket is left as it was.
func burst(side string) formula {
	return func(d deriving) *history.Series {
		used, limit := d.get("consumed_"+side), d.get(side+"_limit")
		if used == nil || limit == nil {
			return nil
		}
		out, left := d.empty(used), -1.0
		for _, u := range recent(used) {
			l := StepAt(limit, u.T)
			if l <= 0 { // on-demand: no such bucket
				left = -1
				continue
			}
			if left < 0 {
				left = burstHolds * l
			}
			left = max(0, min(burstHolds*l, left+(l-u.V)*float64(used.Period)))
			out.Points = append(out.Points, history.Point{T: u.T, V: left})
		}
		return out
	}
}

// headroom is what lies between use and a ceiling that stands now; none where there is no such ceiling.
func headroom(side string, ceiling func(s *history.State, target, side string) float64) formula {
	return func(d deriving) *history.Series {
		used := d.get("consumed_" + side)
		top := ceiling(d.s, d.target, side)
		if used == nil || top <= 0 {
			return nil
		}
		out := d.empty(used)
		for _, u := range recent(used) {
			out.Points = append(out.Points, history.Point{T: u.T, V: top - u.V})
		}
		return out
	}
}

// throughputOf returns the settings of a table or index as last described.
func throughputOf(s *history.State, target string) (history.Throughput, bool) {
	name, index, isIndex := strings.Cut(target, "/")
	t := s.Tables[name]
	if t == nil || t.Snap == nil {
		return history.Throughput{}, false
	}
	if !isIndex {
		return t.Snap.Throughput, true
	}
	for _, i := range t.Snap.Indexes {
		if i.Name == index {
			return i.Throughput, true
		}
	}
	return history.Throughput{}, false
}

// capOf is the on-demand maximum that somebody has set; 0 = none.
func capOf(s *history.State, target, side string) float64 {
	th, _ := throughputOf(s, target)
	if side == "read" {
		return float64(th.MaxRead)
	}
	return float64(th.MaxWrite)
}

// quotaOf is what the account lets one table or index use: as DescribeLimits says, else as CloudWatch does.
func quotaOf(s *history.State, _, side string) float64 {
	if q := s.Quotas; q != nil {
		if side == "read" {
			return float64(q.TableRead)
		}
		return float64(q.TableWrite)
	}
	p, _ := s.Get("table_max_"+side, "", "").Last()
	return p.V
}

// amplification is only of a table: an index has none of its own.
func amplification(d deriving) *history.Series {
	table := d.s.Get("consumed_write", d.target, "")
	if table == nil || strings.Contains(d.target, "/") {
		return nil
	}
	all, out := d.indexesOf("consumed_write"), d.empty(table)
	for _, p := range recent(table) {
		if sum, ok := sumAt(p.T, all); ok && p.V > 0 {
			out.Points = append(out.Points, history.Point{T: p.T, V: sum / p.V})
		}
	}
	return out
}

// efficiency counts the items of reads that can return many. Its units are those of every read: where GetItem is most of the
// traffic, watch how it moves, not what it is.
func efficiency(d deriving) *history.Series {
	table := d.s.Get("consumed_read", d.target, "")
	ops := Ops(d.s, "returned_items", d.target)
	if table == nil || len(ops) == 0 {
		return nil
	}
	units, out := d.indexesOf("consumed_read"), d.empty(table)
	for _, p := range recent(table) {
		used, ok := sumAt(p.T, units)
		items := 0.0
		for _, op := range ops {
			n, known := d.s.Get("requests", d.target, op).At(p.T)
			if ok = ok && known; n > 0 {
				each, known := d.s.Get("returned_items", d.target, op).At(p.T)
				ok = ok && known
				items += n * each
			}
		}
		if ok && used > 0 {
			out.Points = append(out.Points, history.Point{T: p.T, V: items / used})
		}
	}
	return out
}
