package journal

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/ddbloop/ddbloop/history"
)

// written returns a file system with a closed journal of n events, one batch each, and their contents.
func written(t *testing.T, n int, limit int64) (*faultFS, []string) {
	t.Helper()
	fs := newFaultFS()
	w, err := Create(fs, dir, meta)
	if err != nil {
		t.Fatal(err)
	}
	w.limit = limit
	var taken []string
	for i := range n {
		e := must(fmt.Sprintf("note %d", i))
		taken = append(taken, content(e))
		if _, err := w.Append(e); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return fs, taken
}

// swap replaces a file's content for good.
func swap(fs *faultFS, name string, data []byte) {
	n := fs.live[at(dir, name)]
	n.live, n.disk = data, append([]byte(nil), data...)
}

func clone(fs *faultFS) *faultFS { return fs.afterCrash(0, rand.New(rand.NewPCG(1, 1))) }

// TestEveryTruncation is promise J3, torn tails. Mutant: drop the event before the torn record too; report nothing.
func TestEveryTruncation(t *testing.T) {
	whole, taken := written(t, 30, MaxSegment)
	name := segmentName(1)
	data := whole.live[at(dir, name)].live
	ends := recordEnds(t, data)
	for cut := range data {
		fs := clone(whole)
		swap(fs, name, append([]byte(nil), data[:cut]...))
		want := 0
		for want < len(ends) && ends[want] <= cut {
			want++
		}
		w, replay, err := Open(fs, dir, "test")
		if err != nil {
			t.Fatalf("cut at %d: %v", cut, err)
		}
		if err := prefix(replay.Events, taken, 0); err != nil || len(replay.Events) != want {
			t.Fatalf("cut at %d: %d events, want %d, %v", cut, len(replay.Events), want, err)
		}
		clean := cut == headerSize || want > 0 && ends[want-1] == cut
		if (replay.Damage.Why == "") != clean {
			t.Fatalf("cut at %d: damage %q", cut, replay.Damage)
		}
		hurt, ok := replay.Damage.Hurt()
		if ok == clean {
			t.Fatalf("cut at %d: a torn end is not reported", cut)
		}
		if hurt.Bytes > 0 && !keptTail(fs, string(data[replay.Damage.Offset:cut])) {
			t.Fatalf("cut at %d: the cut bytes were not kept", cut)
		}
		if e, err := w.Append(must("next")); err != nil || e[0].Seq != uint64(want+1) {
			t.Fatalf("cut at %d: append: %v %v", cut, e, err)
		}
		if after, err := Read(fs, dir); err != nil || after.Damage.Why != "" || len(after.Events) != want+1 || after.Meta.Session != "s1" {
			t.Fatalf("cut at %d: after the repair: %+v %v", cut, after, err)
		}
	}
}

func recordEnds(t *testing.T, data []byte) (ends []int) {
	t.Helper()
	for off := headerSize; off < len(data); {
		f, why := parseFrame(data[off:])
		if why != "" {
			t.Fatal(why)
		}
		off += len(f.raw)
		ends = append(ends, off)
	}
	return ends
}

// TestEveryBitFlip is promise J3, damage. A flip in the last record is indistinguishable from a torn write
// and is set aside; a flip anywhere before it must stop everything. Mutants: accept a bad CRC; skip to the
// next good record; treat every damage as a torn tail.
func TestEveryBitFlip(t *testing.T) {
	whole, taken := written(t, 12, MaxSegment)
	name := segmentName(1)
	data := whole.live[at(dir, name)].live
	ends := recordEnds(t, data)
	lastFrom := ends[len(ends)-2]
	for bit := range len(data) * 8 {
		fs := clone(whole)
		hit := append([]byte(nil), data...)
		hit[bit/8] ^= 1 << (bit % 8)
		swap(fs, name, hit)
		good := 0
		for ends[good] <= bit/8 {
			good++
		}
		w, replay, err := Open(fs, dir, "test")
		switch {
		case bit/8 < headerSize:
			good = 0
			fallthrough
		case bit/8 < lastFrom:
			if !errors.Is(err, ErrDamaged) || w != nil || !replay.Damage.Broken {
				t.Fatalf("bit %d: damage before the end opened for writing: %v %v", bit, err, replay.Damage)
			}
			if after := fs.live[at(dir, name)].live; string(after) != string(hit) {
				t.Fatalf("bit %d: a damaged journal was changed", bit)
			}
		case err != nil || replay.Damage.Broken || replay.Damage.Offset != int64(lastFrom):
			t.Fatalf("bit %d: in the last record: %v %v", bit, err, replay.Damage)
		}
		if err := prefix(replay.Events, taken, 0); err != nil || len(replay.Events) != good {
			t.Fatalf("bit %d: %d events, want %d: %v", bit, len(replay.Events), good, err)
		}
	}
}

func TestDamageInAnEarlierSegment(t *testing.T) {
	whole, taken := written(t, 12, 700)
	last, _ := lastSegment(whole, dir)
	if last < 3 {
		t.Fatalf("%d segments", last)
	}
	first := whole.live[at(dir, segmentName(1))].live
	second := whole.live[at(dir, segmentName(2))].live
	perFirst := len(recordEnds(t, first))
	cases := map[string]struct {
		hurt func(fs *faultFS)
		file string
		good int
	}{
		"cut end":      {func(fs *faultFS) { swap(fs, segmentName(1), first[:len(first)-1]) }, segmentName(1), perFirst - 1},
		"cut cleanly":  {func(fs *faultFS) { swap(fs, segmentName(1), first[:recordEnds(t, first)[0]]) }, segmentName(2), 1},
		"empty header": {func(fs *faultFS) { swap(fs, segmentName(2), nil) }, segmentName(2), perFirst},
		"missing":      {func(fs *faultFS) { delete(fs.live, at(dir, segmentName(2))) }, segmentName(2), perFirst},
		"repeated":     {func(fs *faultFS) { swap(fs, segmentName(3), second) }, segmentName(3), perFirst + len(recordEnds(t, second))},
		"too large":    {func(fs *faultFS) { swap(fs, segmentName(2), make([]byte, MaxSegment+1)) }, segmentName(2), perFirst},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			fs := clone(whole)
			c.hurt(fs)
			w, replay, err := Open(fs, dir, "test")
			if !errors.Is(err, ErrDamaged) || w != nil || !replay.Damage.Broken || replay.Damage.File != c.file {
				t.Fatalf("%v, %v", err, replay.Damage)
			}
			if err := prefix(replay.Events, taken, 0); err != nil || len(replay.Events) != c.good {
				t.Fatalf("%d events, want %d: %v", len(replay.Events), c.good, err)
			}
			if len(fs.locks) != 0 {
				t.Fatal("the lock was kept")
			}
			if s := replay.Damage.String(); !strings.Contains(s, c.file) || !strings.Contains(s, "at byte") {
				t.Fatalf("report: %s", s)
			}
		})
	}
}

