package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// largestFile is far more than people write for ddbloop, in bytes: a device without an end must not fill the memory.
const largestFile = 64 << 20

// errPipe says why a named pipe is not taken: whoever opens one waits until somebody opens its other end, deaf to signals.
var errPipe = errors.New("is no regular file: a named pipe, which may never answer; give a file")

// readFile reads a file that somebody named, up to largestFile.
func readFile(path string) ([]byte, error) { return readAtMost(path, largestFile) }

// errAnybodys says why a policy is not taken: only a person's hand may widen it.
var errAnybodys = errors.New("anybody on this machine may write it: chmod o-w")

// readGuarding reads a file that says what may be changed, or when.
func readGuarding(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err == nil && info.Mode().IsRegular() && info.Mode().Perm()&0o002 != 0 {
		return nil, &fs.PathError{Op: "read", Path: path, Err: errAnybodys}
	}
	return readFile(path)
}

// readAtMost reads a file of at most so many bytes.
func readAtMost(path string, most int64) ([]byte, error) {
	f, err := openFile(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	raw, err := io.ReadAll(io.LimitReader(f, most+1))
	if err == nil && int64(len(raw)) > most {
		err = fmt.Errorf("larger than %d MiB", most>>20)
	}
	return raw, err
}

// openFile opens a file to read, at once: of pipes only those that the shell has opened already. What was opened is what is looked at,
// so that nothing can take its place in between.
func openFile(path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err == nil && waits(path, info) {
		err = &fs.PathError{Op: "open", Path: path, Err: errPipe}
	}
	if err != nil {
		_ = f.Close()
		return nil, err
	}
	return f, nil
}

// waits reports whether a file is a named pipe, and none that the shell has opened: standard input, or that of <(a command).
func waits(path string, info fs.FileInfo) bool {
	path = filepath.Clean(path)
	opened := path == "/dev/stdin" || strings.HasPrefix(path, "/dev/fd/") || strings.HasPrefix(path, "/proc/self/fd/")
	return info.Mode()&fs.ModeNamedPipe != 0 && !opened
}

// writable reports why a file could not be written, and leaves nothing behind: what is there stays as it is.
func writable(path string) error {
	info, err := os.Stat(path)
	switch {
	case err == nil && info.IsDir():
		return errors.New("is a folder: name a file")
	case err == nil && waits(path, info):
		return errPipe
	case err == nil && !info.Mode().IsRegular():
		return nil // such as /dev/stdout
	}
	_, before := os.Lstat(path)
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|syscall.O_NONBLOCK, 0o600)
	if err != nil {
		return err
	}
	_ = f.Close() // nothing was written
	if errors.Is(before, fs.ErrNotExist) {
		return os.Remove(path)
	}
	return nil
}
