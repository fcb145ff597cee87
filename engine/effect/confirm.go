package effect

import (
	"fmt"
	"math"
	"slices"
	"time"
)

// ConfirmState is what the metric's minutes say.
type ConfirmState string

// The words of a confirmation.
const (
	Pending      ConfirmState = "pending"       // not enough complete minutes yet
	Confirmed    ConfirmState = "confirmed"     // better, beyond what the history does by itself
	NotConfirmed ConfirmState = "not confirmed" // all looks used, no effect beyond the history's own
	Contrary     ConfirmState = "contrary"      // worse, beyond what the history does by itself
	NoHistory    ConfirmState = "no history"    // too few comparable minutes to say
)

// ConfirmOptions say what the minutes are.
type ConfirmOptions struct {
	Kind      Kind
	Direction Direction
	Seed      uint64        // of the bootstrap; the same seed gives the same interval
	Since     time.Time     // when the trouble began that the change met; zero where none is known
	Period    time.Duration // grid of the points; 0 = a minute
}

// Confirmation is the verdict of the minutes.
type Confirmation struct {
	State   ConfirmState
	Size    Estimate
	Minutes int     // complete minutes used
	Faded   bool    // confirmed, but the newest minutes are back at the old level
	P       float64 // chance of as much without a change; 1 when not computed
	Move    Move    // what a word rests on
	Why     string
}

const (
	baseline   = 10 // minutes before the change that it is compared with
	alphaLook  = 0.01
	maxP       = 0.10 // for counts that fell to zero and have done so by themselves before
	maxPNever  = 0.25 // for those that never have; whether that is enough is Judge's to say
	minTrouble = 3    // minutes of trouble before "fell to zero" means anything
)

// looks are the numbers of complete minutes at which levels are compared. Few
// looks keep the chance of a false word near their sum.
var looks = []int{2, 3, 5, 8, 13}

// Confirm compares complete metric minutes before and after a change at the
// moment at. Points carry the start of their minute: the minute during which
// the change happened belongs to neither side. A metric that is not published
// when it is zero has to be filled by the caller from a sibling that was
// published for the same minute; here a missing minute is missing.
func Confirm(at time.Time, before, after []Sample, opts ConfirmOptions) Confirmation {
	if opts.Period <= 0 {
		opts.Period = time.Minute
	}
	var b, a []Sample
	for _, s := range clean(before, opts.Kind) {
		if !s.T.Add(opts.Period).After(at) {
			b = append(b, s)
		}
	}
	for _, s := range clean(after, opts.Kind) {
		if !s.T.Before(at) {
			a = append(a, s)
		}
	}
	c := Confirmation{State: Pending, Minutes: len(a), P: 1}
	if len(a) < looks[0] {
		c.Why = fmt.Sprintf("%d of %d complete minutes after the change", len(a), looks[0])
		return c
	}
	if len(b) < minTrouble {
		c.State, c.Why = NoHistory, fmt.Sprintf("only %d minutes before the change", len(b))
		return c
	}
	met := troubled(b, opts)
	c.Size = minuteSize(met, a, opts)
	if n := zeros(a); opts.Kind == Count && opts.Direction == Down && n > 0 {
		z := fellToZero(c, b, a[:n])
		z.Faded = z.State == Confirmed && returned(b, a, opts)
		z.Move = moveOf(z, met, a[:min(n, max(looks[2], lagOf(a[:n])+looks[0]))], opts.Period)
		return z
	}
	if opts.Kind == Count && opts.Direction == Down && len(met) < baseline && median(values(b)) == 0 {
		c.State = NoHistory
		c.Why = fmt.Sprintf("it goes on, and had lasted only %d minutes before the change: too short to tell a trend from an effect", len(met))
		return c
	}
	p := byPlacebo(c, b, a, opts)
	p.Faded = p.State == Confirmed && returned(b, a, opts)
	p.Move = moveOf(p, met, a[:min(len(a), p.Minutes, looks[len(looks)-1])], opts.Period)
	return p
}

