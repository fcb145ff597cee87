package layout

import (
	"os"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// picture draws a map with a letter for each part.
func picture(m Map, w, h int) string {
	rows := make([][]byte, h)
	for y := range rows {
		rows[y] = []byte(strings.Repeat(".", w))
	}
	fill := func(r Rect, b byte) {
		for y := r.Y; y < r.Y+r.H; y++ {
			for x := r.X; x < r.X+r.W; x++ {
				rows[y][x] = b
			}
		}
	}
	fill(m.Header, 'H')
	fill(m.Footer, 'F')
	for p, r := range m.Pane {
		fill(r, "mrte"[p])
	}
	var b strings.Builder
	for _, row := range rows {
		b.Write(row)
		b.WriteByte('\n')
	}
	return b.String()
}

// TestMaps are the screens as pictures, every fourth column and every second row of them.
func TestMaps(t *testing.T) {
	want := [Panes]int{9, 12, 20, 12}
	cases := []struct {
		name string
		in   Input
	}{
		{"one-40x10", Input{W: 40, H: 10}},
		{"list-80x24", Input{W: 80, H: 24, Want: want}},
		{"list-80x24-timeline", Input{W: 80, H: 24, Want: want, Focus: Timeline}},
		{"list-80x24-ask", Input{W: 80, H: 24, Want: want, Ask: 8, Armed: true}},
		{"list-60x18-ask", Input{W: 60, H: 18, Want: want, Ask: 8, Armed: true}},
		{"list-220x24", Input{W: 220, H: 24, Want: want}},
		{"two-100x30", Input{W: 100, H: 30}},
		{"two-120x40", Input{W: 120, H: 40}},
		{"two-120x40-ask", Input{W: 120, H: 40, Ask: 14}},
		{"three-200x60", Input{W: 200, H: 60}},
		{"full-200x60", Input{W: 200, H: 60, Full: true, Focus: Effects}},
		{"small-39x10", Input{W: 39, H: 10}},
	}
	var got strings.Builder
	for _, c := range cases {
		c.in.Breaks = DefaultBreaks
		got.WriteString(c.name + "\n")
		for y, row := range strings.Split(strings.TrimSuffix(picture(Solve(c.in), c.in.W, c.in.H), "\n"), "\n") {
			thin := ""
			for x := 0; x < len(row); x += 4 {
				thin += row[x : x+1]
			}
			if c.in.H <= 24 || y%2 == 0 {
				got.WriteString("  " + thin + "\n")
			}
		}
	}
	const path = "testdata/maps.txt"
	if os.Getenv("UPDATE_GOLDEN") != "" {
		if err := os.WriteFile(path, []byte(got.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	file, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got.String() != string(file) {
		t.Errorf("maps differ (UPDATE_GOLDEN=1 rewrites them):\n%s", got.String())
	}
}

// TestNothingOverlaps: panes, header and footer stay on the screen and never share a cell; the focused pane
// and, when a person is asked, the effects always have room.
func TestNothingOverlaps(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		in := Input{
			W: rapid.IntRange(0, 230).Draw(rt, "w"), H: rapid.IntRange(0, 75).Draw(rt, "h"), Breaks: DefaultBreaks,
			Focus: Pane(rapid.IntRange(0, 3).Draw(rt, "focus")), Full: rapid.Bool().Draw(rt, "full"), Ask: rapid.IntRange(0, 40).Draw(rt, "ask"), Armed: rapid.Bool().Draw(rt, "armed"),
		}
		if in.Armed { // as a card that is armed has it
			in.Focus, in.Full = Effects, false
		}
		for p := range in.Want {
			in.Want[p] = rapid.IntRange(0, 40).Draw(rt, "want")
		}
		m := Solve(in)
		if m.Mode == TooSmall {
			if in.W >= MinWidth && in.H >= MinHeight {
				rt.Fatal("called too small")
			}
			return
		}
		seen := make([]bool, in.W*in.H)
		for _, r := range append([]Rect{m.Header, m.Footer}, m.Pane[:]...) {
			for y := r.Y; y < r.Y+r.H; y++ {
				for x := r.X; x < r.X+r.W; x++ {
					if y >= in.H || x >= in.W || seen[y*in.W+x] {
						rt.Fatalf("%+v leaves the screen or overlaps at %d,%d", r, x, y)
					}
					seen[y*in.W+x] = true
				}
			}
		}
		head := 4
		if in.Armed && m.Mode == One {
			head = 2
		}
		if m.Header.H != head || m.Header.W != in.W || m.Pane[in.Focus].H < 2 {
			rt.Fatalf("%+v", m)
		}
		if in.Ask >= 4 && !in.Full && m.Mode != One && m.Pane[Effects].H < 5 {
			rt.Fatalf("no room for the card: %+v", m.Pane[Effects])
		}
		if in.Armed && m.Mode == List && m.Pane[Effects].H < min(in.Ask, m.Body.H-4)+1 {
			rt.Fatalf("others keep rows that the card needs: %+v", m)
		}
	})
}
