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
	Minutes int           // complete minutes used
	Lag     time.Duration // from the first complete minute since the change to the effect's first
	Faded   bool          // confirmed, but the newest minutes are back at the old level
	P       float64       // chance of as much without a change; 1 when not computed
	Move    Move          // what a word rests on
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
	if n := since(b, opts); !opts.Since.IsZero() && n < looks[0] {
		c.State, c.Why = NoHistory, fmt.Sprintf("the trouble had lasted only %s when the change came: too short to tell what it did", short(at.Sub(opts.Since)))
		return c
	}
	met := troubled(b, opts)
	c.Size = minuteSize(met, a, opts)
	if n := zeros(a); opts.Kind == Count && opts.Direction == Down && n > 0 {
		z := fellToZero(c, b, a[:n], opts.Period)
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
// against the calm before it, also where it was dated too early.
func troubled(b []Sample, opts ConfirmOptions) []Sample {
	if n := since(b, opts); n >= looks[0] {
		if shown := apart(onScale(b, opts), opts.Direction); shown >= minTrouble {
			n = min(n, shown)
		}
		return b[len(b)-n:]
	}
	if opts.Kind != Latency && opts.Direction == Down {
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

// since is how many minutes of the trouble there are whose beginning is known.
func since(b []Sample, opts ConfirmOptions) int {
	n := len(b)
	for i := len(b) - 1; i >= 0 && !opts.Since.IsZero() && !b[i].T.Before(opts.Since); i-- {
		n = i
	}
	return len(b) - n
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
