package postmortem

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/text"
	"pgregory.net/rapid"

	"github.com/ddbloop/ddbloop/history"
	"github.com/ddbloop/ddbloop/history/internal/sample"
	"github.com/ddbloop/ddbloop/history/journal"
)

// barbs are pieces of text that markdown, GitHub or a browser would act upon.
var barbs = []string{
	"[x](javascript:alert(1))", "![x](https://evil.example/p.png)", "<script>alert(1)</script>", "<img src=x>", "https://evil.example",
	"www.evil.example", "ftp://x.y", "mail@evil.example", "@team", "#12", "GH-12", "org/repo#3", "deadbeef1", "a|b", "\\|", "`", "``x`",
	"*b*", "_i_", "~~s~~", "$x$", "&lt;", "[1]: http://x.y", "[^1]", "- [ ] x", "# h", "1. x", "> q", "---", "===", "\n\n# h", "\x1b[31m", "\u202e",
	"xmpp:a@b", "<!--", ":rocket:", "\\", "(https://e.vil)", "orders", "123456789012", "(", "|", "||", "```", "|---|",
}

var live = regexp.MustCompile(`(?i)@|#\d|\bgh-\d|://|www\.|\b[0-9a-f]{7,40}\b`)

var front = regexp.MustCompile(`^(---|[a-z_]+: ("[\pL\p{Nd} _.,?…-]*"|[a-z0-9:−]*|  ?# [a-z' ]+)?)$`)

var gfm = goldmark.New(goldmark.WithExtensions(extension.GFM)).Parser()

// inertProblem says what in a rendered draft would act, or "". It is written apart from the escaping.
func inertProblem(md string) string {
	parts := strings.SplitN(md, "\n---\n", 2)
	for _, l := range strings.Split(parts[0], "\n") {
		if !front.MatchString(l) {
			return "front matter line " + l
		}
	}
	src := []byte(parts[1])
	doc := gfm.Parse(text.NewReader(src))
	problem, headings := "", 0
	_ = ast.Walk(doc, func(n ast.Node, in bool) (ast.WalkStatus, error) {
		if !in {
			return ast.WalkContinue, nil
		}
		switch n := n.(type) {
		case *ast.Link, *ast.Image, *ast.AutoLink, *ast.RawHTML, *ast.HTMLBlock, *ast.CodeBlock, *ast.FencedCodeBlock, *ast.Blockquote, *ast.ThematicBreak:
			problem = n.Kind().String()
		case *ast.Heading:
			headings++
		case *ast.List:
			if n.IsOrdered() || n.Parent().Kind() == ast.KindListItem {
				problem = "a list that data started"
			}
		case *ast.CodeSpan:
			return ast.WalkSkipChildren, nil
		case *ast.Text:
			if s := string(n.Segment.Value(src)); live.MatchString(s) {
				problem = fmt.Sprintf("%q outside code", s)
			}
		default:
			if k := n.Kind().String(); k == "Strikethrough" || k == "TaskCheckBox" || k == "Footnote" {
				problem = k
			}
		}
		return ast.WalkContinue, nil
	})
	if want := strings.Count("\n"+parts[1], "\n## ") + 1; problem == "" && headings != want {
		problem = fmt.Sprintf("%d headings, not %d", headings, want)
	}
	if problem == "" {
		problem = columns(parts[1])
	}
	return problem
}

// columns checks that every row of a table has as many bars as its head.
func columns(md string) string {
	bars := 0
	for _, l := range strings.Split(md, "\n") {
		n := strings.Count(l, "|")
		if !strings.HasPrefix(l, "|") {
			if n > 0 {
				return "a bar outside a table: " + l
			}
			bars = 0
			continue
		}
		if bars == 0 {
			bars = n
		}
		if n != bars {
			return fmt.Sprintf("%d bars, not %d: %s", n, bars, l)
		}
	}
	return ""
}

// poison puts hostile text into every string of a body but those that tie events together.
func poison(t *rapid.T, v reflect.Value, name string) {
	switch v.Kind() {
	case reflect.String:
		switch name {
		case "ID", "UndoOf", "Step", "Stage", "Signal", "Target", "Op", "State", "Direction", "Verdict":
			if name != "Target" || rapid.IntRange(0, 9).Draw(t, "keep") > 0 {
				return
			}
		}
		var parts []string
		for range rapid.IntRange(1, 3).Draw(t, "n") {
			parts = append(parts, rapid.OneOf(rapid.SampledFrom(barbs), rapid.String()).Draw(t, "barb"))
		}
		v.SetString(strings.Join(parts, rapid.SampledFrom([]string{"", " "}).Draw(t, "glue")))
	case reflect.Pointer:
		if !v.IsNil() {
			copied := reflect.New(v.Type().Elem())
			copied.Elem().Set(v.Elem())
			poison(t, copied.Elem(), name)
			v.Set(copied)
		}
	case reflect.Slice:
		if v.Type() == reflect.TypeFor[[]history.Point]() {
			return
		}
		copied := reflect.MakeSlice(v.Type(), v.Len(), v.Len())
		reflect.Copy(copied, v)
		for i := range copied.Len() {
			poison(t, copied.Index(i), name)
		}
		if v.Len() > 0 {
			v.Set(copied)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type() != reflect.TypeFor[time.Time]() {
				poison(t, v.Field(i), v.Type().Field(i).Name)
			}
		}
	}
}

