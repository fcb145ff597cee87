package source

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// sample is one line of an OpenMetrics or Prometheus text exposition.
type sample struct {
	name   string
	labels map[string]string
	value  float64
}

// parseMetrics reads an exposition strictly: a line that it does not understand is an error, so that a truncated or foreign
// answer is never read as zeros. It reports whether the closing "# EOF" of OpenMetrics was there; nothing may follow it.
func parseMetrics(text string) (list []sample, closed bool, err error) {
	for n := 1; text != ""; n++ {
		var line string
		line, text, _ = strings.Cut(text, "\n")
		line = strings.TrimSuffix(line, "\r")
		switch {
		case closed:
			return nil, false, fmt.Errorf("line %d: something follows # EOF", n)
		case line == "# EOF":
			closed = true
		case strings.TrimSpace(line) == "", strings.HasPrefix(line, "#"):
		default:
			s, err := parseSample(line)
			if err != nil {
				return nil, false, fmt.Errorf("line %d: %w", n, err)
			}
			list = append(list, s)
		}
	}
	return list, closed, nil
}

// parseSample reads name{label="value",…} value, with an optional time stamp and exemplar behind, which are not used.
func parseSample(line string) (sample, error) {
	end := strings.IndexFunc(line, func(r rune) bool { return !nameRune(r) })
	if end < 0 {
		end = len(line)
	}
	if end == 0 || line[0] >= '0' && line[0] <= '9' {
		return sample{}, errors.New("no metric name")
	}
	s := sample{name: line[:end]}
	rest := line[end:]
	if strings.HasPrefix(rest, "{") {
		var err error
		if s.labels, rest, err = parseLabels(rest[1:]); err != nil {
			return sample{}, err
		}
	}
	rest, _, _ = strings.Cut(rest, " # ")
	fields := strings.Fields(rest)
	if len(fields) < 1 || len(fields) > 2 {
		return sample{}, errors.New("a sample has a value and perhaps a time stamp")
	}
	for i, f := range fields {
		v, err := strconv.ParseFloat(f, 64)
		if err != nil || strings.ContainsAny(f, "xXpP_") {
			return sample{}, errors.New("the value is no number")
		}
		if i == 0 {
			s.value = v
		}
	}
	return s, nil
}

// parseLabels reads label="value",… up to and with the closing brace.
func parseLabels(rest string) (map[string]string, string, error) {
	labels := map[string]string{}
	for {
		rest = strings.TrimLeft(rest, " ")
		if strings.HasPrefix(rest, "}") {
			return labels, rest[1:], nil
		}
		name, after, found := strings.Cut(rest, `="`)
		name = strings.TrimSpace(name)
		if !found || name == "" || strings.IndexFunc(name, func(r rune) bool { return !nameRune(r) }) >= 0 {
			return nil, "", errors.New("bad label name")
		}
		value, after, err := quoted(after)
		if err != nil {
			return nil, "", err
		}
		if _, twice := labels[name]; twice {
			return nil, "", errors.New("a label comes twice")
		}
		labels[name] = value
		rest = strings.TrimLeft(after, " ")
		switch {
		case strings.HasPrefix(rest, ","):
			rest = rest[1:]
		case !strings.HasPrefix(rest, "}"):
			return nil, "", errors.New("labels do not end")
		}
	}
}

// quoted reads a label value up to and with its closing quote.
func quoted(s string) (value, rest string, err error) {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '"':
			return b.String(), s[i+1:], nil
		case c == '\\' && i+1 < len(s):
			i++
			if s[i] == 'n' {
				b.WriteByte('\n')
			} else {
				b.WriteByte(s[i])
			}
		default:
			b.WriteByte(c)
		}
	}
	return "", "", errors.New("a label value does not end")
}

func nameRune(r rune) bool {
	return r == '_' || r == ':' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9'
}
