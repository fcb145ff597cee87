package tui

import (
	"context"
	"flag"
	"os"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"
	"go.uber.org/goleak"

	"github.com/ddbloop/ddbloop/engine"
	"github.com/ddbloop/ddbloop/tui/tuitest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// desk is a screen that is driven without a program: messages go in by hand and commands run at once.
type desk struct {
	t    testing.TB
	m    *model
	loop *tuitest.Loop
	now  time.Time // session
	wall time.Time // person
	quit bool
}

func sit(t testing.TB, s *tuitest.Script, w, h int) *desk {
	t.Helper()
	d := &desk{t: t, loop: &tuitest.Loop{List: []engine.RunbookInfo{
		{Name: "hot-partition", Title: "One key takes too much", Fits: 0.94}, {Name: "expired", Title: "Credentials ran out"},
	}}, now: s.Now().Add(2 * time.Second), wall: tuitest.Start}
	d.m = newModel(context.Background(), Options{
		Loop: d.loop, Now: func() time.Time { return d.now }, Wall: func() time.Time { return d.wall },
		Env: []string{"LANG=C.UTF-8"},
	}, tuitest.NewFeed(nil))
	d.m.Update(tea.WindowSizeMsg{Width: w, Height: h})
	d.m.Update(runbooksListed(d.loop.List))
	d.m.Update(eventsArrived(s.Events))
	return d
}

// press types keys as Key.String names them, after a pause each.
func (d *desk) press(pause time.Duration, names ...string) {
	for _, n := range names {
		d.wall = d.wall.Add(pause)
		_, cmd := d.m.Update(key(n))
		d.run(cmd)
	}
}

// run executes what leads to the loop or out of the program; timers and queries stay unrun.
func (d *desk) run(cmd tea.Cmd) {
	if cmd == nil {
		return
	}
	switch msg := cmd().(type) {
	case commandDone:
		d.m.Update(msg)
	case tea.QuitMsg:
		d.quit = true
	}
}

func (d *desk) screen() string { return ansi.Strip(d.m.View().Content) }

var named = map[string]rune{
	"enter": tea.KeyEnter, "esc": tea.KeyEscape, "tab": tea.KeyTab, "backspace": tea.KeyBackspace, "left": tea.KeyLeft,
	"right": tea.KeyRight, "up": tea.KeyUp, "down": tea.KeyDown, "pgup": tea.KeyPgUp, "pgdown": tea.KeyPgDown, "end": tea.KeyEnd,
}

func key(name string) tea.KeyPressMsg {
	switch {
	case name == "space":
		return tea.KeyPressMsg{Code: tea.KeySpace, Text: " "}
	case name == "shift+tab":
		return tea.KeyPressMsg{Code: tea.KeyTab, Mod: tea.ModShift}
	case strings.HasPrefix(name, "ctrl+"):
		return tea.KeyPressMsg{Code: rune(name[5]), Mod: tea.ModCtrl}
	case named[name] != 0:
		return tea.KeyPressMsg{Code: named[name]}
	}
	return tea.KeyPressMsg{Code: []rune(name)[0], Text: name}
}

func letters(s string) []string { return strings.Split(s, "") }

var update = flag.Bool("update", false, "write the goldens")

// golden compares text with a file; -update writes the file.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := "testdata/" + name + ".txt"
	if *update {
		if err := os.WriteFile(path, []byte(got+"\n"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if string(want) != got+"\n" {
		t.Errorf("%s differs (-update go test ./tui rewrites it):\n%s", path, got)
	}
}
