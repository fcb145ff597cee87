package journal

import (
	"testing"
	"time"

	"github.com/ddbloop/ddbloop/history"
)

// FuzzRead feeds arbitrary bytes as the only segment. Whatever they are, reading ends, and what Open then
// repairs reads back as exactly the events that were readable before.
func FuzzRead(f *testing.F) {
	l := link{}
	good := l.appendHeader(nil, 1, meta)
	f.Add(append([]byte(nil), good...))
	payload, _ := history.Encode(must("a note"))
	good = l.appendFrame(good, true, payload)
	f.Add(append([]byte(nil), good...))
	good = l.appendFrame(l.appendFrame(good, true, payload), false, payload)
	f.Add(good)
	f.Add(good[:len(good)-5])
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, data []byte) {
		fs := newFaultFS()
		fs.live["/s"], fs.disk["/s"] = &inode{dir: true}, &inode{dir: true}
		fs.live["/s/"+segmentName(1)] = &inode{live: append([]byte(nil), data...), dirty: map[int]bool{}}
		before, err := Read(fs, "/s")
		if err != nil {
			t.Fatal(err)
		}
		w, _, err := Open(fs, "/s", "fuzz")
		if (err == nil) == before.Damage.Broken {
			t.Fatalf("damage %v, open %v", before.Damage, err)
		}
		if err != nil {
			return
		}
		next, err := w.Append(must("next"))
		if err != nil {
			t.Fatal(err)
		}
		after, err := Read(fs, "/s")
		if err != nil || after.Damage.Why != "" || len(after.Events) != len(before.Events)+1 || next[0].Seq != uint64(len(after.Events)) {
			t.Fatalf("%d events before, %d after, damage %v, %v", len(before.Events), len(after.Events), after.Damage, err)
		}
	})
}

func BenchmarkAppend(b *testing.B) {
	for name, e := range map[string]history.Event{
		"must": must("a note of ordinary length, typed by a person"),
		"may": {At: epoch, Body: history.ProbeAnswered{
			Probe: "get", Table: "orders", Op: "GetItem", Every: time.Second,
			OK: true, Total: 4 * time.Millisecond, Wait: 3 * time.Millisecond, Units: .5,
		}},
	} {
		b.Run(name, func(b *testing.B) {
			w, err := Create(OS{}, b.TempDir()+"/s", meta)
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				if _, err := w.Append(e); err != nil {
					b.Fatal(err)
				}
			}
			if err := w.Close(); err != nil {
				b.Fatal(err)
			}
		})
	}
}
