package cond

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Why evaluates a condition and says in one line, with the numbers, why it came out so.
func (v *Env) Why(e *Expr) (Truth, string) { return v.Truth(e), v.why(e, newest) }

// WhyNumber evaluates a number and says how it came about.
func (v *Env) WhyNumber(e *Expr) (float64, bool, string) {
	x, ok := v.Number(e)
	return x, ok, v.say(e, newest)
}

func (v *Env) why(e *Expr, at int64) string {
	switch e.kind {
	case kAnd, kOr:
		return v.decisive(e, at)
	case kNot:
		return v.why(e.args[0], at)
	case kMissing:
		if v.truth(e, at) == True {
			return v.say(e.args[0], at)
		}
		return v.say(e.args[0], at) + " is there"
	case kWord:
		return v.wordWhy(e, at)
	case kFor:
		return v.heldWhy(e, at)
	case kCompare:
		return v.compareWhy(e, at)
	}
	return e.text
}

// decisive joins the parts that made a chain of ands, or of ors, come out as it did. It goes through the
// whole chain at once, so that a long one costs no more than its parts.
func (v *Env) decisive(e *Expr, at int64) string {
	word, out := " and ", True
	if e.kind == kOr {
		word, out = " or ", False
	}
	parts := e.chain(nil)
	truths := make([]Truth, len(parts))
	for i, p := range parts {
		truths[i] = v.truth(p, at)
		if e.kind == kAnd {
			out = out.And(truths[i])
		} else {
			out = out.Or(truths[i])
		}
	}
	var whys []string
	for i, p := range parts {
		if truths[i] != out {
			continue
		}
		if why := v.why(p, at); !slices.Contains(whys, why) {
			whys = append(whys, why)
		}
	}
	return strings.Join(whys, word)
}

// chain lists the operands of nested ands, or of nested ors.
func (e *Expr) chain(list []*Expr) []*Expr {
	for _, a := range e.args {
		if a.kind == e.kind {
			list = a.chain(list)
		} else {
			list = append(list, a)
		}
	}
	return list
}

func (v *Env) wordWhy(e *Expr, at int64) string {
	w := v.word(e.word, at)
	if v.is(e, at) != False || e.op == "!=" {
		return e.word + " is " + w
	}
	return e.word + " is " + w + ", not " + e.value
}

func (v *Env) compareWhy(e *Expr, at int64) string {
	left, right := v.say(e.args[0], at), v.say(e.args[1], at)
	switch v.truth(e, at) {
	case True:
		return left + " " + e.op + " " + right
	case False:
		return left + ", not " + e.op + " " + right
	}
	if _, ok := v.number(e.args[0], at); !ok {
		return left
	}
	return right
}

func (v *Env) heldWhy(e *Expr, at int64) string {
	t := v.held(e, at)
	sub := e.args[0]
	switch t.verdict(e) {
	case True:
		return fmt.Sprintf("%s in %d of %d min", v.why(sub, t.lastYes), t.yes, e.m)
	case False:
		return fmt.Sprintf("%s; so in %d of %d min, wants %d", v.why(sub, t.lastNo), t.yes, e.m, e.n)
	}
	return fmt.Sprintf("%s; known in %d of %d min", v.why(sub, t.lastNoAnswer), t.yes+t.no, e.m)
}

// say writes a number: a signal with its value, a constant as it stands, anything else with its result.
func (v *Env) say(e *Expr, at int64) string {
	x, ok := v.number(e, at)
	switch {
	case e.kind == kNumber:
		return e.text
	case !ok:
		return v.blind(e, at)
	case e.kind == kSignal:
		return e.text + " " + Format(x, v.unit(e))
	}
	return e.text + " = " + Format(x, v.unit(e))
}

// blind names the signals without which e has no value, and for how long they have had none.
func (v *Env) blind(e *Expr, at int64) string {
	seen := map[string]bool{}
	var parts []string
	for _, r := range e.presence {
		if _, ok := v.signal(r, at); ok || seen[r.String()] {
			continue
		}
		seen[r.String()] = true
		text := r.String() + ": no data"
		if d, ok := v.age(r); ok && at == newest {
			text += " for " + d.Round(time.Second).String()
		}
		parts = append(parts, text)
	}
	if len(parts) == 0 {
		return e.text + ": no data"
	}
	return strings.Join(parts, ", ")
}

func (v *Env) unit(e *Expr) string {
	u, _ := unitOf(e, sideOf{v.Sig, v.Side})
	return u
}

// sideOf resolves side_ names before it asks the catalogue.
type sideOf struct {
	c    Catalogue
	side string
}

// Unit returns the unit of the signal that a name stands for.
func (s sideOf) Unit(name string) (string, bool) {
	name, ok := Sided(name, s.side)
	if !ok {
		return "", false
	}
	return s.c.Unit(name)
}

// Format writes a value with its unit: 212/s, 4.2 ms, 0.61.
func Format(x float64, unit string) string {
	text := strconv.FormatFloat(round(x, 3), 'f', -1, 64)
	switch {
	case unit == "":
		return text
	case strings.HasPrefix(unit, "/"):
		return text + unit
	}
	return text + " " + unit
}

// round keeps n significant digits, and all digits before the point.
func round(x float64, n int) float64 {
	if x == 0 || math.Abs(x) > 1e15 {
		return x
	}
	places := max(0, n-1-int(math.Floor(math.Log10(math.Abs(x)))))
	scale := math.Pow(10, float64(min(places, 300)))
	if r := math.Round(x*scale) / scale; !math.IsNaN(r) && !math.IsInf(r, 0) {
		return r
	}
	return x
}
