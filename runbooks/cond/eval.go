package cond

import (
	"math"
	"slices"
	"strings"

	"github.com/ddbloop/ddbloop/history"
)

// Truth evaluates a condition.
func (v *Env) Truth(e *Expr) Truth { return v.truth(e, newest) }

// Number evaluates a number, in the canonical unit of e; false means no data.
func (v *Env) Number(e *Expr) (float64, bool) { return v.number(e, newest) }

func (v *Env) truth(e *Expr, at int64) Truth {
	switch e.kind {
	case kAnd, kOr:
		a, b := v.truth(e.args[0], at), v.truth(e.args[1], at)
		if e.kind == kAnd {
			return a.And(b)
		}
		return a.Or(b)
	case kNot:
		return v.truth(e.args[0], at).Not()
	case kMissing:
		_, ok := v.signal(e.args[0].ref, at)
		return truthOf(!ok)
	case kWord:
		return v.is(e, at)
	case kCompare:
		a, okA := v.number(e.args[0], at)
		b, okB := v.number(e.args[1], at)
		if !okA || !okB {
			return NoData
		}
		return compare(e.op, a, b)
	case kFor:
		return v.held(e, at).verdict(e)
	}
	return NoData
}

// is compares a word. What a word stands at is no data while that is unknown, but for the question itself.
func (v *Env) is(e *Expr, at int64) Truth {
	w := v.word(e.word, at)
	if w == history.NoVerdict && e.value != history.NoVerdict {
		return NoData
	}
	return truthOf((w == e.value) == (e.op == "=="))
}

func compare(op string, a, b float64) Truth {
	switch op {
	case "<":
		return truthOf(a < b)
	case "<=":
		return truthOf(a <= b)
	case ">":
		return truthOf(a > b)
	case ">=":
		return truthOf(a >= b)
	case "!=":
		return truthOf(a != b)
	}
	return truthOf(a == b)
}

// tally is how a condition stood in the minutes of a window.
type tally struct {
	yes, no, unknown  int
	lastYes, lastNo   int64 // newest minutes of each, 0 = none
	end, lastNoAnswer int64
}

func (t tally) verdict(e *Expr) Truth {
	switch {
	case t.yes >= e.n:
		return True
	case t.yes+t.unknown < e.n:
		return False
	}
	return NoData
}

func (v *Env) held(e *Expr, at int64) tally {
	sub := e.args[0]
	t := tally{end: at}
	if at == newest {
		t.end = v.anchor(sub)
	}
	for i := range int64(e.m) {
		minute := t.end - 60*i
		switch v.truth(sub, minute) {
		case True:
			t.yes, t.lastYes = t.yes+1, max(t.lastYes, minute)
		case False:
			t.no, t.lastNo = t.no+1, max(t.lastNo, minute)
		default:
			t.unknown, t.lastNoAnswer = t.unknown+1, max(t.lastNoAnswer, minute)
		}
	}
	return t
}

func (v *Env) number(e *Expr, at int64) (float64, bool) {
	switch e.kind {
	case kNumber:
		return e.num, true
	case kSignal:
		x, ok := v.signal(e.ref, at)
		return finite(x, ok)
	case kSum:
		a, okA := v.number(e.args[0], at)
		b, okB := v.number(e.args[1], at)
		return finite(arith(e.op, a, b), okA && okB)
	case kCall:
		return v.call(e, at)
	}
	return 0, false
}

func finite(x float64, ok bool) (float64, bool) {
	if !ok || math.IsNaN(x) || math.IsInf(x, 0) {
		return 0, false
	}
	return x, true
}

func arith(op string, a, b float64) float64 {
	switch op {
	case "+":
		return a + b
	case "-":
		return a - b
	case "*":
		return a * b
	}
	return a / b // by zero: not finite, so no data
}

