package items

// token is one lexical unit of an expression; kind is one of the constants below or, for punctuation, its text.
type token struct {
	kind string
	text string
	at   int // byte offset
}

const (
	tokEnd   = "end"
	tokWord  = "word"  // attribute or function name, keyword
	tokName  = "name"  // #placeholder
	tokValue = "value" // :placeholder
	tokIndex = "index" // digits, inside brackets
)

// Limits of one expression (developer guide, "Quotas": expression strings, operators).
const (
	maxExpressionBytes = 4 << 10
	maxOperators       = 300
)

// lex cuts an expression into tokens; kind names the expression in messages, as the service does.
func lex(kind, text string) ([]token, error) {
	if text == "" {
		return nil, invalid("Invalid %s: The expression can not be empty;", kind)
	}
	if len(text) > maxExpressionBytes {
		return nil, invalid("Invalid %s: Expression size has exceeded the maximum allowed size; expression size: %d", kind, len(text))
	}
	var out []token
	for i := 0; i < len(text); {
		c := text[i]
		if c == ' ' || c == '\t' || c == '\n' || c == '\r' {
			i++
			continue
		}
		n, k := scan(text[i:])
		if n == 0 {
			return nil, syntaxError(kind, text, token{text: text[i : i+1], at: i})
		}
		out = append(out, token{kind: k, text: text[i : i+n], at: i})
		i += n
	}
	return append(out, token{kind: tokEnd, text: "<EOF>", at: len(text)}), nil
}

// scan measures the token at the start of s; 0 when there is none.
func scan(s string) (int, string) {
	switch c := s[0]; {
	case c == '#' || c == ':':
		n := 1 + span(s[1:], wordByte)
		if n == 1 {
			return 0, ""
		}
		if c == '#' {
			return n, tokName
		}
		return n, tokValue
	case digit(c):
		return span(s, digit), tokIndex
	case wordByte(c):
		return span(s, wordByte), tokWord
	case len(s) > 1 && (s[:2] == "<>" || s[:2] == "<=" || s[:2] == ">="):
		return 2, s[:2]
	case c == '(' || c == ')' || c == '[' || c == ']' || c == ',' || c == '.' || c == '=' || c == '<' || c == '>' || c == '+' || c == '-':
		return 1, s[:1]
	}
	return 0, ""
}

func span(s string, ok func(byte) bool) int {
	for i := range len(s) {
		if !ok(s[i]) {
			return i
		}
	}
	return len(s)
}

func digit(c byte) bool { return c >= '0' && c <= '9' }

func wordByte(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_' || digit(c)
}

// syntaxError names the offending token and its neighbourhood.
func syntaxError(kind, text string, t token) error {
	near := text[max(0, t.at-10):min(len(text), t.at+len(t.text)+10)]
	return invalid("Invalid %s: Syntax error; token: %q, near: %q", kind, t.text, near)
}
