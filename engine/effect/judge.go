package effect

import (
	"fmt"
	"time"
)

// Word is the verdict on a change.
type Word string

// The words of a verdict.
const (
	Worked     Word = "worked"    // proven, and reaches the expectation
	Helped     Word = "helped"    // proven, and smaller or later than expected
	NoEffect   Word = "no effect" // the interval excludes half of the expectation
	Harmed     Word = "worse"     // proven the other way, or a harm signal moved
	Open       Word = "unproven"  // anything else
	Confounded Word = "confounded"
)

// Stage says what a verdict rests on.
type Stage string

// The stages of a verdict, which later ones may revise.
const (
	FromLook    Stage = "first look"
	FromMinutes Stage = "confirmed by the metric"
	HasFaded    Stage = "faded"
)

// Limit is the limit that the change moved.
type Limit struct {
	Name          string
	Before, After float64
	Total         bool // it bounds the whole demand that is measured, not a part of it
}

// Act is another change or deploy.
type Act struct {
	At   time.Time
	What string
	Ours bool // by this session, which knows when it came into force; others are noted and listed late
}

// Reading is the newest value of a harm signal since the change.
type Reading struct {
	Signal    string
	Value     float64
	Elsewhere []string // tables and indexes that the change cannot reach and that went over the bound as well, where most did
}

// Input is everything a verdict is made of.
type Input struct {
	Expect  Expectation
	Lever   string
	Applied time.Time
	InForce time.Time // zero: not yet settled
	Now     time.Time
	Limit   Limit
	Look    Look
	Eye     Expectation   // the signal that Look is of; no Signal: that of Expect
	Minutes *Confirmation // nil until the metric arrived
	Demand  Demand
	Served  []Sample // units a second in whole minutes since the change, of what Limit limits
	Refused []Sample // complete minutes of what Limit refuses since the change, where that is expected to end; nil: something else is
	Others  []Act
	Harms   []Reading
	Said    Word // the verdict that stood before this one; "" = none
	Late    bool // the time in which the change was to show what it does has passed
	// Untouched are the controls of the claim, the metric's minutes first; nil ones are skipped.
	Untouched []*Untouched
}

// Verdict is the judgement of a change, with its one-sentence reason.
type Verdict struct {
	Word   Word
	Stage  Stage
	Size   Estimate
	Of     Expectation // the signal that Size is of
	Reason string
	At     time.Time
	Faded  bool // it had helped, and the signal is back where it was
	Late   bool // harm that showed first after the verdict was due
	// Against is what the word was held against; nil where there was nothing untouched to tell.
	Against *Untouched
}

const (
	otherBefore = 2 * time.Minute // an act this shortly before may still be working
	// chanceAlone is the largest coincidence that counts when nothing is known
	// about demand; chanceWith the one when demand speaks for the lever.
	chanceAlone = 0.01
	chanceWith  = 0.05
	// chanceHeld is the largest one for the metric's minutes when demand is still there: trouble that ends by
	// itself ends because demand does. It is for what ended soon after the change: there is more time for a coincidence later.
	chanceHeld = 0.25
	soon       = time.Minute
)

// Judge combines the first look, the metric's minutes, demand, other acts, harm
// signals and untouched tables into one verdict. It is a function of its input alone, so that a
// later call with more evidence is the revision.
func Judge(in Input) Verdict {
	v := Verdict{Word: Open, Stage: FromLook, Of: in.Expect, At: in.Now}
	if harm, ok := harmed(in); ok {
		return harm
	}
	if in.InForce.IsZero() {
		v.Reason = "the change is not in force yet"
		return v
	}
	if l := in.Limit; l.Name != "" && l.Before == l.After {
		v.Reason = fmt.Sprintf("%s did not move (%.4g), so the change cannot be what did it", l.Name, l.Before)
		return v
	}
	c := prevention(in, weigh(in))
	v.Stage, v.Size, v.Of, v.Word = c.stage, c.size, c.of, c.word
	if c.stage == HasFaded && (in.Said == Worked || in.Said == Helped) {
		v.Word, v.Faded, v.Reason = Helped, true, "helped, then faded: "+c.why
		return v
	}
	if v.Word == Open {
		v.Reason = c.why
		return v
	}
	if other, ok := otherAct(in); ok {
		v.Word = Confounded
		v.Reason = fmt.Sprintf("%s; but %s came %s the change", c.why, other.What, away(in.InForce, other.At))
		return v
	}
	return against(in, withDemand(in, v, c))
}