// moveOf is what a word on the minutes rests on: those before and after that decided it.
func moveOf(c Confirmation, before, after []Sample, period time.Duration) Move {
	way, decided := map[ConfirmState]int{Confirmed: 1, Contrary: -1, NotConfirmed: 0}[c.State]
	if !decided {
		return Move{}
	}
	return Move{
		From: before[max(0, len(before)-baseline)].T, To: before[len(before)-1].T.Add(period),
		Since: after[0].T, Until: after[len(after)-1].T.Add(period), Way: way, Size: c.Size,
	}
}

// zeros is how many minutes it took until two in a row were zero, the newest two where they are; 0 where there are none.
func zeros(a []Sample) int {
	if n := len(a); a[n-1].V == 0 && a[n-2].V == 0 {
		return n
	}
	for i := 1; i < len(a); i++ {
		if a[i-1].V == 0 && a[i].V == 0 {
			return i + 1
		}
	}
	return 0
}

// back is how many of the newest minutes must all be at the old level before an effect counts as faded.
const back = 3

// returned reports whether the newest minutes have lost more than half of the way from the old level to the best that
// two minutes in a row were since the change.
func returned(b, a []Sample, opts ConfirmOptions) bool {
	if len(a) < back+looks[0] {
		return false
	}
	hist, post := values(troubled(b, opts)), values(a)
	sign := 1.0
	if opts.Direction == Up {
		sign = -1
	}
	old, best := sign*median(hist[max(0, len(hist)-baseline):]), math.Inf(1)
	for i := 1; i < len(post)-back+1; i++ {
		best = math.Min(best, math.Max(sign*post[i-1], sign*post[i]))
	}
	for _, v := range post[len(post)-back:] {
		if sign*v < (old+best)/2 {
			return false
		}
	}
	return best < old
}

// troubled is the run of minutes that the change met: trouble that began four minutes ago is not measured
// against the calm before it.
func troubled(b []Sample, opts ConfirmOptions) []Sample {
	for i, s := range b {
		if !opts.Since.IsZero() && !s.T.Before(opts.Since) && len(b)-i >= looks[0] {
			return b[i:]
		}
	}
	if opts.Kind == Count && opts.Direction == Down {
		from := len(b)
		for from > 0 && b[from-1].V > 0 {
			from--
		}
		if from > 0 && from < len(b) {
			return b[from:]
		}
	}
	return b[len(b)-apart(onScale(b, opts), opts.Direction):]
}

// apart is how many of the newest minutes all lie on the troubled side of everything that the hours before them did;
// the whole length when they do not, or when that has lasted longer than the baseline.
func apart(hist []float64, d Direction) int {
	if len(hist) < 4*baseline {
		return len(hist)
	}
	calm := slices.Clone(hist[:len(hist)-baseline])
	slices.Sort(calm)
	low, high := quantile(calm, 0.01), quantile(calm, 0.99)
	margin := math.Max(high-low, 0.1)
	n := 0
	for n < baseline {
		v := hist[len(hist)-1-n]
		if d == Down && v < high+margin || d == Up && v > low-margin {
			break
		}
		n++
	}
	if n == 0 || n == baseline {
		return len(hist)
	}
	return n
}

