package items

import (
	"cmp"
	"math/big"
	"strconv"
	"strings"
)

// A DynamoDB number has up to 38 significant digits and a magnitude between 1E-130 and 9.99…E+125 (developer guide,
// "Naming rules and data types"). Those bounds are checked before any arithmetic: an exponent is a cheap way to ask
// for a gigabyte of zeros.
const (
	maxDigits   = 38
	maxExponent = 126
	minExponent = -129
)

// number is sign × 0.digits × 10^exp; digits carries no leading or trailing zero and is empty for zero.
type number struct {
	neg    bool
	digits string
	exp    int
}

// parseNumber reads the text of an N value.
func parseNumber(text string) (number, error) {
	bad := invalid("The parameter cannot be converted to a numeric value: %s", printable(text))
	rest, n := text, number{}
	if strings.HasPrefix(rest, "-") || strings.HasPrefix(rest, "+") {
		n.neg, rest = rest[0] == '-', rest[1:]
	}
	mantissa, exponent := rest, ""
	if i := strings.IndexAny(rest, "eE"); i >= 0 {
		mantissa, exponent = rest[:i], rest[i+1:]
		if exponent == "" {
			return number{}, bad
		}
	}
	whole, fraction, _ := strings.Cut(mantissa, ".")
	if whole+fraction == "" || strings.Trim(whole+fraction, "0123456789") != "" {
		return number{}, bad
	}
	if exponent != "" {
		e, err := strconv.Atoi(exponent)
		if err != nil || e < -1000 || e > 1000 {
			return number{}, bad
		}
		n.exp = e
	}
	return n.normal(whole+fraction, n.exp+len(whole))
}

// normal strips zeros and checks the bounds.
func (n number) normal(digits string, exp int) (number, error) {
	stripped := strings.TrimLeft(digits, "0")
	exp -= len(digits) - len(stripped)
	n.digits, n.exp = strings.TrimRight(stripped, "0"), exp
	switch {
	case n.digits == "":
		return number{}, nil
	case len(n.digits) > maxDigits:
		return number{}, invalid("Attempting to store more than 38 significant digits in a Number")
	case n.exp > maxExponent:
		return number{}, invalid("Number overflow. Attempting to store a number with magnitude larger than supported range")
	case n.exp < minExponent:
		return number{}, invalid("Number underflow. Attempting to store a number with magnitude smaller than supported range")
	}
	return n, nil
}

// compare orders two numbers.
func (n number) compare(m number) int {
	if n.sign() != m.sign() {
		return cmp.Compare(n.sign(), m.sign())
	}
	c := cmp.Compare(n.exp, m.exp)
	if c == 0 {
		c = strings.Compare(n.digits, m.digits)
	}
	return c * n.sign()
}

func (n number) sign() int {
	switch {
	case n.digits == "":
		return 0
	case n.neg:
		return -1
	}
	return 1
}

// add returns n + m, or n − m when minus is set.
func (n number) add(m number, minus bool) (number, error) {
	scale := max(len(n.digits)-n.exp, len(m.digits)-m.exp)
	a, b := n.scaled(scale), m.scaled(scale)
	if minus {
		b.Neg(b)
	}
	a.Add(a, b)
	sum := number{neg: a.Sign() < 0}
	digits := a.Abs(a).String()
	return sum.normal(digits, len(digits)-scale)
}

// scaled is n × 10^scale as an integer; the bounds above keep it under 300 digits.
func (n number) scaled(scale int) *big.Int {
	v := new(big.Int)
	if n.digits == "" {
		return v
	}
	v.SetString(n.digits+strings.Repeat("0", scale+n.exp-len(n.digits)), 10)
	if n.neg {
		v.Neg(v)
	}
	return v
}

// String is the plain decimal notation that the service answers with.
func (n number) String() string {
	if n.digits == "" {
		return "0"
	}
	var b strings.Builder
	if n.neg {
		b.WriteByte('-')
	}
	switch {
	case n.exp <= 0:
		b.WriteString("0." + strings.Repeat("0", -n.exp) + n.digits)
	case n.exp >= len(n.digits):
		b.WriteString(n.digits + strings.Repeat("0", n.exp-len(n.digits)))
	default:
		b.WriteString(n.digits[:n.exp] + "." + n.digits[n.exp:])
	}
	return b.String()
}
