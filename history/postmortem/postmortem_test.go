package postmortem

import (
	"bytes"
	"flag"
	"os"
	"testing"

	"github.com/ddbloop/ddbloop/history"
	"github.com/ddbloop/ddbloop/history/internal/sample"
)

var update = flag.Bool("update", false, "write the goldens")

func render(t testing.TB, events []history.Event, damage string) string {
	t.Helper()
	var b bytes.Buffer
	if err := Write(&b, events, damage); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(name, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("differs from %s; look at the difference, then run with -update", name)
	}
}

func TestIncidentGolden(t *testing.T) {
	golden(t, "testdata/incident.md", render(t, sample.Incident(), ""))
}
