//go:build e2e

package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// terminal is the binary under tmux.
type terminal struct {
	t   *testing.T
	dir string // of the run
	tmp string // of tmux' socket: its path must be short
}

// shell is what the terminal runs: the program between two looks at the terminal's settings, then a shell's prompt of sorts.
const shell = `trap : INT; stty -g > "$HOME/before"; "$@"; echo "exit code $?"; stty -g > "$HOME/after"; exec cat`

// sit starts the binary in a terminal of w×h.
func sit(t *testing.T, w, h int, dir string, env []string, args ...string) *terminal {
	t.Helper()
	tmp, err := os.MkdirTemp("", "e2e")
	if err != nil {
		t.Fatal(err)
	}
	x := &terminal{t: t, dir: dir, tmp: tmp}
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("last screen:\n%s", x.screen())
		}
		_, _ = x.tmux("kill-server")
		_ = os.RemoveAll(tmp)
	})
	line := append([]string{"-f", "/dev/null", "new-session", "-d", "-x", fmt.Sprint(w), "-y", fmt.Sprint(h), "env", "-i"}, env...)
	line = append(line, "sh", "-c", shell, "sh", binary)
	if out, err := x.tmux(append(line, args...)...); err != nil {
		t.Fatalf("tmux: %v %s", err, out)
	}
	return x
}

func (x *terminal) tmux(args ...string) (string, error) {
	cmd := exec.Command("tmux", append([]string{"-u", "-L", "e2e"}, args...)...)
	cmd.Env = append(os.Environ(), "TMUX_TMPDIR="+x.tmp, "LANG=C.UTF-8", "TMUX=")
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// screen is the text that the person sees.
func (x *terminal) screen() string {
	out, _ := x.tmux("capture-pane", "-p")
	return out
}

// sees waits until all of the texts are on the screen at once.
func (x *terminal) sees(texts ...string) {
	x.t.Helper()
	until(x.t, fmt.Sprintf("on the screen: %q", texts), func() bool { return x.has(texts...) })
}

func (x *terminal) has(texts ...string) bool {
	s := x.screen()
	for _, text := range texts {
		if !strings.Contains(s, text) {
			return false
		}
	}
	return true
}

// press sends keys by tmux' names.
func (x *terminal) press(keys ...string) {
	x.t.Helper()
	for _, k := range keys {
		if out, err := x.tmux("send-keys", k); err != nil {
			x.t.Fatalf("send-keys %s: %v %s", k, err, out)
		}
	}
}

// types sends text as it is.
func (x *terminal) types(text string) {
	x.t.Helper()
	if out, err := x.tmux("send-keys", "-l", text); err != nil {
		x.t.Fatalf("send-keys: %v %s", err, out)
	}
}

// approve types the token of the plan that waits, as a person has to: after the strip has opened, key by key, then Enter.
// A key within the strip's quiet times is swallowed, so each is repeated until the screen, or done, shows it.
func (x *terminal) approve(token string, done func() bool) {
	x.t.Helper()
	x.press("a")
	x.sees("type " + token)
	for i := range token {
		x.again("typed "+token[:i+1], func() { x.types(token[i : i+1]) }, func() bool { return x.has("▸ " + token[:i+1] + "_") })
	}
	x.again("approved", func() { x.press("Enter") }, done)
}

// again repeats do, half a second apart, until ok.
func (x *terminal) again(what string, do func(), ok func() bool) {
	x.t.Helper()
	var last time.Time
	until(x.t, what, func() bool {
		if ok() {
			return true
		}
		if time.Since(last) > 500*time.Millisecond {
			do()
			last = time.Now()
		}
		return false
	})
}

// leaves quits, and checks that the terminal is as it was: main screen, cursor, no mouse, the same line settings.
func (x *terminal) leaves() {
	x.t.Helper()
	x.press("q")
	x.gone(0)
}

// gone waits for the end of the program and checks the terminal.
func (x *terminal) gone(code int) {
	x.t.Helper()
	x.sees(fmt.Sprintf("exit code %d", code))
	until(x.t, "the shell", func() bool { _, err := os.Stat(filepath.Join(x.dir, "after")); return err == nil })
	modes, _ := x.tmux("display-message", "-p", "#{alternate_on} #{cursor_flag} #{mouse_any_flag} #{keypad_flag} #{insert_flag}")
	if got := strings.TrimSpace(modes); got != "0 1 0 0 0" {
		x.t.Errorf("the terminal was left in another mode: alternate screen, cursor, mouse, keypad, insert are %s", got)
	}
	before, _ := os.ReadFile(filepath.Join(x.dir, "before"))
	after, _ := os.ReadFile(filepath.Join(x.dir, "after"))
	if len(before) == 0 || string(before) != string(after) {
		x.t.Errorf("the line settings changed: %q, then %q", before, after)
	}
}
