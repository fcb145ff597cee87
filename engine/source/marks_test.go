package source

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/ddbloop/ddbloop/history"
)

// A mark that is written while a session runs is on its timeline within a second, once; one of long ago or of another table is not.
//
// Mutants: forget the table; take whatever the file held before us.
func TestMarksComeWithinASecond(t *testing.T) {
	file := filepath.Join(t.TempDir(), "marks.jsonl")
	add := func(text string) {
		t.Helper()
		f, err := os.OpenFile(file, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.WriteString(text + "\n"); err != nil {
			t.Fatal(err)
		}
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
	}
	add(`{"text":"long ago","at":"2026-03-03T09:00:00Z"}`)
	add(`{"text":"without a time"}`)
	add(`{"text":"earlier","at":"2026-03-03T13:00:00Z","by":"ci"}`)
	w := newWorld()
	m := NewMarks(MarksConfig{Clock: w, To: w, Files: []string{file}, Tables: []string{"orders"}})
	w.Go(func() { m.Run(context.Background()) })
	w.Run(start.Add(10*time.Second), nil)
	add(`{"text":"theirs","table":"users"}`)
	add(`{"text":"now","table":"orders"}`)
	add(`{"text":"ahead","at":"2026-03-03T14:09:00Z"}`)
	w.Run(start.Add(11*time.Second), nil)
	add(`no mark`)
	w.Run(start.Add(20*time.Second), nil)
	if src := w.state().Sources["marks"]; src == nil || src.State != degraded || src.Text == "" {
		t.Errorf("a line that is no mark is not said: %+v", src)
	}
	add(`{"text":"good again"}`)
	w.Run(start.Add(30*time.Second), nil)
	w.Stop()
	s := w.state()
	var got []string
	for _, m := range s.Marks {
		got = append(got, m.Text)
	}
	if want := []string{"earlier", "now", "ahead", "good again"}; !slices.Equal(got, want) {
		t.Fatalf("marks %q, want %q", got, want)
	}
	if now := s.Marks[1].At; now.Before(start.Add(10*time.Second)) || now.After(start.Add(11*time.Second)) {
		t.Errorf("the mark came at %v", now)
	}
	if s.Marks[0].By != "ci" || !s.Timeline[0].At.Equal(start.Add(-time.Hour)) || s.Marks[2].At.After(start.Add(12*time.Second)) {
		t.Errorf("%+v, %+v", s.Marks, s.Timeline[0])
	}
	if s.Sources["marks"].State != ok {
		t.Errorf("after a good line: %+v", s.Sources["marks"])
	}
}

// On a simulated clock a mark is when it comes: its own time is of another world.
func TestMarksInADemoAreNow(t *testing.T) {
	file := filepath.Join(t.TempDir(), "marks.jsonl")
	if err := os.WriteFile(file, []byte(`{"text":"before","at":"2026-03-03T13:59:59Z"}`+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	w := newWorld()
	m := NewMarks(MarksConfig{Clock: w, To: w, Files: []string{file}, Foreign: true})
	w.Go(func() { m.Run(context.Background()) })
	w.Run(start.Add(5*time.Second), nil)
	if err := os.WriteFile(file, []byte(`{"text":"before","at":"2026-03-03T13:59:59Z"}`+"\n"+`{"text":"deploy","at":"2031-01-01T00:00:00Z"}`+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	w.Run(start.Add(7*time.Second), nil)
	w.Stop()
	if got := of[history.Marked](w); len(got) != 1 || got[0].Text != "deploy" || got[0].At.Sub(start) > 7*time.Second || got[0].At.Before(start.Add(5*time.Second)) {
		t.Errorf("%+v", got)
	}
}
