package runbooks

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/text"

	"github.com/ddbloop/ddbloop/history"
)

// units is a catalogue as the tests need it.
type units map[string]string

func (u units) Unit(name string) (string, bool) {
	unit, ok := u[name]
	return unit, ok
}

func catalogue() units {
	u := units{
		"latency_avg": "ms", "latency_p99": "ms", "system_errors": "/s", "requests": "/s", "probe_ok": "", "probe_latency": "ms",
		"feed_p99": "ms", "feed_success": "", "retry_factor": "", "conditional_failures": "/s", "transaction_conflicts": "/s",
		"ttl_deletes": "/s", "user_errors": "/s", "iterator_age": "ms",
	}
	for _, side := range []string{"read", "write"} {
		u["consumed_"+side], u[side+"_limit"], u[side+"_utilisation"], u[side+"_throttle_share"] = "units/s", "units/s", "", ""
		for _, cause := range []string{"", "provisioned_", "keyrange_", "cap_", "account_"} {
			u[side+"_"+cause+"throttles"] = "/s"
		}
	}
	return u
}

func lib(t testing.TB) map[string]*Runbook {
	t.Helper()
	list, err := Library()
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]*Runbook{}
	for _, r := range list {
		out[r.Name] = r
		if r.File != "library/"+r.Name+".md" {
			t.Errorf("runbook %s lives in %s", r.Name, r.File)
		}
	}
	return out
}

func TestLibraryIsCleanAndComplete(t *testing.T) {
	today := time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC)
	kinds := map[string]bool{}
	for _, r := range lib(t) {
		for _, p := range Lint(r, catalogue(), today) {
			t.Error(p)
		}
		for _, k := range r.Kinds {
			kinds[k] = true
		}
	}
	for _, k := range kindsOfTrouble(t) {
		if !kinds[k] {
			t.Errorf("no runbook for %s", k)
		}
	}
}

// kindsOfTrouble are the kinds that the scenario format's own page lists, calm aside.
func kindsOfTrouble(t *testing.T) []string {
	t.Helper()
	page, err := os.ReadFile("../docs/scenarios.md")
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, m := range regexp.MustCompile("(?m)^\\| `[a-z0-9-]+` \\| `([a-z_]+)` \\|").FindAllStringSubmatch(string(page), -1) {
		if m[1] != "calm" && !slices.Contains(out, m[1]) {
			out = append(out, m[1])
		}
	}
	if len(out) < 30 {
		t.Fatalf("docs/scenarios.md lists the kinds %v only", out)
	}
	return out
}

// One kind, one runbook: which of two would open by itself nobody could say.
func TestNoKindHasTwoRunbooks(t *testing.T) {
	of := map[string]string{}
	for name, r := range lib(t) {
		for _, k := range r.Kinds {
			if of[k] != "" {
				t.Errorf("%s and %s are both for %s", of[k], name, k)
			}
			of[k] = name
		}
	}
}

// Whoever acts at night must know what it is held to, how it is taken back, when it must not be done, and what comes next
// when it did nothing or could not be done at all; and every way must come to a person in the end.
func TestEveryActOfTheLibraryIsWhole(t *testing.T) {
	for name, r := range lib(t) {
		for _, s := range r.Steps {
			if s.Act == nil || !s.Act.Change.Changes() {
				continue
			}
			a := s.Act
			if a.Guard == nil || a.Undo == "" || a.Expect == nil || a.OnNoEffect.Goto == "" || a.OnRefused == "" || a.OnEffect == "" {
				t.Errorf("%s: %s lacks a guard, an undo, an expectation or a way on: %+v", name, s.ID, a)
			}
			if a.Change.Kind == kindLever && !a.OnNoEffect.Undo {
				t.Errorf("%s: %s leaves a lever in force that did nothing", name, s.ID)
			}
			if a.Expect != nil && a.Expect.Within < time.Minute {
				t.Errorf("%s: %s wants its effect within %s: no metric shows it by then", name, s.ID, a.Expect.Within)
			}
		}
		if name == "layer-check" {
			continue
		}
		if len(r.ways(r.Step(Escalate))) == 0 || r.Step(Escalate).Act.Change.Does == "the runbook has no more to offer" {
			t.Errorf("%s hands over without saying what, and to whom", name)
		}
		for _, s := range r.Steps {
			if !r.leads(s.ID, func(id string) bool { return id == End }) {
				t.Errorf("%s: from %s no way leads to the end", name, s.ID)
			}
			if s.Act != nil && s.Act.Change.Changes() && !r.leads(s.ID, func(id string) bool { return id == Escalate }) {
				t.Errorf("%s: from %s no way leads to a person", name, s.ID)
			}
		}
	}
}

