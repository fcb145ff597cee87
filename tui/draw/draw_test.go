package draw

import (
	"strings"
	"testing"
	"unicode"

	"github.com/charmbracelet/x/ansi"
	"pgregory.net/rapid"

	"github.com/ddbloop/ddbloop/tui/layout"
	"github.com/ddbloop/ddbloop/tui/theme"
)

func TestTextIsClippedAndHarmless(t *testing.T) {
	cases := []struct{ in, want string }{
		{"plain", "plain"},
		{"too long for it", "too long"},
		{"a\x1b[2Jb", "a?[2Jb"},
		{"a\u202eb\u200bc", "a?b?c"},
		{"日本語です", "日本語で"},
		{"abcdefg日", "abcdefg"},
		{"\xff\x00\n", "???"},
		{"e\u0301x", "ex"},
		{"🇩🇪!", "??!"},
	}
	for _, c := range cases {
		cv := New(8, 1)
		cv.Area(layout.Rect{W: 8, H: 1}).Text(0, 0, theme.Text, c.in)
		if got := cv.String(nil); got != c.want {
			t.Errorf("%q: got %q, want %q", c.in, got, c.want)
		}
	}
}

// FuzzCanvas: any text at any place leaves the right number of lines, none too wide, nothing invisible.
func FuzzCanvas(f *testing.F) {
	f.Add("a\x1b]0;x\x07", 3, 0)
	f.Add("日本\u202e👍🏽", -1, 1)
	f.Add("\u0301\u0301", 9, 1)
	f.Fuzz(func(t *testing.T, s string, x, y int) {
		c := New(10, 2)
		a := c.Area(layout.Rect{W: 10, H: 2}).Sub(1, 0, 8, 2)
		a.Text(x%20, y%3, theme.OK, s)
		a.Text(3, 0, theme.Text, "|")
		lines := strings.Split(c.String(nil), "\n")
		if len(lines) != 2 {
			t.Fatalf("%q", lines)
		}
		for _, l := range lines {
			if ansi.StringWidth(l) > 10 {
				t.Fatalf("%q is wider than 10", l)
			}
			for _, r := range l {
				if unicode.In(r, unicode.Cc, unicode.Cf, unicode.Mn, unicode.Zl, unicode.Zp) {
					t.Fatalf("%U in %q", r, l)
				}
			}
		}
	})
}

func TestFitAndWrap(t *testing.T) {
	if got := Fit("hot_partition", 6, "…"); got != "hot_p…" {
		t.Errorf("got %q", got)
	}
	if got := Fit("日本語", 5, "…"); got != "日本…" {
		t.Errorf("got %q", got)
	}
	got := strings.Join(Wrap("one two three four fivefivefive six", 9, 3, "…"), "|")
	if got != "one two|three|four five…" && got != "one two|three|four five" && got != "one two|three|four fiv…" {
		t.Errorf("got %q", got)
	}
	rapid.Check(t, func(rt *rapid.T) {
		s, w, n := rapid.String().Draw(rt, "s"), rapid.IntRange(1, 30).Draw(rt, "w"), rapid.IntRange(1, 4).Draw(rt, "n")
		lines := Wrap(s, w, n, "…")
		if len(lines) > n {
			rt.Fatalf("%d lines", len(lines))
		}
		for _, l := range lines {
			if Width(l) > w {
				rt.Fatalf("%q is wider than %d", l, w)
			}
		}
	})
}

func TestStylesAreClosed(t *testing.T) {
	c := New(6, 1)
	a := c.Area(layout.Rect{W: 6, H: 1})
	a.Text(0, 0, theme.Crit, "ab")
	a.Text(2, 0, theme.Text, "cd")
	if got, want := c.String(&theme.Dark), "\x1b[0;"+theme.Dark[theme.Crit]+"mab\x1b[mcd"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestASCIICanvas(t *testing.T) {
	c := New(9, 1)
	c.ASCII = true
	c.Area(layout.Rect{W: 9, H: 1}).Text(0, 0, theme.Text, "a→b…日é")
	if got := c.String(nil); got != "a>b.???" {
		t.Errorf("got %q", got)
	}
}
