package scenario

import (
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"go.yaml.in/yaml/v3"
)

var magnitudes = []string{"low", "base", "high"}

const (
	maxNumber   = 1e9
	maxDuration = 366 * 24 * time.Hour
)

// graded reads a value that may be written three times, as {low, base, high}. All three
// are checked and the decoder's magnitude is kept.
func graded[T any](d *decoder, dst *T, read func(n *yaml.Node) (T, bool)) func(n *yaml.Node) {
	return func(n *yaml.Node) {
		if n.Kind != yaml.MappingNode {
			if v, ok := read(n); ok {
				*dst = v
			}
			return
		}
		d.varies = true
		three := fields{}
		for i, name := range magnitudes {
			three[name] = func(c *yaml.Node) {
				if v, ok := read(c); ok && i == d.pick {
					*dst = v
				}
			}
		}
		d.object(n, three, magnitudes...)
	}
}

func (d *decoder) number(dst *float64, lo, hi float64) func(n *yaml.Node) {
	return graded(d, dst, func(n *yaml.Node) (float64, bool) {
		var v float64
		if !isNumber(n) || n.Decode(&v) != nil || math.IsNaN(v) || v < lo || v > hi {
			d.fail(n, "expected a number from %s to %s, got %s", plain(lo), plain(hi), describe(n))
			return 0, false
		}
		return v, true
	})
}

// optional reads a number that is nil while it is not written.
func (d *decoder) optional(dst **float64, lo, hi float64) func(n *yaml.Node) {
	return func(n *yaml.Node) {
		*dst = new(float64)
		d.number(*dst, lo, hi)(n)
	}
}

func (d *decoder) share(dst *float64) func(n *yaml.Node) { return d.number(dst, 0, 1) }

func (d *decoder) count(dst *int, lo, hi int) func(n *yaml.Node) {
	return graded(d, dst, func(n *yaml.Node) (int, bool) {
		var v float64
		if !isNumber(n) || n.Decode(&v) != nil || v != math.Trunc(v) || v < float64(lo) || v > float64(hi) {
			d.fail(n, "expected a whole number from %d to %d, got %s", lo, hi, describe(n))
			return 0, false
		}
		return int(v), true
	})
}

func (d *decoder) duration(dst *time.Duration, lo, hi time.Duration) func(n *yaml.Node) {
	return graded(d, dst, func(n *yaml.Node) (time.Duration, bool) {
		v, err := time.ParseDuration(n.Value)
		if n.Kind != yaml.ScalarNode || err != nil || v < lo || v > hi {
			d.fail(n, "expected a duration from %s to %s, such as 90s or 1h30m, got %s", lo, hi, describe(n))
			return 0, false
		}
		return v, true
	})
}

// latency reads 5x (times) or 40ms (added).
func (d *decoder) latency(dst *Latency) func(n *yaml.Node) {
	return graded(d, dst, func(n *yaml.Node) (Latency, bool) {
		if n.Kind == yaml.ScalarNode {
			if times, ok := strings.CutSuffix(n.Value, "x"); ok {
				if v, err := strconv.ParseFloat(times, 64); err == nil && v > 0 && v <= 1e6 {
					return Latency{Times: v}, true
				}
			} else if v, err := time.ParseDuration(n.Value); err == nil && v > 0 && v <= time.Hour {
				return Latency{Times: 1, Added: v}, true
			}
		}
		d.fail(n, "expected a factor such as 5x or a duration such as 40ms, got %s", describe(n))
		return Latency{}, false
	})
}

func (d *decoder) boolean(dst *bool) func(n *yaml.Node) {
	return func(n *yaml.Node) {
		if n.Kind != yaml.ScalarNode || n.Tag != "!!bool" || n.Decode(dst) != nil {
			d.fail(n, "expected true or false, got %s", describe(n))
		}
	}
}

func choice[T ~string](d *decoder, dst *T, words ...T) func(n *yaml.Node) {
	return func(n *yaml.Node) {
		if n.Kind != yaml.ScalarNode || !slices.Contains(words, T(n.Value)) {
			var list []string
			for _, w := range words {
				list = append(list, string(w))
			}
			d.fail(n, "expected one of %s, got %s", strings.Join(list, ", "), describe(n))
			return
		}
		*dst = T(n.Value)
	}
}

// text reads one line that is safe to print.
func (d *decoder) text(dst *string, most int) func(n *yaml.Node) {
	return func(n *yaml.Node) {
		bad := func(r rune) bool { return !unicode.IsPrint(r) }
		if n.Kind != yaml.ScalarNode || n.Tag != "!!str" || n.Value == "" || len(n.Value) > most || strings.ContainsFunc(n.Value, bad) {
			d.fail(n, "expected one line of text, at most %d bytes, in quotes if YAML reads it as something else, got %s", most, describe(n))
			return
		}
		*dst = n.Value
	}
}

var (
	namePattern      = regexp.MustCompile(`^[a-z0-9-]{1,128}$`)
	attributePattern = regexp.MustCompile(`^[A-Za-z0-9_.-]{1,255}$`)
	regionPattern    = regexp.MustCompile(`^[a-z]{2}(-[a-z]{2,16}){1,3}-[0-9]{1,2}$`)
	accountPattern   = regexp.MustCompile(`^[0-9]{12}$`)
	actionPattern    = regexp.MustCompile(`^[a-z][a-z-]{1,40}:[A-Za-z*]{1,64}$`)
	codePattern      = regexp.MustCompile(`^[A-Z][A-Za-z]{2,63}$`)
	statPattern      = regexp.MustCompile(`^(Sum|Average|Minimum|Maximum|SampleCount|p[0-9]{1,2}(\.[0-9]{1,2})?)$`)
	namespacePattern = regexp.MustCompile(`^[A-Za-z0-9._/#:-]{1,255}$`)
)

// match reads a string of a given form.
func (d *decoder) match(dst *string, form *regexp.Regexp, what string) func(n *yaml.Node) {
	return func(n *yaml.Node) {
		if n.Kind != yaml.ScalarNode || n.Tag == "!!null" || !form.MatchString(n.Value) {
			d.fail(n, "expected %s, got %s", what, describe(n))
			return
		}
		*dst = n.Value
	}
}

func (d *decoder) name(dst *string) func(n *yaml.Node) {
	return d.match(dst, namePattern, "a name of a-z, 0-9 and -")
}

// unique reads a name that no other of its kind may have.
func (d *decoder) unique(dst *string, what string, taken map[string]bool) func(n *yaml.Node) {
	return func(n *yaml.Node) {
		d.name(dst)(n)
		if *dst == "" {
			return
		}
		if taken[*dst] {
			d.fail(n, "there are two %s named %s", what, *dst)
		}
		taken[*dst] = true
	}
}

func isNumber(n *yaml.Node) bool {
	return n.Kind == yaml.ScalarNode && (n.Tag == "!!int" || n.Tag == "!!float")
}

func plain(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }
