package journal

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/ddbloop/ddbloop/history"
)

const dir = "/state/sessions/s1"

var (
	epoch = time.Date(2026, 3, 3, 14, 7, 0, 0, time.UTC)
	meta  = Meta{Session: "s1", Version: "test"}
)

func must(text string) history.Event {
	return history.Event{At: epoch, Body: history.Noted{Text: text}}
}

func may(text string) history.Event {
	return history.Event{At: epoch, Body: history.StepEntered{Step: text}}
}

// script writes to a journal as a session would, with segments small enough to rotate often. It returns
// what was taken in and how many events of it were acknowledged.
func script(fs *faultFS, limit int64) (taken []string, acked uint64, err error) {
	w, err := Create(fs, dir, meta)
	if err != nil {
		return nil, 0, err
	}
	w.limit = limit
	defer w.Close()
	for i := range 14 {
		text := fmt.Sprintf("%d %s", i, strings.Repeat("x", i*97%700))
		batch := []history.Event{may(text + " may"), must(text)}
		if i%4 == 0 {
			batch = []history.Event{may(text)}
		}
		for _, e := range batch {
			taken = append(taken, content(e))
		}
		events, err := w.Append(batch...)
		if err != nil {
			return taken, acked, err
		}
		if i%4 != 0 {
			acked = events[len(events)-1].Seq
		}
		if i%5 == 4 {
			if err := w.Flush(); err != nil {
				return taken, acked, err
			}
			acked = uint64(len(taken))
		}
	}
	return taken, acked, nil
}

func content(e history.Event) string {
	raw, err := history.Encode(e)
	if err != nil {
		panic(err)
	}
	return string(raw)
}

// prefix reports how the events differ from a contiguous prefix of taken that holds at least acked of them.
func prefix(events []history.Event, taken []string, acked uint64) error {
	if uint64(len(events)) < acked {
		return fmt.Errorf("%d events left of %d acknowledged", len(events), acked)
	}
	for i, e := range events {
		if e.Seq != uint64(i+1) {
			return fmt.Errorf("event %d has seq %d", i, e.Seq)
		}
		if i >= len(taken) || content(e) != taken[i] {
			return fmt.Errorf("event %d is not what was appended", i+1)
		}
	}
	return nil
}

// TestCrashAtEveryOperation is promise J1 and J2. Mutants: return from commit before Sync; leave out Sync; leave
// out SyncDir in writeNew; move the link before the write.
func TestCrashAtEveryOperation(t *testing.T) {
	crashes, torn := 0, 0
	for k := 1; ; k++ {
		done := false
		for seed := range uint64(6) {
			fs := newFaultFS()
			fs.crashAt, fs.tearWrite = k, seed%2 == 1
			taken, acked, err := script(fs, 3000)
			if err == nil {
				done = true
				break
			}
			if !errors.Is(err, errCrashed) {
				t.Fatalf("k=%d: %v", k, err)
			}
			crashes++
			rng := rand.New(rand.NewPCG(seed, uint64(k)))
			if again(t, fmt.Sprintf("k=%d seed=%d", k, seed), fs.afterCrash([]float64{0, 1, .5}[seed%3], rng), taken, acked) {
				torn++
			}
		}
		if done {
			break
		}
	}
	t.Logf("%d crashes, %d left a torn tail", crashes, torn)
	if crashes < 300 || torn < 20 {
		t.Fatalf("the test has lost its teeth: %d crashes, %d torn tails", crashes, torn)
	}
}

// again opens what a crash left, checks it, appends, crashes once more, and checks again.
func again(t *testing.T, name string, fs *faultFS, taken []string, acked uint64) (torn bool) {
	t.Helper()
	w, replay, err := Open(fs, dir, "test")
	if err != nil {
		if acked > 0 || !errors.Is(err, ErrNoJournal) {
			t.Fatalf("%s: open after the crash: %v", name, err)
		}
		return false
	}
	if err := prefix(replay.Events, taken, acked); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	more, err := w.Append(must("after the crash"))
	if err != nil {
		t.Fatalf("%s: append after the crash: %v", name, err)
	}
	kept := append(append([]string(nil), taken[:len(replay.Events)]...), content(more[0]))
	last, err := Read(fs.afterCrash(0, rand.New(rand.NewPCG(1, 1))), dir)
	if err == nil && last.Damage.Why != "" {
		err = errors.New(last.Damage.String())
	}
	if err == nil {
		err = prefix(last.Events, kept, more[0].Seq)
	}
	if err != nil {
		t.Fatalf("%s: second crash: %v", name, err)
	}
	return replay.Damage.Why != ""
}

