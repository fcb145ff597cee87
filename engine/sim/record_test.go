package sim

import (
	"bytes"
	"encoding/csv"
	"strconv"
	"strings"
	"testing"

	"github.com/ddbloop/ddbloop/engine/sim/scenario"
)

// A client's recorded column, replayed as a trace, asks for the same units again. Mutant: write calls per minute.
func TestARecordingReplays(t *testing.T) {
	var recorded []byte
	record := func(text string) (calls, units float64) {
		sc, err := scenario.Parse("bench.yaml", []byte(text), scenario.Options{OpenFile: func(string) ([]byte, error) { return recorded, nil }})
		if err != nil {
			t.Fatal(err)
		}
		var b bytes.Buffer
		if err := Record(sc, &b); err != nil {
			t.Fatal(err)
		}
		recorded = b.Bytes()
		rows, err := csv.NewReader(&b).ReadAll()
		if err != nil || len(rows) != 41 || rows[0][1] != "calls "+sc.Traffic[0].Name {
			t.Fatalf("%d rows, %v, %v", len(rows), rows[0], err)
		}
		return total(t, rows, rows[0][1]), total(t, rows, "Write units orders")
	}
	calls, units := record(file)
	head, tail, ok := strings.Cut(file, "rate: 1200")
	if !ok {
		t.Fatal("the file has another rate")
	}
	again, unitsAgain := record(head + "trace: {file: rps.csv, column: 2}" + tail)
	if calls == 0 || again < 0.97*calls || again > 1.03*calls || unitsAgain < 0.97*units || unitsAgain > 1.03*units {
		t.Errorf("calls %.0f and units %.0f, replayed %.0f and %.0f", calls, units, again, unitsAgain)
	}
}

func total(t *testing.T, rows [][]string, name string) (sum float64) {
	t.Helper()
	for i, head := range rows[0] {
		if head != name {
			continue
		}
		for _, row := range rows[1:] {
			v, err := strconv.ParseFloat(row[i], 64)
			if err != nil {
				t.Fatal(err)
			}
			sum += v
		}
		return sum
	}
	t.Fatalf("no column %q in %v", name, rows[0])
	return 0
}
