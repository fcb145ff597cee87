package source

import (
	"math"
	"time"
)

// lags learns how long after the end of a period CloudWatch shows it, and when in the period to ask. Every point that shows for
// the first time says two things: at the age it had now it was there, and at the age it had at the ask before it was not. From
// many of those comes the share of points that are there at each age, in steps; nothing is assumed of its shape.
type lags struct {
	period, step time.Duration
	there, all   []float64 // by age in steps: points that were there, and all that were asked for
	tried        []int     // asks by their place in the period, in steps
}

// lagsReach is up to how many periods after its end a point says anything about the usual lag: later ones belong to an outage.
const lagsReach = 4

func newLags(period, step time.Duration) *lags {
	n := int(lagsReach * period / step)
	return &lags{period: period, step: step, there: make([]float64, n), all: make([]float64, n), tried: make([]int, period/step)}
}

// ask counts an ask at a moment of the server's clock, and lets what was learnt long ago fade.
func (l *lags) ask(at time.Time) {
	l.tried[int(at.Sub(at.Truncate(l.period))/l.step)]++
	for i := range l.all {
		l.there[i], l.all[i] = l.there[i]*0.98, l.all[i]*0.98
	}
}

// first notes a point that showed at an age for the first time; before is its age at the ask before, if there was one.
func (l *lags) first(age, before time.Duration) {
	if age < 0 || before >= age {
		return
	}
	if i := int(age / l.step); i < len(l.all) {
		l.there[i]++
		l.all[i]++
		if before >= 0 {
			l.all[before/l.step]++
		}
	}
}

// share returns the share of points that are there at an age: what was seen there, or else at the last age before it.
func (l *lags) share(step int) float64 {
	best := 0.0
	for i := 0; i <= step && i < len(l.all); i++ {
		if l.all[i] > 0.5 {
			best = max(best, l.there[i]/l.all[i])
		}
	}
	return best
}

// most is the share of a period's points that must be there before it says what happened: a verdict rests on several series together,
// and half of them is not one.
const most = 0.8

// place returns the place in the period, in steps, at which asking once a period gets most points soonest and seldom asks in
// vain. An ask in vain weighs as much as half a period of age. Only places that were tried are judged.
func (l *lags) place() int {
	best, least := 0, math.Inf(1)
	for p, tried := range l.tried {
		if tried == 0 {
			continue
		}
		late, vain, known := -1, 1.0, 0.0
		for age := p; age < len(l.all); age += len(l.tried) {
			f := l.share(age)
			vain *= 1 - (f - known) // nothing of this age is new
			if known = f; f >= most && late < 0 {
				late = age
			}
		}
		if late < 0 {
			continue
		}
		if cost := float64(late) + vain*float64(len(l.tried))/2; cost < least {
			best, least = p, cost
		}
	}
	return best
}

// earliest is the age from which on a point may be there: one in twenty was, when it showed.
func (l *lags) earliest() time.Duration {
	sum := 0.0
	for _, n := range l.there {
		sum += n
	}
	for i, n := range l.there {
		if n > 0 && n >= 0.05*sum {
			return time.Duration(i) * l.step
		}
	}
	return 0
}

// learnt reports whether every place in the period has been tried.
func (l *lags) learnt() bool {
	for _, n := range l.tried {
		if n == 0 {
			return false
		}
	}
	return true
}

// next returns the place to try next: those not yet tried from a start on, then the best; now and then one beside it, since what
// was best once need not be for ever.
func (l *lags) next(start, rounds int) int {
	n := len(l.tried)
	for i := range n {
		if p := (start + i) % n; l.tried[p] == 0 {
			return p
		}
	}
	best := l.place()
	switch rounds % 16 {
	case 8:
		return (best + 1) % n
	case 0:
		return (best + n - 1) % n
	}
	return best
}
