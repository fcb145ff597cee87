package main

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/ddbloop/ddbloop/engine/sim/scenario"
	"github.com/ddbloop/ddbloop/engine/sim/scenarios"
	"github.com/ddbloop/ddbloop/tui/keys"
)

func document(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile("../../" + name)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// The table of scenarios in the docs is the embedded files, no more and no less.
func TestDocsListTheScenarios(t *testing.T) {
	docs := document(t, "docs/scenarios.md")
	row := regexp.MustCompile("(?m)^\\| `([a-z0-9-]+)` \\| `([a-z_]+)` \\| (.*) \\|$")
	listed := map[string][2]string{}
	for _, m := range row.FindAllStringSubmatch(docs, -1) {
		listed[m[1]] = [2]string{m[2], m[3]}
	}
	for _, name := range scenarios.Names() {
		data, err := scenarios.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		sc, err := scenario.Parse(name+".yaml", data, scenario.Options{})
		if err != nil {
			t.Fatal(err)
		}
		got, ok := listed[name]
		switch {
		case !ok:
			t.Errorf("docs/scenarios.md does not list %s", name)
		case got[0] != sc.Truth.Kind || !strings.HasPrefix(got[1], sc.Title):
			t.Errorf("docs/scenarios.md lists %s as %q; it is %s, %s", name, got, sc.Truth.Kind, sc.Title)
		}
		delete(listed, name)
	}
	for name := range listed {
		t.Errorf("docs/scenarios.md lists %s, which is not there", name)
	}
}

// The README's table of keys is the table of bindings, row by row.
func TestReadmeListsTheKeys(t *testing.T) {
	_, text, _ := strings.Cut(document(t, "README.md"), "| key | does |\n|---|---|\n")
	text, _, _ = strings.Cut(text, "\n\n")
	var want []string
	for _, group := range keys.Groups {
		for _, b := range keys.All {
			if b.Group == group {
				want = append(want, "| `"+b.Show+"` | "+b.Help+" |")
			}
		}
	}
	if text != strings.Join(want, "\n") {
		t.Errorf("the README lists\n%s\nthe table of bindings is\n%s", text, strings.Join(want, "\n"))
	}
}

// A test that the page names as a rule's proof is there.
func TestDocsNameTestsThatExist(t *testing.T) {
	var code strings.Builder
	for _, dir := range []string{"engine/sim", "engine/sim/world", "engine/sim/items", "engine/sim/wire"} {
		entries, err := os.ReadDir("../../" + dir)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			if strings.HasSuffix(e.Name(), "_test.go") {
				code.WriteString(document(t, dir+"/"+e.Name()))
			}
		}
	}
	for _, name := range regexp.MustCompile("`(Test[A-Za-z0-9]+)`").FindAllStringSubmatch(document(t, "docs/embedded-aws.md"), -1) {
		if !strings.Contains(code.String(), "func "+name[1]+"(") {
			t.Errorf("docs/embedded-aws.md names %s, which is not there", name[1])
		}
	}
}
