package cond

import "strconv"

// anyUnit is the unit of a bare 0, which compares with everything.
const anyUnit = "any"

// Check looks for signals that are not in the catalogue, and for sums and comparisons of different units.
// want is the unit that a number must have ("" for a condition).
func Check(e *Expr, c Catalogue, want string) []*Error {
	k := &checker{c: c}
	unit, ok := k.walk(e)
	if ok && !e.truth() && unit != want && unit != anyUnit {
		k.fault(e, "a number in "+said(unit), "one in "+said(want))
	}
	return k.errs
}

// Known returns the unit of a signal as a document may name it, side_ names included.
func Known(name string, c Catalogue) (string, bool) {
	read, _ := Sided(name, "read")
	write, _ := Sided(name, "write")
	a, okA := c.Unit(read)
	b, okB := c.Unit(write)
	return a, okA && okB && a == b
}

func unitOf(e *Expr, c Catalogue) (string, bool) { return (&checker{c: c, lax: true}).walk(e) }

type checker struct {
	c    Catalogue
	lax  bool // names are resolved already
	errs []*Error
}

func (k *checker) fault(e *Expr, found, want string) (string, bool) {
	k.errs = append(k.errs, &Error{Pos: e.pos, Found: found, Want: want})
	return "", false
}

func said(unit string) string {
	switch unit {
	case "":
		return "no unit"
	case "ms":
		return "ms or s"
	}
	return unit
}

// walk returns the unit of a number, false when it has none that can be told. Every fault is reported once.
func (k *checker) walk(e *Expr) (string, bool) {
	switch e.kind {
	case kNumber:
		if e.bare && e.num == 0 {
			return anyUnit, true
		}
		return e.unit, true
	case kSignal:
		known := Known
		if k.lax {
			known = func(name string, c Catalogue) (string, bool) { return c.Unit(name) }
		}
		if u, ok := known(e.ref.Name, k.c); ok {
			return u, true
		}
		return k.fault(e, "the signal "+strconv.Quote(e.ref.Name), "a signal of the catalogue")
	case kCompare:
		k.same(e)
		return "", true
	case kSum:
		if e.op == "+" || e.op == "-" {
			return k.same(e)
		}
		return k.scale(e)
	case kCall, kMissing:
		return k.function(e)
	}
	for _, a := range e.args {
		k.walk(a)
	}
	return "", true
}

// same wants one unit of all arguments.
func (k *checker) same(e *Expr) (string, bool) {
	unit, all := anyUnit, true
	for _, a := range e.args {
		u, ok := k.walk(a)
		switch {
		case !ok:
			all = false
		case unit == anyUnit:
			unit = u
		case u != anyUnit && u != unit && all:
			return k.fault(e, said(unit)+" and "+said(u)+" in "+strconv.Quote(e.text), "the same unit on both sides")
		}
	}
	return unit, all
}

// scale works the unit of a product or a quotient out.
func (k *checker) scale(e *Expr) (string, bool) {
	a, okA := k.walk(e.args[0])
	b, okB := k.walk(e.args[1])
	if a == anyUnit {
		a = ""
	}
	if b == anyUnit {
		b = ""
	}
	switch {
	case !okA || !okB:
		return "", false
	case b == "":
		return a, true
	case e.op == "*" && a == "":
		return b, true
	case e.op == "/" && a == b:
		return "", true
	}
	return k.fault(e, said(a)+" "+e.op+" "+said(b), "a factor without a unit, or a quotient of one unit")
}

func (k *checker) function(e *Expr) (string, bool) {
	u, ok := k.same(e)
	switch {
	case e.op == "age":
		return "ms", true
	case !ok:
		return "", false
	case e.op == "slope":
		return u + " a minute", true
	case e.op == "as_units":
		if u != "/s" {
			return k.fault(e, "a signal in "+said(u), "events per second such as write_throttles")
		}
		return "units/s", true
	}
	return u, true
}
