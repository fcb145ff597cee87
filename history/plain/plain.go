// Package plain makes untrusted text harmless. What AWS, files or colleagues wrote passes through it where
// it enters and again where it is shown, so that it can neither steer a terminal nor pass for our own words.
package plain

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxMarks is how many combining marks may stand on one character: more paint over the lines above.
const maxMarks = 4

// Text returns s as one line of visible characters. Control characters, line breaks, bidirectional and
// zero-width characters, private-use and unassigned code points, broken UTF-8 and piled-up combining marks
// come out as escapes such as \x1b, \u202e or \n. Text(Text(s)) == Text(s).
func Text(s string) string {
	if clean(s) {
		return s
	}
	var b strings.Builder
	b.Grow(len(s) + 16)
	marks := 0
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && size == 1:
			fmt.Fprintf(&b, `\x%02x`, s[i])
			marks = 0
		case unicode.Is(unicode.M, r) && visible(r):
			if marks++; marks > maxMarks || b.Len() == 0 {
				escape(&b, r)
				marks = 0
			} else {
				b.WriteRune(r)
			}
		case visible(r):
			b.WriteRune(r)
			marks = 0
		default:
			escape(&b, r)
			marks = 0
		}
		i += size
	}
	return b.String()
}

// Cap is Text cut to at most cells terminal cells. What was cut off shows as …(+N), N being characters. It
// counts two cells for every character that some terminal draws wide, so that the result never overflows.
func Cap(s string, cells int) string {
	s = Text(s)
	if width(s) <= cells {
		return s
	}
	best, left, used := "", utf8.RuneCountInString(s), 0
	for i, r := range s {
		if used > cells {
			break
		}
		if rest := fmt.Sprintf("…(+%d)", left); used+width(rest) <= cells {
			best = s[:i] + rest
		}
		used += cell(r)
		left--
	}
	if best == "" && cells > 0 {
		return "…"
	}
	return best
}

func clean(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}

// visible reports whether a character draws something of its own, or is a plain space.
func visible(r rune) bool {
	return unicode.IsGraphic(r) && !unicode.In(r, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector) &&
		r != '\u2800' // the blank Braille pattern
}

func escape(b *strings.Builder, r rune) {
	switch {
	case r == '\n':
		b.WriteString(`\n`)
	case r == '\r':
		b.WriteString(`\r`)
	case r == '\t':
		b.WriteString(`\t`)
	case r < 0x100:
		fmt.Fprintf(b, `\x%02x`, r)
	case r < 0x10000:
		fmt.Fprintf(b, `\u%04x`, r)
	default:
		fmt.Fprintf(b, `\U%08x`, r)
	}
}

func width(s string) int {
	n := 0
	for _, r := range s {
		n += cell(r)
	}
	return n
}

func cell(r rune) int {
	switch {
	case unicode.Is(unicode.M, r):
		return 0
	case r == '…' || r < 0x1100:
		return 1
	}
	return 2
}