// fellToZero asks how often trouble like this ended by itself: each troubled
// minute of the history was one chance to end.
func fellToZero(c Confirmation, b, a []Sample) Confirmation {
	lag := lagOf(a)
	steady := 0
	for steady < len(b) && b[len(b)-1-steady].V > 0 {
		steady++
	}
	if steady < minTrouble {
		c.State = NoHistory
		c.Why = fmt.Sprintf("it had lasted only %d minutes before the change", steady)
		return c
	}
	if last, ref := b[len(b)-1].V, mean(values(b[max(0, len(b)-6):len(b)-1])); last < ref/3 {
		c.State = NoHistory
		c.Why = fmt.Sprintf("it was falling before the change already, from %.0f to %.0f a minute", ref, last)
		return c
	}
	troubled, ended := 0, 0
	for i, s := range b {
		if s.V > 0 {
			troubled++
			if i+2 < len(b) && b[i+1].V == 0 && b[i+2].V == 0 {
				ended++
			}
		}
	}
	rate := (float64(ended) + 0.5) / float64(troubled+1)
	c.P = 1 - math.Pow(1-rate, float64(lag+1))
	if limit := map[bool]float64{true: maxPNever, false: maxP}[ended == 0]; c.P > limit {
		c.State = NoHistory
		c.Why = fmt.Sprintf("zero for %d minutes, but it ends by itself often enough (chance %s)", len(a)-lag, percent(c.P))
		return c
	}
	c.State = Confirmed
	c.Why = fmt.Sprintf("zero for %d complete minutes after %d minutes of trouble", len(a)-lag, steady)
	return c
}

// lagOf is how many minutes came before the last run of zeros.
func lagOf(a []Sample) int {
	lag := len(a)
	for lag > 0 && a[lag-1].V == 0 {
		lag--
	}
	return lag
}

// byPlacebo ranks the observed move among the moves at every other moment of
// the history, with windows of the same length.
func byPlacebo(c Confirmation, b, a []Sample, opts ConfirmOptions) Confirmation {
	hist, post := onScale(b, opts), onScale(a, opts)
	met := min(baseline, len(troubled(b, opts)))
	if len(hist) < met+looks[0] {
		c.State, c.Why = NoHistory, fmt.Sprintf("only %d minutes of history", len(hist))
		return c
	}
	base, drift := median(hist[len(hist)-met:]), trend(hist[len(hist)-met:])
	enough := false
	for _, m := range looks {
		if m > len(post) {
			break
		}
		// What was under way already is not the change's doing: a claim has to go beyond where it was heading.
		seen, ahead := median(post[:m])-base, drift*float64(met+m)/2
		n, low, high := 0, 0, 0
		for i := met; i+m <= len(hist); i++ {
			d := median(hist[i:i+m]) - median(hist[i-met:i])
			n++
			if d <= seen-math.Min(0, ahead) {
				low++
			}
			if d >= seen-math.Max(0, ahead) {
				high++
			}
		}
		if float64(n) < 1/alphaLook-1 {
			continue
		}
		enough = true
		if opts.Direction == Up {
			low, high = high, low
		}
		c.P = float64(low+1) / float64(n+1)
		switch {
		case c.P <= alphaLook:
			c.State, c.Minutes = Confirmed, m
			c.Why = fmt.Sprintf("a move like this over %d minutes came %d times in %d windows without a change", m, low, n)
			return c
		case float64(high+1)/float64(n+1) <= alphaLook:
			c.State, c.Minutes = Contrary, m
			c.Why = fmt.Sprintf("it moved the wrong way, as in only %d of %d windows without a change", high, n)
			return c
		}
	}
	switch {
	case !enough:
		c.State, c.Why = NoHistory, fmt.Sprintf("%d minutes of history are too few to rank against", len(hist))
	case len(post) >= looks[len(looks)-1]:
		c.State, c.Why = NotConfirmed, fmt.Sprintf("after %d minutes the move is one that the history shows by itself (p %.2f)", len(post), c.P)
	default:
		c.Why = fmt.Sprintf("%d complete minutes, p %.3f so far", len(post), c.P)
	}
	return c
}

// trend is the median slope per point of a short series, where its ranks rise or fall beyond chance
// (Mann–Kendall, 5 %); else 0.
func trend(x []float64) float64 {
	var slopes []float64
	rank := 0.0
	for i := range x {
		for j := i + 1; j < len(x); j++ {
			d := x[j] - x[i]
			slopes = append(slopes, d/float64(j-i))
			switch {
			case d > 0:
				rank++
			case d < 0:
				rank--
			}
		}
	}
	n := float64(len(x))
	if math.Abs(rank) <= 1.96*math.Sqrt(n*(n-1)*(2*n+5)/18) {
		return 0
	}
	return median(slopes)
}
