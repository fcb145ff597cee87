package engine

import (
	"context"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/ddbloop/ddbloop/history"
)

// client is an application whose feed is scraped every second: 100 calls, and refusals as the test says.
type client struct {
	w      *world
	calls  func() float64
	refuse func() bool
	p99    func() float64 // ms
	chance *rand.Rand
}

// fed gives a world twelve minutes with a client that is refused, and the table's minutes.
func fed(t *testing.T) (*world, *client) {
	w := newWorld(t)
	c := &client{w: w, calls: func() float64 { return 100 }, chance: rand.New(rand.NewPCG(1, 2))}
	c.refuse = func() bool { return w.look().Throughput.Write < 150 }
	c.p99 = func() float64 { return 20 }
	w.clk.Go(func() { c.Run(t.Context()) })
	w.pass(12 * time.Minute)
	w.poll(troubledTable)
	w.pass(2 * time.Second)
	return w, c
}

// Run is the client's feed.
func (c *client) Run(ctx context.Context) {
	for c.w.clk.Sleep(ctx, time.Second) == nil {
		calls, refused := c.calls()*(0.95+0.1*c.chance.Float64()), 0.0
		if c.refuse() {
			refused = calls * (0.35 + 0.1*c.chance.Float64())
		}
		c.w.eng.Emit(history.FeedScraped{
			Feed: "web", Table: "orders", Seconds: 1, Calls: calls, Attempts: calls + refused, P50: 5, P99: c.p99(),
			Errors: map[string]float64{"ThrottlingException": refused},
		})
	}
}

// verdictOf returns the newest word on a change and when it was said, since it came into force.
func verdictOf(w *world, id string) (word string, after time.Duration, reason string) {
	c := w.change(id)
	if c.Effect == nil {
		return "", 0, ""
	}
	return c.Effect.Word, c.JudgedAt.Sub(c.Settled), c.Effect.Reason
}

func TestJudging(t *testing.T) {
	for _, c := range []struct {
		name  string
		apply func(w *world, c *client) // the change, and what happens with it
		want  string
		in    time.Duration // at most, since it came into force
		says  string
	}{
		{"a raise that ends the refusals", func(w *world, _ *client) {
			w.must(raise)
			w.must(w.consent("E1"))
			w.pass(90 * time.Second)
		}, history.Worked, 65 * time.Second, "demand held"},
		{"a lever without effect", func(w *world, _ *client) {
			w.must(PlanChange{What: "lever:spread", Target: "orders"})
			w.must(w.consent("E1"))
			w.pass(3 * time.Minute)
		}, history.NoEffect, 2 * time.Minute, "less than half of the expected"},
		{"demand fell by itself", func(w *world, c *client) {
			w.must(raise)
			at := w.clk.Now()
			c.calls = func() float64 {
				if w.clk.Now().Sub(at) > 2*time.Second {
					return 40
				}
				return 100
			}
			w.must(w.consent("E1"))
			w.pass(3 * time.Minute)
		}, history.Confounded, 2 * time.Minute, "demand fell"},
		{"a second change inside the window", func(w *world, c *client) {
			on := w.clk.Now().Add(34 * time.Second)
			c.refuse = func() bool { return w.clk.Now().Before(on) }
			w.must(PlanChange{What: "lever:spread", Target: "orders"})
			w.must(w.consent("E1"))
			w.pass(30 * time.Second)
			w.must(PlanChange{What: "lever:cap", Target: "orders"})
			w.must(w.consent("E2"))
			w.pass(3 * time.Minute)
		}, history.Confounded, 2 * time.Minute, "E2 (cap the hot tenant)"},
		{"a deploy at the same time", func(w *world, _ *client) {
			w.must(raise)
			w.must(w.consent("E1"))
			w.eng.Emit(history.Marked{Text: "deploy 1.4"})
			w.pass(3 * time.Minute)
		}, history.Confounded, 2 * time.Minute, "deploy 1.4"},
		{"a deploy of another table", func(w *world, _ *client) {
			w.must(raise)
			w.must(w.consent("E1"))
			w.eng.Emit(history.Marked{Text: "deploy 1.4", Table: "users"})
			w.pass(90 * time.Second)
		}, history.Worked, 65 * time.Second, "demand held"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w, cl := fed(t)
			c.apply(w, cl)
			word, after, reason := verdictOf(w, "E1")
			if word != c.want || after > c.in || !strings.Contains(reason, c.says) {
				t.Errorf("%q after %s: %s; want %q within %s", word, after, reason, c.want, c.in)
			}
			if look := w.change("E1").Look; look == nil || look.Source != "feed:web" {
				t.Errorf("first look %+v", look)
			}
		})
	}
}

// A trouble that had ended before the change is not its doing, and nothing is said in the first seconds.
// Mutant: judge against the whole past without asking when it ended.
func TestNoCreditForWhatWasOver(t *testing.T) {
	w, c := fed(t)
	c.refuse = func() bool { return false }
	w.pass(20 * time.Second)
	w.must(PlanChange{What: "lever:spread", Target: "orders"})
	w.must(w.consent("E1"))
	for range 24 {
		w.pass(10 * time.Second)
		if word, _, reason := verdictOf(w, "E1"); word == history.Worked || word == history.Helped {
			t.Fatalf("%s: %s", word, reason)
		}
	}
}

// An undo is not judged, nor what has been undone; and a harm signal without data is no reading.
func TestWhatIsNotJudged(t *testing.T) {
	w, _ := fed(t)
	w.must(raise)
	w.must(w.consent("E1"))
	w.pass(5 * time.Second)
	w.must(Undo{ID: "E1"})
	w.must(w.consent("E2"))
	w.pass(5 * time.Minute)
	for _, id := range []string{"E1", "E2"} {
		if word, _, reason := verdictOf(w, id); word != "" {
			t.Errorf("%s: %s, %s", id, word, reason)
		}
	}
}

// Without any eye and without minutes, unproven is the last word, and the only one.
func TestBlindChangesAreUnproven(t *testing.T) {
	w := inTrouble(t)
	w.must(PlanChange{What: "lever:spread", Target: "orders"})
	w.must(w.consent("E1"))
	w.pass(9 * time.Minute)
	if word, _, reason := verdictOf(w, "E1"); word != "" && word != history.Unproven {
		t.Errorf("%s: %s", word, reason)
	}
}
