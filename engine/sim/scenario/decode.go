package scenario

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

const (
	maxBytes = 1 << 20
	maxDepth = 24
	maxNodes = 50_000

	// partialTag marks a mapping that stands for a dotted path: it may lack members.
	// No file can hold it, because tags of a file's own are refused.
	partialTag = "!partial"
)

// decoder turns YAML nodes into a scenario and collects what is wrong on the way.
type decoder struct {
	problems
	open    func(string) ([]byte, error)
	pick    int  // index into magnitudes
	varies  bool // a number depends on the magnitude
	s       *Scenario
	created map[string][]string // indexes that calls create, by table
	checks  []func()            // of names that the file may define further down
}

// fields are the members of a mapping and what reads each.
type fields map[string]func(n *yaml.Node)

func (d *decoder) fail(n *yaml.Node, format string, args ...any) {
	d.add(n.Line, n.Column, fmt.Sprintf(format, args...))
}

// later runs a check once the whole file is read.
func (d *decoder) later(check func()) { d.checks = append(d.checks, check) }

func (d *decoder) runChecks() {
	for _, check := range d.checks {
		check()
	}
}

// document reads the one YAML document of a file and refuses what could grow without bound.
func (d *decoder) document(data []byte) *yaml.Node {
	if len(data) > maxBytes {
		d.add(1, 1, fmt.Sprintf("a scenario has at most %d bytes, this one %d", maxBytes, len(data)))
		return nil
	}
	dec := yaml.NewDecoder(bytes.NewReader(data))
	var doc, rest yaml.Node
	if err := dec.Decode(&doc); errors.Is(err, io.EOF) {
		d.add(1, 1, "the file is empty")
		return nil
	} else if err != nil {
		d.syntax(err)
		return nil
	}
	if err := dec.Decode(&rest); err == nil {
		d.fail(&rest, "a file holds one scenario: remove the second document")
		return nil
	} else if !errors.Is(err, io.EOF) {
		d.syntax(err)
		return nil
	}
	budget := maxNodes
	if !d.bounded(doc.Content[0], maxDepth, &budget) {
		return nil
	}
	return doc.Content[0]
}

var syntaxLine = regexp.MustCompile(`^yaml: line (\d+): (.*)$`)

func (d *decoder) syntax(err error) {
	line, text := 1, strings.TrimPrefix(err.Error(), "yaml: ")
	if m := syntaxLine.FindStringSubmatch(err.Error()); m != nil {
		line, _ = strconv.Atoi(m[1])
		text = m[2]
	}
	d.add(max(1, line), 1, "not YAML: "+printable(text))
}

// bounded reports whether the tree is free of aliases and foreign tags, and small enough to walk.
func (d *decoder) bounded(n *yaml.Node, depth int, budget *int) bool {
	*budget--
	switch {
	case depth == 0:
		d.fail(n, "nested too deeply")
		return false
	case *budget < 0:
		d.fail(n, "too many values")
		return false
	case n.Kind == yaml.AliasNode || n.Anchor != "" || n.Tag == "!!merge":
		d.fail(n, "anchors, aliases and merge keys are no part of the format: write the value out")
		return false
	case !strings.HasPrefix(n.Tag, "!!"):
		d.fail(n, "tags are no part of the format: write the value without %s", clip(n.Tag))
		return false
	}
	for _, c := range n.Content {
		if !d.bounded(c, depth-1, budget) {
			return false
		}
	}
	return true
}

// object reads a mapping and returns its members by name, or nil if it is none.
func (d *decoder) object(n *yaml.Node, f fields, required ...string) map[string]*yaml.Node {
	if n.Kind != yaml.MappingNode {
		d.fail(n, "expected a mapping with %s, got %s", names(f), describe(n))
		return nil
	}
	seen := make(map[string]*yaml.Node, len(n.Content)/2)
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		read, known := f[key.Value]
		switch {
		case key.Kind != yaml.ScalarNode || !known:
			d.fail(key, "unknown field %s; expected %s", describe(key), names(f))
			continue
		case seen[key.Value] != nil:
			d.fail(key, "%s is written twice", key.Value)
			continue
		}
		seen[key.Value] = value
		read(value)
	}
	if n.Tag == partialTag {
		return seen
	}
	for _, name := range required {
		if seen[name] == nil {
			d.fail(n, "%s is missing", name)
		}
	}
	return seen
}

// oneOf reports which one of the given members is there; it must be exactly one.
func (d *decoder) oneOf(n *yaml.Node, seen map[string]*yaml.Node, members ...string) string {
	found := ""
	for _, m := range members {
		if seen[m] == nil {
			continue
		}
		if found != "" {
			d.fail(n, "expected exactly one of %s, got %s and %s", strings.Join(members, ", "), found, m)
			return ""
		}
		found = m
	}
	if found == "" && seen != nil && n.Tag != partialTag {
		d.fail(n, "expected exactly one of %s", strings.Join(members, ", "))
	}
	return found
}

// items reads each element of a list.
func (d *decoder) items(read func(n *yaml.Node)) func(n *yaml.Node) {
	return func(n *yaml.Node) {
		if n.Kind != yaml.SequenceNode {
			d.fail(n, "expected a list, got %s", describe(n))
			return
		}
		for _, c := range n.Content {
			read(c)
		}
	}
}

// list appends each element of a list, read by read.
func list[T any](d *decoder, dst *[]T, read func(n *yaml.Node, v *T)) func(n *yaml.Node) {
	return func(n *yaml.Node) {
		*dst = []T{}
		d.items(func(c *yaml.Node) {
			var v T
			read(c, &v)
			*dst = append(*dst, v)
		})(n)
	}
}

// mapping reads each member of a mapping whose names are free.
func (d *decoder) mapping(n *yaml.Node, read func(key, value *yaml.Node)) {
	if n.Kind != yaml.MappingNode {
		d.fail(n, "expected a mapping, got %s", describe(n))
		return
	}
	seen := make(map[string]bool, len(n.Content)/2)
	for i := 0; i+1 < len(n.Content); i += 2 {
		key := n.Content[i]
		switch {
		case key.Kind != yaml.ScalarNode:
			d.fail(key, "expected a name, got %s", describe(key))
		case seen[key.Value]:
			d.fail(key, "%s is written twice", clip(key.Value))
		default:
			seen[key.Value] = true
			read(key, n.Content[i+1])
		}
	}
}

func names(f fields) string {
	list := make([]string, 0, len(f))
	for name := range f {
		list = append(list, name)
	}
	slices.Sort(list)
	return strings.Join(list, ", ")
}

// describe tells what a node is, safe to print.
func describe(n *yaml.Node) string {
	switch {
	case n.Kind == yaml.MappingNode:
		return "a mapping"
	case n.Kind == yaml.SequenceNode:
		return "a list"
	case n.Tag == "!!null":
		return "nothing"
	}
	return clip(n.Value)
}

// clip quotes the beginning of an untrusted text.
func clip(s string) string {
	if r := []rune(s); len(r) > 40 {
		s = string(r[:40]) + "…"
	}
	return strconv.Quote(s)
}