// TestDraftIsInert is promise T2. Mutants: escape HTML only; leave @ or # outside code; keep the bar; start a line with data.
func TestDraftIsInert(t *testing.T) {
	if p := inertProblem(render(t, sample.Incident(), "")); p != "" {
		t.Fatal(p)
	}
	rapid.Check(t, func(t *rapid.T) {
		events := sample.Incident()
		for i, e := range events {
			if rapid.IntRange(0, 3).Draw(t, "hit") > 0 {
				continue
			}
			body := reflect.New(reflect.TypeOf(e.Body)).Elem()
			body.Set(reflect.ValueOf(e.Body))
			poison(t, body, "")
			events[i].Body = body.Interface().(history.Body)
			poison(t, reflect.ValueOf(&events[i].Actor).Elem(), "Actor")
		}
		var b strings.Builder
		if err := Write(&b, events, rapid.SampledFrom(barbs).Draw(t, "damage")); err != nil {
			t.Fatal(err)
		}
		if p := inertProblem(b.String()); p != "" {
			t.Fatalf("%s\n%s", p, b.String())
		}
	})
}

// TestIDsAreInert renames the changes and a step to what would start a list or a heading. Mutant: start a line with data.
func TestIDsAreInert(t *testing.T) {
	for _, id := range []string{"1.", "-", "#", "+", "```", ">", "[x]:", "@team"} {
		events := sample.Incident()
		for i, e := range events {
			raw, err := history.Encode(e)
			if err != nil {
				t.Fatal(err)
			}
			raw = []byte(strings.NewReplacer(`"E1"`, `"`+id+`"`, `"raise-table"`, `"`+id+`"`).Replace(string(raw)))
			if events[i], err = history.Decode(e.Seq, raw); err != nil {
				t.Fatal(err)
			}
		}
		if p := inertProblem(render(t, events, "")); p != "" {
			t.Errorf("%q as an id: %s", id, p)
		}
	}
}

func FuzzInert(f *testing.F) {
	for _, b := range barbs {
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if p := inertProblem("---\n---\n# x\n\nsaid: " + inert(s) + "\n\n| a | b |\n|---|---|\n| " + inert(s) + " | " + literal(s+"x") + " |\n\n- by: " + inert(s) + "\n"); p != "" {
			t.Fatalf("%s: %q → %s", p, s, inert(s))
		}
	})
}

func TestInertReadsWell(t *testing.T) {
	for in, want := range map[string]string{
		"writes refused, 46/s > 0 (7 of 8 min)": "writes refused, 46/s > 0 (7 of 8 min)",
		"write_throttles@orders: up":            "`write_throttles@orders`: up",
		"see (https://x.y/z), @ana":             "see (`https://x.y/z`), `@ana`",
		"a|b\nc":                                "a¦b ⏎ c",
		"a`b``c":                                "```a`b``c```",
		"`":                                     "`` ` ``",
		"arn:aws:iam::123456789012:role/x":      "`arn:aws:iam::…9012:role/x`",
		"red\x1b[31m":                           "`red\\x1b[31m`",
	} {
		if got := inert(in); got != want {
			t.Errorf("inert(%q) = %q, want %q", in, got, want)
		}
	}
}

// TestAccountIsMasked is promise T3. Mutant: print Session.Account.
func TestAccountIsMasked(t *testing.T) {
	events := append(sample.Incident(), history.Event{Body: history.Noted{Text: "role arn:aws:iam::123456789012:role/x, (123456789012)"}})
	if md := render(t, events, "in account 123456789012"); strings.Contains(md, "123456789012") || !strings.Contains(md, "…9012") {
		t.Fatal("the account number is in the draft")
	}
}

// TestRenderingLeavesNoTrace: rendering twice, also with the first rendering on record, gives the same bytes.
func TestRenderingLeavesNoTrace(t *testing.T) {
	events := sample.Incident()
	first := render(t, events, "")
	if second := render(t, append(events, history.Event{
		Seq: uint64(len(events) + 1), At: events[len(events)-1].At.Add(time.Minute),
		Body: history.PostmortemWritten{Path: "/x"},
	}), ""); second != first {
		t.Fatal("the second rendering differs")
	}
}

func TestEveryPrefixRenders(t *testing.T) {
	events := sample.Incident()
	for n := range events {
		if p := inertProblem(render(t, events[:n], "")); p != "" {
			t.Fatalf("after %d events: %s", n, p)
		}
	}
}

func TestSparkShowsGaps(t *testing.T) {
	s := &history.Series{Period: 60, Points: []history.Point{{T: 0, V: 0}, {T: 60, V: 4}, {T: 240, V: 8}}}
	if got := spark(s, time.Unix(0, 0), time.Unix(300, 0), nil); got != "▁▄··█" {
		t.Fatalf("%s", got)
	}
}

func TestFile(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "s1")
	w, err := journal.Create(journal.OS{}, dir, journal.Meta{Session: "s1"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Append(sample.Incident()...); err != nil {
		t.Fatal(err)
	}
	path, err := File(journal.OS{}, dir, "")
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(path)
	if err != nil || string(got) != render(t, sample.Incident(), "") {
		t.Fatalf("the file is not what Write renders: %v", err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("%v %v", info.Mode(), err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
}
