package journal

import (
	"errors"
	iofs "io/fs"

	"github.com/ddbloop/ddbloop/history"
)

// Reader follows a journal, also while another process writes it.
type Reader struct {
	fs  FS
	dir string

	index  uint32 // segment under way
	off    int64  // next byte of it; 0 = its header is still to be read
	batch  int64  // start of the last batch seen in it
	at     link
	meta   Meta
	damage Damage
}

// NewReader starts at the beginning of the journal in a session folder.
func NewReader(fs FS, dir string) *Reader { return &Reader{fs: fs, dir: dir, index: 1} }

// Meta is what the first header said; empty before it was read.
func (r *Reader) Meta() Meta { return r.meta }

// Damage says why the last Poll stopped before the end of the files; zero when it did not.
func (r *Reader) Damage() Damage { return r.damage }

// Poll returns the events that came since the last one. A torn tail is looked at again next time, as a
// live writer may be in the middle of it; damage before the end stays.
func (r *Reader) Poll() ([]history.Event, error) {
	if err := r.fs.Check(r.dir); err != nil {
		return nil, err
	}
	last, err := lastSegment(r.fs, r.dir)
	if err != nil {
		return nil, err
	}
	if last == 0 {
		return nil, ErrNoJournal
	}
	r.damage = Damage{}
	var events []history.Event
	for {
		// A segment that has a successor at this point is complete: its successor is created after its last sync.
		more, err := r.segment(r.index < last)
		events = append(events, more...)
		if err != nil || r.damage.Why != "" || r.index >= last {
			return events, err
		}
		r.index, r.off, r.batch = r.index+1, 0, 0
	}
}

func (r *Reader) segment(complete bool) ([]history.Event, error) {
	name := segmentName(r.index)
	f, err := r.fs.Open(at(r.dir, name), ReadOnly)
	if errors.Is(err, iofs.ErrNotExist) {
		r.damage = Damage{File: name, Why: "the segment is missing", Broken: true}
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	data, size, err := readFrom(f, r.off, MaxSegment+1)
	if err != nil {
		return nil, err
	}
	if size > MaxSegment {
		r.damage = Damage{File: name, Offset: r.off, Bytes: size - r.off, Why: "the segment is larger than any that ddbloop writes", Broken: true}
		return nil, nil
	}
	if r.off == 0 {
		meta, why := r.at.takeHeader(data, r.index)
		if why != "" {
			r.damage = Damage{File: name, Bytes: size, Why: why, Broken: complete || size > headerSize}
			return nil, nil
		}
		if r.index == 1 {
			r.meta = meta
		}
		data, r.off = data[headerSize:], headerSize
	}
	return r.records(name, data, complete), nil
}

func (r *Reader) records(name string, data []byte, complete bool) []history.Event {
	var events []history.Event
	for len(data) > 0 {
		f, why, alien := r.at.takeFrame(data)
		var e history.Event
		if why == "" {
			var err error
			if e, err = history.Decode(f.seq, f.payload()); err != nil {
				why, alien = err.Error(), true
			}
		}
		if why != "" {
			r.damage = Damage{
				File: name, Offset: r.off, Bytes: int64(len(data)), Why: why,
				Broken: complete || alien || laterBatch(data),
			}
			break
		}
		if f.first {
			r.batch = r.off
		}
		events = append(events, e)
		data, r.off = data[len(f.raw):], r.off+int64(len(f.raw))
	}
	return events
}
