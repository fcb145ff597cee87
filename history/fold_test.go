package history_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/ddbloop/ddbloop/history"
	"github.com/ddbloop/ddbloop/history/internal/sample"
)

var update = flag.Bool("update", false, "write the goldens")

func fold(t testing.TB, events []history.Event) []byte {
	t.Helper()
	raw, err := json.Marshal(history.NewState().Fold(events...))
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// TestFoldGolden folds a journal written by hand, which pins the words on disk as well as their meaning.
func TestFoldGolden(t *testing.T) {
	f, err := os.Open("testdata/fold.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var events []history.Event
	for lines := bufio.NewScanner(f); lines.Scan(); {
		e, err := history.Decode(uint64(len(events)+1), lines.Bytes())
		if err != nil {
			t.Fatal(err)
		}
		events = append(events, e)
	}
	var got bytes.Buffer
	if err := json.Indent(&got, fold(t, events), "", " "); err != nil {
		t.Fatal(err)
	}
	const name = "testdata/fold.state.json"
	if *update {
		if err := os.WriteFile(name, got.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got.Bytes(), want) {
		t.Errorf("the fold differs from %s; look at the difference, then run with -update", name)
	}
}

// TestReplayEqualsLive: at every point of an incident, the State of a replay from encoded events equals the
// State that grew live, byte for byte. Mutants: read the wall clock in the fold; keep a field out of the journal.
func TestReplayEqualsLive(t *testing.T) {
	live := history.NewState()
	var replayed []history.Event
	for _, e := range sample.Incident() {
		live.Apply(e)
		raw, err := history.Encode(e)
		if err != nil {
			t.Fatal(err)
		}
		back, err := history.Decode(e.Seq, raw)
		if err != nil {
			t.Fatal(err)
		}
		replayed = append(replayed, back)
		now, err := json.Marshal(live)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(now, fold(t, replayed)) {
			t.Fatalf("the replay differs after event %d (%s)", e.Seq, e.Body.Kind())
		}
	}
}

func TestIncidentClocks(t *testing.T) {
	s := history.NewState().Fold(sample.Incident()...)
	for name, c := range map[string][2]any{
		"onset":     {s.Incident.Onset.Format(time.TimeOnly), "14:06:00"},
		"detected":  {s.Incident.Detected.Format(time.TimeOnly), "14:13:05"},
		"recovered": {s.Incident.Recovered.Format(time.TimeOnly), "14:29:00"},
		"E1":        {s.Change("E1").State + " by " + s.Change("E1").UndoneBy, "undone by E3"},
		"E2":        {s.Change("E2").State + ", " + s.Change("E2").Effect.Word, "in force, worked"},
		"beliefs":   {len(s.Beliefs), 3},
		"refused":   {len(s.Refused), 1},
	} {
		if c[0] != c[1] {
			t.Errorf("%s: %v, want %v", name, c[0], c[1])
		}
	}
}

func BenchmarkFold100k(b *testing.B) {
	events := make([]history.Event, 0, 100_000)
	for i := 0; len(events) < cap(events); i++ {
		now := sample.Start.Add(time.Duration(i) * time.Second)
		var body history.Body = history.ProbeAnswered{Probe: "get", Table: "orders", Op: "GetItem", Every: time.Second, OK: true, Total: 4 * time.Millisecond}
		if i%60 == 0 {
			b := history.MetricsPolled{Source: "cloudwatch", From: now.Unix() - 600, To: now.Unix(), SettledTo: now.Unix() - 180}
			for k := range 100 {
				b.Series = append(b.Series, history.SeriesUpdate{
					Key:    history.SeriesKey{Signal: "write_throttles", Target: fmt.Sprint("t", k)},
					Period: 60, Zero: true, Points: []history.Point{{T: now.Unix() / 60 * 60, V: float64(i)}},
				})
			}
			body = b
		}
		events = append(events, history.Event{Seq: uint64(i + 1), At: now, Body: body})
	}
	b.ReportAllocs()
	for b.Loop() {
		history.NewState().Fold(events...)
	}
}
