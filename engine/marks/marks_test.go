package marks

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ddbloop/ddbloop/engine/clock"
	"github.com/ddbloop/ddbloop/history/journal"
	"github.com/ddbloop/ddbloop/history/plain"
)

var at = time.Date(2026, 3, 3, 14, 5, 0, 0, time.UTC)

// folder is one of our own, below one that is ours too.
func folder(t *testing.T) string { return filepath.Join(t.TempDir(), "state", "ddbloop") }

func add1(t *testing.T, file string, m Mark) {
	t.Helper()
	if err := Append(context.Background(), &clock.Real{}, journal.OS{}, file, m); err != nil {
		t.Fatal(err)
	}
}

func next(t *testing.T, tail *Tail) []string {
	t.Helper()
	list, err := tail.Next()
	if err != nil {
		t.Fatal(err)
	}
	var texts []string
	for _, m := range list {
		texts = append(texts, m.Text)
	}
	return texts
}

func TestMarksAreReadOnceAsTheyCome(t *testing.T) {
	file := filepath.Join(folder(t), "marks.jsonl")
	tail := &Tail{File: file}
	if got := next(t, tail); got != nil {
		t.Errorf("before anything is written: %q", got)
	}
	add1(t, file, Mark{At: at, Text: "deploy 1", Table: "orders", By: "ci"})
	add1(t, file, Mark{At: at, Text: " two\nlines\x1b[2J "})
	if got := next(t, tail); !cmp.Equal(got, []string{"deploy 1", `two lines\x1b[2J`}) {
		t.Errorf("read %q", got)
	}
	if got := next(t, tail); got != nil {
		t.Errorf("read twice: %q", got)
	}
	info, err := os.Stat(file)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
}

// A crash may leave the beginning of a line, at any byte: it is not read, and the next mark is.
//
// Mutant: append without looking at the last byte.
func TestATornLineHidesNoOther(t *testing.T) {
	whole := `{"at":"2026-03-03T14:05:00Z","text":"first"}` + "\n"
	for cut := range len(whole) {
		file := filepath.Join(folder(t), "marks.jsonl")
		add1(t, file, Mark{At: at, Text: "zero"})
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, append(raw, whole[:cut]...), 0o600); err != nil {
			t.Fatal(err)
		}
		tail := &Tail{File: file}
		if got := next(t, tail); !cmp.Equal(got, []string{"zero"}) {
			t.Fatalf("cut at %d: read %q", cut, got)
		}
		add1(t, file, Mark{At: at, Text: "second"})
		list, _ := tail.Next()
		if len(list) == 0 || list[len(list)-1].Text != "second" {
			t.Fatalf("cut at %d: the mark after it is lost: %v", cut, list)
		}
	}
}

