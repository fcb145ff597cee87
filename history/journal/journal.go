// Package journal keeps a session's events in an append-only file that survives crashes and power cuts.
//
// A session is a folder of segments, journal-000001.ddbj and so on. Every record carries its length, its
// sequence number, a CRC-32C and a link to the bytes before it, so that a reader knows an exact prefix of
// what was written. Nothing is ever deleted: what a crash tore off the end is moved to a .tail file, and
// damage before the end makes the session read-only. docs/promises.md lists what holds, with the tests.
package journal

import (
	"errors"
	"fmt"
	"io"
	"path/filepath"

	"github.com/ddbloop/ddbloop/history"
)

// Sizes in bytes.
const (
	// MaxSegment bounds a segment file; the next batch that would pass it starts a new one.
	MaxSegment = 16 << 20
	// MaxPayload bounds one encoded event, checked before anything is allocated for it.
	MaxPayload = 1 << 20

	maxPending = 1 << 20 // May events held back before they are written anyway
	ballast    = 1 << 20 // set free when the disk is full, so that a resume has room
)

// Errors that callers tell apart.
var (
	// ErrNoJournal says that a folder holds no journal.
	ErrNoJournal = errors.New("no journal here")
	// ErrBusy says that another process writes this session; it can still be read.
	ErrBusy = errors.New("another process is writing this session: join it, or end that process first")
	// ErrDamaged says that a journal is damaged before its end, so that nothing may be appended.
	ErrDamaged = errors.New("the journal is damaged before its end and can only be read")
)

// Meta is what the header of every segment says.
type Meta struct {
	Session string // cut to 64 bytes
	Version string // of the creating program; cut to 28 bytes
}

// Damage says where a journal stops being readable, and why. The zero Damage is a whole journal.
type Damage struct {
	File   string // segment file name
	Offset int64  // of the first byte that is not part of a good record
	Bytes  int64  // from Offset to the end of the segment
	Why    string
	// Broken is damage that a crash cannot explain: synced bytes have changed. Without it the damage is a
	// torn tail, an unacknowledged end that a live writer may still be completing.
	Broken bool
}

// Hurt returns the event to append after Open has set a torn tail aside, and whether there is one.
func (d Damage) Hurt() (history.JournalHurt, bool) {
	if d.Why == "" {
		return history.JournalHurt{}, false
	}
	return history.JournalHurt{Text: d.String(), Bytes: d.Bytes}, true
}

// String is one line for people; empty when nothing is wrong.
func (d Damage) String() string {
	switch {
	case d.Why == "":
		return ""
	case d.Broken:
		return fmt.Sprintf("journal damaged: %s at byte %d: %s; %d bytes from there on are not read", d.File, d.Offset, d.Why, d.Bytes)
	}
	return fmt.Sprintf("journal cut short: %s at byte %d: %s; %d unacknowledged bytes set aside", d.File, d.Offset, d.Why, d.Bytes)
}

// Replay is what a journal holds.
type Replay struct {
	Meta   Meta
	Events []history.Event
	Damage Damage
}

// Read returns every event up to the end or to the first damage. It needs no lock: another process may be
// writing. The error is for what cannot be read at all; damage is reported in the Replay.
func Read(fs FS, dir string) (Replay, error) {
	r := NewReader(fs, dir)
	events, err := r.Poll()
	return Replay{Meta: r.meta, Events: events, Damage: r.damage}, err
}

func segmentName(index uint32) string { return fmt.Sprintf("journal-%06d.ddbj", index) }

// lastSegment returns the highest segment index in a folder, or 0.
func lastSegment(fs FS, dir string) (uint32, error) {
	names, err := fs.List(dir)
	if err != nil {
		return 0, err
	}
	last := uint32(0)
	for _, name := range names {
		var n uint32
		if _, err := fmt.Sscanf(name, "journal-%06d.ddbj", &n); err == nil && name == segmentName(n) {
			last = max(last, n)
		}
	}
	return last, nil
}

// readFrom returns the bytes of a file from off on, at most limit of them, and the size of the file.
func readFrom(f File, off, limit int64) ([]byte, int64, error) {
	size, err := f.Size()
	if err != nil || size <= off {
		return nil, size, err
	}
	data := make([]byte, min(size-off, limit))
	n, err := f.ReadAt(data, off)
	if errors.Is(err, io.EOF) {
		err = nil
	}
	return data[:n], size, err
}

func at(dir, name string) string { return filepath.Join(dir, name) }
