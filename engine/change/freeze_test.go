package change

import (
	"testing"
	"time"
)

// P13: a weekly window holds on its day by its zone's clocks, also on the days on which these are set: over midnight, over
// its beginning, and within it. Mutants: begin the day with its midnight in the zone; take either of two times that read the same.
func TestWeeklyWindowsFollowTheClocks(t *testing.T) {
	for _, c := range []struct {
		zone, day, at string
		length        time.Duration
		from, to      string // the first instant in it, and the first after it
	}{
		{"UTC", "Fri", "17:00", 63 * time.Hour, "2026-03-06T17:00:00Z", "2026-03-09T08:00:00Z"},
		{"UTC", "Mon", "23:30", time.Hour, "2026-03-02T23:30:00Z", "2026-03-03T00:30:00Z"},
		{"UTC", "Mon", "00:00", 168 * time.Hour, "2026-03-02T00:00:00Z", ""},
		{"Pacific/Kiritimati", "Mon", "00:00", time.Hour, "2026-03-01T10:00:00Z", "2026-03-01T11:00:00Z"},
		{"America/Santiago", "Sun", "09:00", time.Hour, "2026-09-06T12:00:00Z", "2026-09-06T13:00:00Z"}, // no midnight on that day
		{"America/Santiago", "Sun", "00:00", time.Hour, "2026-09-06T03:00:00Z", "2026-09-06T05:00:00Z"}, // nor this time
		{"America/Santiago", "Sat", "09:00", time.Hour, "2026-09-05T13:00:00Z", "2026-09-05T14:00:00Z"},
		{"Africa/Cairo", "Fri", "00:30", 2 * time.Hour, "2026-04-23T21:30:00Z", "2026-04-24T00:30:00Z"},
		{"Europe/Berlin", "Sun", "02:30", time.Hour, "2026-03-29T00:30:00Z", "2026-03-29T02:30:00Z"}, // never shown: either reading of it
		{"Europe/Berlin", "Sun", "02:30", time.Hour, "2026-10-25T00:30:00Z", "2026-10-25T02:30:00Z"}, // shown twice: both
		{"Europe/Berlin", "Sat", "17:00", 24 * time.Hour, "2026-10-24T15:00:00Z", "2026-10-25T15:00:00Z"},
		{"Australia/Lord_Howe", "Sun", "01:45", time.Hour, "2026-04-04T14:45:00Z", "2026-04-04T16:15:00Z"}, // by half an hour
	} {
		zone, err := time.LoadLocation(c.zone)
		if err != nil {
			t.Fatal(err)
		}
		start, _ := time.Parse("Mon 15:04", c.day+" "+c.at)
		w := Window{Start: start.Sub(start.Truncate(24 * time.Hour)), Length: c.length, Zone: zone}
		for d := range time.Weekday(7) {
			if d.String()[:3] == c.day {
				w.Days = []time.Weekday{d}
			}
		}
		from, _ := time.Parse(time.RFC3339, c.from)
		ever := c.to == ""
		to, _ := time.Parse(time.RFC3339, c.to)
		if ever {
			to = from.Add(c.length)
		}
		for at, want := range map[time.Time]bool{from.Add(-time.Second): ever, from: true, to.Add(-time.Second): true, to: ever} {
			until, in := w.Holds(at)
			if in != want || in && !ever && !until.Equal(to) {
				t.Errorf("%s %s %s: at %s %v until %s, want %v until %s", c.zone, c.day, c.at, at.In(zone), in, until, want, to)
			}
		}
	}
}