func (v *Env) call(e *Expr, at int64) (float64, bool) {
	switch e.op {
	case "max", "min":
		best, ok := v.number(e.args[0], at)
		for _, a := range e.args[1:] {
			x, known := v.number(a, at)
			ok = ok && known
			if (e.op == "max") == (x > best) {
				best = x
			}
		}
		return finite(best, ok)
	case "age":
		d, ok := v.age(e.args[0].ref)
		return history.Millis(d), ok
	case "as_units":
		return v.asUnits(e.args[0].ref, at)
	}
	end := at
	if at == newest {
		end = v.anchor(e.args[0])
	}
	if e.op == "base" {
		return v.base(e, end)
	}
	return v.window(e, end)
}

// window works peak, lowest, avg and slope out over the m minutes that end with the minute at end. Half of
// them must be known.
func (v *Env) window(e *Expr, end int64) (float64, bool) {
	xs, ts := v.minutes(e.args[0], end-60*int64(e.m-1), end)
	if len(xs) == 0 || 2*len(xs) < e.m {
		return 0, false
	}
	switch e.op {
	case "peak":
		return finite(slices.Max(xs), true)
	case "lowest":
		return finite(slices.Min(xs), true)
	case "slope":
		return slope(xs, ts)
	}
	sum := 0.0
	for _, x := range xs {
		sum += x
	}
	return finite(sum/float64(len(xs)), true)
}

// base is the median of the minutes before the trouble: those before the incident's onset, and never the
// newest 15.
func (v *Env) base(e *Expr, end int64) (float64, bool) {
	till := end - 60*baseGap
	if on := v.State.Incident.Onset; !on.IsZero() && v.State.Incident.Recovered.IsZero() {
		till = min(till, minuteOf(on)-60)
	}
	xs, _ := v.minutes(e.args[0], till-60*int64(e.m-1), till)
	if len(xs) < baseLeast {
		return 0, false
	}
	slices.Sort(xs)
	mid := len(xs) / 2
	if len(xs)%2 == 0 {
		return finite((xs[mid-1]+xs[mid])/2, true)
	}
	return finite(xs[mid], true)
}

func (v *Env) minutes(e *Expr, from, to int64) (xs, ts []float64) {
	for t := from; t <= to; t += 60 {
		if x, ok := v.number(e, t); ok {
			xs, ts = append(xs, x), append(ts, float64(t-from)/60)
		}
	}
	return xs, ts
}

// slope is the least-squares change per minute.
func slope(xs, ts []float64) (float64, bool) {
	n := float64(len(xs))
	if len(xs) < slopeLeast {
		return 0, false
	}
	var sx, st, stt, stx float64
	for i, x := range xs {
		sx, st, stt, stx = sx+x, st+ts[i], stt+ts[i]*ts[i], stx+ts[i]*x
	}
	return finite((n*stx-st*sx)/(n*stt-st*st), true)
}

// operations that use capacity of each side, one item or one page a request.
var operations = map[string][]string{
	"write": {"PutItem", "UpdateItem", "DeleteItem"},
	"read":  {"GetItem", "Query", "Scan"},
}

// asUnits turns refused events per second into the units per second they would have used: as many each as
// an accepted request of the table uses at the time, and at least one.
func (v *Env) asUnits(r Ref, at int64) (float64, bool) {
	events, ok := v.signal(r, at)
	name, sideKnown := Sided(r.Name, v.Side)
	if !ok || !sideKnown {
		return 0, false
	}
	side, _, _ := strings.Cut(name, "_")
	used, ok := v.signal(Ref{Name: "consumed_" + side, Of: r.Of}, at)
	if !ok {
		return events, true
	}
	requests := 0.0
	for _, op := range operations[side] {
		n, _ := v.signal(Ref{Name: "requests", Of: "table", Op: op}, at)
		requests += n
	}
	each := 1.0
	if requests > 0 {
		each = max(1, used/requests)
	}
	return finite(events*each, true)
}
