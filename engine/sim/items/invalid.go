// Package items is the embedded DynamoDB's item store: keys, expressions, paging and consumed capacity, computed as
// DynamoDB computes them. It knows nothing of throttling; it says what a request touches, the world decides whether
// it is let through.
package items

import (
	"fmt"
	"strconv"
)

// Invalid is a request that the service answers with a ValidationException.
type Invalid struct{ Message string }

// Error is the message that goes to the caller.
func (e *Invalid) Error() string { return e.Message }

func invalid(format string, args ...any) error {
	return &Invalid{Message: fmt.Sprintf(format, args...)}
}

// printable quotes text that came from the caller when it could disturb a terminal, and bounds it.
func printable(s string) string {
	const most = 200
	if len(s) > most {
		s = s[:most] + "…"
	}
	if q := strconv.Quote(s); q != `"`+s+`"` {
		return q
	}
	return s
}
