package diagnose

import (
	"slices"

	"github.com/ddbloop/ddbloop/history"
)

// level is a signal of CloudWatch's minutes: now, against its own usual level.
type level struct {
	now, usual float64 // mean of the newest minutes; median of the calm past
	least      float64 // smallest of the newest minutes
	newest     float64 // the newest of them alone
	before     float64 // the one before it
	last       int64   // start of the newest of them, Unix seconds
	minutes    int     // how many of them are known
	past       int     // how many minutes the usual level rests on
}

// The minutes that "now" is made of, and the past that it is held against. The nearest quarter of an hour is left out, so
// that trouble which grows slowly does not become its own usual level.
const (
	nowMinutes = 3
	skipRecent = 15 * 60
	pastReach  = 2 * 3600
	pastLeast  = 10
)

// level reads a signal. The usual level of an open incident is that of the time before it.
func (f *facts) level(signal, target, op string) level {
	key := history.SeriesKey{Signal: signal, Target: target, Op: op}
	l, known := f.levels[key]
	if !known {
		l = f.levelOf(f.s.Get(signal, target, op), nowMinutes)
		f.levels[key] = l
	}
	return l
}

func (f *facts) levelOf(sr *history.Series, minutes int64) level {
	if sr == nil || !f.metrics.fresh {
		return level{}
	}
	end := f.metrics.newest + 60
	if sr.Period > 60 { // five-minute metrics come later and fewer
		end = f.now.Unix() - sr.Period
		minutes = 3 * sr.Period / 60
	}
	l := level{}
	for i, p := range sr.Window(end-60*minutes, end) {
		l.now += p.V
		l.before, l.newest, l.last = l.newest, p.V, p.T
		if l.minutes++; i == 0 || p.V < l.least {
			l.least = p.V
		}
	}
	if l.minutes > 0 {
		l.now /= float64(l.minutes)
	}
	calm := f.calmBefore(end)
	past := sr.Window(calm-pastReach, calm)
	l.usual, l.past = median(past), len(past)
	return l
}

// calmBefore is the end of the past that a usual level may rest on.
func (f *facts) calmBefore(end int64) int64 { return min(end-skipRecent, f.calmUntil()) }

// calmUntil is the onset of the open incident; without one, now.
func (f *facts) calmUntil() int64 {
	if in := f.s.Incident; !in.Detected.IsZero() && in.Recovered.IsZero() {
		return in.Onset.Unix()
	}
	return f.now.Unix()
}

// calmSeconds is up to when the seconds of a feed or probe count as past. Where the trouble is dated to before nearly all that it has
// measured, that is up to when the trouble was detected: a feed that has no past says nothing at all.
func (f *facts) calmSeconds(sr *history.Series, end int64) int64 {
	calm := min(end-secondsSkip, f.calmUntil())
	if calm < end-secondsSkip && len(sr.Window(calm-secondsReach, calm)) < secondsLeast {
		return min(end-secondsSkip, f.s.Incident.Detected.Unix())
	}
	return calm
}

// known reports whether both the present and a past worth comparing it with were measured.
func (l level) known() bool { return l.minutes >= 2 && l.past >= pastLeast }

// risen reports whether every one of the newest minutes is above factor times the usual level, and above the floor.
func (l level) risen(factor, floor float64) bool {
	return l.known() && l.least > max(floor, factor*l.usual)
}

// quick is risen in the two newest minutes alone.
func (l level) quick(factor, floor float64) bool {
	return l.known() && min(l.newest, l.before) > max(floor, factor*l.usual)
}

// quiet reports whether neither of the two newest minutes has risen.
func (l level) quiet(factor, floor float64) bool {
	return l.known() && max(l.newest, l.before) <= max(floor, factor*l.usual)
}

// times is how many times its usual level a signal is at; a signal that was never there counts from the floor.
func (l level) times(floor float64) float64 { return l.now / max(l.usual, floor) }

// ratio is the level of one signal per unit of another.
func ratio(num, den level) level {
	if !num.known() || !den.known() || den.now <= 0 || den.usual <= 0 {
		return level{}
	}
	newest := num.now / den.now
	if den.newest > 0 {
		newest = num.newest / den.newest
	}
	return level{
		now: num.now / den.now, usual: num.usual / den.usual, least: num.now / den.now,
		newest: newest, minutes: min(num.minutes, den.minutes), past: min(num.past, den.past),
	}
}

// sum adds levels up: of the operations of a table, say.
func sum(list ...level) level {
	var out level
	for _, l := range list {
		if l.minutes == 0 && l.past == 0 {
			continue
		}
		out.now, out.usual, out.least, out.newest = out.now+l.now, out.usual+l.usual, out.least+l.least, out.newest+l.newest
		out.minutes, out.past = max(out.minutes, l.minutes), max(out.past, l.past)
	}
	return out
}

// seconds is a signal of a feed or a probe: the last ten seconds against its own past.
type seconds struct {
	now, usual float64
	n, past    int
}

// Seconds of a feed or probe that count as past; the newest two minutes are left out.
const (
	secondsReach = 3600
	secondsSkip  = 120
	secondsLeast = 60
)

// seconds reads a series of seconds. mid picks medians for both, else the present is a mean.
func (f *facts) secondsOf(sr *history.Series, window int64) seconds {
	if sr == nil {
		return seconds{}
	}
	to := f.now.Unix() + 1
	now := sr.Window(to-max(window, 5*sr.Period), to)
	calm := f.calmSeconds(sr, to)
	past := sr.Window(calm-secondsReach, calm)
	n := len(past)
	if n > 120 { // every so many seconds of the last quarter of an hour is past enough, and cheaper
		past = past[max(0, n-900):]
		every := (len(past) + 119) / 120
		thin := make([]history.Point, 0, 120)
		for i := 0; i < len(past); i += every {
			thin = append(thin, past[i])
		}
		past = thin
	}
	return seconds{now: median(now), usual: median(past), n: len(now), past: n}
}

func (s seconds) risen(factor, floor float64) bool {
	return s.n >= 3 && s.past >= secondsLeast && s.now > max(floor, factor*s.usual)
}

// median returns the upper median; 0 of nothing.
func median(points []history.Point) float64 {
	if len(points) == 0 {
		return 0
	}
	v := make([]float64, len(points))
	for i, p := range points {
		v[i] = p.V
	}
	slices.Sort(v)
	return v[len(v)/2]
}