// harmed looks for a harm signal beyond its bound. What else was done since the change may have moved it, and so may demand
// where it shows only late.
func harmed(in Input) (Verdict, bool) {
	for _, h := range in.Expect.Harm {
		for _, r := range in.Harms {
			if r.Signal != h.Signal || r.Value <= h.Max {
				continue
			}
			v := Verdict{Word: Harmed, Stage: FromLook, Of: in.Expect, At: in.Now, Late: in.Late && in.Said != Harmed}
			v.Reason = fmt.Sprintf("%s is at %.4g, above the %.4g that was agreed as harm", r.Signal, r.Value, h.Max)
			if in.Late {
				v.Reason += fmt.Sprintf(", %s after the change", short(in.Now.Sub(in.InForce)))
			}
			if other, ok := lately(in); ok {
				v.Word = Confounded
				v.Reason += fmt.Sprintf("; but %s came %s the change", other.What, away(in.InForce, other.At))
			} else if len(r.Elsewhere) > 0 {
				v.Word = Confounded
				v.Reason += "; but so it is on the untouched " + listed(r.Elsewhere)
			} else if by := demandSince(in); in.Late && by > demandMoved {
				v.Word = Confounded
				v.Reason += fmt.Sprintf("; but demand rose by %s", percent(by))
			}
			return v, true
		}
	}
	return Verdict{}, false
}

// withDemand lets demand speak for or against what the samples claim.
func withDemand(in Input, v Verdict, c claim) Verdict {
	d := judgeDemand(in, c.onset)
	v.Reason = c.why + "; " + d.words
	switch v.Word {
	case Worked, Helped:
		limit := chanceWith
		switch {
		case !d.known:
			limit = chanceAlone
		case c.onset > soon:
		case d.held && (c.stage == FromMinutes || outgrown(in)):
			limit = chanceHeld
		}
		switch {
		case d.confounded:
			v.Word = Confounded
		case c.chance > limit:
			v.Word = Open
			v.Reason += fmt.Sprintf("; the chance that it ended by itself is %s", percent(c.chance))
		}
	case NoEffect, Harmed:
		if d.known && d.change > demandMoved {
			v.Word = Confounded
		}
	}
	return v
}

// otherAct finds a foreign act that could have caused what was seen.
func otherAct(in Input) (Act, bool) {
	until := in.InForce.Add(max(in.Look.Took, time.Minute))
	if (in.Look.State != Better || !in.Look.Proven) && in.Minutes != nil {
		until = in.InForce.Add(in.Minutes.Lag + time.Duration(min(max(1, in.Minutes.Minutes), looks[0]))*time.Minute)
	}
	from := in.InForce.Add(-otherBefore)
	if in.Applied.Before(from) && !in.Applied.IsZero() {
		from = in.Applied
	}
	for _, a := range in.Others {
		last := until
		if seen := in.InForce.Add(in.Look.Took); a.Ours && in.Look.State == Better && in.Look.Proven {
			last = seen // what came into force after the effect had shown did not make it
		}
		if !a.At.Before(from) && !a.At.After(last) {
			return a, true
		}
	}
	return Act{}, false
}

// lately finds another act since the change came into force, which may have done the harm that shows now.
func lately(in Input) (Act, bool) {
	for _, a := range in.Others {
		if !in.InForce.IsZero() && a.At.After(in.InForce) && !a.At.After(in.Now) {
			return a, true
		}
	}
	return Act{}, false
}

func away(at, other time.Time) string {
	if other.Before(at) {
		return short(at.Sub(other)) + " before"
	}
	return short(other.Sub(at)) + " after"
}

// Revised reports whether next says something else than prev, so that the
// timeline has to show it: another word, or the same word on other ground.
func Revised(prev, next Verdict) bool {
	return prev.Word != next.Word || prev.Stage != next.Stage || prev.Faded != next.Faded || prev.Late != next.Late
}
