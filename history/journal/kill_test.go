package journal

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

const childEnv = "DDBLOOP_TEST_JOURNAL_CHILD"

// TestMain turns the test binary into the child of the kill tests: it appends for ever and prints each acknowledged
// sequence number.
func TestMain(m *testing.M) {
	if dir := os.Getenv(childEnv); dir != "" {
		if err := child(dir); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func child(dir string) error {
	w, err := Create(OS{}, dir, meta)
	if err != nil {
		return err
	}
	w.limit = 20_000
	for i := 0; ; i++ {
		events, err := w.Append(may(fmt.Sprint("may ", i)), must(strings.Repeat("m", i*31%900)))
		if err != nil {
			return err
		}
		if _, err := fmt.Println(events[1].Seq); err != nil {
			return err
		}
	}
}

// startChild runs the child and returns its acknowledgements.
func startChild(t *testing.T, dir string) (*exec.Cmd, *bufio.Scanner) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childEnv+"="+dir)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return cmd, bufio.NewScanner(out)
}

// TestKill is promise J1 with real processes: SIGKILL after k acknowledgements. It cannot show a missing sync (the page cache
// outlives the process); TestCrashAtEveryOperation does. Mutant: return from Append before commit.
// DDBLOOP_KILLS sets the number of trials.
func TestKill(t *testing.T) {
	trials := 60
	if s := os.Getenv("DDBLOOP_KILLS"); s != "" {
		var err error
		if trials, err = strconv.Atoi(s); err != nil {
			t.Fatal(err)
		}
	}
	seed := uint64(20260303)
	rng := rand.New(rand.NewPCG(seed, seed))
	root, total, torn, segments := t.TempDir(), uint64(0), 0, 0
	for trial := range trials {
		dir := filepath.Join(root, strconv.Itoa(trial), "s1")
		cmd, acks := startChild(t, dir)
		acked := uint64(0)
		for range 1 + rng.IntN(25) {
			if !acks.Scan() {
				t.Fatalf("trial %d: the child ended by itself after %d acks", trial, acked)
			}
			acked, _ = strconv.ParseUint(acks.Text(), 10, 64)
		}
		_ = cmd.Process.Kill()
		for acks.Scan() { // acknowledgements under way when it died
			if n, err := strconv.ParseUint(acks.Text(), 10, 64); err == nil {
				acked = n
			}
		}
		_ = cmd.Wait()
		w, replay, err := Open(OS{}, dir, "test")
		if err != nil {
			t.Fatalf("trial %d, seed %d: %v", trial, seed, err)
		}
		var taken []string
		for i := range len(replay.Events)/2 + 1 {
			taken = append(taken, content(may(fmt.Sprint("may ", i))), content(must(strings.Repeat("m", i*31%900))))
		}
		if err := prefix(replay.Events, taken, acked); err != nil {
			t.Fatalf("trial %d, seed %d: %v", trial, seed, err)
		}
		total += acked
		if replay.Damage.Why != "" {
			torn++
		}
		segments += int(w.index)
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("seed %d: %d kills, %d acknowledged events kept, %d torn tails, %d segments", seed, trials, total, torn, segments)
}

// TestOneWriter is promise J5. Mutant: take no lock; a lock file that outlives its process.
func TestOneWriter(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "s1")
	cmd, acks := startChild(t, dir)
	defer func() { _ = cmd.Process.Kill() }()
	if !acks.Scan() {
		t.Fatal("no acknowledgement")
	}
	go func() { _, _ = io.Copy(io.Discard, drain{acks}) }()
	for range 20 {
		if w, _, err := Open(OS{}, dir, "test"); !errors.Is(err, ErrBusy) || w != nil {
			t.Fatalf("a second writer got %v", err)
		}
		if _, err := Create(OS{}, dir, meta); !errors.Is(err, ErrBusy) {
			t.Fatalf("a second creator got %v", err)
		}
	}
	if replay, err := Read(OS{}, dir); err != nil || len(replay.Events) == 0 || replay.Damage.Broken {
		t.Fatalf("reading beside the writer: %d events, %v, %v", len(replay.Events), replay.Damage, err)
	}
	_ = cmd.Process.Kill()
	_ = cmd.Wait()
	w, _, err := Open(OS{}, dir, "test")
	if err != nil {
		t.Fatalf("after the writer died: %v", err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
}

// drain reads a scanner to its end so that the child never blocks on its pipe.
type drain struct{ s *bufio.Scanner }

func (d drain) Read(p []byte) (int, error) {
	if !d.s.Scan() {
		return 0, io.EOF
	}
	return copy(p, d.s.Bytes()), nil
}
