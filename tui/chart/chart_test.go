package chart

import (
	"math"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/ddbloop/ddbloop/history"
	"github.com/ddbloop/ddbloop/tui/draw"
	"github.com/ddbloop/ddbloop/tui/layout"
	"github.com/ddbloop/ddbloop/tui/theme"
)

func points(values ...float64) (out []history.Point) {
	for i, v := range values {
		if !math.IsNaN(v) {
			out = append(out, history.Point{T: int64(i * 60), V: v})
		}
	}
	return out
}

func TestSample(t *testing.T) {
	gap := math.NaN()
	cases := []struct {
		name   string
		pts    []history.Point
		period int64
		to     int64
		n      int
		agg    Agg
		want   []float64
	}{
		{"one to one", points(1, 2, 3), 60, 180, 3, Max, []float64{1, 2, 3}},
		{"the worst of a column", points(1, 9, 3, 4), 60, 240, 2, Max, []float64{9, 4}},
		{"the mean of a column", points(1, 3, 4, 8), 60, 240, 2, Mean, []float64{2, 6}},
		{"the least of a column", points(1, 3, 4, 8), 60, 240, 2, Min, []float64{1, 4}},
		{"a wide point fills its columns", points(1, 2), 60, 120, 4, Max, []float64{1, 1, 2, 2}},
		{"a gap stays one", points(1, gap, 3), 60, 180, 3, Max, []float64{1, gap, 3}},
		{"a zero is no gap", points(0, 5), 60, 180, 3, Max, []float64{0, 5, gap}},
		{"before the window", []history.Point{{T: -60, V: 7}, {T: 0, V: 1}}, 60, 60, 1, Max, []float64{1}},
	}
	for _, c := range cases {
		got := Sample(c.pts, c.period, 0, c.to, c.n, c.agg)
		for i := range c.want {
			if got[i] != c.want[i] && !(math.IsNaN(got[i]) && math.IsNaN(c.want[i])) {
				t.Errorf("%s: got %v, want %v", c.name, got, c.want)
				break
			}
		}
	}
}

// TestThePeakSurvives: however a series is narrowed, its worst value is on the chart.
func TestThePeakSurvives(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		n := rapid.IntRange(1, 400).Draw(rt, "points")
		period := rapid.SampledFrom([]int64{1, 2, 60}).Draw(rt, "period")
		var pts []history.Point
		for i := range n {
			pts = append(pts, history.Point{T: int64(i) * period, V: float64(rapid.IntRange(0, 1000).Draw(rt, "v"))})
		}
		want := 0.0
		for _, p := range pts {
			want = max(want, p.V)
		}
		got, _ := Top(Sample(pts, period, 0, int64(n)*period, rapid.IntRange(1, 200).Draw(rt, "columns"), Max))
		if got != want {
			rt.Fatalf("top %v, want %v", got, want)
		}
	})
}

func picture(set theme.Set, w, h int, sp Spec) string {
	c := draw.New(w, h)
	Area(c.Area(layout.Rect{W: w, H: h}), theme.GlyphsOf(set), sp)
	return c.String(nil)
}

func TestPictures(t *testing.T) {
	gap := math.NaN()
	v := []float64{gap, 0, 0, 1, 2, gap, gap, 6, 8, 8}
	twice := func(v []float64) (out []float64) {
		for _, x := range v {
			out = append(out, x, x)
		}
		return out
	}
	cases := []struct {
		name string
		set  theme.Set
		sp   Spec
		want []string
	}{
		{"block", theme.Block, Spec{Values: v, Scale: 8, Limit: 6, Marks: []int{2}, Cursor: -1}, []string{"┄┄┊┄┄┄┄▄██", " ▁▁▂▄░░███"}},
		{"braille", theme.Braille, Spec{Values: twice(v), Scale: 8, Cursor: 8}, []string{"       ⣤│⣿", " ⣀⣀⣤⣤░░⣿│⣿"}},
		{"ascii", theme.ASCII, Spec{Values: v, Scale: 8, Cursor: -1}, []string{"       -##", " __.-%%###"}},
	}
	cases = append(cases, struct {
		name string
		set  theme.Set
		sp   Spec
		want []string
	}{
		// Of an earlier day only what today leaves free is seen; yesterday over a week ago. Mutant: draw it over today's fill.
		"an earlier day", theme.Block,
		Spec{Values: v, Scale: 8, Cursor: -1, Before: [2][]float64{{1, 1, 1, gap, 7, 7, 7, 7, 7, 1}, {7, 7, gap, gap, 7, gap, gap, gap, gap, 7}}},
		[]string{"××  ···▄██", "·▁▁▂▄░░███"},
	})
	for _, c := range cases {
		if got := picture(c.set, 10, 2, c.sp); got != strings.Join(c.want, "\n") {
			t.Errorf("%s:\n%s\nwant\n%s", c.name, got, strings.Join(c.want, "\n"))
		}
	}
}
