package draw

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"

	"github.com/ddbloop/ddbloop/history/plain"
)

// replaced stands for what is not shown: control and format characters, broken bytes, and glyphs on whose
// width terminals disagree.
const replaced = "?"

// next cuts the first glyph off s: what to show for it, its width (0: nothing), and the rest.
func next(s string) (glyph string, width int, rest string) {
	b := s[0]
	if b < utf8.RuneSelf {
		if b < 0x20 || b == 0x7f {
			return replaced, 1, s[1:]
		}
		return s[:1], 1, s[1:]
	}
	r, n := utf8.DecodeRuneInString(s)
	glyph, rest = s[:n], s[n:]
	switch {
	case r >= 0x2010 && r <= 0x2027, r >= 0x2190 && r <= 0x21ff, r >= 0x2500 && r <= 0x25ff, r >= 0x2800 && r <= 0x28ff:
		return glyph, 1, rest
	case r == utf8.RuneError, !printable(r):
		return replaced, 1, rest
	case unicode.In(r, unicode.Mn, unicode.Me):
		return "", 0, rest
	}
	switch w := ansi.StringWidth(glyph); w {
	case 1, 2:
		return glyph, w, rest
	}
	return replaced, 1, rest
}

func printable(r rune) bool {
	switch {
	case r >= 0x1f1e6 && r <= 0x1f1ff, r >= 0x1f3fb && r <= 0x1f3ff: // flags' halves, skin tones
		return false
	case unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp, unicode.Co, unicode.Cs):
		return false
	}
	return unicode.IsPrint(r) || r == 0xa0
}

// Width returns how many cells s takes.
func Width(s string) int {
	n := 0
	for s != "" {
		var w int
		_, w, s = next(s)
		n += w
	}
	return n
}

// Fit cuts s to at most w cells; a cut one ends in an ellipsis.
func Fit(s string, w int, ellipsis string) string {
	if Width(s) <= w {
		return s
	}
	room := w - Width(ellipsis)
	if room < 1 {
		room, ellipsis = w, ""
	}
	var b strings.Builder
	for s != "" {
		g, width, rest := next(s)
		if width > room {
			break
		}
		room -= width
		b.WriteString(g)
		s = rest
	}
	return b.String() + ellipsis
}

// Clean returns s as one harmless line, for what leaves by other ways than cells: titles, lines, the clipboard.
func Clean(s string) string { return plain.Text(s) }

// Wrap breaks s at blanks into lines of at most w cells, hard where a word is longer, and into at most
// lines lines; the last one is cut with an ellipsis.
func Wrap(s string, w, lines int, ellipsis string) []string {
	if w <= 0 || lines <= 0 {
		return nil
	}
	var out []string
	line := ""
	words := strings.Fields(Clean(s))
	for i, word := range words {
		joined := word
		if line != "" {
			joined = line + " " + word
		}
		if Width(joined) <= w {
			line = joined
			continue
		}
		if line != "" && len(out) == lines-1 || len(out) == lines-1 {
			return append(out, Fit(strings.Join(append(nonEmpty(line), words[i:]...), " "), w, ellipsis))
		}
		if line != "" {
			out = append(out, line)
		}
		line = word
		if Width(line) > w {
			line = Fit(line, w, ellipsis)
		}
	}
	if line != "" {
		out = append(out, line)
	}
	return out
}

func nonEmpty(s string) []string {
	if s == "" {
		return nil
	}
	return []string{s}
}
