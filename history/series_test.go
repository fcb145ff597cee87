package history

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func poll(from, to, settled int64, zero bool, points ...Point) Event {
	return Event{At: time.Unix(to, 0).UTC(), Body: MetricsPolled{
		Source: "cloudwatch", From: from, To: to, SettledTo: settled,
		Series: []SeriesUpdate{{Key: SeriesKey{Signal: "s", Target: "t"}, Period: 60, Zero: zero, Points: points}},
	}}
}

// silent is a poll in which nothing changed.
func silent(from, to, settled int64) Event {
	return Event{At: time.Unix(to, 0).UTC(), Body: MetricsPolled{Source: "cloudwatch", From: from, To: to, SettledTo: settled}}
}

func known(s *State, from, to int64) []Point {
	return slices.Clone(s.Get("s", "t", "").Window(from, to))
}

func TestSeries(t *testing.T) {
	for name, c := range map[string]struct {
		events []Event
		want   []Point
	}{
		"late points overwrite": {
			[]Event{poll(0, 300, 180, false, Point{60, 1}, Point{120, 2}), poll(0, 300, 300, false, Point{120, 5}, Point{0, 9})},
			[]Point{{0, 9}, {60, 1}, {120, 5}},
		},
		"a gap stays a gap": {
			[]Event{poll(0, 300, 300, false, Point{60, 1}, Point{180, 2})},
			[]Point{{60, 1}, {180, 2}},
		},
		"a settled silence is zero": {
			[]Event{poll(0, 300, 180, true, Point{60, 1})},
			[]Point{{0, 0}, {60, 1}, {120, 0}},
		},
		"silence not yet settled is unknown": {
			[]Event{poll(0, 300, 60, true, Point{240, 3})},
			[]Point{{0, 0}, {240, 3}},
		},
		"before the first window nothing is known": {
			[]Event{poll(120, 300, 300, true)},
			[]Point{{120, 0}, {180, 0}, {240, 0}},
		},
		"time that was never asked for is unknown": {
			[]Event{poll(0, 120, 120, true), silent(240, 360, 360)},
			[]Point{{0, 0}, {60, 0}, {240, 0}, {300, 0}},
		},
		"a later poll fills it": {
			[]Event{poll(0, 120, 120, true), silent(300, 360, 360), silent(180, 360, 360)},
			[]Point{{0, 0}, {60, 0}, {180, 0}, {240, 0}, {300, 0}},
		},
		"a poll that settles nothing changes nothing": {
			[]Event{poll(0, 120, 120, true), silent(300, 360, 0)},
			[]Point{{0, 0}, {60, 0}},
		},
	} {
		if got := known(NewState().Fold(c.events...), 0, 360); !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}

func TestLast(t *testing.T) {
	s := NewState().Fold(poll(0, 300, 180, true, Point{60, 1}))
	if p, ok := s.Get("s", "t", "").Last(); !ok || p != (Point{120, 0}) {
		t.Errorf("last %v %v, want the settled zero at 120", p, ok)
	}
	s.Fold(silent(600, 630, 630))
	if p, ok := s.Get("s", "t", "").Last(); ok && p.T > 120 {
		t.Errorf("last %v lies in time that was never asked for", p)
	}
	if _, ok := (*Series)(nil).Last(); ok {
		t.Error("a series that is not there has a last value")
	}
}

// TestTrimmedTimeIsUnknown: points that the bound dropped must not come back as zeros. Mutant: leave From.
func TestTrimmedTimeIsUnknown(t *testing.T) {
	s := NewState()
	for i := range int64(3000) {
		s.Apply(poll(i*60, i*60+60, i*60+60, true, Point{i * 60, 1}))
	}
	sr := s.Get("s", "t", "")
	if n := len(sr.Points); n < keepMinutes || n > keepMinutes*5/4 {
		t.Fatalf("%d points kept", n)
	}
	if v, ok := sr.At(60); ok {
		t.Fatalf("a dropped point reads as %v", v)
	}
}

// TestMergeIsLastWriteWins compares Merge with a map. Mutants: first write wins; insert at the wrong place.
func TestMergeIsLastWriteWins(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		sr, model := &Series{Period: 60}, map[int64]float64{}
		for range rapid.IntRange(0, 8).Draw(t, "polls") {
			var points []Point
			for range rapid.IntRange(0, 8).Draw(t, "n") {
				p := Point{T: rapid.Int64Range(0, 30).Draw(t, "t") * 60, V: rapid.Float64Range(0, 9).Draw(t, "v")}
				points, model[p.T] = append(points, p), p.V
			}
			sr.Merge(points)
		}
		if len(sr.Points) != len(model) || !slices.IsSortedFunc(sr.Points, func(a, b Point) int { return int(a.T - b.T) }) {
			t.Fatalf("%v is not the sorted %v", sr.Points, model)
		}
		for _, p := range sr.Points {
			if model[p.T] != p.V {
				t.Fatalf("%d is %v, want %v", p.T, p.V, model[p.T])
			}
		}
	})
}

func TestAWindowThatEndsBeforeItBeginsIsEmpty(t *testing.T) {
	s := &Series{Period: 60, Points: []Point{{T: 60, V: 1}, {T: 120, V: 2}, {T: 180, V: 3}}}
	if got := s.Window(180, 60); len(got) != 0 {
		t.Fatalf("got %v", got)
	}
}
