package effect

import (
	"fmt"
	"math"
	"time"
)

// claim is what the samples alone say.
type claim struct {
	word   Word
	stage  Stage
	size   Estimate
	chance float64       // that the trouble ended by itself just then
	onset  time.Duration // from the change to the start of the effect
	of     Expectation   // the signal that moved
	why    string
}

// weigh lets the metric's minutes, once they speak, overrule the first look.
func weigh(in Input) claim {
	if m := in.Minutes; m != nil {
		switch m.State {
		case Confirmed:
			if m.Faded {
				return claim{word: Open, stage: HasFaded, size: m.Size, of: in.Expect, why: moved(in.Expect, m.Size) + ", but its newest minutes are back where it was"}
			}
			if in.Look.State != Better || !in.Look.Faded {
				return fromMinutes(in, m)
			}
		case Contrary:
			return claim{word: Harmed, stage: FromMinutes, size: m.Size, of: in.Expect, why: moved(in.Expect, m.Size) + ": " + m.Why}
		case NotConfirmed:
			c := claim{word: Open, stage: FromMinutes, size: m.Size, of: in.Expect, why: m.Why}
			if m.Size.Has() && m.Size.High < in.Expect.By/2 {
				c.word = NoEffect
			}
			if c.word == NoEffect || in.Look.State != Better || !in.Look.Proven || m.Size.Low <= 0 {
				return c
			}
			// Minutes that moved the same way, and cannot tell, are no word against seconds that can.
		case Pending, NoHistory:
		}
	}
	return fromLook(in)
}

// late reports whether an effect began after the time that was promised.
func (c claim) late(in Input) bool { return in.Expect.Within > 0 && c.onset > in.Expect.Within }

// act is what was done, in a word.
func (in Input) act() string {
	if in.Lever != "" {
		return "lever"
	}
	return "change"
}

func fromMinutes(in Input, m *Confirmation) claim {
	c := claim{stage: FromMinutes, size: m.Size, of: in.Expect, chance: m.P, onset: m.Lag}
	c.word = grade(in.Expect, m.Size)
	if c.late(in) {
		c.word = Helped
	}
	if m.Size.Value < in.Expect.By/4 && (in.Look.State != Better || !in.Look.Proven) { // five looks at minutes may find something
		c.word, c.why = Open, fmt.Sprintf("%s over %d minutes, a small part of the expected %s", moved(in.Expect, m.Size), m.Minutes, percent(in.Expect.By))
		return c
	}
	c.why = fmt.Sprintf("%s over %d minutes: %s", moved(in.Expect, m.Size), m.Minutes, m.Why)
	if in.Look.State == Better && in.Look.Proven {
		c.chance = min(c.chance, in.Look.Coincidence)
		c.why = fmt.Sprintf("%s within %s of the %s, confirmed by the metric", moved(in.Expect, m.Size), short(in.Look.Took), in.act())
	}
	return c
}

func fromLook(in Input) claim {
	l := in.Look
	c := claim{word: Open, stage: FromLook, size: l.Size, chance: l.Coincidence, onset: l.Onset, why: l.Why, of: in.Expect}
	if in.Eye.Signal != "" {
		c.of = in.Eye
	}
	switch {
	case l.Faded:
		c.stage = HasFaded
		c.why = fmt.Sprintf("%s within %s, but the last minute is back where it was", moved(c.of, l.Size), short(l.Took))
	case l.State == Same:
		c.word = NoEffect
		c.why = fmt.Sprintf("%s got better by at most %s in %s, less than half of the expected %s", c.of.Signal, percent(math.Max(0, l.Size.High)), short(l.Took), percent(in.Expect.By))
	case l.State == Worse && l.Proven:
		c.word = Harmed
		c.why = fmt.Sprintf("%s within %s of the %s", moved(c.of, l.Size), short(l.Took), in.act())
	case l.State == Better && l.Proven:
		c.word = grade(in.Expect, l.Size)
		if c.late(in) {
			c.word = Helped
		}
		c.why = fmt.Sprintf("%s within %s of the %s", moved(c.of, l.Size), short(l.Took), in.act())
	case l.State == Better || l.State == Worse:
		c.why = fmt.Sprintf("looks %s after %s, not proven yet", l.State, short(l.Took))
	case c.why == "" && in.Minutes != nil && in.Minutes.Why != "":
		c.why = in.Minutes.Why
	case c.why == "":
		c.why = "nothing was seen since the change"
	}
	return c
}

// grade tells worked from helped: at least half of the expected size, and the
// expectation itself inside the interval.
func grade(e Expectation, s Estimate) Word {
	if s.Value >= e.By/2 && s.High >= e.By {
		return Worked
	}
	return Helped
}

// moved is the sentence's beginning, with the numbers.
func moved(e Expectation, s Estimate) string {
	verb := "fell"
	if s.After > s.Before {
		verb = "rose"
	}
	return fmt.Sprintf("%s %s from %s to %s", e.Signal, verb, level(e, s.Before), level(e, s.After))
}
