package trial

import (
	"math"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/ddbloop/ddbloop/engine/effect"
)

// Ending says what becomes of the trouble of a Minutes world.
type Ending int

const (
	// WithChange: it ends at the very second of the change.
	WithChange Ending = iota
	// Never: it goes on.
	Never
	// Halves: it goes on at half of its counts.
	Halves
	// ByItself: it ends at any moment after the change, 20 minutes on average; demand stays.
	ByItself
	// ByDemand ends like ByItself, because demand falls by half.
	ByDemand
)

// Minutes is a world in which only CloudWatch's minutes are seen: a count of refusals that is zero or in trouble, or a latency.
type Minutes struct {
	Ends  Ending
	Habit bool    // trouble of some ten minutes came and went about once an hour before
	Slow  bool    // a latency that trebles in trouble, instead of a count of refusals
	Sigma float64 // deviation of the log of a minute, of a count in trouble
	Phi   float64 // its persistence from minute to minute
}

const (
	minutesPast  = 180
	minutesAfter = 15
	meanCount    = 900
	byItself     = 20 * time.Minute
)

// MinutesTally counts what was said over many changes of one Minutes world.
type MinutesTally struct {
	N, Confirmed, Claims int             // confirmed; judged worked or helped at any time
	Worse                int             // judged worse at any time
	First                int             // confirmed as soon as two complete minutes were published
	Took                 []time.Duration // from the change to the confirmation
}

// RunMinutes plays changes first … first+n−1, looked at whenever a minute is published: 60 to 120 s after its end.
func RunMinutes(w Minutes, first uint64, n int) MinutesTally {
	t := MinutesTally{N: n}
	for i := range n {
		r := rand.New(rand.NewPCG(first+uint64(i), 0x6d696e75746573))
		at := epoch.Add(time.Duration(r.Float64() * float64(time.Minute)))
		ends := w.ends(r, at)
		before, after, began := w.minutes(r, at, ends)
		claimed, confirmed, worse := false, false, false
		for k := 1; k <= len(after); k++ {
			c := effect.Confirm(at, before, after[:k], effect.ConfirmOptions{Kind: w.kind(), Seed: first, Since: began})
			published := after[k-1].T.Add(2*time.Minute + time.Duration(r.Float64()*float64(time.Minute)))
			if c.State == effect.Confirmed && !confirmed {
				confirmed = true
				t.Confirmed++
				t.Took = append(t.Took, published.Sub(at))
				if k == 2 {
					t.First++
				}
			}
			v := effect.Judge(w.input(at, ends, published, &c))
			claimed = claimed || v.Word == effect.Worked || v.Word == effect.Helped
			worse = worse || v.Word == effect.Harmed
		}
		if worse {
			t.Worse++
		}
		if claimed {
			t.Claims++
		}
	}
	slices.Sort(t.Took)
	return t
}

func (w Minutes) kind() effect.Kind {
	if w.Slow {
		return effect.Latency
	}
	return effect.Count
}

func (w Minutes) ends(r *rand.Rand, at time.Time) time.Time {
	switch w.Ends {
	case WithChange:
		return at
	case ByItself, ByDemand:
		return at.Add(time.Duration(r.ExpFloat64() * float64(byItself)))
	case Never, Halves:
	}
	return at.Add(24 * time.Hour)
}

// minutes makes the complete minutes before the change and those after it. The change's own is in neither, as Confirm has it.
func (w Minutes) minutes(r *rand.Rand, at, ends time.Time) (before, after []effect.Sample, began time.Time) {
	in, lasted := w.troubled(r, minutesPast)
	noise := r.NormFloat64()
	for i := -minutesPast; i <= minutesAfter; i++ {
		m := epoch.Add(time.Duration(i) * time.Minute)
		share := 1.0 // of the minute in trouble
		if i < 0 && !in[minutesPast+i] {
			share = 0
		}
		if i >= 0 {
			share = math.Max(0, math.Min(1, ends.Sub(m).Minutes()))
		}
		noise = w.Phi*noise + math.Sqrt(1-w.Phi*w.Phi)*r.NormFloat64()
		count := meanCount * share * math.Exp(w.Sigma*noise)
		if i > 0 && w.Ends == Halves {
			count /= 2
		}
		s := effect.Sample{T: m, V: math.Round(count)}
		if w.Slow {
			s.V = 5 * math.Exp(w.Sigma*noise) * (1 + 2*share)
			if i > 0 && w.Ends == Halves {
				s.V = 5 * math.Exp(w.Sigma*noise) * 1.5
			}
		}
		switch {
		case i < 0:
			before = append(before, s)
		case i > 0:
			after = append(after, s)
		}
	}
	return before, after, epoch.Add(-time.Duration(lasted) * time.Minute)
}

// troubled tells which of the n minutes before the change are in trouble: those of the last 4 to 30, and of a habit one spell an hour.
func (w Minutes) troubled(r *rand.Rand, n int) (in []bool, lasted int) {
	in = make([]bool, n)
	lasted = 4 + r.IntN(27)
	for i := range lasted {
		in[n-1-i] = true
	}
	for i := 0; w.Habit && i < n-lasted-3; i++ {
		if r.Float64() > 1.0/50 {
			continue
		}
		for spell := 1 + int(r.ExpFloat64()*10); spell > 0 && i < n-lasted-3; spell-- {
			in[i] = true
			i++
		}
	}
	return in, lasted
}

func (w Minutes) input(at, ends, now time.Time, c *effect.Confirmation) effect.Input {
	var d effect.Demand
	for s := -2 * time.Minute; s < minutesAfter*time.Minute; s += 10 * time.Second {
		v := effect.Sample{T: at.Add(s), V: 1000}
		if w.Ends == ByDemand && v.T.After(ends) {
			v.V = 500
		}
		switch {
		case s < 0:
			d.Before = append(d.Before, v)
		case v.T.Before(now):
			d.After = append(d.After, v)
		}
	}
	return effect.Input{
		Expect:  effect.Expectation{Signal: "signal", Kind: w.kind(), By: map[bool]float64{true: 0.6, false: 0.9}[w.Slow], Within: 5 * time.Minute},
		Lever:   "raise_capacity",
		Applied: at, InForce: at, Now: now,
		Minutes: c,
		Demand:  d,
	}
}