// leads reports whether some way from a step comes to a place.
func (r *Runbook) leads(from string, there func(id string) bool) bool {
	if there(from) {
		return true
	}
	s := r.Step(from)
	return s != nil && slices.ContainsFunc(r.ways(s), func(to string) bool { return r.leads(to, there) })
}

// Kinds that mend themselves, or are somebody else's, have runbooks that change nothing.
func TestRunbooksForWhatIsNotOursChangeNothing(t *testing.T) {
	list := []string{
		"on-demand-ramp", "autoscaling-lag", "account-quota", "service-trouble", "not-reached", "requests-refused", "behind",
		"upstream-drop", "blind", "layer-check",
	}
	for _, name := range list {
		for _, s := range lib(t)[name].Steps {
			if s.Act != nil && s.Act.Change.Changes() {
				t.Errorf("%s: %s changes something", name, s.ID)
			}
		}
	}
}

// A reader on GitHub must see every block as highlighted YAML at the left margin, and a manual that still
// reads without the blocks: prose before the first step and a heading over each.
func TestLibraryReadsAsMarkdown(t *testing.T) {
	for name, r := range lib(t) {
		_, body, _ := strings.Cut(strings.TrimPrefix(r.Source, "---\n"), "\n---\n")
		src := []byte(body)
		found := 0
		for n := goldmark.DefaultParser().Parse(text.NewReader(src)).FirstChild(); n != nil; n = n.NextSibling() {
			if f, ok := n.(*ast.FencedCodeBlock); ok {
				found++
				if string(f.Language(src)) != "yaml" {
					t.Errorf("%s: a block in %q", name, f.Language(src))
				}
			}
		}
		if found != len(r.Steps) {
			t.Errorf("%s: %d blocks on the page, %d steps", name, found, len(r.Steps))
		}
		for _, s := range r.Steps {
			if s.Section == "" {
				t.Errorf("%s: step %s stands under no heading", name, s.ID)
			}
		}
	}
}

func TestHotPartitionNeverAsksForCapacity(t *testing.T) {
	r := lib(t)["hot-partition"]
	first := ""
	for _, s := range r.Steps {
		if s.Act == nil {
			continue
		}
		if s.Act.Change.Settings() {
			t.Errorf("%s asks for capacity", s.ID)
		}
		if first == "" {
			first = s.Act.Change.Levers[0]
		}
	}
	if first != "limit_key" {
		t.Errorf("first act is %q, want limit_key", first)
	}
}

func TestMatchRanksByProbability(t *testing.T) {
	list, err := Library()
	if err != nil {
		t.Fatal(err)
	}
	fits := Match(list, []history.Hypothesis{
		{Kind: "gsi_backpressure", Target: "orders/by-status", P: 0.7},
		{Kind: "hot_partition", Target: "orders", P: 0.2},
	})
	if fits[0].Runbook.Name != "gsi-backpressure" || fits[0].Target != "orders/by-status" || fits[0].P != 0.7 {
		t.Errorf("first is %s on %s with %v", fits[0].Runbook.Name, fits[0].Target, fits[0].P)
	}
	if fits[1].Runbook.Name != "hot-partition" || fits[2].P != 0 || len(fits) != len(list) {
		t.Errorf("then %+v", fits[1:])
	}
}

// What the diagnosis holds to be first is first in the list too where the figures are equal.
func TestMatchKeepsTheOrderOfEquals(t *testing.T) {
	list, err := Library()
	if err != nil {
		t.Fatal(err)
	}
	fits := Match(list, []history.Hypothesis{
		{Kind: "hot_partition", Target: "orders", P: 0.26},
		{Kind: "gsi_hot_key", Target: "orders/by-status", P: 0.26},
		{Kind: "account_quota", Target: "orders", P: 0.26},
	})
	for i, want := range []string{"hot-partition", "gsi-hot-key", "account-quota"} {
		if got := fits[i].Runbook.Name; got != want {
			t.Errorf("row %d is %s, want %s", i, got, want)
		}
	}
}
