package policy

import (
	"fmt"
	"maps"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/ddbloop/ddbloop/engine/change"
	"github.com/ddbloop/ddbloop/engine/price"
	"github.com/ddbloop/ddbloop/history/plain"
)

// decoder reads fields and collects what is wrong with them. Its methods return the reader of one field.
type decoder struct{ problems []Problem }

func (d *decoder) wrong(n *yaml.Node, format string, args ...any) {
	d.problems = append(d.problems, Problem{n.Line, n.Column, plain.Cap(plain.Text(fmt.Sprintf(format, args...)), 200)})
}

// fields reads a mapping; a name that is not known, or comes twice, is a problem: a guard that was misspelt must not be missing
// silently.
func (d *decoder) fields(n *yaml.Node, known map[string]func(*yaml.Node)) {
	if n.Kind != yaml.MappingNode {
		d.wrong(n, "here stand fields: %s", strings.Join(slices.Sorted(maps.Keys(known)), ", "))
		return
	}
	seen := map[string]bool{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, v := n.Content[i], n.Content[i+1]
		read := known[key.Value]
		switch {
		case read == nil || key.Kind != yaml.ScalarNode:
			d.wrong(key, "no field %q: one of %s", key.Value, strings.Join(slices.Sorted(maps.Keys(known)), ", "))
		case seen[key.Value]:
			d.wrong(key, "%s is given twice", key.Value)
		case !d.written(v):
		default:
			seen[key.Value] = true
			read(v)
		}
	}
}

// written reports whether a value stands where it is read; one that is named for elsewhere, or stands elsewhere, is a problem.
func (d *decoder) written(n *yaml.Node) bool {
	if n.Kind == yaml.AliasNode || n.Anchor != "" {
		d.wrong(n, "anchors and aliases are not read here: write the value out")
		return false
	}
	return true
}

func (d *decoder) section(known map[string]func(*yaml.Node)) func(*yaml.Node) {
	return func(n *yaml.Node) { d.fields(n, known) }
}

// scalar returns a field's text; a list, a mapping or nothing is a problem.
func (d *decoder) scalar(n *yaml.Node, want string) (string, bool) {
	if n.Kind != yaml.ScalarNode || n.Value == "" || n.Tag == "!!null" {
		d.wrong(n, "wanted: %s", want)
		return "", false
	}
	return n.Value, true
}

func (d *decoder) text(to *string) func(*yaml.Node) {
	return func(n *yaml.Node) {
		if v, ok := d.scalar(n, "a path"); ok {
			*to = v
		}
	}
}

func (d *decoder) match(to *string, pattern, want string) func(*yaml.Node) {
	re := regexp.MustCompile(pattern)
	return func(n *yaml.Node) {
		if v, ok := d.scalar(n, want); ok && re.MatchString(v) {
			*to = v
		} else if ok {
			d.wrong(n, "%q is not %s", v, want)
		}
	}
}

func (d *decoder) truth(to *bool) func(*yaml.Node) {
	return func(n *yaml.Node) {
		switch v, ok := d.scalar(n, "true or false"); {
		case !ok:
		case v == "true" || v == "false":
			*to = v == "true"
		default:
			d.wrong(n, "%q is neither true nor false", v)
		}
	}
}

func (d *decoder) oneOf(to *string, words ...string) func(*yaml.Node) {
	want := "one of " + strings.Join(words, ", ")
	return func(n *yaml.Node) {
		if v, ok := d.scalar(n, want); ok && slices.Contains(words, v) {
			*to = v
		} else if ok {
			d.wrong(n, "%q is not %s", v, want)
		}
	}
}

func (d *decoder) number(to *float64, least, most float64) func(*yaml.Node) {
	want := fmt.Sprintf("a number from %g to %g", least, most)
	return func(n *yaml.Node) {
		v, ok := d.scalar(n, want)
		if !ok {
			return
		}
		x, err := strconv.ParseFloat(v, 64)
		if err != nil || math.IsNaN(x) || x < least || x > most {
			d.wrong(n, "%q is not %s", v, want)
			return
		}
		*to = x
	}
}

func (d *decoder) count(to *int, least, most int) func(*yaml.Node) {
	return func(n *yaml.Node) {
		x := float64(*to)
		before := len(d.problems)
		d.number(&x, float64(least), float64(most))(n)
		if x != math.Trunc(x) && len(d.problems) == before {
			d.wrong(n, "%q is not a whole number", n.Value)
		}
		*to = int(x)
	}
}

