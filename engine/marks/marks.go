// Package marks keeps the marks of a host: what a pipeline or a person says to have happened outside (a deploy, a flag, a load
// test), one JSON object a line. `ddbloop mark` appends; the sessions of the host read what is new.
package marks

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	iofs "io/fs"
	"path/filepath"
	"strings"
	"time"

	"github.com/ddbloop/ddbloop/engine/clock"
	"github.com/ddbloop/ddbloop/history"
	"github.com/ddbloop/ddbloop/history/journal"
	"github.com/ddbloop/ddbloop/history/plain"
)

const (
	// MaxText is how many terminal cells of a mark's text are kept.
	MaxText = 200
	// maxFile is where a file is put aside as FILE.old and begun anew: together they stay below twice of it.
	maxFile = 1 << 20
	// maxLine is the longest line that is read.
	maxLine = 8 << 10
)

// Mark is one line of a file of marks. Without At, it was when it was read.
type Mark struct {
	At    time.Time `json:"at,omitzero"`
	Text  string    `json:"text"`
	Table string    `json:"table,omitempty"`
	By    string    `json:"by,omitempty"`
}

// Event is the mark as the journal keeps it.
func (m Mark) Event() history.Marked {
	return history.Marked{Text: m.Text, At: m.At.UTC(), Table: m.Table, By: m.By}
}

// parse reads one line; what it says is made harmless.
func parse(line []byte) (Mark, error) {
	var m Mark
	if len(line) > maxLine {
		return m, fmt.Errorf("is longer than %d bytes", maxLine)
	}
	if err := json.Unmarshal(line, &m); err != nil {
		return m, errors.New(`is not {"text": …, "at": an RFC 3339 time, "table": …, "by": …}`)
	}
	return m.clean()
}

func (m Mark) clean() (Mark, error) {
	m.Text = plain.Cap(strings.Join(strings.Fields(m.Text), " "), MaxText)
	m.Table, m.By = plain.Cap(m.Table, 255), plain.Cap(m.By, 64)
	if m.Text == "" {
		return m, errors.New("has no text")
	}
	return m, nil
}

const (
	lockTries = 40
	lockWait  = 25 * time.Millisecond
)

// Append adds a mark to a file, which it makes with its folder if need be. When it returns without error the mark is on stable
// storage, and whole: a crash leaves at most the beginning of a line, which readers leave out and the next mark does not continue.
func Append(ctx context.Context, clk clock.Clock, fs journal.FS, file string, m Mark) error {
	m, err := m.clean()
	if err != nil {
		return fmt.Errorf("the mark %w", err)
	}
	dir := filepath.Dir(file)
	if err := journal.MkdirAll(fs, dir); err != nil {
		return err
	}
	if err := fs.Check(dir); err != nil {
		return err
	}
	lock, err := fs.Lock(file + ".lock")
	for tries := 0; errors.Is(err, journal.ErrBusy) && tries < lockTries; tries++ {
		if err := clk.Sleep(ctx, lockWait); err != nil {
			return err
		}
		lock, err = fs.Lock(file + ".lock")
	}
	if err != nil {
		return err
	}
	return errors.Join(add(fs, file, m), lock.Close())
}

// add writes one line at the end, with the lock held.
func add(fs journal.FS, file string, m Mark) error {
	line, err := json.Marshal(m)
	if err != nil {
		return err
	}
	f, err := openEnd(fs, file)
	if err != nil {
		return err
	}
	size, err := f.Size()
	if err == nil && size > 0 {
		last := make([]byte, 1)
		if _, err = f.ReadAt(last, size-1); err == nil && last[0] != '\n' {
			line = append([]byte{'\n'}, line...) // the beginning of a line that a crash has left
		}
	}
	if err == nil {
		_, err = f.WriteAt(append(line, '\n'), size)
	}
	if err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close())
}

// openEnd opens the file, a new one in its place when it is full.
func openEnd(fs journal.FS, file string) (journal.File, error) {
	f, err := fs.Open(file, journal.ReadWrite)
	if err == nil {
		size, err := f.Size()
		if err == nil && size < maxFile {
			return f, nil
		}
		if err = errors.Join(err, f.Close()); err != nil {
			return nil, err
		}
		if err := fs.Rename(file, old(file)); err != nil {
			return nil, err
		}
	} else if !errors.Is(err, iofs.ErrNotExist) {
		return nil, err
	}
	if f, err = fs.Open(file, journal.New); err != nil {
		return nil, err
	}
	if err := fs.SyncDir(filepath.Dir(file)); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

func old(file string) string { return file + ".old" }

// lines cuts what was read into whole lines; rest is how many bytes they take.
func lines(raw []byte) (whole [][]byte, rest int64) {
	end := bytes.LastIndexByte(raw, '\n') + 1
	for l := range bytes.SplitSeq(raw[:end], []byte{'\n'}) {
		if l = bytes.TrimSpace(l); len(l) > 0 {
			whole = append(whole, l)
		}
	}
	return whole, int64(end)
}
