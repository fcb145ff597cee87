package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// A file's problems come one a line with their place, a sound file of the library is called fine, and only problems are an error.
func TestLintRunbooks(t *testing.T) {
	day := time.Date(2026, 3, 3, 0, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		file, want string
		code       int
	}{
		{write(t, "l.md", "# no front matter\n"), "l.md:1:1: found no front matter", exitUnusable},
		{"../../runbooks/testdata/lint/acts.md", "acts.md:10: bare has no undo", exitUnusable},
		{"../../runbooks/library/hot-partition.md", "hot-partition.md: fine", exitOK},
		{variantBook(t, `{"TableName":"orders","Key":{"pk":{"S":"x"}}}`), "slow.md: fine", exitOK},
		{variantBook(t, `{"TableName":"orders","Item":{"pk":{"S":"x"}}}`), "slow.md:10: ask names a variant that cannot be used", exitUnusable},
		{variantBook(t, ""), "ask names a variant that cannot be used: input", exitUnusable},
	} {
		var out bytes.Buffer
		err := lintRunbooks(&out, team{}, []string{c.file}, day)
		if codeOf(err) != c.code || !strings.Contains(out.String(), c.want) {
			t.Errorf("%s: %v, code %d, %s", c.file, err, codeOf(err), out.String())
		}
	}
}

// TestLintKnowsTheProbes: a probe that the team does not have is a problem; of a team that names none nothing can be said. Mutant: never
// look.
func TestLintKnowsTheProbes(t *testing.T) {
	book := variantBook(t, `{"TableName":"orders","Key":{"pk":{"S":"x"}}}`)
	raw, err := os.ReadFile(book)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(book, bytes.Replace(raw, []byte("by-key.json}"), []byte("by-key.json, probe: open-orders}"), 1), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		team team
		want string
	}{
		{team{}, "slow.md: fine"},
		{team{Probes: []teamProbe{{Name: "open-orders"}}}, "slow.md: fine"},
		{team{Probes: []teamProbe{{Name: "late-orders"}}}, "slow.md:10: ask names probe open-orders, which the configuration does not have"},
	} {
		var out bytes.Buffer
		err := lintRunbooks(&out, c.team, []string{book}, time.Date(2026, 3, 3, 0, 0, 0, 0, time.UTC))
		if !strings.Contains(out.String(), c.want) || (err == nil) != strings.HasSuffix(c.want, "fine") {
			t.Errorf("%+v: %v, %s", c.team.Probes, err, out.String())
		}
	}
}

// variantBook writes a runbook with an act that names a variant, and the variant beside it unless it is empty.
func variantBook(t *testing.T, variant string) string {
	t.Helper()
	book := write(t, "slow.md", "---\nrunbook: slow\nversion: 1\ntitle: T\nowner: o\nreview_by: 2027-01-31\nkinds: [slow_query]\n---\n\n"+
		"```yaml act id=ask\nsay: Ask by the key\nchange: {variant: by-key.json}\nrisk: reversible\nundo: The probe asks as before\n"+
		"expect: {signal: trouble, within: 5m}\non_no_effect: {undo: true, goto: escalate}\n```\n")
	if variant != "" {
		if err := os.WriteFile(filepath.Join(filepath.Dir(book), "by-key.json"), []byte(variant), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return book
}
