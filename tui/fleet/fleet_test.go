package fleet

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"
	"time"
	"unicode"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"
	"go.uber.org/goleak"

	"github.com/ddbloop/ddbloop/engine/fleet"
	"github.com/ddbloop/ddbloop/tui/draw"
	"github.com/ddbloop/ddbloop/tui/theme"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var (
	update = flag.Bool("update", false, "write the goldens")
	start  = time.Date(2026, 3, 3, 14, 0, 0, 0, time.UTC)
)

func ptr(v float64) *float64 { return &v }

// picture is a Region in trouble: one table of each state, and many quiet ones.
func picture() fleet.View {
	at := start.Add(-20 * time.Second)
	hour := make([]float64, 60)
	for i := 40; i < 58; i++ {
		hour[i] = float64(i * 10)
	}
	v := fleet.View{At: at, Listed: at, Every: time.Minute, Round: 7 * time.Minute, Calls: 16, USDHour: 0.31, Ceiling: 0.5, Rows: []fleet.Row{
		{Table: "orders", State: fleet.Refused, Why: "412 events a minute are throttled: write/by-status", Pain: 412, Refused: ptr(412), Failed: ptr(0), Op: "PutItem", P99: ptr(14), Usual: ptr(12), Asked: at, Detail: at, Hour: hour},
		{Table: "carts", State: fleet.Slow, Why: "Query p99 310 ms, 4.1 times its usual", Pain: 121, Refused: ptr(0), Failed: ptr(0), Op: "Query", P99: ptr(310), Usual: ptr(75), Asked: at, Detail: at},
		{Table: "payments-with-a-long-name-of-some-team", State: fleet.Failing, Why: "6.2 requests a minute fail with HTTP 500: Query", Pain: 62, Refused: ptr(0), Failed: ptr(6.2), Asked: at, Detail: at},
		{Table: "stock", State: fleet.Over, Why: "throttled or failing until 13:31Z", Refused: ptr(0), Failed: ptr(0), Asked: at, Detail: at},
		{Table: "audit", State: fleet.Unknown, Why: "last asked 21m0s ago", Asked: start.Add(-21 * time.Minute)},
		{Table: "fresh", State: fleet.Unknown, Why: "not asked yet"},
		{Table: "users", State: fleet.NoRefusals, Why: "nothing throttled for an hour; latencies and errors not asked of late", Refused: ptr(0), Asked: start.Add(-5 * time.Minute)},
	}}
	for i := range 60 {
		v.Rows = append(v.Rows, fleet.Row{Table: fmt.Sprintf("quiet-%02d", i), State: fleet.Quiet, Why: "nothing throttled or failed for an hour", Refused: ptr(0), Failed: ptr(0), Op: "GetItem", P99: ptr(4), Usual: ptr(4), Asked: at, Detail: at})
	}
	return v
}

func sit(v fleet.View, w, h int) *program {
	p := &program{New(Options{
		Views: make(chan fleet.View), Now: func() time.Time { return start }, Region: "eu-west-1", Account: "…9012", Env: []string{"LANG=C.UTF-8"},
	}), context.Background()}
	p.Update(tea.WindowSizeMsg{Width: w, Height: h})
	p.Update(viewCame(v))
	return p
}

func (p *program) press(names ...string) (quit bool) {
	for _, n := range names {
		k := tea.KeyPressMsg{Code: []rune(n)[0], Text: n}
		switch n {
		case "enter":
			k = tea.KeyPressMsg{Code: tea.KeyEnter}
		case "esc":
			k = tea.KeyPressMsg{Code: tea.KeyEscape}
		case "backspace":
			k = tea.KeyPressMsg{Code: tea.KeyBackspace}
		case "home":
			k = tea.KeyPressMsg{Code: tea.KeyHome}
		case "end":
			k = tea.KeyPressMsg{Code: tea.KeyEnd}
		}
		if _, cmd := p.Update(k); cmd != nil {
			if _, ok := cmd().(tea.QuitMsg); ok {
				return true
			}
		}
	}
	return false
}

func (p *program) screen() string { return ansi.Strip(p.View().Content) }

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
		t.Errorf("%s differs (-update go test ./tui/fleet rewrites it):\n%s", path, got)
	}
}

func TestScreens(t *testing.T) {
	for _, size := range [][2]int{{80, 24}, {120, 40}, {200, 60}, {40, 10}} {
		name := fmt.Sprintf("%dx%d", size[0], size[1])
		golden(t, "pain-"+name, sit(picture(), size[0], size[1]).screen())
	}
	dark := picture()
	dark.Trouble = []string{"cloudwatch:GetMetricData: connection refused"}
	golden(t, "dark-80x24", sit(dark, 80, 24).screen())
	golden(t, "fresh-80x24", sit(fleet.View{}, 80, 24).screen())
	help := sit(picture(), 120, 40)
	help.press("?")
	golden(t, "help-120x40", help.screen())
	ascii := sit(picture(), 120, 40)
	ascii.press("g", "g")
	golden(t, "ascii-120x40", ascii.screen())
	for _, r := range ascii.screen() {
		if r > 0x7e {
			t.Fatalf("%q on an ASCII screen", r)
		}
	}
}

