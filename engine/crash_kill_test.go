package engine_test

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/ddbloop/ddbloop/history/journal"
)

const crashEnv = "DDBLOOP_TEST_CRASH" // folder, point and kind of change

// TestCrashChild is the process that TestKillAtEveryPoint kills; by itself it does nothing.
func TestCrashChild(t *testing.T) {
	said := strings.Split(os.Getenv(crashEnv), "|")
	if len(said) != 3 {
		return
	}
	dir, point, what := said[0], said[1], crashCases[said[2]]
	note := func(file string, text any) {
		f, err := os.OpenFile(filepath.Join(dir, file), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
		if err == nil {
			_, err = fmt.Fprintln(f, text)
		}
		if err = errors.Join(err, f.Close()); err != nil {
			t.Fatal(err)
		}
	}
	at := func(p string) {
		if p == point {
			_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
			select {} // the signal is on its way
		}
	}
	w, err := journal.Create(journal.OS{}, filepath.Join(dir, "s1"), journal.Meta{Session: "s1"})
	if err != nil {
		t.Fatal(err)
	}
	far := newServer(what)
	far.at, far.arrived = at, func(what string) { note("requests", what) }
	x, err := newSession(points{Writer: w, at: at, acked: func(seq uint64) { note("acked", seq) }}, far, what)
	if err == nil {
		err = x.play()
	}
	if err != nil {
		t.Fatal(err)
	}
}

// killedAt is what a later process finds of E1, and how many requests have left, by where the process died.
var killedAt = map[string]string{
	"before change.planned":  "none, 0",
	"after change.planned":   "planned, 0",
	"describe":               "none, 0",
	"before change.intended": "planned, 0",
	"after change.intended":  "intended, 0",
	"request":                "intended, 0",
	"applied":                "intended, 1",
	"before change.answered": "intended, 1",
	"after change.answered":  "settling, 1",
	"before change.settled":  "settling, 1",
	"after change.settled":   "in force, 1",
}

// TestKillAtEveryPoint kills a real process at each point of each kind of change. What was acknowledged is in the files, a request
// that left has its intent there, and the files say how far each change came. Mutant: send before the intent.
func TestKillAtEveryPoint(t *testing.T) {
	for name := range crashCases {
		for point, want := range killedAt {
			switch {
			case name == "lever" && (point == "describe" || strings.HasSuffix(point, "change.answered")):
				continue // no table is read for it, and its answer is kept with its being in force
			case name == "lever" && point == "before change.settled":
				want = "intended, 1"
			}
			t.Run(name+" "+point, func(t *testing.T) {
				t.Parallel()
				killAt(t, name, point, want)
			})
		}
	}
}

func killAt(t *testing.T, name, point, want string) {
	dir := t.TempDir()
	cmd := exec.Command(os.Args[0], "-test.run=^TestCrashChild$")
	cmd.Env = append(os.Environ(), crashEnv+"="+dir+"|"+point+"|"+name)
	out, err := cmd.CombinedOutput()
	if status, ok := cmd.ProcessState.Sys().(syscall.WaitStatus); !ok || status.Signal() != syscall.SIGKILL {
		t.Fatalf("the child was not killed: %v\n%s", err, out)
	}
	s := kept(t, point, filepath.Join(dir, "s1"))
	acked, _ := os.ReadFile(filepath.Join(dir, "acked"))
	for _, line := range strings.Fields(string(acked)) {
		if seq, err := strconv.ParseUint(line, 10, 64); err != nil || s.Seq < seq {
			t.Errorf("event %s was acknowledged, the files end at %d", line, s.Seq)
		}
	}
	requests, _ := os.ReadFile(filepath.Join(dir, "requests"))
	state := "none"
	if c := s.Change("E1"); c != nil {
		state = c.State
	}
	if got := fmt.Sprintf("%s, %d", state, strings.Count(string(requests), "\n")); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
