package tui

import (
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/ddbloop/ddbloop/engine/signal"
	"github.com/ddbloop/ddbloop/tui/tuitest"
)

// M3: over a day with 200 pauses of CloudWatch, no frame shows a value that is too old as the present one, and none shows a fresh one as stale: at each second around
// the moment, and at each minute of the pause. Mutants: judge the age by the newest event; allow a value five minutes more.
func TestStaleIsSeen(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 3))
	s := tuitest.Session(false).Minutes(0, 2, 0)
	d := sit(t, s, 80, 24)
	said := len(s.Events)
	frames, old := 0, 0
	end := time.Duration(0) // of the newest minute with data, since the start
	look := func(at time.Duration) {
		d.now = tuitest.Start.Add(at)
		d.m.Update(clockTicked{})
		stale := at-end > signal.Stale(time.Minute)
		row := ""
		for line := range strings.SplitSeq(d.screen(), "\n") {
			if strings.Contains(line, "consumed write  ") {
				row = line
			}
		}
		frames++
		if stale {
			old++
		}
		if row == "" || strings.Contains(row, "stale") != stale || strings.Contains(row, " ok ") == stale {
			t.Fatalf("the value is %s old, and the screen says %q", at-end, row)
		}
	}
	minute := 2
	for range 200 {
		for range 3 {
			s.Minutes(minute, minute+1, 0)
			minute++
		}
		d.m.Update(eventsArrived(s.Events[said:]))
		said, end = len(s.Events), time.Duration(minute)*time.Minute
		pause := time.Duration(2+rng.IntN(4)) * time.Minute
		for at := end + 2*time.Minute; at < end+pause; at += time.Minute {
			look(at)
		}
		if edge := end + signal.Stale(time.Minute); edge < end+pause {
			for at := edge - 4*time.Second; at <= edge+4*time.Second; at += time.Second {
				look(at)
			}
		}
		minute += int(pause / time.Minute)
	}
	if day := time.Duration(minute) * time.Minute; day < 20*time.Hour || old < 150 {
		t.Fatalf("%s with %d frames, %d of them old: too few to say anything", day, frames, old)
	}
}

// A baseline is drawn where today leaves room, named where there is room for words, and never from nothing.
func TestBaselineIsNamedWhereItFits(t *testing.T) {
	for width, want := range map[int]bool{100: false, 120: true, 200: true} {
		d := sit(t, tuitest.Usual(), width, 40)
		d.press(time.Second, "f")
		text := d.screen()
		if got := strings.Contains(text, "· 1d ") || strings.Contains(text, "· yesterday "); got != want {
			t.Errorf("%d columns: named %v, want %v", width, got, want)
		}
	}
	if text := sit(t, tuitest.Calm(), 200, 60).screen(); strings.Contains(text, "yesterday") || strings.Contains(text, "×") {
		t.Error("a day that nobody asked for is drawn")
	}
}
