package runbooks

import (
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the golden files anew")

// golden runs f over every document of a folder and compares what it says with the .txt beside it.
func golden(t *testing.T, dir string, f func(name string, src []byte) string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("testdata", dir, "*.md"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no documents in %s: %v", dir, err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			src, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			got, path := f(filepath.Base(file), src), strings.TrimSuffix(file, ".md")+".txt"
			if *update {
				if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestParseErrorsNameTheirPlace(t *testing.T) {
	golden(t, "parse", func(name string, src []byte) string {
		_, err := Parse(name, src)
		if err == nil {
			return "ok\n"
		}
		return err.Error() + "\n"
	})
}

func TestLintFindings(t *testing.T) {
	today := time.Date(2026, 12, 1, 23, 0, 0, 0, time.UTC)
	golden(t, "lint", func(name string, src []byte) string {
		r, err := Parse(name, src)
		if err != nil {
			t.Fatal(err)
		}
		return Lint(r, catalogue(), today).Error() + "\n"
	})
}

func TestParseReadsEveryField(t *testing.T) {
	src, err := os.ReadFile("testdata/parse/valid.md")
	if err != nil {
		t.Fatal(err)
	}
	r, err := Parse("valid.md", src)
	if err != nil {
		t.Fatal(err)
	}
	if r.Name != "valid" || r.Version != 3 || r.Owner != "team-orders" || len(r.Kinds) != 2 || r.ReviewBy.Year() != 2027 || len(r.Hash) != 64 {
		t.Errorf("front matter %+v", r)
	}
	limit, raise := r.Step("limit"), r.Step("raise")
	if limit.Section != "Look" || limit.Prose != "Why we look." || limit.Line != 22 || limit.Check.Hold != 3*time.Minute {
		t.Errorf("limit %+v", limit)
	}
	a := raise.Act
	if a.Approve != 2 || !a.Idempotent || a.Expect.By != 0.5 || a.Expect.Within != 90*time.Second || a.Expect.Harm[0] != (Harm{"latency_p99", 1.5}) {
		t.Errorf("raise %+v %+v", a, a.Expect)
	}
	if !a.OnNoEffect.Undo || a.OnNoEffect.Goto != Escalate || a.OnRefused != Escalate || a.OnEffect != "why" || a.Risk != Limited {
		t.Errorf("raise %+v", a)
	}
	if last := r.Steps[len(r.Steps)-1]; last.ID != Escalate || last.Act.Change.Kind != Escalate {
		t.Errorf("no act to escalate with: %+v", last)
	}
	o := r.Opened("orders", "write", "p 0.9")
	if o.Steps[2].Change != "table.write" || o.Steps[1].Choices[0].When != "limit == pass" || o.Steps[1].Choices[1].Goto != End || o.Steps[3].To != "causes" {
		t.Errorf("opened %+v", o.Steps)
	}
	crlf, err := Parse("valid.md", []byte(strings.ReplaceAll(string(src), "\n", "\r\n")))
	if err != nil || len(crlf.Steps) != len(r.Steps) || crlf.Step("limit").Line != 22 {
		t.Errorf("with CRLF: %v", err)
	}
}

func TestParseIsBounded(t *testing.T) {
	src, err := os.ReadFile("testdata/parse/valid.md")
	if err != nil {
		t.Fatal(err)
	}
	note := func(n string) string { return "\n```yaml note id=" + n + "\nask: x\nto: y\n```\n" }
	many, wrong := string(src), string(src)
	for i := range 70 {
		many += note("n" + strings.Repeat("x", i%35) + string(rune('a'+i/35)))
		wrong += "\n```yaml note id=A\n```\n\n```yaml nope id=a\n```\n"
	}
	for name, doc := range map[string]string{"long": string(src) + strings.Repeat("x", maxSource), "many": many} {
		if _, err := Parse("x.md", []byte(doc)); err == nil {
			t.Errorf("%s was read", name)
		}
	}
	var list Problems
	if _, err := Parse("x.md", []byte(wrong)); !errors.As(err, &list) || len(list) != maxProblems {
		t.Errorf("%d problems, want %d", len(list), maxProblems)
	}
}

// Whatever the file: a runbook or problems that lie inside it, never a panic.
func FuzzParse(f *testing.F) {
	for _, pattern := range []string{"testdata/parse/*.md", "testdata/lint/*.md", "library/*.md"} {
		files, _ := filepath.Glob(pattern)
		for _, file := range files {
			if src, err := os.ReadFile(file); err == nil {
				f.Add(src)
			}
		}
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		r, err := Parse("f.md", src)
		if err == nil {
			Lint(r, catalogue(), time.Unix(0, 0))
			r.Opened("orders", "write", "fuzz")
			return
		}
		var list Problems
		if !errors.As(err, &list) || len(list) == 0 {
			t.Fatalf("%v is no list of problems", err)
		}
		lines := strings.Count(string(src), "\n") + 2
		for _, p := range list {
			if p.Line < 1 || p.Line > lines || strings.ContainsFunc(p.Text, forbidden) {
				t.Fatalf("%q on line %d of %d", p.Text, p.Line, lines)
			}
		}
	})
}

// A block is one YAML document: what a second says would be dropped unread, a guard too. Mutant: yaml.Unmarshal, which reads the first only.
func TestASecondDocumentIsRefused(t *testing.T) {
	src, err := os.ReadFile("testdata/parse/valid.md")
	if err != nil {
		t.Fatal(err)
	}
	two := strings.TrimRight(string(src), "\n") + "\n\n```yaml note id=more\nask: x\nto: causes\n---\nask: y\n```\n"
	if _, err := Parse("x.md", []byte(two)); err == nil || !strings.Contains(err.Error(), "second document in note") {
		t.Errorf("%v", err)
	}
}
