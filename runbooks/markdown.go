package runbooks

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/text"
)

// block is one typed fenced block as it stands in the file.
type block struct {
	kind, id string
	line     int // of the fence
	first    int // of the content
	body     string
	section  string
	prose    string
}

// front splits the front matter off: its text, and the rest with as many blank lines before it, so that
// line numbers stay true.
func front(src string, rep *report) (matter, rest string) {
	const fence = "---\n"
	if !strings.HasPrefix(src, fence) {
		rep.add(1, 1, "found no front matter, expected a first line of ---")
		return "", src
	}
	end := strings.Index(src, "\n"+fence)
	if end < 0 {
		rep.add(1, 1, "found no end of the front matter, expected a second line of ---")
		return "", ""
	}
	cut := end + 1 + len(fence)
	return src[len(fence) : end+1], strings.Repeat("\n", strings.Count(src[:cut], "\n")) + src[cut:]
}

// clean looks for bytes that could act on a terminal or hide text: control and bidirectional characters.
func clean(src string, rep *report) bool {
	if !utf8.ValidString(src) {
		rep.add(1, 1, "found bytes that are not UTF-8")
		return false
	}
	ok := true
	for i, line := range strings.Split(src, "\n") {
		if at := strings.IndexFunc(line, forbidden); at >= 0 {
			r, _ := utf8.DecodeRuneInString(line[at:])
			rep.add(i+1, at+1, "found the control character %U, expected text", r)
			ok = false
		}
	}
	return ok
}

func forbidden(r rune) bool {
	return r != '\t' && (unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) || r == '\u2028' || r == '\u2029')
}

// blocks finds the typed blocks of a document with the parser that GitHub's readers are used to, so that what is
// shown as a block is what runs.
func blocks(src string, rep *report) []block {
	raw := []byte(src)
	var out []block
	section, from := "", 0
	doc := goldmark.DefaultParser().Parse(text.NewReader(raw))
	_ = ast.Walk(doc, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		switch n := n.(type) {
		case *ast.Heading:
			if n.Lines().Len() > 0 {
				last := n.Lines().At(n.Lines().Len() - 1)
				section, from = plain(string(n.Lines().Value(raw))), last.Stop
			}
			return ast.WalkSkipChildren, nil
		case *ast.FencedCodeBlock:
			b, ok := typed(n, raw, rep)
			if !ok {
				return ast.WalkSkipChildren, nil
			}
			b.section = section
			start := lineStart(raw, n.Info.Segment.Start)
			b.prose = strings.TrimSpace(string(raw[min(from, start):start]))
			from = afterFence(raw, n)
			out = append(out, b)
		}
		return ast.WalkContinue, nil
	})
	return out
}

func plain(s string) string { return strings.Trim(strings.TrimSpace(s), "# \t") }

func lineStart(raw []byte, at int) int {
	for at > 0 && raw[at-1] != '\n' {
		at--
	}
	return at
}

// afterFence returns where the line after a block's closing fence starts.
func afterFence(raw []byte, n *ast.FencedCodeBlock) int {
	at := n.Info.Segment.Stop
	if l := n.Lines().Len(); l > 0 {
		at = n.Lines().At(l-1).Stop - 1
	}
	for range 2 { // the rest of this line, and the closing fence
		for at < len(raw) && raw[at] != '\n' {
			at++
		}
		at = min(at+1, len(raw))
	}
	return at
}

// typed reads a block's info string: yaml TYPE id=ID. A block that is not yaml, or yaml and nothing more, is
// prose.
func typed(n *ast.FencedCodeBlock, raw []byte, rep *report) (block, bool) {
	if n.Info == nil {
		return block{}, false
	}
	words := strings.Fields(string(n.Info.Segment.Value(raw)))
	if len(words) < 2 || words[0] != "yaml" {
		return block{}, false
	}
	line := 1 + strings.Count(string(raw[:n.Info.Segment.Start]), "\n")
	b := block{kind: words[1], line: line, first: line + 1, body: string(n.Lines().Value(raw))}
	switch b.kind {
	case "check", "decide", "act", "note":
	default:
		rep.add(line, 0, "found a block of the type %q, expected check, decide, act or note", b.kind)
		return block{}, false
	}
	id, ok := "", len(words) == 3
	if ok {
		id, ok = strings.CutPrefix(words[2], "id=")
	}
	switch {
	case !ok || !validID(id):
		rep.add(line, 0, "found %q, expected yaml %s id=NAME, NAME in small letters, digits and hyphens", strings.Join(words, " "), b.kind)
		return block{}, false
	case id == End:
		rep.add(line, 0, "found the id %q, expected another: it names the end of the runbook", id)
		return block{}, false
	case n.Parent().Kind() != ast.KindDocument:
		rep.add(line, 0, "found a block inside a list or a quotation, expected it at the left margin")
		return block{}, false
	}
	b.id = id
	return b, true
}

// validID accepts names such as limit and one-key, at most 40 bytes.
func validID(id string) bool {
	if id == "" || len(id) > 40 || id[0] < 'a' || id[0] > 'z' || strings.HasSuffix(id, "-") || strings.Contains(id, "--") {
		return false
	}
	return strings.Trim(id, "abcdefghijklmnopqrstuvwxyz0123456789-") == ""
}
