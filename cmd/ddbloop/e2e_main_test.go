//go:build e2e

package main

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ddbloop/ddbloop/history"
	"github.com/ddbloop/ddbloop/history/journal"
)

// The end-to-end tests drive the built binary from outside: in a terminal (tmux), over real sockets, and against a DynamoDB
// server that we did not write (dynalite, whose cli.js DDBLOOP_DYNALITE names). .ci/run installs both.

// binary is the ddbloop under test.
var binary string

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "ddbloop-e2e")
	if err != nil {
		panic(err)
	}
	binary = filepath.Join(dir, "ddbloop")
	out, err := exec.Command("go", "build", "-o", binary, ".").CombinedOutput()
	code := 1
	if err != nil {
		fmt.Fprintf(os.Stderr, "go build: %v\n%s", err, out)
	} else {
		code = m.Run()
	}
	_ = os.RemoveAll(dir)
	os.Exit(code)
}

// patience is the longest any single thing may take before a test gives it up.
const patience = 60 * time.Second

// until asks ok at every beat, and fails with what it waited for. What it waits for happens in another process, which has the machine's
// clock and no other.
func until(t *testing.T, what string, ok func() bool) {
	t.Helper()
	beat, late := time.NewTicker(30*time.Millisecond), time.NewTimer(patience)
	defer beat.Stop()
	defer late.Stop()
	for !ok() {
		select {
		case <-beat.C:
		case <-late.C:
			t.Fatalf("%s: not within %s", what, patience)
		}
	}
}

// home is the environment of one run: nothing of the machine's own AWS configuration, state or colours reaches it.
func home(dir string, more ...string) []string {
	env := []string{
		"HOME=" + dir, "XDG_STATE_HOME=" + filepath.Join(dir, "state"), "XDG_CONFIG_HOME=" + filepath.Join(dir, "config"),
		"PATH=" + os.Getenv("PATH"), "LANG=C.UTF-8", "TERM=xterm-256color", "AWS_EC2_METADATA_DISABLED=true",
	}
	return append(env, more...)
}

// ran is what a command left behind.
type ran struct {
	code           int
	stdout, stderr string
}

// command runs the binary to its end, without a terminal.
func command(t *testing.T, env []string, args ...string) ran {
	t.Helper()
	var stdout, stderr bytes.Buffer
	cmd := exec.Command(binary, args...)
	cmd.Env, cmd.Stdout, cmd.Stderr = env, &stdout, &stderr
	err := cmd.Run()
	if exit := (*exec.ExitError)(nil); err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return ran{cmd.ProcessState.ExitCode(), stdout.String(), stderr.String()}
}

// freePort is a loopback address that nothing listens on.
func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// session reads the journal of the only session under dir; it may still be being written.
func session(t *testing.T, dir string) (*history.State, []history.Event) {
	t.Helper()
	list, err := journal.Sessions(journal.OS{}, filepath.Join(dir, "state", "ddbloop", "sessions"))
	if err != nil {
		t.Fatal(err)
	}
	s := history.NewState()
	if len(list) == 0 {
		return s, nil
	}
	r, err := journal.Read(journal.OS{}, list[0].Dir)
	if err != nil || r.Damage.Broken {
		t.Fatalf("%s: %v %v", list[0].Dir, err, r.Damage)
	}
	s.Fold(r.Events...)
	return s, r.Events
}

// draft writes and returns the postmortem of the only session under dir, as a later process would.
func draft(t *testing.T, dir string) string {
	t.Helper()
	r := command(t, home(dir), "postmortem", "-o", filepath.Join(dir, "draft"))
	if r.code != 0 {
		t.Fatalf("postmortem: %+v", r)
	}
	raw, err := os.ReadFile(strings.TrimSpace(r.stdout))
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// kinds counts the events of a journal by kind.
func kinds(events []history.Event) map[string]int {
	n := map[string]int{}
	for _, e := range events {
		n[e.Body.Kind()]++
	}
	return n
}
