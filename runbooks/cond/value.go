package cond

// Truth is one of three: Kleene's strong logic, in which no data stays no data unless the rest decides alone.
type Truth int8

// The truth values, ordered so that and is the least and or the greatest.
const (
	False Truth = iota
	NoData
	True
)

// String says the truth value in words.
func (t Truth) String() string { return [...]string{"false", "no data", "true"}[t] }

// And is true when both are, false when one is.
func (t Truth) And(u Truth) Truth { return min(t, u) }

// Or is true when one is, false when both are.
func (t Truth) Or(u Truth) Truth { return max(t, u) }

// Not turns true and false around; no data stays.
func (t Truth) Not() Truth { return True - t }

func truthOf(b bool) Truth {
	if b {
		return True
	}
	return False
}
