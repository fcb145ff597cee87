package runbooks

import (
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"sort"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/ddbloop/ddbloop/runbooks/cond"
)

// maxList is how many words a list may hold.
const maxList = 12

// fields is a YAML mapping that is read strictly: what is not asked for is an error.
type fields struct {
	rep  *report
	line int // added to YAML's lines
	at   int // the mapping's own line in the file
	what string
	m    map[string]*yaml.Node
	used map[string]bool
}

var yamlLine = regexp.MustCompile(`line (\d+): `)

// mapping parses text as one YAML mapping. Anchors and aliases are refused: they multiply.
func mapping(rep *report, what, text string, before int) (*fields, bool) {
	var doc, rest yaml.Node
	d := yaml.NewDecoder(strings.NewReader(text))
	err := d.Decode(&doc)
	if err == nil {
		if err = d.Decode(&rest); err == nil {
			rep.add(before+rest.Line, rest.Column, "found a second document in %s, expected one", what)
			return nil, false
		}
	}
	if err != nil && !errors.Is(err, io.EOF) {
		line, msg := 1, strings.TrimPrefix(err.Error(), "yaml: ")
		if m := yamlLine.FindStringSubmatch(msg); m != nil {
			line, _ = strconv.Atoi(m[1])
			msg = strings.Replace(msg, m[0], "", 1)
		}
		rep.add(before+line, 0, "found YAML that cannot be read: %q", msg)
		return nil, false
	}
	if len(doc.Content) != 1 {
		rep.add(before+1, 0, "found nothing in %s, expected fields", what)
		return nil, false
	}
	if !tame(rep, doc.Content[0], before, 0) {
		return nil, false
	}
	return nested(rep, what, doc.Content[0], before)
}

// tame looks through a tree for what no runbook needs.
func tame(rep *report, n *yaml.Node, before, depth int) bool {
	switch {
	case n.Kind == yaml.AliasNode || n.Anchor != "":
		rep.add(before+n.Line, n.Column, "found an anchor or an alias, expected the value itself")
		return false
	case depth > 8:
		rep.add(before+n.Line, n.Column, "found nesting deeper than 8")
		return false
	case n.Kind == yaml.ScalarNode && strings.ContainsFunc(strings.ReplaceAll(n.Value, "\n", ""), forbidden):
		rep.add(before+n.Line, n.Column, "found a control character, expected text")
		return false
	}
	for _, c := range n.Content {
		if !tame(rep, c, before, depth+1) {
			return false
		}
	}
	return true
}

func nested(rep *report, what string, n *yaml.Node, before int) (*fields, bool) {
	if n.Kind != yaml.MappingNode {
		rep.add(before+n.Line, n.Column, "found %s in %s, expected fields", shape(n), what)
		return nil, false
	}
	f := &fields{rep: rep, line: before, at: before + n.Line, what: what, m: map[string]*yaml.Node{}, used: map[string]bool{}}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, val := n.Content[i], n.Content[i+1]
		if _, twice := f.m[key.Value]; twice {
			rep.add(before+key.Line, key.Column, "found %q twice in %s", key.Value, what)
		}
		f.m[key.Value] = val
	}
	return f, true
}

func shape(n *yaml.Node) string {
	switch n.Kind {
	case yaml.SequenceNode:
		return "a list"
	case yaml.MappingNode:
		return "fields"
	}
	return strconv.Quote(n.Value)
}

// done reports fields that were not asked for; ask names those that could have been.
func (f *fields) done() {
	var known, strange []string
	for k := range f.used {
		known = append(known, k)
	}
	for k := range f.m {
		if !f.used[k] {
			strange = append(strange, k)
		}
	}
	sort.Strings(known)
	sort.Strings(strange)
	for _, k := range strange {
		n := f.m[k]
		f.rep.add(f.line+n.Line, 0, "found the field %q in %s, expected one of %s", k, f.what, strings.Join(known, ", "))
	}
}

func (f *fields) get(key string, must bool) *yaml.Node {
	f.used[key] = true
	n := f.m[key]
	if n == nil && must {
		f.rep.add(f.at, 0, "found no %s in %s, expected one", key, f.what)
	}
	return n
}

func (f *fields) wrong(n *yaml.Node, key, want string) {
	f.rep.add(f.line+n.Line, n.Column, "found %s as %s, expected %s", shape(n), key, want)
}

// text reads one line of text, at most 300 bytes.
func (f *fields) text(key string, must bool) string {
	n := f.get(key, must)
	if n == nil {
		return ""
	}
	s := strings.TrimSpace(n.Value)
	if n.Kind != yaml.ScalarNode || s == "" || len(s) > 300 || strings.Contains(s, "\n") {
		f.wrong(n, key, "one line of at most 300 bytes")
		return ""
	}
	return s
}