// At every size there are exactly h lines, none wider than w, and the first says whose tables these are.
func TestSweep(t *testing.T) {
	for w := leastW; w <= 220; w += 3 {
		for h := leastH; h <= 60; h += 7 {
			lines := strings.Split(sit(picture(), w, h).screen(), "\n")
			if len(lines) != h || !strings.Contains(lines[0], "eu-west-1") && w > 60 {
				t.Fatalf("%dx%d: %d lines, %q", w, h, len(lines), lines[0])
			}
			for _, l := range lines {
				if ansi.StringWidth(l) > w {
					t.Fatalf("%dx%d: %q", w, h, l)
				}
			}
		}
	}
}

func TestKeys(t *testing.T) {
	p := sit(picture(), 120, 40)
	if !p.press("j", "enter") || p.chosen != "carts" {
		t.Errorf("opened %q", p.chosen)
	}
	p.chosen = ""
	again := picture()
	again.Rows[0], again.Rows[1] = again.Rows[1], again.Rows[0]
	p.Update(viewCame(again))
	if rows := p.rows(); rows[p.selected(rows)].Table != "carts" {
		t.Error("the selection did not stay with its table when the order changed")
	}
	if p.press("/", "q", "u", "i", "x", "backspace", "enter", "end", "enter") != true || p.chosen != "quiet-59" {
		t.Errorf("opened %q", p.chosen)
	}
	p.chosen = ""
	p.press("/", "z", "z", "enter")
	if p.press("enter") || p.chosen != "" || !strings.Contains(p.screen(), "esc shows all") {
		t.Errorf("opened %q of nothing", p.chosen)
	}
	if p.press("esc"); len(p.rows()) != 67 {
		t.Errorf("%d rows after esc", len(p.rows()))
	}
	if p.press("home", "y"); !strings.Contains(p.screen(), "pain 121") {
		t.Error("the row was not shown as text")
	}
	if !p.press("q") || p.chosen != "" {
		t.Errorf("q opened %q", p.chosen)
	}
}

// Names and reasons from outside are drawn as visible text only, wherever they stand.
//
// Mutant: write a title without the sanitizer.
func TestHostileText(t *testing.T) {
	const bad = "a\x1b]0;x\x07\u202eb\u200b\x9b2J\xff"
	v := picture()
	v.Rows[0].Table, v.Rows[0].Why, v.Rows[0].Op, v.Trouble = bad, bad, bad, []string{bad}
	p := sit(v, 120, 40)
	p.o.Region, p.o.Where = bad, bad
	p.press("y")
	p.Update(tea.PasteMsg{Content: bad})
	var lines bytes.Buffer
	if err := Print(&lines, v, true); err != nil {
		t.Fatal(err)
	}
	for where, text := range map[string]string{"screen": p.screen(), "title": p.View().WindowTitle, "copy": p.copied, "lines": lines.String()} {
		for _, r := range strings.ReplaceAll(text, "\n", "") {
			if unicode.In(r, unicode.Cc, unicode.Cf) || r == unicode.ReplacementChar {
				t.Fatalf("%U in the %s", r, where)
			}
		}
	}
}

// Where nothing hurts there are no "these" to compare with. Mutant: the words beside rows that are shown.
func TestPrintWithNothingThatHurts(t *testing.T) {
	var b bytes.Buffer
	v := fleet.View{Rows: []fleet.Row{{Table: "stock", State: fleet.Quiet}}}
	if err := Print(&b, v, false); err != nil || !strings.Contains(b.String(), "table    1 in all; none of them hurts\n") {
		t.Errorf("%v:\n%s", err, b.String())
	}
}

func TestPrint(t *testing.T) {
	var b bytes.Buffer
	v := picture()
	v.Trouble = []string{"cloudwatch:ListMetrics: AccessDenied"}
	if err := Print(&b, v, false); err != nil {
		t.Fatal(err)
	}
	golden(t, "lines", strings.TrimSuffix(b.String(), "\n"))
	if err := Print(failing{}, v, false); !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("a closed pipe is %v", err)
	}
}

type failing struct{}

func (failing) Write([]byte) (int, error) { return 0, io.ErrClosedPipe }

// BenchmarkFrame is one frame of 2,500 tables at 120×40.
func BenchmarkFrame(b *testing.B) {
	v := picture()
	for len(v.Rows) < 2500 {
		v.Rows = append(v.Rows, v.Rows[len(v.Rows)-1])
	}
	p := sit(v, 120, 40)
	p.canvas, p.set = draw.New(120, 40), theme.Braille
	b.ReportAllocs()
	for b.Loop() {
		_ = p.View()
	}
}
