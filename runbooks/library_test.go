package runbooks

import (
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
	for _, k := range []string{"hot_partition", "underprovisioned_table", "gsi_backpressure"} {
		if !kinds[k] {
			t.Errorf("no runbook for %s", k)
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
