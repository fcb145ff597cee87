package items

import "strings"

// part is one lexical unit of a statement.
type part struct {
	kind string // word | quoted | text | number | end, or the punctuation itself
	text string
}

func partiqlTokens(text string) ([]part, error) {
	var out []part
	for i := 0; i < len(text); {
		if len(out) > maxParts {
			return nil, invalid("Statement wasn't well formed, can't be processed: it is too long")
		}
		c := text[i]
		switch {
		case c == ' ' || c == '\t' || c == '\n' || c == '\r':
			i++
		case c == '\'' || c == '"':
			s, n := quoted(text[i:], c)
			if n == 0 {
				return nil, invalid("Statement wasn't well formed, can't be processed: a quote does not end")
			}
			kind := "text"
			if c == '"' {
				kind = "quoted"
			}
			out = append(out, part{kind, s})
			i += n
		case digit(c) || c == '-' && i+1 < len(text) && digit(text[i+1]):
			n := 1 + span(text[i+1:], func(b byte) bool { return digit(b) || b == '.' || b == 'e' || b == 'E' })
			out = append(out, part{"number", text[i : i+n]})
			i += n
		case wordByte(c):
			n := span(text[i:], wordByte)
			out = append(out, part{"word", text[i : i+n]})
			i += n
		default:
			n := 1
			if i+1 < len(text) && strings.Contains(" <= >= <> != ", " "+text[i:i+2]+" ") {
				n = 2
			}
			if !strings.ContainsRune("()[],.=<>*?;!", rune(c)) {
				return nil, invalid("Statement wasn't well formed, can't be processed: Unexpected character %q", printable(text[i:i+1]))
			}
			out = append(out, part{text[i : i+n], text[i : i+n]})
			i += n
		}
	}
	return append(out, part{"end", "<EOF>"}), nil
}

// quoted reads a quoted string, in which the quote itself is written twice. It returns the bytes read, 0 when it has no end.
func quoted(s string, quote byte) (string, int) {
	var b strings.Builder
	for i := 1; i < len(s); i++ {
		if s[i] != quote {
			b.WriteByte(s[i])
			continue
		}
		if i+1 < len(s) && s[i+1] == quote {
			b.WriteByte(quote)
			i++
			continue
		}
		return b.String(), i + 1
	}
	return "", 0
}
