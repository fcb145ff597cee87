package history

import (
	"fmt"
	"strconv"
	"time"
)

// rampGap is the longest pause between two steps in one row. Steps of people and of auto scaling come further apart: each of them
// is an act, and keeps a row of its own.
const rampGap = 90 * time.Second

// ramp is a number that moves step by step in one direction, in one row of the timeline.
type ramp struct {
	row   int
	up    bool
	was   string // before the first step
	steps int
	last  time.Time
}

// saySetting puts a changed setting into the timeline. A number that moves again soon, as warm throughput does under growing demand,
// goes on in the row that its first step made: the row stays where it is, so that it hides nothing newer.
// A step back is no part of it.
func (s *State) saySetting(e Event, d Difference) {
	was, notWas := strconv.ParseInt(d.Was, 10, 64)
	is, notIs := strconv.ParseInt(d.Is, 10, 64)
	if notWas != nil || notIs != nil {
		s.say(e, "change", "info", "", d.String())
		return
	}
	r, ok := s.ramps[d.What]
	if !ok || r.up != (is > was) || e.At.Sub(r.last) > rampGap {
		r = ramp{row: len(s.Timeline), up: is > was, was: d.Was}
		s.say(e, "change", "info", "", d.String())
	}
	if r.steps, r.last = r.steps+1, e.At; r.steps > 1 {
		whole := Difference{What: d.What, Was: r.was, Is: d.Is}
		s.Timeline[r.row].Text = fmt.Sprintf("%s (%d steps, the last %s)", whole, r.steps, e.At.UTC().Format(time.TimeOnly))
	}
	if s.ramps == nil {
		s.ramps = map[string]ramp{}
	}
	s.ramps[d.What] = r
}
