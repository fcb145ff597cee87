package history

import (
	"encoding/json"
	"fmt"
	"math"
	"sort"
)

// keep bounds a series: a day and an hour of minutes, two hours of seconds.
const (
	keepMinutes = 1560
	keepSeconds = 7200
)

// Series is one signal over time, on its own grid. A missing point is a gap, never a zero — unless Zero
// says that AWS publishes nothing for nothing and the interval is settled.
type Series struct {
	Key       SeriesKey `json:"key"`
	Unit      string    `json:"unit,omitempty"`
	Period    int64     `json:"period"` // seconds
	Zero      bool      `json:"zero,omitempty"`
	From      int64     `json:"from,omitempty"`       // earliest instant ever asked for: before it nothing is known
	SettledTo int64     `json:"settled_to,omitempty"` // no point up to here means none came
	Holes     []Span    `json:"holes,omitempty"`      // before SettledTo, yet never asked for
	Points    []Point   `json:"points"`
}

// Span is the time [From, To), in Unix seconds.
type Span struct {
	From int64 `json:"from"`
	To   int64 `json:"to"`
}

// settle notes that AWS was asked for [from, to) and that all of it has come. What lies between an
// earlier answer and this one was never asked for: it stays unknown until a later poll covers it.
func (s *Series) settle(from, to int64) {
	if to <= from {
		return
	}
	if s.SettledTo > 0 && from > s.SettledTo {
		s.Holes = append(s.Holes, Span{s.SettledTo, from})
	}
	s.SettledTo = max(s.SettledTo, to)
	var left []Span
	for _, h := range s.Holes {
		if to <= h.From || from >= h.To {
			left = append(left, h)
			continue
		}
		if h.From < from {
			left = append(left, Span{h.From, from})
		}
		if to < h.To {
			left = append(left, Span{to, h.To})
		}
	}
	s.Holes = left
}

func (s *Series) zeroAt(t int64) bool {
	if !s.Zero || t < s.From || t+s.Period > s.SettledTo {
		return false
	}
	for _, h := range s.Holes {
		if t < h.To && t+s.Period > h.From {
			return false
		}
	}
	return true
}

// String names the series: signal@target#op.
func (k SeriesKey) String() string {
	s := k.Signal
	if k.Target != "" {
		s += "@" + k.Target
	}
	if k.Op != "" {
		s += "#" + k.Op
	}
	return s
}

// MarshalJSON writes a point as [t, v].
func (p Point) MarshalJSON() ([]byte, error) {
	if math.IsNaN(p.V) || math.IsInf(p.V, 0) {
		return nil, fmt.Errorf("point at %d is not a number", p.T)
	}
	v, err := json.Marshal(p.V)
	if err != nil {
		return nil, err
	}
	return fmt.Appendf(nil, "[%d,%s]", p.T, v), nil
}

// UnmarshalJSON reads [t, v].
func (p *Point) UnmarshalJSON(raw []byte) error {
	var pair []json.Number
	if err := json.Unmarshal(raw, &pair); err != nil || len(pair) != 2 {
		return fmt.Errorf("a point is [unix seconds, value], not %.40q", raw)
	}
	t, err := pair[0].Int64()
	if err != nil {
		return err
	}
	v, err := pair[1].Float64()
	p.T, p.V = t, v
	return err
}

// Merge lays points over the series: a later value for the same instant overwrites. A value that is not a
// number is no value.
func (s *Series) Merge(points []Point) {
	for _, p := range points {
		if math.IsNaN(p.V) || math.IsInf(p.V, 0) {
			continue
		}
		if n := len(s.Points); n == 0 || s.Points[n-1].T < p.T {
			s.Points = append(s.Points, p)
			continue
		}
		i := s.index(p.T)
		if i < len(s.Points) && s.Points[i].T == p.T {
			s.Points[i].V = p.V
			continue
		}
		s.Points = append(s.Points, Point{})
		copy(s.Points[i+1:], s.Points[i:])
		s.Points[i] = p
	}
	limit := keepSeconds
	if s.Period >= 60 {
		limit = keepMinutes
	}
	if over := len(s.Points) - limit; over > limit/4 {
		s.Points = append([]Point(nil), s.Points[over:]...)
		s.From = max(s.From, s.Points[0].T) // what was dropped is unknown again, not zero
	}
}

func (s *Series) index(t int64) int {
	return sort.Search(len(s.Points), func(i int) bool { return s.Points[i].T >= t })
}

// At returns the value of the interval that starts at t, and whether one is known.
func (s *Series) At(t int64) (float64, bool) {
	if s == nil {
		return 0, false
	}
	if i := s.index(t); i < len(s.Points) && s.Points[i].T == t {
		return s.Points[i].V, true
	}
	return 0, s.zeroAt(t)
}

// Window returns every known value of the intervals that start in [from, to), oldest first, with
// settled zeros filled in.
func (s *Series) Window(from, to int64) []Point {
	if s == nil || s.Period <= 0 || to <= from {
		return nil
	}
	if !s.Zero {
		i, j := s.index(from), s.index(to)
		return s.Points[i:j:j]
	}
	out := make([]Point, 0, max(0, (to-from)/s.Period+1))
	for t := ceilTo(from, s.Period); t < to; t += s.Period {
		if v, ok := s.At(t); ok {
			out = append(out, Point{T: t, V: v})
		}
	}
	return out
}

// Last returns the newest known value: the newest point, or a settled zero after it.
func (s *Series) Last() (Point, bool) {
	if s == nil {
		return Point{}, false
	}
	p, ok := Point{T: math.MinInt64}, false
	if n := len(s.Points); n > 0 {
		p, ok = s.Points[n-1], true
	}
	if s.Zero && s.Period > 0 {
		if t := s.SettledTo - s.SettledTo%s.Period - s.Period; t > p.T && s.zeroAt(t) {
			return Point{T: t}, true
		}
	}
	return p, ok
}

func ceilTo(t, period int64) int64 {
	if r := t % period; r > 0 {
		return t + period - r
	}
	return t
}
