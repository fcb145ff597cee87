package history

import (
	"fmt"
	"strconv"
	"time"
)

// rampGap is the longest pause between two steps in one row. Steps of people and of auto scaling come further apart: each of them
// is an act, and keeps a row of its own.
const rampGap = 90 * time.Second

// ramp is a number that moves step by step, in one row of the timeline.
type ramp struct {
	row   int
	was   string // before the first step
	steps int
	last  time.Time
}

// saySetting puts a changed setting into the timeline. A number that moves again soon, as warm throughput does under growing demand,
// goes on in the row that its first step made: the row stays where it is, so that it hides nothing newer.
func (s *State) saySetting(e Event, d Difference) {
	if _, err := strconv.ParseInt(d.Is, 10, 64); err != nil {
		s.say(e, "change", "info", "", d.String())
		return
	}
	r, ok := s.ramps[d.What]
	if !ok || e.At.Sub(r.last) > rampGap {
		r = ramp{row: len(s.Timeline), was: d.Was}
		s.say(e, "change", "info", "", d.String())
	}
	if r.steps, r.last = r.steps+1, e.At; r.steps > 1 {
		whole := Difference{d.What, r.was, d.Is}
		s.Timeline[r.row].Text = fmt.Sprintf("%s (%d steps, the last %s)", whole, r.steps, e.At.UTC().Format(time.TimeOnly))
	}
	if s.ramps == nil {
		s.ramps = map[string]ramp{}
	}
	s.ramps[d.What] = r
}
