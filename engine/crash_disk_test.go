package engine_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/ddbloop/ddbloop/history"
	"github.com/ddbloop/ddbloop/history/journal"
)

// cutFS is the real file system, and beside it the files as a disk holds them that keeps only what was synced.
type cutFS struct {
	journal.OS
	shadow string
	each   func(op string)
	fail   bool // syncs fail
}

type cutFile struct {
	journal.File
	fs   *cutFS
	name string
}

var errDisk = errors.New("input/output error")

func (c *cutFS) hook(op string) {
	if c.each != nil {
		c.each(op)
	}
}

func (c *cutFS) Open(name string, mode journal.Mode) (journal.File, error) {
	f, err := c.OS.Open(name, mode)
	if err != nil {
		return nil, err
	}
	return &cutFile{f, c, name}, nil
}

func (f *cutFile) WriteAt(p []byte, off int64) (int, error) {
	f.fs.hook("write")
	return f.File.WriteAt(p, off)
}

func (f *cutFile) Sync() error {
	f.fs.hook("sync")
	if f.fs.fail {
		return errDisk
	}
	if err := f.File.Sync(); err != nil || filepath.Base(f.name) == "ballast" {
		return err
	}
	size, err := f.Size()
	if err != nil {
		return err
	}
	data, err := io.ReadAll(io.NewSectionReader(f.File, 0, size))
	if err == nil {
		err = os.MkdirAll(f.fs.shadow, 0o700)
	}
	if err != nil {
		return err
	}
	to := filepath.Join(f.fs.shadow, filepath.Base(f.name))
	if err := os.WriteFile(to+".new", data, 0o600); err != nil { // who cuts the power meanwhile sees the one or the other
		return err
	}
	return os.Rename(to+".new", to)
}

// afterCut returns a folder with what the disk holds now.
func (c *cutFS) afterCut(t *testing.T, dir string, n int) string {
	t.Helper()
	left := filepath.Join(c.shadow, fmt.Sprint(n), filepath.Base(dir))
	if err := os.MkdirAll(left, 0o700); err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(c.shadow, "*.ddbj"))
	for _, f := range files {
		raw, e := os.ReadFile(f)
		err = errors.Join(err, e, os.WriteFile(filepath.Join(left, filepath.Base(f)), raw, 0o600))
	}
	if err != nil {
		t.Fatal(err)
	}
	return left
}

// TestAFailedSyncStopsChanges is C5: once the journal cannot keep events, nothing is sent any more, everyone is told, and
// nothing tries the sync again. Mutants: retry a failed sync; send although the intent was not kept.
func TestAFailedSyncStopsChanges(t *testing.T) {
	disk := &cutFS{shadow: t.TempDir()}
	w, err := journal.Create(disk, filepath.Join(t.TempDir(), "s1"), journal.Meta{Session: "s1"})
	if err != nil {
		t.Fatal(err)
	}
	what := crashCases["capacity"]
	far, sent := newServer(what), 0
	far.arrived = func(string) { sent++ }
	x, err := newSession(w, far, what)
	if err != nil {
		t.Fatal(err)
	}
	if err := x.eng.Do(context.Background(), what.plan); err != nil {
		t.Fatal(err)
	}
	syncs := 0
	disk.fail, disk.each = true, func(op string) {
		if op == "sync" {
			syncs++
		}
	}
	if err := x.approve("E1"); err == nil || sent != 0 {
		t.Fatalf("%v, %d requests, although the intent could not be kept", err, sent)
	}
	disk.fail = false // the next sync would say that all is well
	for range 3 {
		x.eng.Tick()
		if err := x.approve("E1"); err == nil || sent != 0 {
			t.Fatalf("%v, %d requests after a failed sync", err, sent)
		}
	}
	if err := x.eng.Do(context.Background(), what.plan); err == nil {
		t.Error("a plan, although nothing can be kept")
	}
	if syncs != 1 {
		t.Errorf("%d syncs: the first failure has to be the last", syncs)
	}
	x.eng.View(func(s *history.State) {
		if !slices.ContainsFunc(s.Timeline, func(e history.Entry) bool { return strings.Contains(e.Text, "changes are off") }) {
			t.Errorf("nobody was told: %v", s.Timeline)
		}
	})
	_ = w.Close()
}