// TestRecordsStandOnlyWhereWritten swaps two whole records of equal length: every checksum holds, the
// order does not. Mutant: do not compare seq and prev.
func TestRecordsStandOnlyWhereWritten(t *testing.T) {
	fs, _ := written(t, 6, MaxSegment)
	data := fs.live[at(dir, segmentName(1))].live
	ends := recordEnds(t, data)
	a, b, c := ends[2], ends[3], ends[4]
	mixed := append([]byte(nil), data[:a]...)
	mixed = append(append(append(mixed, data[b:c]...), data[a:b]...), data[c:]...)
	swap(fs, segmentName(1), mixed)
	replay, err := Read(fs, dir)
	if err != nil || !replay.Damage.Broken || len(replay.Events) != 3 {
		t.Fatalf("%d events, %v, %v", len(replay.Events), replay.Damage, err)
	}
	// The last record alone, out of place, is alien as well: no crash writes it.
	swap(fs, segmentName(1), append(append([]byte(nil), data[:a]...), data[b:c]...))
	if replay, _ = Read(fs, dir); !replay.Damage.Broken {
		t.Fatalf("an alien record passed for a torn tail: %v", replay.Damage)
	}
}

// TestRecordsOfAnotherJournalAreAlien splices a record with the right number and a good checksum from another
// session. Mutant: compare seq alone.
func TestRecordsOfAnotherJournalAreAlien(t *testing.T) {
	fs, _ := written(t, 4, MaxSegment)
	data := fs.live[at(dir, segmentName(1))].live
	ends := recordEnds(t, data)
	l := link{}
	other := l.appendHeader(nil, 1, Meta{Session: "s2"})
	for range 3 {
		other = l.appendFrame(other, true, []byte(content(must("note 9"))))
	}
	otherEnds := recordEnds(t, other)
	swap(fs, segmentName(1), append(append([]byte(nil), data[:ends[1]]...), other[otherEnds[1]:]...))
	if replay, err := Read(fs, dir); err != nil || !replay.Damage.Broken || len(replay.Events) != 2 {
		t.Fatalf("%d events, %v, %v", len(replay.Events), replay.Damage, err)
	}
}

