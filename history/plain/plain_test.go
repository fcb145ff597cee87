package plain

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

// hostile is what attackers and accidents put into key values, tags, alarm texts and error messages.
var hostile = map[string]string{
	"osc 52 clipboard":     "a\x1b]52;c;ZXZpbA==\x07b",
	"osc 0 title":          "\x1b]0;all green\x07",
	"osc 8 link":           "\x1b]8;;https://evil.example\x1b\\click\x1b]8;;\x1b\\",
	"unterminated osc":     "\x1b]52;c;QUJD",
	"csi colour":           "\x1b[31mOK\x1b[0m",
	"csi move":             "\x1b[2J\x1b[H",
	"cursor report":        "\x1b[6n",
	"private mode":         "\x1b[?1049h\x1b[?1000h",
	"dcs":                  "\x1bP+q544e\x1b\\",
	"unterminated dcs":     "\x1bPq#0;2;0",
	"apc":                  "\x1b_Gf=24;AAAA\x1b\\",
	"pm":                   "\x1b^x\x1b\\",
	"sos":                  "\x1bXx\x1b\\",
	"reset":                "\x1bc",
	"c1 csi":               "\u009b31m",
	"c1 osc":               "\u009d0;x\u009c",
	"c1 raw bytes":         "\x9b31m",
	"carriage return":      "error\rOK   ",
	"backspace":            "bad\b\b\bok ",
	"bell":                 "\a",
	"line feed":            "x\ny forged row",
	"line separator":       "x\u2028y\u2029z",
	"next line":            "x\u0085y",
	"bidi override":        "user\u202egnp.exe",
	"bidi isolate":         "\u2066x\u2069",
	"arabic letter mark":   "\u061cx",
	"zero width":           "or\u200bders\u200d\ufeff",
	"soft hyphen":          "or\u00adders",
	"tag characters":       "ok\U000e0041\U000e0042",
	"variation selectors":  "a\ufe0f\U000e0100",
	"hangul filler":        "\u3164\u115f\uffa0",
	"private use":          "\ue000\U000f0000",
	"unassigned":           "\u0378",
	"zalgo":                "e" + strings.Repeat("\u0301", 40),
	"leading mark":         "\u0301x",
	"invalid utf-8":        "\xff\xfe\xc3",
	"overlong":             "\xc0\x9b",
	"surrogate bytes":      "\xed\xa0\x80",
	"split across fields":  "[31mred",
	"escape at the end":    strings.Repeat("a", 79) + "\x1b",
	"ten kilobytes":        strings.Repeat("\x1b[5m", 2500),
	"emoji sequence":       "👩\u200d👩\u200d👧",
	"delete":               "a\x7fb",
	"nul":                  "a\x00b",
	"interlinear":          "\ufff9a\ufffab\ufffb",
	"blank braille":        "\u2800\u2800",
	"mongolian vowel sep.": "a\u180eb",
}

// harmless is the property every sink relies on; it is written apart from the code that keeps it.
func harmless(t *testing.T, name, s string) {
	t.Helper()
	if !utf8.ValidString(s) {
		t.Fatalf("%s: not UTF-8: %q", name, s)
	}
	marks := 0
	for i, r := range s {
		switch {
		case r < 0x20, r >= 0x7f && r < 0xa0, r == 0xad, r == 0x61c, r >= 0x200b && r <= 0x200f, r >= 0x2028 && r <= 0x202e,
			r >= 0x2060 && r <= 0x206f, r == 0xfeff, r >= 0xfe00 && r <= 0xfe0f, r >= 0xe000 && r <= 0xf8ff, r >= 0xe0000,
			unicode.Is(unicode.Cf, r):
			t.Fatalf("%s: %U at %d of %q", name, r, i, s)
		}
		if marks++; !unicode.Is(unicode.M, r) {
			marks = 0
		} else if i == 0 || marks > 4 {
			t.Fatalf("%s: loose or piled-up marks in %q", name, s)
		}
	}
}

// TestHostileText is promise T1. Mutants: let C1 through; let bidi through; rely on IsPrint alone; cap by bytes.
func TestHostileText(t *testing.T) {
	for name, s := range hostile {
		got := Text(s)
		harmless(t, name, got)
		if Text(got) != got {
			t.Errorf("%s: not stable: %q becomes %q", name, got, Text(got))
		}
		for cells := range 30 {
			short := Cap(s, cells)
			harmless(t, name, short)
			if width(short) > cells {
				t.Errorf("%s: %d cells in a field of %d: %q", name, width(short), cells, short)
			}
		}
	}
}

func TestText(t *testing.T) {
	for in, want := range map[string]string{
		"":                       "",
		"orders/by-customer":     "orders/by-customer",
		"Grüße, 東京 → ok · 3 % ✓": "Grüße, 東京 → ok · 3 % ✓",
		"cafe\u0301":             "cafe\u0301",
		"a\x1b[31mb":             `a\x1b[31mb`,
		"a\nb\tc\r":              `a\nb\tc\r`,
		"a\u202eb":               `a\u202eb`,
		"a\U000e0041b":           `a\U000e0041b`,
		"\u0301a":                `\u0301a`,
		"\xffa\u009b":            `\xffa\x9b`,
	} {
		if got := Text(in); got != want {
			t.Errorf("Text(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestCap(t *testing.T) {
	for _, c := range []struct {
		in    string
		cells int
		want  string
	}{
		{"orders", 6, "orders"},
		{"orders-archive", 10, "order…(+9)"},
		{"東京東京東京", 9, "東京…(+4)"},
		{"東京東京東京", 12, "東京東京東京"},
		{"orders", 4, "…"},
		{"orders", 0, ""},
		{"orders", -1, ""},
		{"e\u0301e\u0301", 2, "e\u0301e\u0301"},
		{strings.Repeat("x", 200), 10, "xxx…(+197)"},
	} {
		if got := Cap(c.in, c.cells); got != c.want {
			t.Errorf("Cap(%q, %d) = %q, want %q", c.in, c.cells, got, c.want)
		}
	}
}

func FuzzText(f *testing.F) {
	for _, s := range hostile {
		f.Add(s, 10)
	}
	f.Fuzz(func(t *testing.T, s string, cells int) {
		got := Text(s)
		harmless(t, "fuzz", got)
		if Text(got) != got {
			t.Fatalf("not stable: %q becomes %q", got, Text(got))
		}
		cells %= 300
		if short := Cap(s, cells); width(short) > max(0, cells) {
			t.Fatalf("%d cells in a field of %d: %q", width(short), cells, short)
		}
	})
}
