package engine

import (
	"slices"
	"strings"
	"time"

	"github.com/ddbloop/ddbloop/engine/effect"
	"github.com/ddbloop/ddbloop/engine/signal"
	"github.com/ddbloop/ddbloop/history"
)

const (
	harmBefore  = 2 * time.Minute // samples before a change that a harm signal is held against
	harmAfter   = time.Minute     // newest samples that speak for it now
	harmLate    = 3               // so many times harmAfter must all be beyond the bound once the verdict was due
	harmMinutes = 10              // the same past in CloudWatch's minutes
	harmPoints  = 3               // newest minutes, all of which must be beyond the bound
)

// harms reads the signals that must not rise, now and before the change, and whether they did so on tables that it cannot reach as well.
func (j *judge) harms(s *history.State, c *history.Change, in *effect.Input) {
	for _, h := range c.Plan.Expect.Harm {
		bound, now, ok := harmOf(s, harmSeries(s, c, j.eye, h.Signal), h.Factor, c, in)
		if !ok {
			continue
		}
		r := effect.Reading{Signal: h.Signal, Value: now}
		if now > bound {
			r.Elsewhere = j.harmElsewhere(s, c, h, in)
		}
		in.Expect.Harm = append(in.Expect.Harm, effect.Harm{Signal: h.Signal, Max: bound})
		in.Harms = append(in.Harms, r)
	}
}

func harmOf(s *history.State, sr *history.Series, factor float64, c *history.Change, in *effect.Input) (bound, now float64, ok bool) {
	switch {
	case sr == nil:
		return 0, 0, false
	case sr.Period >= 60:
		return harmOfMinutes(sr, factor, c.Settled, completeTo(s, sr, c.Settled))
	}
	return harmOfSeconds(sr, factor, c.Settled, in.Now, in.Late)
}

// harmElsewhere are the tables and indexes that a change cannot reach and where the same signal went over the same bound, when that is
// most of those that can tell; else none. What one client sees of two tables is coupled by the client.
func (j *judge) harmElsewhere(s *history.State, c *history.Change, h history.HarmSignal, in *effect.Input) []string {
	var over []string
	told := 0
	look := func(target string, sr *history.Series) {
		if touched(s, c, target, c.Settled.Add(-touchedBefore), in.Now) {
			return
		}
		if bound, now, ok := harmOf(s, sr, h.Factor, c, in); ok {
			told++
			if now > bound && !slices.Contains(over, target) {
				over = append(over, target)
			}
		}
	}
	seen := j.eye.feed() && strings.HasPrefix(h.Signal, "feed_")
	for _, table := range s.Session.Tables {
		for _, at := range targetsOf(s, table) {
			if !seen {
				look(at, signal.Series(s, h.Signal, at, ""))
				continue
			}
			for _, op := range signal.Ops(s, h.Signal, at) {
				if op != j.eye.name {
					look(at, s.Get(h.Signal, at, op))
				}
			}
		}
	}
	if 2*len(over) <= told {
		return nil
	}
	return over
}

// harmOfSeconds compares the newest minute's middle with the middle before the change. Late, when one slow minute among many
// is no surprise, it is the least of the three newest.
func harmOfSeconds(sr *history.Series, factor float64, settled, at time.Time, late bool) (bound, now float64, ok bool) {
	before := middle(samplesOf(sr, settled.Add(-harmBefore), settled, 1))
	if before <= 0 || at.Sub(settled) < harmAfter {
		return 0, 0, false
	}
	times := 1
	if late {
		times = harmLate
	}
	for i := range times {
		to := at.Add(-time.Duration(i) * harmAfter)
		list := samplesOf(sr, to.Add(-harmAfter), to, 1)
		if len(list) == 0 {
			return 0, 0, false
		}
		if v := middle(list); i == 0 || v < now {
			now = v
		}
	}
	return factor * before, now, true
}

// harmOfMinutes compares the least of the newest complete minutes with the middle and the most of those before the change.
// What was zero throughout has no multiple: any value in all of the newest minutes is beyond it.
func harmOfMinutes(sr *history.Series, factor float64, settled, complete time.Time) (bound, now float64, ok bool) {
	step := time.Duration(sr.Period) * time.Second
	before := samplesOf(sr, settled.Add(-harmMinutes*step), settled.Add(-step), 1)
	after := samplesOf(sr, settled, complete, 1)
	if len(before) < harmPoints || len(after) < harmPoints {
		return 0, 0, false
	}
	bound = factor * middle(before)
	for _, x := range before {
		bound = max(bound, x.V)
	}
	for i, x := range after[len(after)-harmPoints:] {
		if i == 0 || x.V < now {
			now = x.V
		}
	}
	return bound, now, true
}
