package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ddbloop/ddbloop/runbooks"
)

// shelved runs a runbooks command on a team's folder that holds one runbook.
func shelved(t *testing.T, args ...string) (string, error) {
	t.Helper()
	clean(t)
	dir := t.TempDir()
	book := "---\nrunbook: retry-storm\nversion: 7\ntitle: Ours\u200b\nowner: o\nreview_by: 2027-01-31\nkinds: [retry_storm]\n---\n\n" +
		"Some prose\u00ad.\n\n\t```yaml note id=x\n\n```yaml note id=why\nask: Why?\nto: causes\n```\n"
	config := "runbooks: " + dir + "\n"
	for name, text := range map[string]string{"ours.md": book, "config.yaml": config} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var out bytes.Buffer
	cmd := root()
	cmd.SetArgs(append([]string{"runbooks", "--config", filepath.Join(dir, "config.yaml")}, args...))
	cmd.SetOut(&out)
	err := cmd.ExecuteContext(t.Context())
	return out.String(), err
}

// TestRunbooksList: the team's own stand first and hide the embedded ones of their name. Mutant: list the embedded library alone.
func TestRunbooksList(t *testing.T) {
	out, err := shelved(t, "list")
	if err != nil {
		t.Fatal(err)
	}
	library, err := runbooks.Library()
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(out), "\n")
	if len(lines) != len(library) || !strings.HasPrefix(lines[0], "retry-storm ") || !strings.Contains(lines[0], "Ours") || !strings.HasSuffix(lines[0], "ours.md") {
		t.Errorf("%d lines for %d runbooks: %s", len(lines), len(library), lines[0])
	}
	if strings.Count(out, "retry-storm ") != 1 || !strings.Contains(out, "stream_lag, replica_lag, kinesis_capture") {
		t.Error(out)
	}
}

// TestRunbooksShow: a document comes out as it stands, but for what a terminal could act on or nobody could see. Mutant: print the source.
func TestRunbooksShow(t *testing.T) {
	out, err := shelved(t, "show", "hot-partition")
	raw, _ := os.ReadFile("../../runbooks/library/hot-partition.md")
	if err != nil || out != string(raw) {
		t.Errorf("%v: %.200s", err, out)
	}
	out, err = shelved(t, "show", "retry-storm")
	if err != nil || !strings.Contains(out, `title: Ours\u200b`) || !strings.Contains(out, `Some prose\xad.`) || !strings.Contains(out, `\t`+"```yaml") || !strings.Contains(out, "version: 7\n") {
		t.Errorf("%v: %q", err, out)
	}
	if _, err = shelved(t, "show", "no-such"); codeOf(err) != exitUnusable || !strings.Contains(err.Error(), "behind, blind") {
		t.Error(err)
	}
}

// TestRunbooksNew: the skeleton of every kind lints on the day it was made and a year on. Mutants: a review day that has passed; a name
// with the kind's underscore.
func TestRunbooksNew(t *testing.T) {
	library, err := runbooks.Library()
	if err != nil {
		t.Fatal(err)
	}
	today := time.Date(2028, 2, 29, 0, 0, 0, 0, time.UTC)
	for _, r := range library {
		for _, kind := range r.Kinds {
			var made, said bytes.Buffer
			if err := newRunbook(&made, library, kind, today); err != nil {
				t.Fatal(err)
			}
			file := write(t, kind+".md", made.String())
			if err := lintRunbooks(&said, team{}, []string{file}, today.AddDate(1, 0, 0)); err != nil {
				t.Errorf("%s: %v: %s", kind, err, said.String())
			}
			if made, err := runbooks.Parse(file, made.Bytes()); err != nil || !made.For(kind) || len(made.Kinds) != 1 {
				t.Errorf("%s: %v", kind, err)
			}
		}
	}
	if _, err := shelved(t, "new", "bad luck"); codeOf(err) != exitUnusable || !strings.Contains(err.Error(), "retry_storm") {
		t.Error(err)
	}
	if out, err := shelved(t, "new", "scan_storm"); err != nil || !strings.HasPrefix(out, "---\nrunbook: scan-storm\n") {
		t.Errorf("%v: %.100s", err, out)
	}
}
