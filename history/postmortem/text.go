package postmortem

import (
	"fmt"
	"regexp"
	"strings"
	"time"
	"unicode"

	"github.com/ddbloop/ddbloop/history/plain"
)

// risky words would become a link, a mention, a reference or a list where markdown is read. They are shown as code.
var risky = regexp.MustCompile(`(?i)www\.|://|\b[0-9a-f]{7,40}\b|\bgh-?\d|:[a-z_+-]+:|mailto:|xmpp:`)

// account finds AWS account numbers, of which only the last four digits leave the journal.
var account = regexp.MustCompile(`\b\d{8}(\d{4})\b`)

// inert returns untrusted text as markdown that draws it and does nothing else: control characters are
// escaped, words of plain letters stay as they are, and every other word stands in a code span. It must
// not be the first thing on a line.
func inert(s string) string {
	words := strings.Fields(line(s))
	for i, w := range words {
		words[i] = word(w)
	}
	return strings.Join(words, " ")
}

// literal returns untrusted text as one code span.
func literal(s string) string { return code(line(s)) }

// line makes text one visible line without table bars and without account numbers.
func line(s string) string {
	s = strings.NewReplacer("\r\n", " ⏎ ", "\n", " ⏎ ", "|", "¦").Replace(s)
	return account.ReplaceAllString(plain.Text(s), "…$1")
}

func word(w string) string {
	core := strings.TrimRight(w, ".,;:")
	if strings.HasPrefix(w, "(") {
		core = strings.TrimRight(w, ".,;:)")
	}
	lead := len(core) - len(strings.TrimLeft(core, "("))
	head, core, tail := core[:lead], core[lead:], w[len(core):]
	if !risky.MatchString(w) && strings.IndexFunc(w, unsafe) < 0 {
		return w
	}
	if core == "" {
		head, core, tail = "", w, ""
	}
	return head + code(core) + tail
}

// unsafe reports whether markdown may give a character a meaning inside a line.
func unsafe(r rune) bool {
	return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune(`.,;:()%+-−–—→/='"?!…×·>✓⏎¦`, r)
}

// code returns s as a code span, whatever backticks it holds.
func code(s string) string {
	longest, run := 0, 0
	for _, r := range s {
		if run++; r != '`' {
			run = 0
		}
		longest = max(longest, run)
	}
	fence := strings.Repeat("`", longest+1)
	if strings.HasPrefix(s, "`") || strings.HasSuffix(s, "`") {
		s = " " + s + " "
	}
	return fence + s + fence
}

// table collects rows of finished markdown cells.
type table struct {
	head []string
	rows [][]string
}

func (t *table) add(cells ...string) { t.rows = append(t.rows, cells) }

func (t *table) String() string {
	var b strings.Builder
	put := func(cells []string) {
		for _, c := range cells {
			if c == "" {
				c = "–"
			}
			b.WriteString("| " + c + " ")
		}
		b.WriteString("|\n")
	}
	put(t.head)
	b.WriteString(strings.Repeat("|---", len(t.head)) + "|\n")
	for _, r := range t.rows {
		put(r)
	}
	return b.String()
}

// short prints a duration the way a person says it: 45s, 2m30s, 1h5m.
func short(d time.Duration) string {
	d = d.Round(time.Second)
	h, m, sec := int(d.Hours()), int(d.Minutes())%60, int(d.Seconds())%60
	var out string
	switch {
	case d < 0:
		return "−" + short(d.Abs())
	case h > 0:
		out, sec = fmt.Sprintf("%dh", h), 0
	case m == 0:
		return fmt.Sprintf("%ds", sec)
	}
	if m > 0 {
		out += fmt.Sprintf("%dm", m)
	}
	if sec > 0 {
		out += fmt.Sprintf("%ds", sec)
	}
	return out
}

// number prints a value with the digits it deserves.
func number(v float64) string {
	switch a := max(v, -v); {
	case a == 0:
		return "0"
	case a >= 100:
		return fmt.Sprintf("%.0f", v)
	case a >= 10:
		return fmt.Sprintf("%.3g", v)
	}
	return fmt.Sprintf("%.2g", v)
}

// percent prints a signed share, with a real minus sign.
func percent(f float64) string {
	s := fmt.Sprintf("%+.0f %%", f*100)
	if f > -.005 && f < .005 {
		s = "0 %"
	}
	return strings.Replace(s, "-", "−", 1)
}

func clock(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.TimeOnly)
}
