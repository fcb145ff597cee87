package main

import (
	"bytes"
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
	} {
		var out bytes.Buffer
		err := lintRunbooks(&out, team{}, []string{c.file}, day)
		if codeOf(err) != c.code || !strings.Contains(out.String(), c.want) {
			t.Errorf("%s: %v, code %d, %s", c.file, err, codeOf(err), out.String())
		}
	}
}
