package journal

import (
	"errors"
	"fmt"
	"io"
	"sync"

	"github.com/ddbloop/ddbloop/history"
)

// Writer appends to a session's journal. It is safe for use by several goroutines.
type Writer struct {
	mu    sync.Mutex
	fs    FS
	dir   string
	meta  Meta
	limit int64 // segment size
	lock  io.Closer

	index   uint32
	file    File
	size    int64
	at      link   // of what is on stable storage
	next    uint64 // sequence number of the last event taken in, written or not
	pending [][]byte
	waiting int // bytes of pending
	err     error
}

// Create starts a journal in a new session folder, whose missing parents it creates too.
func Create(fs FS, dir string, meta Meta) (*Writer, error) {
	if err := MkdirAll(fs, dir); err != nil {
		return nil, fmt.Errorf("create session folder: %w", err)
	}
	w, err := start(fs, dir, meta)
	if err != nil {
		return nil, err
	}
	last, err := lastSegment(fs, dir)
	if err == nil && last > 0 {
		err = fmt.Errorf("%s already holds a journal: resume it", dir)
	}
	if err == nil {
		err = w.reserve()
	}
	if err == nil {
		err = w.rotate()
	}
	if err != nil {
		return nil, errors.Join(err, w.release())
	}
	return w, nil
}

// start checks the folder and takes the lock of the session.
func start(fs FS, dir string, meta Meta) (*Writer, error) {
	if err := fs.Check(dir); err != nil {
		return nil, err
	}
	lock, err := fs.Lock(at(dir, "lock"))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", dir, err)
	}
	return &Writer{fs: fs, dir: dir, meta: meta, limit: MaxSegment, lock: lock}, nil
}

// Append takes events in order and returns them with their sequence numbers. When one of them is Must, all
// events so far are on stable storage when it returns; May events wait for the next Must or Flush. After
// the first failed write or sync every call fails: what was acknowledged before stays true.
func (w *Writer) Append(events ...history.Event) ([]history.Event, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.err != nil {
		return nil, w.err
	}
	payloads, must := make([][]byte, len(events)), false
	for i, e := range events {
		raw, err := history.Encode(e)
		if err != nil {
			return nil, err
		}
		if len(raw) > MaxPayload {
			return nil, fmt.Errorf("event %s is %d bytes, more than the journal's 1 MiB", e.Body.Kind(), len(raw))
		}
		payloads[i], must = raw, must || history.ClassOf(e.Body) == history.Must
	}
	out := make([]history.Event, len(events))
	for i, e := range events {
		w.next++
		e.Seq = w.next
		out[i] = e
		w.pending, w.waiting = append(w.pending, payloads[i]), w.waiting+frameSize+len(payloads[i])
		if w.waiting >= maxPending {
			if err := w.commit(); err != nil {
				return nil, err
			}
		}
	}
	if must {
		if err := w.commit(); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// Flush puts every event taken in so far on stable storage. The owner calls it once a second.
func (w *Writer) Flush() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.err != nil {
		return w.err
	}
	return w.commit()
}

// Synced returns the sequence number up to which everything is on stable storage.
func (w *Writer) Synced() uint64 {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.at.seq
}

// Err returns the error that ended the writing, or nil.
func (w *Writer) Err() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.err
}

// Close flushes, closes the file and gives the session's lock back.
func (w *Writer) Close() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.lock == nil {
		return nil
	}
	err := w.err
	if err == nil {
		err = w.commit()
	}
	return errors.Join(err, w.release())
}

func (w *Writer) release() (err error) {
	if w.file != nil {
		err = w.file.Close()
		w.file = nil
	}
	err = errors.Join(err, w.lock.Close())
	w.lock = nil
	if w.err == nil {
		w.err = errors.New("the journal is closed")
	}
	return err
}

// commit writes the pending events as one batch: one write, one sync. Only then does the link move.
func (w *Writer) commit() error {
	if len(w.pending) == 0 {
		return nil
	}
	if w.size+int64(w.waiting) > w.limit && w.size > headerSize {
		if err := w.rotate(); err != nil {
			return w.fail(err)
		}
	}
	now, batch := w.at, make([]byte, 0, w.waiting)
	for i, payload := range w.pending {
		batch = now.appendFrame(batch, i == 0, payload)
	}
	if _, err := w.file.WriteAt(batch, w.size); err != nil {
		return w.fail(fmt.Errorf("write: %w", err))
	}
	if err := w.file.Sync(); err != nil {
		return w.fail(fmt.Errorf("sync: %w", err))
	}
	w.at, w.size = now, w.size+int64(len(batch))
	w.pending, w.waiting = w.pending[:0], 0
	return nil
}

// fail makes the first error the last: after a failed sync the kernel may call lost pages clean, so that a
// second sync would succeed without having written them.
func (w *Writer) fail(err error) error {
	hint := "mend the disk and start a new session"
	if full(err) {
		_ = w.fs.Remove(at(w.dir, "ballast")) // a resume finds this much room
		hint = "the disk is full: make room and start a new session"
	}
	w.err = fmt.Errorf("journal %s: %w; nothing after event %d is kept; %s", at(w.dir, segmentName(w.index)), err, w.at.seq, hint)
	return w.err
}

// rotate starts the next segment: create, header, sync, sync the folder, switch.
func (w *Writer) rotate() error {
	name, next := at(w.dir, segmentName(w.index+1)), w.at
	header := next.appendHeader(nil, w.index+1, w.meta)
	if err := writeNew(w.fs, name, header); err != nil {
		return fmt.Errorf("start %s: %w", name, err)
	}
	f, err := w.fs.Open(name, ReadWrite)
	if err != nil {
		return err
	}
	if w.file != nil {
		_ = w.file.Close() // synced already
	}
	w.file, w.index, w.size, w.at = f, w.index+1, headerSize, next
	return nil
}

// reserve sets space aside that fail gives back when the disk is full.
func (w *Writer) reserve() error {
	name := at(w.dir, "ballast")
	_ = w.fs.Remove(name) // usually there is none
	f, err := w.fs.Open(name, New)
	if err == nil {
		_, err = f.WriteAt(make([]byte, ballast), 0) // no sync: it is there to be lost
		err = errors.Join(err, f.Close())
	}
	if err != nil {
		return fmt.Errorf("reserve 1 MiB for the journal: %w", err)
	}
	return nil
}
