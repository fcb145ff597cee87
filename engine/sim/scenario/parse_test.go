package scenario

import (
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/ddbloop/ddbloop/engine/sim/scenarios"
)

// example returns an embedded file, which Parse must take.
func example(t testing.TB, name, magnitude string) *Scenario {
	t.Helper()
	data, err := scenarios.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	s, err := Parse(name, data, Options{Magnitude: magnitude})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestEmbeddedScenariosParse(t *testing.T) {
	for _, name := range scenarios.Names() {
		for _, m := range magnitudes {
			s := example(t, name, m)
			if s.Name != name || s.Magnitude != m {
				t.Errorf("%s: resolved to %s, %s", name, s.Name, s.Magnitude)
			}
			if s.Truth.Disposition == "optimize" && len(s.Truth.Cures) == 0 || s.Truth.Kind != "calm" && (s.Duration-s.Truth.Begins < 30*time.Minute) {
				t.Errorf("%s: an incident needs a cure and time to recover", name)
			}
		}
	}
}

func TestMagnitudePicks(t *testing.T) {
	for m, want := range map[string]float64{"low": 0.5, "": 0.6, "base": 0.6, "high": 0.9} {
		s := example(t, "hot-partition", m)
		if got := s.Events[0].Sets[1].Value; got != (Keys{Kind: Hot, Share: want, Keys: 1}) {
			t.Errorf("magnitude %q: keys %+v", m, got)
		}
	}
	if _, err := Parse("x", nil, Options{Magnitude: "huge"}); err == nil {
		t.Error("magnitude huge: no error")
	}
}

func TestExampleResolves(t *testing.T) {
	s := example(t, "hot-partition", "base")
	want := Table{
		Name: "orders", Key: Key{Partition: "tenant", Sort: "created_at", Distinct: 20000}, Mode: Provisioned,
		Throughput: Throughput{Read: 4000, Write: 8000}, Items: 2e6, ItemBytes: 900,
		SplitAfter: 10 * time.Minute, Settle: 90 * time.Second, Insights: InsightsThrottled,
		Indexes: []Index{{
			Name: "by-status", Key: Key{Partition: "status", Sort: "created_at", Distinct: 500},
			Projection: ProjectAll, Throughput: Throughput{Read: 500, Write: 8000},
		}},
	}
	if !reflect.DeepEqual(s.Tables[0], want) {
		t.Errorf("table\n got %+v\nwant %+v", s.Tables[0], want)
	}
	c := s.Traffic[0]
	if c.Demand.Rate != 1200 || c.Keys != (Keys{Kind: Zipf, S: 1.05}) || c.SDK != (SDK{4, 25 * time.Millisecond, time.Second, 500}) ||
		c.SLO != (SLO{P99: 60 * time.Millisecond, Success: 0.999}) || c.Feed != time.Second || c.WritesTo("by-status") != 1 {
		t.Errorf("client %+v", c)
	}
	if e := s.Events[0]; e.At != 5*time.Minute || e.Until != Forever || !reflect.DeepEqual(e.Sets[0].Value, Demand{Rate: 2400}) ||
		!reflect.DeepEqual(e.Sets[0].Path, Path{ScopeTraffic, "checkout", []string{"rate"}}) {
		t.Errorf("event %+v", e)
	}
	if !reflect.DeepEqual(s.Here.Probes, []Probe{{Table: "orders", Operation: "GetItem", Every: time.Second}}) {
		t.Errorf("probes %+v", s.Here.Probes)
	}
	if got := s.Truth.Futile[0]; got.Kind != "table.write" || got.Target() != "orders" || got.String() != "table.write" {
		t.Errorf("futile %+v", got)
	}
	if got := s.Truth.Cures[0].Lever(); got != "limit-hot-tenant" {
		t.Errorf("cure %q", got)
	}
}

func readFile(t testing.TB, path string) []byte {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func beside(dir string) func(string) ([]byte, error) {
	return func(path string) ([]byte, error) { return os.ReadFile(filepath.Join(dir, path)) }
}

func TestValidFiles(t *testing.T) {
	paths, _ := filepath.Glob("testdata/valid/*.yaml")
	if len(paths) == 0 {
		t.Fatal("no files")
	}
	for _, path := range paths {
		for _, m := range magnitudes {
			if _, err := Parse(path, readFile(t, path), Options{Magnitude: m, OpenFile: beside("testdata/valid")}); err != nil {
				t.Errorf("%s: %v", m, err)
			}
		}
	}
}

// Each invalid file begins with the errors it must give, one comment line each:
// # line:column: text
func TestInvalidFiles(t *testing.T) {
	paths, _ := filepath.Glob("testdata/invalid/*.yaml")
	if len(paths) == 0 {
		t.Fatal("no files")
	}
	for _, path := range paths {
		t.Run(filepath.Base(path), func(t *testing.T) {
			data := readFile(t, path)
			var want []string
			for line := range strings.Lines(string(data)) {
				text, ok := strings.CutPrefix(line, "# ")
				if !ok {
					break
				}
				want = append(want, path+":"+strings.TrimSpace(text))
			}
			_, err := Parse(path, data, Options{OpenFile: beside("testdata/invalid")})
			if err == nil {
				t.Fatal("no error")
			}
			if got := err.Error(); got != strings.Join(want, "\n") {
				t.Errorf("got\n%s\nwant\n%s", got, strings.Join(want, "\n"))
			}
		})
	}
}

func TestFileNameIsTheID(t *testing.T) {
	data, _ := scenarios.Open("calm")
	for _, name := range []string{"calm", "calm.yaml", "dir/calm.yml", "/tmp/calm.yaml"} {
		if _, err := Parse(name, data, Options{}); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := Parse("dir/other.yaml", data, Options{}); err == nil {
		t.Error("other.yaml: no error")
	}
}

func TestManyProblemsAreBounded(t *testing.T) {
	data := "scenario: many\n" + strings.Repeat("x: 1\n", 100)
	_, err := Parse("many", []byte(data), Options{})
	var e *Error
	if !errors.As(err, &e) || len(e.Problems) != maxProblems || e.More == 0 {
		t.Fatalf("%v", err)
	}
	if lines := strings.Split(err.Error(), "\n"); len(lines) != maxProblems+1 {
		t.Errorf("%d lines", len(lines))
	}
}

func TestHostileInputIsRefusedQuickly(t *testing.T) {
	bomb := "a: &a [x,x,x,x,x,x,x,x]\n"
	for i := 'b'; i < 'k'; i++ {
		bomb += string(i) + ": &" + string(i) + " [" + strings.Repeat("*"+string(i-1)+",", 8) + "]\n"
	}
	for name, data := range map[string]string{
		"bomb":   bomb,
		"deep":   strings.Repeat("[", 9000),
		"nested": strings.Repeat("{a: ", 100) + strings.Repeat("}", 100),
		"large":  strings.Repeat("x", maxBytes+1),
		"wide":   "[" + strings.Repeat("1,", maxNodes+10) + "]",
		"escape": "title: \"\\e[31mred\"\nscenario: escape\n",
		"binary": "\x00\x01\xff",
		"tag":    "!!binary aGk=",
		"merge":  "<<: {scenario: a}",
		"second": "scenario: a\n---\nscenario: b\n",
	} {
		_, err := Parse(name, []byte(data), Options{})
		if err == nil {
			t.Errorf("%s: no error", name)
		} else {
			checkLines(t, name, err)
		}
	}
}

var errorLine = regexp.MustCompile(`^[^\n]*:\d+:\d+: \P{C}+$`)

// checkLines fails unless each line of the error says where and holds nothing that moves a cursor.
func checkLines(t *testing.T, name string, err error) {
	t.Helper()
	for i, line := range strings.Split(err.Error(), "\n") {
		if !errorLine.MatchString(line) && i < maxProblems {
			t.Errorf("%s: line %q", name, line)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, name := range scenarios.Names() {
		data, _ := scenarios.Open(name)
		f.Add(data)
	}
	for _, glob := range []string{"testdata/valid/*.yaml", "testdata/invalid/*.yaml"} {
		paths, _ := filepath.Glob(glob)
		for _, path := range paths {
			f.Add(readFile(f, path))
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, m := range magnitudes {
			s, err := Parse("calm.yaml", data, Options{Magnitude: m, OpenFile: func(string) ([]byte, error) { return data, nil }})
			if err != nil {
				checkLines(t, "fuzz", err)
				continue
			}
			for _, e := range s.Events {
				s.State([]Layer{{Sets: e.Sets, From: e.At, Over: e.Over}}, e.At+e.Over/2)
			}
		}
	})
}

// The page's own example must be one that ddbloop takes.
func TestDocumentedExampleParses(t *testing.T) {
	page := string(readFile(t, "../../../docs/scenarios.md"))
	_, rest, _ := strings.Cut(page, "```yaml\n")
	file, _, _ := strings.Cut(rest, "```")
	for _, m := range magnitudes {
		if _, err := Parse("slow-shop.yaml", []byte(file), Options{Magnitude: m}); err != nil {
			t.Error(err)
		}
	}
}
