package effect

import (
	"fmt"
	"time"
)

// State is what a first look says.
type State string

// The words of a first look. Undecided is not the same as Same: Same needs an
// interval that excludes half of the expected effect.
const (
	TooEarly State = "too early"
	Better   State = "better"
	Worse    State = "worse"
	Same     State = "same"
	Unproven State = "unproven" // the past is too short to conclude anything
)

const (
	alphaSay   = 0.05  // chance of a false word over all looks, per direction
	alphaProve = 0.004 // the same for proof
	minAfter   = 3     // fewest samples behind any word
	sameAfter  = 45 * time.Second
	maxChance  = 0.10 // largest coincidence a first word may rest on
	// leastHarm is how much worse a trouble of less than a minute must become for it to be told: that young, it moves by itself.
	leastHarm = 0.20
)

// Look is the state of knowledge after the newest sample.
type Look struct {
	State  State
	Size   Estimate
	N      int           // samples since the change
	Took   time.Duration // change to the sample that decided
	Proven bool          // the stricter bound was crossed too
	Onset  time.Duration // change to the start of the effect
	// Coincidence is the chance that a level which had lasted as long as this
	// one would end by itself no later after the change than it did:
	// onset / (steady + onset).
	Coincidence float64
	Faded       bool // the newest minute is back at the old level
	Move        Move // what a word for proof, or "same", rests on
	atOnce      bool // the first sample shows it already, beyond doubt
	Why         string
}

// FirstLook judges the samples that followed a change at the moment at. Ask it
// with every new sample; its error bounds hold over all looks together.
func FirstLook(at time.Time, before, after []Sample, opts Options) Look {
	return Fit(before, opts).Look(at, after)
}

// crossing is where one side first passed its bounds.
type crossing struct {
	w             *walk
	said          time.Time
	now           float64
	hasSay, prove bool
}

// Look judges the samples since a change at the moment at.
func (p *Past) Look(at time.Time, after []Sample) Look {
	a := clean(after, p.opts.Kind)
	l := p.look(at, a)
	if p.brief == nil || l.State == Better || l.State == Unproven {
		return l
	}
	b := p.brief.look(at, a)
	switch {
	case b.State == Better && b.Proven && b.atOnce && p.credits:
		// Trouble of less than a minute often ends by itself. That it did so within the very step in which the change came
		// into force is rare enough to be told, and for a verdict only where demand is seen to be still there. It ended
		// somewhere within that step: half of one, on average.
		b.Coincidence = float64(p.step/2) / float64(p.step/2+p.lasted)
		return b
	case !p.brief.badBeyond(p):
		return l
	case b.State == Worse && b.Size.Value <= -leastHarm || b.State == Same && p.credits:
		return b
	}
	// That the signal is far above, or back at, the level from before the trouble is no news of the change.
	return Look{State: TooEarly, N: len(a), Size: b.Size, Why: fmt.Sprintf("the trouble had lasted only %s when the change came: too short to tell what it did", short(p.lasted))}
}

func (p *Past) look(at time.Time, a []Sample) Look {
	l := Look{State: TooEarly, N: len(a)}
	if p.why != "" {
		l.State, l.Why = Unproven, p.why
		return l
	}
	if len(a) < minAfter {
		l.Why = fmt.Sprintf("%d of at least %d samples since the change", len(a), minAfter)
		return l
	}
	down, up := p.down.cross(at, a), p.up.cross(at, a)
	good, bad := down, up
	if p.opts.Direction == Up {
		good, bad = up, down
	}
	win := good
	switch {
	case good.hasSay && (!bad.hasSay || good.now >= bad.now):
		l.State = Better
	case bad.hasSay:
		l.State, win = Worse, bad
	}
	if l.State == TooEarly {
		l.Size = p.size(a, 0, win.w.s.spike)
		l.stillOpen(p, at, a)
		return l
	}
	began, _ := win.w.onset()
	if l.State == Better {
		began = win.w.dated()
	}
	onset := time.Duration(began) * p.step
	l.Onset, l.Took, l.Proven, l.atOnce = onset, win.said.Sub(at), win.prove, win.w.atOnce()
	l.Coincidence = float64(onset) / float64(onset+p.steady)
	l.Size = p.size(a, began, win.w.s.spike)
	if l.State == Better && l.Coincidence > maxChance {
		l.State, l.Proven = TooEarly, false
		l.Why = fmt.Sprintf("it moved %s after the change, but the level before had lasted only %s and may have ended by itself",
			short(onset), short(p.steady))
		return l
	}
	if l.Proven {
		l.Move = p.move(at.Add(onset), at, a, l)
	}
	if l.Faded = p.faded(a, l); l.Faded { // its size is that of its first minute
		n := 0
		for n < len(a) && a[n].T.Sub(at) < onset+minRegime {
			n++
		}
		l.Size = p.size(a[:n], began, win.w.s.spike)
	}
	l.Why = fmt.Sprintf("%s after %s with %d samples", l.State, short(l.Took), l.N)
	return l
}

// stillOpen decides between "same" and "too early" when no bound was crossed.
func (l *Look) stillOpen(p *Past, at time.Time, a []Sample) {
	half := p.opts.By / 2
	passed := a[len(a)-1].T.Sub(at)
	if passed >= sameAfter && l.Size.Has() && l.Size.High < half && l.Size.Low > -2*half {
		l.State, l.Took = Same, passed
		l.Move = p.move(at, at, a, *l)
		l.Why = fmt.Sprintf("after %s the size is at most %s, less than half of the expected %s",
			short(passed), percent(l.Size.High), percent(p.opts.By))
		return
	}
	l.Why = fmt.Sprintf("nothing distinguishable from the noise after %s", short(passed))
	if l.Size.Has() && l.Size.Low > 0 {
		l.Why = fmt.Sprintf("it got better only later in the %s since the change: too late to be told from an end of its own", short(passed))
	}
}

// move is what a word rests on. The side after the change grows by steps: what it is held against need not be worked out
// with every sample.
func (p *Past) move(since, at time.Time, a []Sample, l Look) Move {
	grown := min(sideWindow, a[len(a)-1].T.Sub(since).Truncate(sideStep))
	return Move{
		From: at.Add(-min(sideWindow, p.steady)), To: at, Since: since, Until: since.Add(grown),
		Way: map[State]int{Better: 1, Worse: -1}[l.State], Size: l.Size,
	}
}

// cross runs one side over the samples and notes where it passed its bounds.
func (s *side) cross(at time.Time, a []Sample) crossing {
	c := crossing{w: s.walk(len(s.p.regime) - 1)}
	for i, x := range a {
		if x.T.Sub(at) > maxHorizon {
			break
		}
		c.now = c.w.add(x)
		if i+1 < minAfter || c.now < logSay {
			continue
		}
		say, prove := s.thresholds()
		if !c.hasSay && c.now >= say {
			c.hasSay, c.said = true, x.T
		}
		c.prove = c.prove || c.now >= prove
	}
	return c
}

// faded tells whether the newest minute lost the effect that was seen.
func (p *Past) faded(a []Sample, l Look) bool {
	end := a[len(a)-1].T
	from := len(a)
	for from > 0 && end.Sub(a[from-1].T) < minRegime {
		from--
	}
	if from == 0 || len(a)-from < 20 {
		return false
	}
	e := p.size(a[from:], 0, true)
	if l.State == Worse {
		return e.Low > l.Size.Value/2
	}
	return e.High < l.Size.Value/2
}