// TestReaderFollowsAWriter polls after every append, across segments, and through a half-written record.
func TestReaderFollowsAWriter(t *testing.T) {
	fs := newFaultFS()
	w, err := Create(fs, dir, meta)
	if err != nil {
		t.Fatal(err)
	}
	w.limit = 700
	r := NewReader(fs, dir)
	var got []history.Event
	for i := range 20 {
		want, err := w.Append(must(fmt.Sprint("note ", i)))
		if err != nil {
			t.Fatal(err)
		}
		name := at(dir, segmentName(w.index))
		n := fs.live[name]
		n.live = n.live[:len(n.live)-3]
		early, err := r.Poll()
		if err != nil || len(early) != 0 || r.Damage().Why == "" || r.Damage().Broken {
			t.Fatalf("half a record: %v %v %v", early, r.Damage(), err)
		}
		n.live = n.live[:len(n.live)+3]
		events, err := r.Poll()
		if err != nil || len(events) != 1 || r.Damage().Why != "" || content(events[0]) != content(want[0]) {
			t.Fatalf("poll %d: %v %v %v", i, events, r.Damage(), err)
		}
		got = append(got, events...)
	}
	if w.index < 3 || got[19].Seq != 20 || r.Meta() != meta {
		t.Fatalf("segment %d, seq %d, meta %v", w.index, got[19].Seq, r.Meta())
	}
}

func TestMayEventsWaitForTheNextMustOrFlush(t *testing.T) {
	fs := newFaultFS()
	w, err := Create(fs, dir, meta)
	if err != nil {
		t.Fatal(err)
	}
	before := fs.syncs
	if _, err := w.Append(may("a"), may("b")); err != nil || fs.syncs != before || w.Synced() != 0 {
		t.Fatalf("%d syncs, synced to %d, %v", fs.syncs-before, w.Synced(), err)
	}
	if err := w.Flush(); err != nil || w.Synced() != 2 || fs.syncs != before+1 {
		t.Fatalf("after flush: synced to %d with %d syncs, %v", w.Synced(), fs.syncs-before, err)
	}
	if _, err := w.Append(may("c"), must("d"), may("e")); err != nil || w.Synced() != 5 || fs.syncs != before+2 {
		t.Fatalf("after must: synced to %d with %d syncs, %v", w.Synced(), fs.syncs-before, err)
	}
	for w.Synced() == 5 {
		if _, err := w.Append(may(strings.Repeat("x", 100_000))); err != nil || w.waiting > maxPending {
			t.Fatalf("%d bytes wait: %v", w.waiting, err)
		}
	}
}