func TestManyWritersLoseNothing(t *testing.T) {
	file := filepath.Join(folder(t), "marks.jsonl")
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			for k := range 5 {
				if err := Append(context.Background(), &clock.Real{}, journal.OS{}, file, Mark{At: at, Text: fmt.Sprint(i, k)}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	if got := next(t, &Tail{File: file}); len(got) != 40 {
		t.Errorf("%d of 40 marks were kept", len(got))
	}
}

// A full file is put aside; a reader misses nothing of it, and the two files stay below 2 MiB and a line.
//
// Mutant: read the new file only.
func TestAFullFileIsPutAside(t *testing.T) {
	file := filepath.Join(folder(t), "marks.jsonl")
	add1(t, file, Mark{At: at, Text: "first"})
	tail := &Tail{File: file}
	next(t, tail)
	f, err := os.OpenFile(file, os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	filler := `{"text":"` + strings.Repeat("x", 100) + "\"}\n"
	if _, err := f.WriteString(strings.Repeat(filler, maxFile/len(filler)+1)); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	if got := next(t, tail); len(got) != maxFile/len(filler)+1 {
		t.Fatalf("read %d", len(got))
	}
	last, err := os.OpenFile(file, os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := last.WriteString(`{"text":"last of the old"}` + "\n"); err != nil {
		t.Fatal(err)
	}
	if err := last.Close(); err != nil {
		t.Fatal(err)
	}
	add1(t, file, Mark{At: at, Text: "first of the new"})
	if got := next(t, tail); !cmp.Equal(got, []string{"last of the old", "first of the new"}) {
		t.Errorf("read %q", got)
	}
	if info, err := os.Stat(file); err != nil || info.Size() > 200 {
		t.Errorf("the new file: %v, %v", info.Size(), err)
	}
}

func TestWhatIsNoMarkIsSaid(t *testing.T) {
	file := filepath.Join(t.TempDir(), "pipeline.jsonl")
	write := func(s string) {
		t.Helper()
		if err := os.WriteFile(file, []byte(s), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	tail := &Tail{File: file}
	for _, c := range []struct{ name, text, says string }{
		{"no JSON", "deploy 4\n", "RFC 3339"},
		{"another type", `{"text": 4}` + "\n", "RFC 3339"},
		{"no text", `{"text": "  "}` + "\n", "no text"},
		{"a bad time", `{"text": "x", "at": "yesterday"}` + "\n", "RFC 3339"},
		{"a long line", `{"text": "` + strings.Repeat("y", maxLine) + "\"}\n", "longer than"},
	} {
		tail.at = 0
		write(c.text)
		if list, err := tail.Next(); err == nil || !strings.Contains(err.Error(), c.says) || len(list) != 0 {
			t.Errorf("%s: %v, %v", c.name, list, err)
		}
		if _, err := tail.Next(); err == nil {
			t.Errorf("%s: forgotten at the next look", c.name)
		}
	}
	tail.at = 0
	write("nonsense\n" + `{"text":"good","at":"2026-03-03T15:05:00+01:00"}` + "\n")
	if list, err := tail.Next(); err != nil || len(list) != 1 || !list[0].At.Equal(at) {
		t.Errorf("a good line after a bad one: %v, %v", list, err)
	}
	write(`{"text":"good","at":"2026-03-03T14:05:00Z"}` + "\n")
	if list, err := tail.Next(); err != nil || len(list) != 0 {
		t.Errorf("a file that was written anew told %v again (%v)", list, err)
	}
}

func TestUnsafePlacesAreRefused(t *testing.T) {
	dir := folder(t)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "marks.jsonl")
	if err := os.Symlink("/dev/null", file); err != nil {
		t.Fatal(err)
	}
	if err := Append(context.Background(), &clock.Real{}, journal.OS{}, file, Mark{Text: "x"}); err == nil {
		t.Error("followed a link")
	}
	if _, err := (&Tail{File: file}).Next(); err == nil {
		t.Error("read a device")
	}
	if err := os.Chmod(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	if err := Append(context.Background(), &clock.Real{}, journal.OS{}, filepath.Join(dir, "m"), Mark{Text: "x"}); err == nil {
		t.Error("wrote into a folder that anybody may write")
	}
	if err := Append(context.Background(), &clock.Real{}, journal.OS{}, filepath.Join(folder(t), "m"), Mark{Text: " \n"}); err == nil {
		t.Error("took a mark without text")
	}
}

func TestAWriterThatHoldsTheLockIsWaitedFor(t *testing.T) {
	file := filepath.Join(folder(t), "marks.jsonl")
	add1(t, file, Mark{Text: "a"})
	lock, err := journal.OS{}.Lock(file + ".lock")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = lock.Close() }()
	clk := clock.NewVirtual(at)
	var got error
	clk.Go(func() { got = Append(context.Background(), clk, journal.OS{}, file, Mark{Text: "b"}) })
	clk.Run(at.Add(time.Minute), nil)
	clk.Stop()
	if !errors.Is(got, journal.ErrBusy) || clk.Now().Sub(at) > time.Minute {
		t.Errorf("ended with %v", got)
	}
}

// FuzzParse: whatever a line holds, what is kept of it is short, visible, on one line, and stays as it is when read again.
func FuzzParse(f *testing.F) {
	f.Add([]byte(`{"text":"deploy 881","at":"2026-03-03T14:05:00Z","table":"orders","by":"ci"}`))
	f.Add([]byte(`{"text":"\u202e\u001b]0;x\u0007 \ud800"}`))
	f.Add([]byte(`[]`))
	f.Fuzz(func(t *testing.T, line []byte) {
		m, err := parse(line)
		if err != nil {
			return
		}
		if m.Text == "" || len(m.Text) > 8*MaxText || plain.Text(m.Text) != m.Text || plain.Text(m.Table) != m.Table || plain.Text(m.By) != m.By {
			t.Fatalf("kept %q", m)
		}
		if again, err := m.clean(); err != nil || again != m {
			t.Fatalf("%q became %q (%v)", m, again, err)
		}
	})
}
