package journal

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestFilesArePrivate is promise J6. Mutants: drop the mode arguments; drop O_NOFOLLOW; drop the checks.
func TestFilesArePrivate(t *testing.T) {
	defer syscall.Umask(syscall.Umask(0))
	dir := filepath.Join(t.TempDir(), "state", "sessions", "s1")
	w, err := Create(OS{}, dir, meta)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Append(must("a")); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := WriteFile(OS{}, filepath.Join(dir, "postmortem.md"), []byte("draft")); err != nil {
		t.Fatal(err)
	}
	err = filepath.Walk(filepath.Dir(filepath.Dir(dir)), func(path string, info os.FileInfo, err error) error {
		want := os.FileMode(0o600)
		if info.IsDir() {
			want = 0o700
		}
		if info.Mode().Perm() != want {
			t.Errorf("%s has mode %v, want %v", path, info.Mode().Perm(), want)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestUnsafeFoldersAreRefused(t *testing.T) {
	cases := map[string]func(t *testing.T, dir string){
		"group may write":   func(t *testing.T, dir string) { check(t, os.Chmod(dir, 0o770)) },
		"parent open":       func(t *testing.T, dir string) { check(t, os.Chmod(filepath.Dir(dir), 0o777)) },
		"journal open":      func(t *testing.T, dir string) { check(t, os.Chmod(at(dir, segmentName(1)), 0o666)) },
		"folder is a link":  func(t *testing.T, dir string) { check(t, os.Rename(dir, dir+"2")); check(t, os.Symlink(dir+"2", dir)) },
		"journal is a link": func(t *testing.T, dir string) { symlink(t, at(dir, segmentName(1))) },
		"journal is a pipe": func(t *testing.T, dir string) {
			check(t, os.Remove(at(dir, segmentName(1))))
			check(t, syscall.Mkfifo(at(dir, segmentName(1)), 0o600))
		},
		"lock is a link": func(t *testing.T, dir string) { symlink(t, at(dir, "lock")) },
	}
	if os.Geteuid() == 0 { // only root can give files away
		cases["foreign folder"] = func(t *testing.T, dir string) { check(t, os.Chown(dir, 12345, 12345)) }
		cases["foreign journal"] = func(t *testing.T, dir string) { check(t, os.Chown(at(dir, segmentName(1)), 12345, 12345)) }
	}
	for name, spoil := range cases {
		t.Run(name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "sessions", "s1")
			w, err := Create(OS{}, dir, meta)
			check(t, err)
			check(t, w.Close())
			spoil(t, dir)
			if w, _, err := Open(OS{}, dir, "test"); err == nil || w != nil {
				t.Fatal("opened")
			}
			if _, err := Read(OS{}, dir); err == nil && name != "lock is a link" {
				t.Fatal("read")
			}
		})
	}
}

func symlink(t *testing.T, name string) {
	check(t, os.Rename(name, name+".real"))
	check(t, os.Symlink(name+".real", name))
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestWriteFileReplaces(t *testing.T) {
	name := filepath.Join(t.TempDir(), "postmortem.md")
	for _, text := range []string{"first", "second"} {
		check(t, WriteFile(OS{}, name, []byte(text)))
		if got, err := os.ReadFile(name); err != nil || string(got) != text {
			t.Fatalf("%q, %v", got, err)
		}
	}
}

// TestWriteFileCrash: a reader finds the old text or the new one. Mutants: rename before the sync; write in place.
func TestWriteFileCrash(t *testing.T) {
	for k := 1; ; k++ {
		fs := newFaultFS()
		check(t, WriteFile(fs, "/pm", []byte("old text")))
		fs.ops, fs.crashAt = 0, k
		err := WriteFile(fs, "/pm", []byte("the new text"))
		after := clone(fs).live["/pm"]
		if after == nil {
			t.Fatalf("k=%d: the file is gone", k)
		}
		if got := string(after.live); got != "the new text" && (err == nil || got != "old text") {
			t.Fatalf("k=%d: %q after %v", k, got, err)
		}
		if err == nil {
			return
		}
	}
}

func TestSessions(t *testing.T) {
	root := filepath.Join(t.TempDir(), "sessions")
	if got, err := Sessions(OS{}, root); err != nil || got != nil {
		t.Fatalf("%v, %v", got, err)
	}
	start := time.Date(2026, 3, 3, 14, 7, 0, 0, time.UTC)
	ids := []string{SessionID(start.Add(time.Hour), "orders", 0x3f9c), SessionID(start, "a/../b\x1b", 7)}
	if ids[0] != "20260303-150700-orders-3f9c" || ids[1] != "20260303-140700-a..b-0007" {
		t.Fatal(ids)
	}
	for _, id := range append([]string{SessionID(start, strings.Repeat("t", 255), 1)}, ids...) {
		s, err := Find(root, id)
		check(t, err)
		w, err := Create(OS{}, s.Dir, Meta{Session: id})
		check(t, err)
		check(t, w.Close())
	}
	check(t, os.Mkdir(filepath.Join(root, "30000101-000000-empty-0000"), 0o700))
	got, err := Sessions(OS{}, root)
	if err != nil || len(got) != 3 || got[0].ID != ids[0] || got[2].ID != ids[1] {
		t.Fatalf("%v, %v", got, err)
	}
	for _, id := range []string{"", "..", "../x", "a/b", ".hidden", "/etc"} {
		if s, err := Find(root, id); err == nil {
			t.Errorf("%q leads to %s", id, s.Dir)
		}
	}
	if _, err := Read(OS{}, filepath.Join(root, "none")); !errors.Is(err, ErrNoJournal) {
		t.Fatal(err)
	}
}
