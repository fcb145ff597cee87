package signal_test

import (
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/ddbloop/ddbloop/engine/signal"
)

var update = flag.Bool("update", false, "write docs/signals.md anew")

const page = "../../docs/signals.md"

// The page is the catalogue. Mutant: change a signal's help.
func TestPage(t *testing.T) {
	want := signal.Page()
	if *update {
		if err := os.WriteFile(page, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(page)
	if err != nil || string(got) != want {
		t.Fatalf("%s differs from the catalogue (%v): go test ./engine/signal -update", page, err)
	}
	for _, s := range signal.All {
		if !strings.Contains(want, "| `"+s.Name+"` |") {
			t.Errorf("%s is not on the page", s.Name)
		}
	}
}

// Every metric that AWS documents is a signal, with a statistic that means something there, on the grid that AWS keeps.
// Mutants: leave a metric of the table without a signal; ask for the Sum of a percentage.
func TestCatalogueFollowsWhatAWSDocuments(t *testing.T) {
	letter := map[string]string{"Sum": "S", "Average": "A", "Minimum": "m", "Maximum": "M", "SampleCount": "N", "p50": "p", "p99": "p"}
	used := map[signal.Metric]bool{}
	for _, s := range signal.All {
		if s.Source != signal.CloudWatch {
			continue
		}
		m, ok := signal.FactsOf(s)
		if !ok {
			t.Errorf("%s asks for %s %s, which nobody documents", s.Name, s.Namespace, s.Metric)
			continue
		}
		used[m] = true
		if !strings.Contains(" "+m.Stats+" ", " "+letter[s.Stat]+" ") {
			t.Errorf("%s: %s of %s means nothing, only %s", s.Name, s.Stat, s.Metric, m.Stats)
		}
		if s.Period != m.Grid || s.Every != 0 && s.Every < s.Period {
			t.Errorf("%s is asked on a grid of %s each %s; AWS has %s", s.Name, s.Period, s.Every, m.Grid)
		}
	}
	for _, m := range signal.Metrics {
		if !used[m] {
			t.Errorf("no signal asks for %s", m.Name)
		}
		if signal.Sources[m.From] == "" {
			t.Errorf("%s names no source", m.Name)
		}
	}
}
