package scenarios

import (
	"slices"
	"strings"
	"testing"
)

func TestNamesOpen(t *testing.T) {
	names := Names()
	if !slices.IsSorted(names) || !slices.Contains(names, "hot-partition") {
		t.Fatalf("names %v", names)
	}
	for _, name := range names {
		if data, err := Open(name); err != nil || len(data) == 0 {
			t.Errorf("%s: %d bytes, %v", name, len(data), err)
		}
	}
}

func TestOpenUnknownSaysWhereTheNamesAre(t *testing.T) {
	for _, name := range []string{"", "no-such", "../scenarios", "hot-partition.yaml"} {
		if _, err := Open(name); err == nil || !strings.Contains(err.Error(), "demo --list") {
			t.Errorf("Open(%q): %v", name, err)
		}
	}
}