// oneOf reads one of the given words; the first is what is taken when there is none and must is false.
func (f *fields) oneOf(key string, must bool, words ...string) string {
	n := f.get(key, must)
	if n == nil {
		return words[0]
	}
	for _, w := range words {
		if n.Kind == yaml.ScalarNode && n.Value == w {
			return w
		}
	}
	f.wrong(n, key, strings.Join(words, ", "))
	return words[0]
}

// list reads a scalar, or a list of at least one of them, as nodes.
func (f *fields) list(key string) []*yaml.Node {
	n := f.get(key, true)
	switch {
	case n == nil:
		return nil
	case n.Kind == yaml.ScalarNode:
		return []*yaml.Node{n}
	case n.Kind != yaml.SequenceNode || len(n.Content) == 0 || len(n.Content) > maxList:
		f.wrong(n, key, fmt.Sprintf("a word, or a list of 1 to %d words", maxList))
		return nil
	}
	for _, c := range n.Content {
		if c.Kind != yaml.ScalarNode {
			f.wrong(c, key, "words in the list")
			return nil
		}
	}
	return n.Content
}

// words reads one or several of the given words, each once.
func (f *fields) words(key string, words []string) []string {
	var out []string
	for _, n := range f.list(key) {
		switch {
		case !slices.Contains(words, n.Value):
			f.wrong(n, key, strings.Join(words, ", "))
		case slices.Contains(out, n.Value):
			f.wrong(n, key, "each word once")
		default:
			out = append(out, n.Value)
		}
	}
	return out
}

// target reads a goto.
func (f *fields) target(key string, must bool) string {
	return f.id(key, must, "the id of a step, end or escalate")
}

// id reads a name in small letters, digits and hyphens.
func (f *fields) id(key string, must bool, want string) string {
	n := f.get(key, must)
	if n == nil {
		return ""
	}
	if n.Kind != yaml.ScalarNode || !validID(n.Value) {
		f.wrong(n, key, want)
		return ""
	}
	return n.Value
}

// truth reads true or false.
func (f *fields) truth(key string) bool {
	return f.oneOf(key, false, "false", "true") == "true"
}

// whole reads a whole number of at least least.
func (f *fields) whole(key string, must bool, least, otherwise int) int {
	n := f.get(key, must)
	if n == nil {
		return otherwise
	}
	v, err := strconv.Atoi(n.Value)
	if err != nil || v < least || v > 1_000_000 || n.Kind != yaml.ScalarNode {
		f.wrong(n, key, fmt.Sprintf("a whole number from %d", least))
		return otherwise
	}
	return v
}

// share reads 90% or 0.9, above 0 and at most 100.
func (f *fields) share(key string) float64 {
	n := f.get(key, true)
	if n == nil {
		return 0
	}
	digits, percent := strings.CutSuffix(strings.TrimSpace(n.Value), "%")
	v, err := strconv.ParseFloat(strings.TrimSpace(digits), 64)
	if percent {
		v /= 100
	}
	if err != nil || n.Kind != yaml.ScalarNode || !(v > 0 && v <= 100) {
		f.wrong(n, key, "a share such as 90% or 0.9")
		return 0
	}
	return v
}

// length reads a duration of whole seconds up to a day.
func (f *fields) length(key string, must bool, unit time.Duration) time.Duration {
	n := f.get(key, must)
	if n == nil {
		return 0
	}
	d, err := time.ParseDuration(strings.ReplaceAll(strings.ReplaceAll(n.Value, "min", "m"), " ", ""))
	if err != nil || n.Kind != yaml.ScalarNode || d <= 0 || d > 24*time.Hour || d%unit != 0 {
		f.wrong(n, key, "a duration such as 5m, in whole "+map[time.Duration]string{time.Second: "seconds", time.Minute: "minutes"}[unit])
		return 0
	}
	return d
}

// expr reads an expression with one of cond's parsers.
func (f *fields) expr(key string, must bool, words cond.Words, parse func(string, cond.Words) (*cond.Expr, error)) *cond.Expr {
	n := f.get(key, must)
	if n == nil {
		return nil
	}
	if n.Kind != yaml.ScalarNode {
		f.wrong(n, key, "an expression")
		return nil
	}
	e, err := parse(n.Value, words)
	if err != nil {
		f.rep.expr(f.line+n.Line, column(n), err)
		return nil
	}
	return e
}

// column returns where the text of a scalar starts; 0 when it is folded over lines.
func column(n *yaml.Node) int {
	switch n.Style {
	case 0:
		return n.Column
	case yaml.DoubleQuotedStyle, yaml.SingleQuotedStyle:
		return n.Column + 1
	}
	return 0
}