// TestCrashInRepair crashes at every operation of Open itself. Mutant: cut before the tail is kept.
func TestCrashInRepair(t *testing.T) {
	broken := newFaultFS()
	taken, acked, err := script(broken, 3000)
	if err != nil {
		t.Fatal(err)
	}
	last, _ := lastSegment(broken, dir)
	n := broken.live[at(dir, segmentName(last))]
	n.live = append(n.live, "half a reco"...)
	n.disk = append([]byte(nil), n.live...)
	for k := 1; ; k++ {
		rng := rand.New(rand.NewPCG(1, uint64(k)))
		fs := broken.afterCrash(0, rng)
		fs.crashAt = k
		_, _, err := Open(fs, dir, "test")
		after := fs.afterCrash(.5, rng)
		replay, rerr := Read(after, dir)
		if rerr != nil || replay.Damage.Broken {
			t.Fatalf("k=%d: %v %v", k, rerr, replay.Damage)
		}
		if perr := prefix(replay.Events, taken, acked); perr != nil {
			t.Fatalf("k=%d: %v", k, perr)
		}
		if replay.Damage.Why == "" && !keptTail(after, "half a reco") {
			t.Fatalf("k=%d: the cut bytes are gone", k)
		}
		if err == nil {
			return
		}
	}
}

func keptTail(fs *faultFS, text string) bool {
	for name, n := range fs.live {
		if strings.HasSuffix(name, ".tail") && string(n.live) == text {
			return true
		}
	}
	return false
}

// TestFailedSyncIsFinal is promise J4. Mutant: call Sync a second time when it fails.
func TestFailedSyncIsFinal(t *testing.T) {
	for n := 1; ; n++ {
		fs := newFaultFS()
		fs.failSync = n
		taken, acked, err := script(fs, 3000)
		if err == nil {
			if fs.syncs >= n || n < 12 {
				t.Fatalf("sync %d failed and the journal went on as if it had not", n)
			}
			return
		}
		if !errors.Is(err, errSick) {
			t.Fatalf("n=%d: %v", n, err)
		}
		if acked > 0 {
			again(t, fmt.Sprintf("n=%d", n), fs.afterCrash(0, rand.New(rand.NewPCG(1, 1))), taken, acked)
			// The same kernel still shows the bytes it failed to store: a resume must not build on them.
			again(t, fmt.Sprintf("n=%d, resumed at once", n), fs, taken, acked)
		}
	}
}

func TestErrorsStick(t *testing.T) {
	fs := newFaultFS()
	w, err := Create(fs, dir, meta)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Append(must("kept")); err != nil {
		t.Fatal(err)
	}
	fs.failWrite = errNoSpace
	if _, err := w.Append(must("lost")); err == nil || !strings.Contains(err.Error(), "nothing after event 1 is kept; the disk is full") {
		t.Fatalf("error of a full disk: %v", err)
	}
	fs.failWrite = nil
	if _, err := w.Append(must("too late")); err == nil {
		t.Fatal("an append was acknowledged after a failed one")
	}
	if err := w.Flush(); err == nil || w.Err() == nil || w.Synced() != 1 {
		t.Fatalf("flush %v, err %v, synced %d", err, w.Err(), w.Synced())
	}
	if fs.live[at(dir, "ballast")] != nil {
		t.Fatal("the ballast was not set free")
	}
	if err := w.Close(); err == nil {
		t.Fatal("close hid the error")
	}
	again(t, "resume on a full disk", fs, []string{content(must("kept")), content(must("lost"))}, 1)
}

func TestTooLargeEventIsRefusedAndForgotten(t *testing.T) {
	fs := newFaultFS()
	w, err := Create(fs, dir, meta)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Append(may("a"), must(strings.Repeat("x", MaxPayload))); err == nil {
		t.Fatal("an event above the cap was taken")
	}
	got, err := w.Append(must("b"))
	if err != nil || got[0].Seq != 1 {
		t.Fatalf("seq %v after a refused append, %v", got, err)
	}
}
