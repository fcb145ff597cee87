package history_test

import (
	"testing"
	"time"

	"github.com/ddbloop/ddbloop/history"
)

// What DescribeTable shows to have moved is another hand's unless a change of this session was under way that set it; warm throughput and
// statuses move by themselves. Mutants: take every move for another's; take each that comes after a change for its; keep warm throughput.
func TestMovedByOthers(t *testing.T) {
	at := time.Date(2026, 3, 3, 14, 0, 0, 0, time.UTC)
	s := history.NewState()
	say := func(after time.Duration, bodies ...history.Body) {
		for _, b := range bodies {
			s.Apply(history.Event{Seq: s.Seq + 1, At: at.Add(after), Body: b})
		}
	}
	table := func(write, warm, index int64, status string) history.TableDescribed {
		return history.TableDescribed{Name: "orders", Table: &history.TableSnapshot{
			Name: "orders", Status: status, Mode: "provisioned", Throughput: history.Throughput{Read: 10, Write: write, WarmWrite: warm},
			Indexes: []history.IndexSnapshot{{Name: "by-day", Status: status, Throughput: history.Throughput{Read: 10, Write: index}}},
		}}
	}
	texts := func() (out []string) {
		for _, m := range s.MovedByOthers() {
			out = append(out, m.Text)
		}
		return out
	}
	say(0, table(100, 100, 50, "ACTIVE"))
	say(time.Minute, table(100, 120, 50, "UPDATING"), table(100, 140, 50, "ACTIVE"))
	if got := texts(); len(got) != 0 {
		t.Errorf("what moves by itself: %v", got)
	}
	say(2*time.Minute, history.ChangePlanned{
		ID: "E1", What: "table.write", Target: "orders", Side: "write",
		Set: []history.Setting{{Name: "read", Before: "10", After: "10"}, {Name: "write", Before: "100", After: "200"}},
	}, history.ChangeIntended{ID: "E1"})
	say(3*time.Minute, history.ChangeAnswered{ID: "E1", OK: true}, table(200, 140, 70, "ACTIVE"), history.ChangeSettled{ID: "E1"})
	if got := texts(); len(got) != 1 || got[0] != "orders/by-day write: 50 → 70" {
		t.Errorf("beside a change of this session: %v", got)
	}
	say(5*time.Minute, table(600, 140, 70, "ACTIVE"))
	if got := texts(); len(got) != 2 || got[1] != "orders write: 200 → 600" {
		t.Errorf("after it: %v", got)
	}
}

// A call is ours when it came with a change of ours, to its table: what another hand does to another table then is not. Mutant: the
// time alone.
func TestOurs(t *testing.T) {
	at := time.Date(2026, 3, 3, 14, 0, 0, 0, time.UTC)
	s := history.NewState()
	s.Changes = []*history.Change{{Plan: history.ChangePlanned{ID: "E1", What: "index.write", Target: "orders/by-day"}, Intended: at}}
	for _, c := range []struct {
		call history.CallRecorded
		want bool
	}{
		{history.CallRecorded{At: at.Add(20 * time.Second), Call: "UpdateTable", Target: "orders"}, true},
		{history.CallRecorded{At: at.Add(20 * time.Second), Call: "UpdateTable", Target: "carts"}, false},
		{history.CallRecorded{At: at.Add(2 * time.Minute), Call: "UpdateTable", Target: "orders"}, false},
	} {
		if got := s.Ours(c.call); got != c.want {
			t.Errorf("%+v: %v", c.call, got)
		}
	}
}
