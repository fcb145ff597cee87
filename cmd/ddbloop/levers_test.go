package main

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/ddbloop/ddbloop/engine"
)

// A lever is told what to do by its environment alone, has no terminal, and what it prints goes nowhere. Its exit code is an answer;
// that it was killed, or took too long, is none, and then all that it has started ends with it. Mutants: leave it in our session; kill
// the first process only; take a signal for a failure.
func TestLevers(t *testing.T) {
	dir := t.TempDir()
	told, late := filepath.Join(dir, "told"), filepath.Join(dir, "late")
	lever := func(script string) commands {
		return commands{levers: []teamLever{{Name: "shed", Command: []string{"sh", "-c", script, "sh", `$(touch "` + late + `")`}}}}
	}
	if err := lever(`printf '%s %s %s' "$DDBLOOP_LEVER" "$DDBLOOP_STATE" "$#" >"`+told+`"`).Set(t.Context(), "shed", true); err != nil {
		t.Fatal(err)
	}
	if got, _ := os.ReadFile(told); string(got) != "shed on 1" {
		t.Errorf("it was told %q", got)
	}
	for script, want := range map[string]struct {
		text  string
		known bool
	}{
		`exit 3`:       {"exit status 3", true},
		`kill -HUP $$`: {"killed (signal: hangup)", false},
		`[ -r /proc/$$/stat ] || exit 5; read -r _ _ _ _ _ s _ </proc/$$/stat; [ "$s" = $$ ] && exit 5`: {"exit status 5", true}, // its own session
		`yes "$(printf '\033[31m')" | head -c 9000000; exit 4`:                                          {"exit status 4", true},
	} {
		err := lever(script).Set(t.Context(), "shed", false)
		if err == nil || !strings.Contains(err.Error(), want.text) || errors.Is(err, engine.ErrUnanswered) == want.known {
			t.Errorf("%s: %v, want %q", script, err, want.text)
		}
	}
	pipe := filepath.Join(dir, "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	held, err := os.OpenFile(pipe, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		t.Fatal(err)
	}
	slow := lever(`exec 3>"` + pipe + `"; (trap "" HUP TERM; sleep 30; sleep 30) & wait`)
	slow.within = 200 * time.Millisecond
	if err := slow.Set(t.Context(), "shed", true); !errors.Is(err, engine.ErrUnanswered) || !strings.Contains(err.Error(), "did not end within 200ms") {
		t.Errorf("%v", err)
	}
	_ = held.SetReadDeadline(time.Now().Add(5 * time.Second))
	if n, err := held.Read(make([]byte, 1)); n != 0 || err != io.EOF {
		t.Errorf("something of it still holds the pipe: %v", err)
	}
	_ = held.Close()
	if _, err := os.Stat(late); err == nil {
		t.Error("an argument was run by a shell")
	}
	if err := slow.Set(t.Context(), "another", true); err == nil || !strings.Contains(err.Error(), `no lever "another"`) {
		t.Errorf("%v", err)
	}
}
