package aws

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// longest is how many characters of a text from outside are kept.
const longest = 400

// Clean makes one printable line of a text from outside: runs of white space become one space, bytes that are no UTF-8 and
// characters that steer a terminal or hide (controls, bidirectional and zero-width ones) are spelled out.
func Clean(s string) string {
	var b strings.Builder
	n, gap := 0, false
	for i, r := range s {
		if n == longest {
			return b.String() + "…"
		}
		switch {
		case r == ' ' || r == '\n' || r == '\t' || r == '\r':
			gap = b.Len() > 0
			continue
		case gap:
			b.WriteByte(' ')
			gap = false
			n++
		}
		n++
		switch {
		case r == utf8.RuneError && !strings.HasPrefix(s[i:], string(utf8.RuneError)):
			fmt.Fprintf(&b, `\x%02x`, s[i])
		case unicode.IsPrint(r) && !unicode.Is(unicode.Mn, r):
			b.WriteRune(r)
		default:
			fmt.Fprintf(&b, `\u%04x`, r)
		}
	}
	return b.String()
}

func value[T any](p *T) T {
	var zero T
	if p == nil {
		return zero
	}
	return *p
}
