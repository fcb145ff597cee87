package history_test

import (
	"strings"
	"testing"
	"time"

	"github.com/ddbloop/ddbloop/history"
)

// A number that moves step by step is one row, with where it began, where it stands and how many steps lie between; it stays at the
// time of the first. A step that comes late, another setting and a word have rows of their own.
// Mutants: compare with the first step's time; keep one ramp for all settings; put words into the ramp.
func TestARampIsOneRow(t *testing.T) {
	s, at := history.NewState(), time.Date(2026, 3, 3, 14, 0, 0, 0, time.UTC)
	warm := int64(4000)
	look := func(after time.Duration, status string, write int64) {
		at, warm = at.Add(after), warm+10
		snap := history.TableSnapshot{Name: "votes", Status: status, Mode: "on_demand", Throughput: history.Throughput{Write: write, WarmWrite: warm}}
		s.Apply(history.Event{Seq: s.Seq + 1, At: at, Body: history.TableDescribed{Name: "votes", Table: &snap}})
	}
	look(0, "ACTIVE", 0)
	for range 40 { // longer in all than the pause that ends a row
		look(5*time.Second, "ACTIVE", 0)
	}
	look(5*time.Second, "UPDATING", 0)
	look(5*time.Second, "ACTIVE", 7)
	look(2*time.Minute, "ACTIVE", 7)
	var got []string
	for _, e := range s.Timeline {
		got = append(got, e.At.Format("15:04:05 ")+e.Text)
	}
	want := []string{
		"14:00:05 votes warm write: 4010 → 4430 (42 steps, the last 14:03:30)",
		"14:03:25 votes status: ACTIVE → UPDATING",
		"14:03:30 votes status: UPDATING → ACTIVE",
		"14:03:30 votes write: 0 → 7",
		"14:05:30 votes warm write: 4430 → 4440",
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("the timeline is\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// A setting that goes up and soon back down has a row for each way, with its values. Mutant: go on in the row of the way up.
func TestAStepBackIsNoRamp(t *testing.T) {
	s, at := history.NewState(), time.Date(2026, 3, 3, 14, 0, 0, 0, time.UTC)
	for _, write := range []int64{500, 3150, 500, 400} {
		at = at.Add(30 * time.Second)
		snap := history.TableSnapshot{Name: "carts", Status: "ACTIVE", Mode: "provisioned", Throughput: history.Throughput{Read: 100, Write: write}}
		s.Apply(history.Event{Seq: s.Seq + 1, At: at, Body: history.TableDescribed{Name: "carts", Table: &snap}})
	}
	var got []string
	for _, e := range s.Timeline {
		got = append(got, e.Text)
	}
	want := "carts write: 500 → 3150\ncarts write: 3150 → 400 (2 steps, the last 14:02:00)"
	if strings.Join(got, "\n") != want {
		t.Errorf("the timeline is\n%s\nwant\n%s", strings.Join(got, "\n"), want)
	}
}
