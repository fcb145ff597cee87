package marks

import (
	"errors"
	"fmt"
	"io"
	iofs "io/fs"
	"os"
	"syscall"
)

// Tail reads what is new in a file of marks, whoever writes it: lines are taken when they are whole, and a file that was put
// aside or cut is read from its beginning.
type Tail struct {
	File string

	at   int64
	seen map[Mark]bool // what was told: a file that is written anew holds it again
	bad  error         // of the newest line that could not be read, until one can be
}

// Next returns the marks that have come since the last call, in the order of the file. Its error says in one line what of the
// file cannot be read, and stands until a line can be again; the marks beside it are good. A file that is not there has none.
func (t *Tail) Next() ([]Mark, error) {
	size, err := sizeOf(t.File)
	if errors.Is(err, iofs.ErrNotExist) {
		size, err = 0, nil
	}
	if err != nil {
		return nil, err
	}
	var out []Mark
	if size < t.at {
		if out, _, err = t.read(old(t.File), t.at); err != nil {
			return out, err
		}
		t.at = 0
	}
	if size > t.at {
		var more []Mark
		if more, t.at, err = t.read(t.File, t.at); err != nil {
			return append(out, more...), err
		}
		out = append(out, more...)
	}
	return out, t.bad
}

func (t *Tail) read(file string, from int64) (out []Mark, at int64, err error) {
	f, err := open(file)
	if errors.Is(err, iofs.ErrNotExist) {
		return nil, from, nil
	}
	if err != nil {
		return nil, from, err
	}
	raw := make([]byte, 2*maxFile)
	n, err := f.ReadAt(raw, from)
	if errors.Is(err, io.EOF) {
		err = nil
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return nil, from, err
	}
	whole, taken := lines(raw[:n])
	if taken == 0 && n == len(raw) {
		taken, t.bad = int64(n), fmt.Errorf("%s has a line of more than %d bytes", file, n)
	}
	for _, l := range whole {
		m, err := parse(l)
		if t.bad = nil; err != nil {
			t.bad = fmt.Errorf("%s: a line %w", file, err)
		} else if !t.told(m) {
			out = append(out, m)
		}
	}
	return out, from + taken, nil
}

// told remembers a mark and reports whether it had been told. Two marks without a time are two marks.
func (t *Tail) told(m Mark) bool {
	if m.At.IsZero() {
		return false
	}
	if t.seen == nil {
		t.seen = map[Mark]bool{}
	}
	m.At = m.At.UTC()
	if t.seen[m] {
		return true
	}
	t.seen[m] = true
	return false
}

func sizeOf(file string) (int64, error) {
	info, err := os.Stat(file)
	if err != nil {
		return 0, err
	}
	if !info.Mode().IsRegular() {
		return 0, fmt.Errorf("%s is not a regular file", file)
	}
	return info.Size(), nil
}

// open never waits: a pipe in the file's place has nobody at its other end.
func open(file string) (*os.File, error) {
	f, err := os.OpenFile(file, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	if info, err := f.Stat(); err != nil || !info.Mode().IsRegular() {
		return nil, errors.Join(err, f.Close(), fmt.Errorf("%s is not a regular file", file))
	}
	return f, nil
}
