package diagnose_test

import (
	"strings"
	"testing"
	"time"

	"github.com/ddbloop/ddbloop/engine/diagnose"
	"github.com/ddbloop/ddbloop/history"
)

// far is two hundred calm seconds of a caller's feed and of a probe that waits 25 ms for the way alone, and then half a minute of a
// caller that waits 15 ms longer, and of answers to the probe that are late by as much where late says so; look is asked each second.
func far(late func(i int) bool, look func(c *scene)) {
	c := newScene(table()).polled(nil)
	tick := func(p50, probe float64) {
		c.now = c.now.Add(time.Second)
		c.put(
			history.FeedScraped{Feed: "web", Table: "orders", Seconds: 1, Calls: 100, Attempts: 100, P50: p50, P99: 3 * p50},
			history.ProbeAnswered{Probe: "own", Table: "orders", Op: "GetItem", Every: time.Second, OK: true, Wait: time.Duration(probe * float64(time.Millisecond)), Total: 30 * time.Millisecond},
		)
	}
	for range 200 {
		tick(5, 25)
	}
	for i := range 30 {
		if late(i) {
			tick(20, 40)
		} else {
			tick(20, 25)
		}
		look(c)
	}
}

// Which side takes a caller's time is said from the milliseconds that the probe's answers have grown by, and only when enough of them
// agree. Mutant: hold the median of its last ten seconds against one and a half times its usual wait.
func TestWhoseMillisecondsTheyAre(t *testing.T) {
	for _, c := range []struct {
		name    string
		late    func(i int) bool
		cleared bool
	}{
		{"the probe is as fast as ever", func(int) bool { return false }, true},
		{"one answer in ten is late by chance", func(i int) bool { return i%10 == 3 }, true},
		{"every answer is as late as the caller", func(int) bool { return true }, false},
		{"seven in ten are", func(i int) bool { return i%10 < 7 }, false},
		{"seven in ten are, and the first two are not", func(i int) bool { return i > 1 && i%10 < 7 }, false},
	} {
		cleared := false
		far(c.late, func(s *scene) {
			if a := s.assess(); a.Layer.Verdict == history.LayerClient && strings.Contains(a.Layer.Why, "as ever") {
				cleared = true
			}
		})
		if cleared != c.cleared {
			t.Errorf("%s: cleared %v", c.name, cleared)
		}
	}
}

// What a feed dates to the second saw the calm before it. Mutant: take what moved in some minute long before, if it came first.
func TestOnsetIsTheFeedsOwn(t *testing.T) {
	drift := make([]float64, past)
	for i := range drift {
		if drift[i] = 10; i > past-15 {
			drift[i] = 20
		}
	}
	c := newScene(table()).fed(200, 100, 100, 0, 0, 20).polled(metrics{"client_errors@orders#web": drift})
	began := c.now
	c.fed(20, 100, 100, 0, 0, 400)
	if a := c.assess(); a.Onset.Sub(began).Abs() > 2*time.Second {
		t.Errorf("began %s, dated %s (%s)", began, a.Onset, a.Layer.Why)
	}
}

// A slow tail is acted on where a caller misses its objective, or where nobody knows. Mutant: wait for a caller who has no eye.
func TestTailIsActedOnUnlessCallersAreWell(t *testing.T) {
	for name, c := range map[string]struct {
		scene *scene
		well  bool
	}{
		"nobody has an eye on the caller": {newScene(table()).polled(tailed(12, 110)), false},
		"the caller of writes is well":    {newScene(table()).polled(tailed(12, 110)).fed(8, 100, 100, 0, 0, 80), true},
	} {
		c.scene.assess()
		c.scene.waited(diagnose.Defaults.SureFor)
		if c.well {
			c.scene.fed(8, 100, 100, 0, 0, 80)
		}
		a := c.scene.assess()
		if a.Layer.Verdict != history.LayerTail || (a.Disposition.Verdict == history.Escalate) == c.well {
			t.Errorf("%s: %s %s, %+v", name, a.Layer.Verdict, a.Ranked[0].Kind, a.Disposition)
		}
	}
}

// A probe that reads one item does not clear the server of a query that may go through more of them. Mutant: let every probe speak
// for every caller.
func TestAProbeSpeaksForItsOwnOperation(t *testing.T) {
	for op, cleared := range map[string]bool{"GetItem": true, "Query": false, "Scan": false} {
		got := false
		far(func(int) bool { return false }, func(s *scene) {
			s.s.Session.Clients[0].Op = op
			got = strings.Contains(s.assess().Layer.Why, "as ever")
		})
		if got != cleared {
			t.Errorf("a probe of GetItem clears the server of %s: %v", op, got)
		}
	}
}

// A trouble that is dated to before all that a feed has seen does not take its past away: it was calm until the trouble was detected.
// Mutant: count nothing as past that came after the onset.
func TestAFeedKeepsItsPast(t *testing.T) {
	c := newScene(table()).fed(200, 100, 100, 0, 0, 20).polled(nil)
	c.fed(20, 100, 100, 0, 0, 400)
	c.s.Incident = history.Incident{Detected: c.now, Onset: start.Add(-time.Hour)}
	c.s.Session.Clients[0].P99, c.s.Session.Clients[0].PFactor = 0, 3
	if a := c.assess(); a.Layer.Verdict != history.LayerTail {
		t.Errorf("%s (%s)", a.Layer.Verdict, a.Layer.Why)
	}
}
