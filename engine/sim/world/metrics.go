package world

import (
	"math"
	"slices"
	"sort"
	"strconv"
	"strings"
	"time"
)

// Namespace is CloudWatch's namespace of DynamoDB.
const Namespace = "AWS/DynamoDB"

// The two granularities of AWS/DynamoDB, in seconds (developer guide, "DynamoDB metrics and dimensions").
const (
	minute     = 60
	fiveMinute = 300
)

// sample is one period of a series. Latency series keep their distribution in mix; the others min and max.
type sample struct {
	at       int64 // start of the period, Unix seconds
	sum, n   float64
	min, max float64
	mix      mix
}

// series is one CloudWatch metric with its dimensions.
type series struct {
	id      MetricID
	seed    uint64
	hash    uint64
	unit    string
	period  int64
	carry   float64 // what rounding to whole counts left over
	samples []sample
	late    *lateness
}

// store holds every series; order is that of creation, which the scenario fixes.
type store struct {
	seed  uint64
	byKey map[string]*series
	order []*series
	late  lateness
}

// get returns the series, which is made when it is new.
func (st *store) get(namespace, name, unit string, period int64, dims ...Dim) *series {
	dims = slices.Clone(dims)
	sortDims(dims)
	id := MetricID{Namespace: namespace, Name: name, Dims: dims}
	key := id.key()
	if s, ok := st.byKey[key]; ok {
		return s
	}
	s := &series{id: id, seed: st.seed, hash: hash(key), unit: unit, period: period, late: &st.late}
	st.byKey[key] = s
	st.order = append(st.order, s)
	return s
}

func (m MetricID) key() string {
	var b strings.Builder
	b.WriteString(m.Namespace + "\x00" + m.Name)
	for _, d := range m.Dims {
		b.WriteString("\x00" + d.Name + "\x00" + d.Value)
	}
	return b.String()
}

// count adds a period of an error metric: whole numbers, and nothing at all for zero.
func (s *series) count(at int64, n float64) {
	whole := math.Round(n + s.carry)
	s.carry += n - whole
	if whole > 0 {
		s.samples = append(s.samples, sample{at: at, sum: whole, n: whole, min: 1, max: 1})
	}
}

// value adds a period of any other metric.
func (s *series) value(v sample) {
	if v.n > 0 {
		s.samples = append(s.samples, v)
	}
}

// latency adds a period of a latency metric.
func (s *series) latency(at int64, m mix) {
	n := math.Round(m.count())
	if n > 0 {
		s.samples = append(s.samples, sample{at: at, n: n, sum: m.sum() * n / m.count(), mix: m})
	}
}

// published is when a period first shows: 60 s metrics 60–120 s after it has closed, 300 s ones 5–10 min after, and later
// than that while CloudWatch is late.
func (s *series) published(at int64) int64 {
	least := max(s.period, minute)
	due := at + s.period + least + int64(draw(s.seed, s.hash, at, 1)*float64(least))
	return due + s.late.at(due)
}

// completeAfter is how long the newest point of a series still grows, in seconds (guess).
const completeAfter = 180

// shown is the share of a period's sum that CloudWatch knows at a moment: 0 before it is published, 70–100 % at first.
func (s *series) shown(at, asked int64) float64 {
	p := s.published(at)
	if asked < p {
		return 0
	}
	first := 0.7 + 0.3*draw(s.seed, s.hash, at, 2)
	return first + (1-first)*min(1, float64(asked-p)/completeAfter)
}

func sortDims(dims []Dim) {
	slices.SortFunc(dims, func(a, b Dim) int { return strings.Compare(a.Name, b.Name) })
}

