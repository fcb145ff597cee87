package engine

import (
	"testing"
	"time"

	"github.com/ddbloop/ddbloop/engine/change"
	"github.com/ddbloop/ddbloop/history"
)

// TestActsFrom: what AWS carries out may have acted some seconds before DescribeTable showed it, but not before it answered; a lever,
// and a probe that asks otherwise, from when they were in force. Mutants: leave out those seconds; give them to a lever; forget the
// answer; believe an answer that came after what it answers was seen.
func TestActsFrom(t *testing.T) {
	for _, c := range []struct {
		name, what        string
		answered, settled time.Duration // since the request; answered 0 = never
		want              time.Duration
	}{
		{"seen at once", "table.write", 2 * time.Second, 4 * time.Second, 2 * time.Second},
		{"seen in the second of the answer", "table.write", 4 * time.Second, 4 * time.Second, 4 * time.Second},
		{"seen long after", "table.write", 2 * time.Second, time.Minute, 55 * time.Second},
		{"never answered", "table.write", 0, time.Minute, 55 * time.Second},
		{"answered after it was seen", "index.write", 12 * time.Second, 10 * time.Second, 5 * time.Second},
		{"a lever", "lever:cap", time.Minute, time.Minute, time.Minute},
		{"a lever whose answer was lost", "lever:cap", 0, time.Minute, time.Minute},
		{"a probe that asks otherwise", "query.variant", time.Second, time.Second, time.Second},
	} {
		ch := &history.Change{Plan: history.ChangePlanned{What: c.what, Target: "orders"}, Settled: start.Add(c.settled)}
		if !change.Local(c.what) {
			ch.Plan.TableID = "id-1"
		}
		if c.answered > 0 {
			ch.Answered = start.Add(c.answered)
		}
		if got := actsFrom(ch).Sub(start); got != c.want {
			t.Errorf("%s: acts from %s, want %s", c.name, got, c.want)
		}
	}
}