func (d *decoder) units(to *int64) func(*yaml.Node) {
	return func(n *yaml.Node) {
		x := int(*to)
		d.count(&x, 1, 1<<31-1)(n)
		*to = int64(x)
	}
}

func (d *decoder) switches(to *int64) func(*yaml.Node) {
	return func(n *yaml.Node) {
		x := int(*to)
		d.count(&x, 0, 4)(n)
		*to = int64(x)
	}
}

func (d *decoder) length(to *time.Duration) func(*yaml.Node) {
	const want = "a length of time such as 30s or 2m, up to 24h"
	return func(n *yaml.Node) {
		v, ok := d.scalar(n, want)
		if !ok {
			return
		}
		x, err := time.ParseDuration(v)
		if err != nil || x < 0 || x > 24*time.Hour {
			d.wrong(n, "%q is not %s", v, want)
			return
		}
		*to = x
	}
}

var tableName = regexp.MustCompile(`^[A-Za-z0-9_.-]{3,255}$`)

// list reads a list's elements. An empty one is a problem: it would read as "no limit" where "nothing" was meant.
func (d *decoder) list(n *yaml.Node, what string, each func(*yaml.Node)) {
	if n.Kind != yaml.SequenceNode || len(n.Content) == 0 {
		d.wrong(n, "wanted: a list of %s, with at least one; leave the field out for the default", what)
		return
	}
	for _, x := range n.Content {
		if d.written(x) {
			each(x)
		}
	}
}

func (d *decoder) names(to *[]string) func(*yaml.Node) {
	return func(n *yaml.Node) {
		*to = nil
		d.list(n, "table names", func(x *yaml.Node) {
			if x.Kind != yaml.ScalarNode || !tableName.MatchString(x.Value) {
				d.wrong(x, "%q is no table name: 3 to 255 letters, digits, dots, dashes or underscores; patterns are not read", x.Value)
				return
			}
			*to = append(*to, x.Value)
		})
	}
}

func (d *decoder) kinds(to *[]string) func(*yaml.Node) {
	return func(n *yaml.Node) {
		*to = nil
		d.list(n, "kinds of change", func(x *yaml.Node) {
			known := x.Value == "lever" || x.Value == "query.variant" || strings.HasPrefix(x.Value, "lever:") && x.Value != "lever:" || slices.Contains(change.Kinds, x.Value)
			if x.Kind != yaml.ScalarNode || !known {
				d.wrong(x, "%q is no kind of change: %s, query.variant, lever or lever:NAME", x.Value, strings.Join(change.Kinds, ", "))
				return
			}
			*to = append(*to, x.Value)
		})
	}
}

// pairs reads tags. A tag that is given twice would protect by its last value only.
func (d *decoder) pairs(to *map[string]string) func(*yaml.Node) {
	return func(n *yaml.Node) {
		if n.Kind != yaml.MappingNode || len(n.Content) == 0 {
			d.wrong(n, "wanted: tags as key: value; an empty value means any")
			return
		}
		*to = map[string]string{}
		for i := 0; i+1 < len(n.Content); i += 2 {
			key, v := n.Content[i], n.Content[i+1]
			_, twice := (*to)[key.Value]
			switch {
			case key.Kind != yaml.ScalarNode || key.Value == "":
				d.wrong(key, "a tag's key is a text")
			case twice:
				d.wrong(key, "tag %s is given twice: an empty value means any", key.Value)
			case !d.written(v):
			case v.Kind != yaml.ScalarNode || v.Tag == "!!null" && v.Value != "":
				d.wrong(v, "a tag's value is a text in quotes; an empty one means any")
			default:
				(*to)[key.Value] = v.Value
			}
		}
	}
}

// prices are a team's own, in USD.
func (d *decoder) prices(to *price.List) func(*yaml.Node) {
	return func(n *yaml.Node) {
		own := map[price.Item]float64{}
		known := map[string]func(*yaml.Node){"checked": d.match(&to.Checked, `^\d{4}-\d{2}-\d{2}$`, "the day on which they were compared, as 2026-11-22")}
		for _, item := range price.Items {
			known[string(item)] = func(v *yaml.Node) {
				x := 0.0
				d.number(&x, 0, 1000)(v)
				own[item] = x
			}
		}
		before := len(d.problems)
		d.fields(n, known)
		to.Own = own
		if _, err := time.Parse(time.DateOnly, to.Checked); err != nil && len(d.problems) == before {
			d.wrong(n, "prices need checked, the day on which they were compared")
		}
	}
}
