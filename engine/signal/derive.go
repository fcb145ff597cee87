package signal

import (
	"math"
	"sort"
	"strings"

	"github.com/ddbloop/ddbloop/history"
)

// Series returns a signal's series for a target: one of the State's own, or a derived one worked out from
// them. For signals split by operation, probe or feed, op picks one; "" takes the only one there is. It
// returns nil when nothing is known.
func Series(s *history.State, name, target, op string) *history.Series {
	sig, ok := In(s, name)
	if !ok {
		return nil
	}
	if sig.Source == Derived {
		return derive(s, sig, target, op)
	}
	if sr := s.Get(name, target, op); sr != nil || op != "" {
		return sr
	}
	ops := Ops(s, name, target)
	if len(ops) != 1 {
		return nil
	}
	return s.Get(name, target, ops[0])
}

// Ops lists, sorted, the operations, probes or clients for which a signal of a target is known.
func Ops(s *history.State, name, target string) []string {
	prefix := history.SeriesKey{Signal: name, Target: target}.String() + "#"
	var ops []string
	for key := range s.Series {
		if op, ok := strings.CutPrefix(key, prefix); ok {
			ops = append(ops, op)
		}
	}
	sort.Strings(ops)
	return ops
}

func derive(s *history.State, sig Signal, target, op string) *history.Series {
	return formulas[sig.Name](deriving{s, sig, target, op, Series})
}

// over divides; a share of nothing is no number, and becomes no point.
func over(n, d float64) float64 {
	if d <= 0 {
		return math.NaN()
	}
	return n / d
}

// combine works a value out for every instant at which both series know theirs. A nil numerator or
// denominator gives nil: what is not known is not zero.
func (d deriving) combine(num, den *history.Series, f func(n, d float64) float64) *history.Series {
	if num == nil || den == nil {
		return nil
	}
	out := d.empty(den)
	for _, p := range recent(den) {
		if n, ok := num.At(p.T); ok {
			if v := f(n, p.V); !math.IsNaN(v) {
				out.Points = append(out.Points, history.Point{T: p.T, V: v})
			}
		}
	}
	return out
}

// combineStep divides by a limit that holds from each of its points to the next.
func (d deriving) combineStep(used, limit *history.Series) *history.Series {
	if used == nil || limit == nil || len(limit.Points) == 0 {
		return nil
	}
	out := d.empty(used)
	for _, u := range recent(used) {
		if l := StepAt(limit, u.T); l > 0 {
			out.Points = append(out.Points, history.Point{T: u.T, V: u.V / l})
		}
	}
	return out
}

// recent bounds what is worked out anew at each look: three hours of minutes, a quarter of an hour of seconds.
func recent(sr *history.Series) []history.Point {
	n := 900
	if sr.Period >= 60 {
		n = 180
	}
	return sr.Points[max(0, len(sr.Points)-n):]
}

// StepAt returns the value of a step series (a limit) in force at t; before its first point, the first.
func StepAt(limit *history.Series, t int64) float64 {
	if limit == nil || len(limit.Points) == 0 {
		return 0
	}
	v := limit.Points[0].V
	for _, p := range limit.Points {
		if p.T > t {
			break
		}
		v = p.V
	}
	return v
}
