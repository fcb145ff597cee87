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
	sig, ok := Find(name)
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
	side, rest, _ := strings.Cut(sig.Name, "_")
	ratio := func(num, den string, f func(n, d float64) float64) *history.Series {
		return combine(sig, target, op, Series(s, num, target, op), Series(s, den, target, op), f)
	}
	switch {
	case sig.Name == "feed_throttle_share":
		return ratio("feed_throttled", "feed_attempts", over)
	case sig.Name == "feed_success":
		return ratio("feed_failed", "feed_calls", func(n, d float64) float64 { return 1 - over(n, d) })
	case sig.Name == "retry_factor":
		return ratio("feed_attempts", "feed_calls", over)
	case rest == "utilisation":
		return combineStep(sig, target, Series(s, "consumed_"+side, target, ""), Series(s, side+"_limit", target, ""))
	case rest == "throttle_share":
		return ratio(side+"_throttles", "consumed_"+side, func(n, d float64) float64 { return over(n, n+d) })
	}
	return nil
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
func combine(sig Signal, target, op string, num, den *history.Series, f func(n, d float64) float64) *history.Series {
	if num == nil || den == nil {
		return nil
	}
	out := &history.Series{Key: history.SeriesKey{Signal: sig.Name, Target: target, Op: op}, Unit: sig.Unit, Period: den.Period}
	for _, d := range recent(den) {
		if n, ok := num.At(d.T); ok {
			if v := f(n, d.V); !math.IsNaN(v) {
				out.Points = append(out.Points, history.Point{T: d.T, V: v})
			}
		}
	}
	return out
}

// combineStep divides by a limit that holds from each of its points to the next.
func combineStep(sig Signal, target string, used, limit *history.Series) *history.Series {
	if used == nil || limit == nil || len(limit.Points) == 0 {
		return nil
	}
	out := &history.Series{Key: history.SeriesKey{Signal: sig.Name, Target: target}, Unit: sig.Unit, Period: used.Period}
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
