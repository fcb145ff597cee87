package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/applicationautoscaling"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

const (
	module    = "github.com/ddbloop/ddbloop/"
	moduleDir = "../.."
)

// rooms are the rooms of the house, the innermost first: what of ours each may import, and what of others' only it may.
var rooms = []struct {
	dir  string
	ours []string // "" = everything
}{
	{"history", []string{"history"}},
	{"runbooks", []string{"runbooks", "history"}},
	{"engine/sim", []string{"engine/sim"}},
	{"engine/aws", []string{"engine/aws", "engine/clock", "history"}},
	{"engine", []string{"engine", "runbooks", "history"}},
	{"tui", []string{"tui", "engine", "runbooks", "history"}},
	{"cmd", []string{""}},
}

// apart are packages that only some rooms may import, whatever rooms says.
var apart = []struct {
	path string // prefix
	only []string
}{
	{module + "engine/sim", []string{"engine/sim", "cmd"}},
	{module + "engine/aws", []string{"engine", "cmd"}},
	{"github.com/aws/aws-sdk-go-v2/service/", []string{"engine/aws", "engine/sim"}},
	{"charm.land/bubbletea/", []string{"tui", "cmd"}},
	{"github.com/charmbracelet/bubbletea", []string{"tui", "cmd"}},
}

// serialisers are what history may use beside the standard library.
var serialisers = []string{"go.yaml.in/yaml/", module + "history"}

type goFile struct {
	file string // slashes, relative to the root
	test bool
	tree *ast.File
}

// goFiles parses every Go file of the module.
func goFiles(t *testing.T) []goFile {
	t.Helper()
	var out []goFile
	set := token.NewFileSet()
	err := filepath.WalkDir(moduleDir, func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && name != moduleDir && (strings.HasPrefix(d.Name(), ".") || d.Name() == "testdata"):
			return filepath.SkipDir
		case d.IsDir() || !strings.HasSuffix(name, ".go"):
			return nil
		}
		tree, err := parser.ParseFile(set, name, nil, parser.SkipObjectResolution)
		rel, _ := filepath.Rel(moduleDir, name)
		out = append(out, goFile{file: filepath.ToSlash(rel), test: strings.HasSuffix(name, "_test.go"), tree: tree})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(out) < 100 {
		t.Fatalf("found only %d files: the test looks in the wrong place", len(out))
	}
	return out
}

// TestImportsPointDownward keeps the house's arrows. Tests may reach for the embedded AWS and for what they check against.
func TestImportsPointDownward(t *testing.T) {
	for _, s := range goFiles(t) {
		room := -1
		for i, r := range rooms {
			if under(s.file, r.dir) {
				room = i
				break
			}
		}
		if room < 0 {
			t.Errorf("%s stands in no room of the house", s.file)
			continue
		}
		for _, spec := range s.tree.Imports {
			what, _ := strconv.Unquote(spec.Path.Value)
			if !s.test && !allowed(s.file, rooms[room].ours, what) {
				t.Errorf("%s must not import %s", s.file, what)
			}
		}
	}
}

func allowed(file string, ours []string, what string) bool {
	for _, a := range apart {
		if strings.HasPrefix(what, a.path) && !underAny(file, a.only) {
			return false
		}
	}
	if rest, mine := strings.CutPrefix(what, module); mine {
		return underAny(rest, ours)
	}
	if external := strings.Contains(strings.SplitN(what, "/", 2)[0], "."); external && under(file, "history") {
		for _, s := range serialisers {
			if strings.HasPrefix(what, s) {
				return true
			}
		}
		return false
	}
	return true
}

func under(name, dir string) bool {
	return dir == "" || name == dir || strings.HasPrefix(name, dir+"/")
}

func underAny(name string, dirs []string) bool {
	for _, d := range dirs {
		if under(name, d) {
			return true
		}
	}
	return false
}

// TestOneFileChangesTables: of all code that reaches a real account, one file names the calls that change a table, with the one
// beside it that makes their requests.
func TestOneFileChangesTables(t *testing.T) {
	const writer, requests = "engine/aws/write.go", "engine/aws/write_request.go"
	const selects = "engine/aws/partiql.go" // a statement can write as well: TestOnlySelects
	named := map[string]bool{}
	for _, s := range goFiles(t) {
		if s.test || under(s.file, "engine/sim") {
			continue
		}
		ast.Inspect(s.tree, func(n ast.Node) bool {
			if id, ok := n.(*ast.Ident); ok && changesTable(id.Name) {
				named[s.file] = true
				if s.file != writer && !(s.file == requests && strings.HasSuffix(id.Name, "Input")) && !(s.file == selects && strings.HasPrefix(id.Name, "ExecuteStatement")) {
					t.Errorf("%s names %s", s.file, id.Name)
				}
			}
			return true
		})
	}
	if !named[writer] {
		t.Errorf("%s names nothing that changes a table: this test looks for the wrong words", path.Base(writer))
	}
}

// calls are all operations of the services that ddbloop has clients for, as the SDK has them today.
var calls = func() map[string]bool {
	out := map[string]bool{}
	for _, client := range []any{&dynamodb.Client{}, &cloudwatch.Client{}, &applicationautoscaling.Client{}, &cloudtrail.Client{}, &sts.Client{}} {
		t := reflect.TypeOf(client)
		for i := range t.NumMethod() {
			out[t.Method(i).Name] = true
		}
	}
	return out
}()

// changesTable reports whether an identifier is one of the SDK's for a call that is not plainly a read.
func changesTable(name string) bool {
	name = strings.TrimSuffix(name, "Input")
	if !calls[name] || name == "Options" {
		return false
	}
	for _, r := range []string{"Describe", "List", "Get", "BatchGet", "TransactGet", "Lookup", "Query", "Scan"} {
		if strings.HasPrefix(name, r) {
			return false
		}
	}
	return true
}
