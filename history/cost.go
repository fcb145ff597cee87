package history

import "time"

// Cost is what the calls that measure have cost so far in USD, by the billed formula at the session's list prices: metrics asked of
// GetMetricData (up to five statistics of one metric are one), reports of Contributor Insights, and the read units of probes on
// on-demand tables. DescribeTable, STS, CloudTrail's LookupEvents and the rest cost nothing, or are within CloudWatch's free million
// requests a month. ok is false where the prices are not known.
func (s *State) Cost() (usd float64, ok bool) {
	p := s.Session.Prices
	if p == nil {
		return 0, false
	}
	return float64(s.Queries+s.Rankings)*p.Metric + s.Probed*p.ReadUnit, true
}

// The two days that are looked back at.
const (
	Yesterday = 24 * time.Hour
	LastWeek  = 7 * Yesterday
)

// Baseline returns how a signal stood so long ago, with its times moved onto the present, so that a point of it lies beside the
// point of today. nil when it is not known.
func (s *State) Baseline(signal, target, op string, ago time.Duration) *Series {
	return s.Baselines[baselineKey(SeriesKey{Signal: signal, Target: target, Op: op}, ago)]
}

func baselineKey(k SeriesKey, ago time.Duration) string { return k.String() + "-" + ago.String() }

func (s *State) baselines(b BaselinesRead) {
	s.Queries += b.Queries
	if s.Baselines == nil {
		s.Baselines = map[string]*Series{}
	}
	shift := int64(b.Ago / time.Second)
	for _, u := range b.Series {
		points := make([]Point, 0, len(u.Points))
		for _, p := range u.Points {
			points = append(points, Point{T: p.T + shift, V: p.V})
		}
		sr := &Series{Key: u.Key, Unit: u.Unit, Period: int64(u.Period), Zero: u.Zero, From: b.From + shift, SettledTo: b.To + shift, Points: []Point{}}
		sr.Merge(points)
		s.Baselines[baselineKey(u.Key, b.Ago)] = sr
	}
}