// Metrics returns one CloudWatch series as it was published at q.AskedAt, oldest first; nil for a series that does not
// exist: a wrong dimension is no error.
func (w *World) Metrics(q Query) []Point {
	dims := make([]Dim, 0, len(q.Dims))
	for k, v := range q.Dims {
		dims = append(dims, Dim{k, v})
	}
	sortDims(dims)
	namespace := q.Namespace
	if q.Region != "" && q.Region != w.sc.Region {
		namespace = regional(q.Region, namespace)
	}
	s := w.store.byKey[MetricID{namespace, q.Name, dims}.key()]
	if s == nil {
		return nil
	}
	period := max(int64(q.Period/time.Second)/minute*minute, minute)
	asked, to := q.AskedAt.Unix(), q.To.Unix()
	from := q.From.Unix() / period * period
	i := sort.Search(len(s.samples), func(i int) bool { return s.samples[i].at >= from })
	var points []Point
	var group []sample
	for ; i < len(s.samples) && s.samples[i].at < to; i++ {
		v := s.samples[i]
		if share := s.shown(v.at, asked); share > 0 {
			group = append(group, s.partial(v, share))
		}
		last := i+1 == len(s.samples) || s.samples[i+1].at >= to || s.samples[i+1].at/period != v.at/period
		if last && len(group) > 0 {
			at := v.at / period * period
			if value, ok := s.statistic(group, q.Stat); ok {
				points = append(points, Point{At: time.Unix(at, 0).UTC(), Value: value, Unit: s.unit})
			}
			group = group[:0]
		}
	}
	return points
}

// partial is what a sample shows while only a share of it has arrived.
func (s *series) partial(v sample, share float64) sample {
	if share < 1 {
		n := max(1, math.Round(v.n*share))
		v.sum, v.n = v.sum*n/v.n, n
		if v.mix == nil {
			v.sum = math.Round(2*v.sum) / 2
		}
	}
	if v.mix != nil {
		wobble := math.Exp(0.015 * normal(draw(s.seed, s.hash, v.at, 3)))
		v.sum *= 1000 * wobble
		v.mix = slices.Clone(v.mix)
		for i := range v.mix {
			v.mix[i].shift *= wobble
			v.mix[i].mu += math.Log(wobble)
		}
	}
	return v
}

// statistic is one statistic over the samples of a period; percentiles exist for latencies alone.
func (s *series) statistic(group []sample, stat string) (float64, bool) {
	t := group[0]
	all := slices.Clone(t.mix)
	for _, v := range group[1:] {
		t.sum, t.n = t.sum+v.sum, t.n+v.n
		t.min, t.max = min(t.min, v.min), max(t.max, v.max)
		all = append(all, v.mix...)
	}
	place := func(purpose uint64) float64 { return draw(s.seed, s.hash, group[0].at, purpose) }
	switch stat {
	case "Sum":
		return t.sum, true
	case "SampleCount":
		return t.n, true
	case "Average":
		return t.sum / t.n, true
	case "Minimum":
		if all != nil {
			return 1000 * all.quantile((place(4)*0.9+0.05)/t.n), true
		}
		return t.min, true
	case "Maximum":
		if all != nil {
			return 1000 * all.quantile(1-(place(5)*0.9+0.05)/t.n), true
		}
		return t.max, true
	}
	p, err := strconv.ParseFloat(strings.TrimPrefix(stat, "p"), 64)
	if err != nil || !strings.HasPrefix(stat, "p") || p < 0 || p > 100 || all == nil {
		return 0, false
	}
	return 1000 * all.sampled(p/100, place(uint64(6+p*1000))), true
}

// ListMetrics lists the series of a namespace that ListMetrics would show at the given moment, sorted; name "" means all.
// A new series takes up to 15 minutes to appear (API reference, ListMetrics).
func (w *World) ListMetrics(region, namespace, name string, askedAt time.Time) []MetricID {
	var ids []MetricID
	shown := namespace
	if region != "" && region != w.sc.Region {
		namespace = regional(region, namespace)
	}
	for _, s := range w.store.order {
		if s.id.Namespace != namespace || name != "" && s.id.Name != name || len(s.samples) == 0 {
			continue
		}
		late := int64(draw(s.seed, s.hash, 0, 7) * 13 * minute)
		if s.published(s.samples[0].at)+late <= askedAt.Unix() {
			id := s.id
			id.Namespace = shown
			ids = append(ids, id)
		}
	}
	slices.SortFunc(ids, func(a, b MetricID) int { return strings.Compare(a.key(), b.key()) })
	return ids
}
