package journal

import (
	"errors"
	"fmt"
	iofs "io/fs"
	"path/filepath"
	"slices"
)

// Open takes a session's journal up again and returns what it holds. A torn tail of the last segment is
// copied to a .tail file and cut; the Replay's Damage then says so, and the caller appends its Hurt.
// Damage before the end gives ErrDamaged, with the readable prefix in the Replay; a session that another
// process is writing gives ErrBusy. Neither changes a byte.
func Open(fs FS, dir string, version string) (*Writer, Replay, error) {
	w, err := start(fs, dir, Meta{})
	if err != nil {
		return nil, Replay{}, err
	}
	r := NewReader(fs, dir)
	events, err := r.Poll()
	replay := Replay{Meta: r.meta, Events: events, Damage: r.damage}
	if err == nil && r.damage.Broken {
		err = fmt.Errorf("%w: %s", ErrDamaged, r.damage)
	}
	if err == nil {
		w.meta = Meta{Session: r.meta.Session, Version: version}
		if w.meta.Session == "" { // the very first header was torn
			w.meta.Session = filepath.Base(dir)
		}
		err = w.takeUp(r)
	}
	if err != nil {
		return nil, replay, errors.Join(err, w.release())
	}
	return w, replay, nil
}

// takeUp makes the writer continue where the reader stopped.
func (w *Writer) takeUp(r *Reader) (err error) {
	name := segmentName(r.index)
	if w.file, err = w.fs.Open(at(w.dir, name), ReadWrite); err != nil {
		return err
	}
	if r.damage.Why != "" {
		if err := w.setAside(name, r.damage.Offset); err != nil {
			return fmt.Errorf("repair %s: %w", name, err)
		}
	}
	w.index, w.size, w.at, w.next = r.index, r.off, r.at, r.at.seq
	if err := w.rewrite(r); err != nil {
		return fmt.Errorf("repair %s: %w", name, err)
	}
	if err := w.fs.SyncDir(w.dir); err != nil {
		return err
	}
	if names, err := w.fs.List(w.dir); err == nil && !slices.Contains(names, "ballast") && w.reserve() != nil {
		_ = w.fs.Remove(at(w.dir, "ballast")) // the disk is still full: write while it lasts
	}
	return nil
}

// setAside copies what lies behind off to a .tail file and, once that is durable, cuts it off.
func (w *Writer) setAside(name string, off int64) error {
	cut, _, err := readFrom(w.file, off, MaxSegment)
	if err != nil {
		return err
	}
	for n := 1; len(cut) > 0; n++ {
		tail := fmt.Sprintf("%s.%d.tail", name, n)
		err := writeNew(w.fs, at(w.dir, tail), cut)
		if err == nil {
			break
		}
		if !errors.Is(err, iofs.ErrExist) {
			return err
		}
	}
	if err := w.file.Truncate(off); err != nil {
		return err
	}
	return w.file.Sync()
}

// rewrite writes the last batch (or a torn header) once more and syncs it. If a sync of the process before
// us failed, the kernel may hold that batch as clean without having stored it; writing it makes it
// dirty again, so that nothing is acknowledged on top of bytes that exist in memory only.
func (w *Writer) rewrite(r *Reader) error {
	if w.size == 0 {
		header := w.at.appendHeader(nil, w.index, w.meta)
		w.size = headerSize
		return w.put(header, 0)
	}
	last, _, err := readFrom(w.file, r.batch, w.size-r.batch)
	if err != nil {
		return err
	}
	return w.put(last, r.batch)
}

func (w *Writer) put(data []byte, off int64) error {
	if _, err := w.file.WriteAt(data, off); err != nil {
		return err
	}
	return w.file.Sync()
}
