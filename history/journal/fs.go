package journal

import (
	"errors"
	"fmt"
	"io"
	iofs "io/fs"
	"path/filepath"
)

// Mode says what a file is opened for.
type Mode int

const (
	// ReadOnly opens an existing file.
	ReadOnly Mode = iota
	// ReadWrite opens an existing file.
	ReadWrite
	// New creates a file that must not exist yet.
	New
)

// FS is what the journal needs of a file system. OS is the real one; tests pass one that crashes.
type FS interface {
	// Open opens a regular file of ours (0600 when New), never through a symbolic link.
	Open(name string, mode Mode) (File, error)
	// Mkdir creates one folder (0700).
	Mkdir(name string) error
	// Check refuses a folder that another user owns or could change.
	Check(dir string) error
	// List returns the names in a folder, sorted.
	List(dir string) ([]string, error)
	Rename(from, to string) error
	Remove(name string) error
	// SyncDir puts a folder's entries on stable storage.
	SyncDir(dir string) error
	// Lock takes a lock that no other process can hold at the same time and that dies with its holder.
	// It returns ErrBusy when it is held.
	Lock(name string) (io.Closer, error)
}

// File is an open file of an FS.
type File interface {
	io.ReaderAt
	io.WriterAt
	io.Closer
	Truncate(size int64) error
	// Sync returns once the content is on stable storage (fdatasync).
	Sync() error
	Size() (int64, error)
}

// MkdirAll creates a folder and its missing parents, each made durable in the folder that holds it.
func MkdirAll(fs FS, dir string) error {
	err := fs.Mkdir(dir)
	if errors.Is(err, iofs.ErrNotExist) && filepath.Dir(dir) != dir {
		if err := MkdirAll(fs, filepath.Dir(dir)); err != nil {
			return err
		}
		err = fs.Mkdir(dir)
	}
	if errors.Is(err, iofs.ErrExist) {
		return nil
	}
	if err != nil {
		return err
	}
	return fs.SyncDir(filepath.Dir(dir))
}

// writeNew creates a file, fills it and makes it and its name durable.
func writeNew(fs FS, name string, data []byte) error {
	f, err := fs.Open(name, New)
	if err != nil {
		return err
	}
	if _, err = f.WriteAt(data, 0); err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	return fs.SyncDir(filepath.Dir(name))
}

// WriteFile replaces a file with data so that a crash leaves either the old content or the new, never a
// part: a temporary file is synced and renamed, and the folder is synced.
func WriteFile(fs FS, name string, data []byte) error {
	tmp := name + ".tmp"
	if err := fs.Remove(tmp); err != nil && !errors.Is(err, iofs.ErrNotExist) {
		return fmt.Errorf("write %s: %w", name, err)
	}
	err := writeNew(fs, tmp, data)
	if err == nil {
		err = fs.Rename(tmp, name)
	}
	if err == nil {
		err = fs.SyncDir(filepath.Dir(name))
	}
	if err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	return nil
}
